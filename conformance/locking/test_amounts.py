"""Many requests side by side, and many one after another."""

import pytest

from conformance.locking import behaviours
from conformance.locking.arranging import wait_until_threads_rest
from conformance.servers import THREADING_INET
from conformance.visitors import visitors
from harness.checks.overlap import never_overlapping
from harness.marks import each_server, requirement

CROWD = 64
VISITS = 100
SETTINGS = {"by default": {}, "as daemons": {"daemon_threads": True}}
LIMITS = {"threads": VISITS // 10, "descriptors": VISITS // 10}  # a constant number is nobody's growth


@requirement("locking.threads-are-not-limited")
@each_server(THREADING_INET)
def test_a_crowd_is_handled_side_by_side(serve, server_class):
    server = serve(server_class, behaviours.hold, request_queue_size=2 * CROWD)
    visitors(server, server_class, CROWD)
    server.comes("gate.wait", count=CROWD)
    server.release()

    assert never_overlapping(server.history(), at_least=CROWD) == []


@requirement("locking.nothing-grows-with-requests")
@pytest.mark.parametrize("attributes", SETTINGS.values(), ids=SETTINGS)
@each_server(THREADING_INET)
def test_many_requests_leave_nothing_behind(serve, server_class, attributes):
    server = serve(server_class, behaviours.reply, **attributes)
    usual = server.host.vitals().threads

    before, after = (possessions_after_visits(server, usual) for _ in range(2))

    handled = len(server.history().of("handler.exit"))
    grown = sorted(name for name in before if after[name] - before[name] >= LIMITS.get(name, VISITS))
    assert (handled, grown) == (2 * VISITS, [])


def possessions_after_visits(server, usual):
    """Visit *server* many times, and count what its process has when nothing goes on there any more."""
    server.host.call(behaviours.make_visits, VISITS)
    wait_until_threads_rest(server.host, usual)
    return server.host.call(behaviours.possessions)
