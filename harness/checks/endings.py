"""Find connections that ended otherwise than by an orderly end of the stream."""

from harness.checks.verdict import Inconclusive, Violation
from harness.history.history import History

_BREAKS = ("client.reset", "client.fail")


def broken_off(history: History) -> list[Violation]:
    """Find clients that read and met a reset, or another error, where the stream should have ended.

    Who broke off itself (client.break) is not judged; Inconclusive if nobody else got as far as an end or a break.
    Source: the example of a TCP server in the documentation of the module: the reply, and then the end.
    """
    own = {event.client for event in history.of("client.break")}
    ended = [event for event in history.of("client.end") if event.client not in own]
    broken = [event for kind in _BREAKS for event in history.of(kind) if event.client not in own]
    if not ended and not broken:
        raise Inconclusive("no client read up to the end of its stream")
    return [
        Violation(f"client {event.client} saw its stream broken off during {event.details.get('during')}", (event,))
        for event in broken
    ]
