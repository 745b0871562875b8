"""How the tests of this area bring a server into the state that they judge."""

from harness.checks.verdict import Inconclusive
from harness.history.history import History
from harness.hosts import Host
from harness.running import RunningServer

PATIENCE = 0.2  # seconds that a thread must be seen asleep to pass for one that waits
TURN = ("service_actions",)  # reported by servers whose loop must have turned before something is taken from them


def handle_one(server: RunningServer) -> None:
    """Let *server* handle one request in the main thread of its host."""
    server.start("handle_request", thread=False).wait()


def wait_until_threads_rest(host: Host, usual: int) -> None:
    """Wait until *host* has its *usual* number of threads again, or those that it has more do nothing."""
    host.becomes(lambda: host.vitals().threads <= usual, "the end of the threads of requests")


def wait_for_a_turn(server: RunningServer) -> None:
    """Wait until the loop has turned once, so that it has what it needs for itself."""
    server.wait_for("hook.exit", name="service_actions")


def need_a_refusal(history: History) -> None:
    """Judge nothing if the candidate has not called the threading.Thread.start() that was to fail."""
    if not history.of("thread.refused"):
        raise Inconclusive("threading.Thread.start() was not called")
