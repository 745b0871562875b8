"""How the tests of this area bring a server into the state that they judge."""

from harness.history.history import History
from harness.hosts import Call
from harness.running import RunningServer

PATIENCE = 0.1  # seconds that a thread must be seen asleep to pass for one that waits
REST = 0.02  # the same for a thread of which it is known that it will wait
LONG = 30.0  # seconds between two polls of a loop that is not to wake up by itself during the test


def put_to_work(server: RunningServer, count: int) -> None:
    """Let *server* take in *count* requests without a loop, and wait until their handlers are held at a gate."""
    for _ in range(count):
        server.knock()
        server.call("handle_request")
    server.wait_for("gate.wait", count=count)


def end_of(call: Call) -> str:
    """Wait until *call* has returned or is seen to wait, and say which."""
    return "blocked" if call.is_blocked(PATIENCE) else "returned"


def course_of(call: str, history: History) -> list[str]:
    """Return what befell the calls of *call*, in order: call.enter, call.blocked, call.return, call.raise."""
    return [event.kind for event in history.of("call.*", name=call)]
