"""The turns of serve_forever(): requests that come to nothing, actions that count turns and look at the clock."""

import time

FEW = 6
TURNS = 100  # more than a loop makes that waits in between


def do_nothing(visit):
    """Be there."""


def fail(visit):
    """Make a mistake."""
    raise ValueError("a mistake in the handler")


def fail_to_get_first(server):
    """Fail once as accept() may fail, then get the request."""
    server.tries += 1
    if server.tries == 1:
        raise ConnectionAbortedError("on purpose")
    return server.inherited.get_request()


def reject_first(server, request, client_address):
    """Reject the first request that was got."""
    return server.tries > 2


def serve_and_time(stage, poll_interval):
    """Run the loop of the test's server, and remember when it began."""
    [server] = stage.servers
    server.begin = time.monotonic()
    server.serve_forever(poll_interval)


def note_few_turns(server):
    """When there have been few turns, say how many seconds it took, and rest."""
    server.turns += 1
    if server.turns == FEW:
        server.took = time.monotonic() - server.begin
        server.stage.record("turned")
        server.stage.wait("hold")


def rest_after_many_turns(server):
    """Rest when there have been so many turns that nothing was waited for in between."""
    server.turns += 1
    if server.turns == TURNS:
        server.stage.record("turned")
        server.stage.wait("hold")
