"""Histories written by hand, in the words that failure messages use.

So an event can be copied from a failure message into a test of a check.
"""

import re
from collections.abc import Iterator

from harness.history.events import Event
from harness.history.history import History
from harness.history.values import read_value

_DETAIL = re.compile(r'(?P<key>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|\S+)(?:\s+|$)')
_KIND = re.compile(r"(?P<kind>[a-z_]+(?:\.[a-z_]+)?)(?:\s+|$)")


def history_of(*lines: str) -> History:
    """Return the history in which *lines* happened one after another.

    A line is ``[pid=NUMBER] [thread=WORD] [at=SECONDS] KIND key=value ...``, as in
    ``handler.enter client=a``; `harness.history.values` says how to write a value.  What is left
    out is process 1, thread ``main``, and a millisecond after the line above.  Raises ValueError
    for a line that cannot be read.
    """
    return History(_event(index, line) for index, line in enumerate(lines))


def _event(index: int, line: str) -> Event:
    leading, rest = _read_details(line.strip())
    kind = _KIND.match(rest)
    details, left_over = _read_details(rest[kind.end() :]) if kind else ({}, rest)
    if kind is None or left_over:
        raise ValueError(f"cannot read {line!r}; expected 'KIND key=value ...'")
    if unknown := set(leading) - {"pid", "thread", "at"}:
        raise ValueError(f"{line!r} begins with {min(unknown)}=; only pid=, thread= and at= may precede the kind")
    return Event(
        index,
        float(str(leading.get("at", index / 1000))),
        int(str(leading.get("pid", 1))),
        str(leading.get("thread", "main")),
        kind["kind"],
        details,
    )


def _read_details(text: str) -> tuple[dict[str, object], str]:
    """Return the leading details of *text*, and what follows them."""
    found = list(_leading_details(text))
    details = {match["key"]: read_value(match["value"]) for match in found}
    return details, text[found[-1].end() :] if found else text


def _leading_details(text: str) -> Iterator[re.Match[str]]:
    match = _DETAIL.match(text)
    while match:
        yield match
        match = _DETAIL.match(text, match.end())
