"""See, before all checks, whether a candidate can serve one request at all.

Where it cannot, nearly every check would fail for this one cause; so the run ends with the cause alone.
"""

from __future__ import annotations

from harness import running
from harness.candidates import Candidate
from harness.deadlines import Deadline
from harness.host import proving
from harness.hosts import Host
from harness.nurseries import Nursery
from harness.outcomes import Outcome, Raised

SERVERS = ("TCPServer", "UDPServer", "UnixStreamServer", "UnixDatagramServer")
PATIENCE = 10.0  # seconds for one attempt; one that makes no progress ends long before


def check(candidate: Candidate, *, fresh: bool, defects: tuple[str, ...] = ()) -> str | None:
    """Return None when one of the servers of *candidate* serves a request, or else, for the first, why it does not.

    One line, followed by the traceback if something was raised.  A candidate that has none of these servers passes.
    defects: what to break it with before.
    """
    nursery = Nursery(candidate, fresh=fresh)
    present = [name for name in SERVERS if not candidate.facts.missing([name])]
    wrong: list[str] = []
    try:
        for name, way in [
            *((each, "serve_forever") for each in present),
            *((each, "handle_request") for each in present[:1]),
        ]:
            found = _attempt(Host(nursery, Deadline(PATIENCE), defects), name, way)
            if found is None:
                return None
            wrong.append(found)
    finally:
        nursery.close()
    return f"{candidate.name} serves no request: {wrong[0]}" if wrong else None


def _attempt(host: Host, name: str, way: str) -> str | None:
    """Let a server of this class handle one request by the method *way*; return why it does not."""
    try:
        server = running.build(host, name, proving.see_a_visit, loop=False)
        call = server.start(way)
        server.knock()
        host.wait_until(lambda: call.returned or host.has_happened("visit.seen"), f"a request in {name}.{way}()")
        if host.has_happened("visit.seen"):
            return None
        call.wait()
    except Raised as error:
        return f"{name}: {error}\n{error.traceback}"
    except Outcome as error:
        return f"{name}.{way}(): {error}"
    finally:
        host.end()
    return f"{name}.{way}() returned, and no handler had run"
