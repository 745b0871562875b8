"""Many requests at once, and many one after another."""

import pytest

from conformance.locking import behaviours
from conformance.servers import THREADING_INET
from conformance.visitors import visitors
from harness.checks.overlap import never_overlapping
from harness.marks import each_server, requirement

CROWD = 64
VISITS = 100
SETTINGS = {"by default": {}, "as daemons": {"daemon_threads": True}}


@requirement("locking.threads-are-not-limited")
@each_server(THREADING_INET)
def test_a_crowd_is_handled_at_once(serve, server_class):
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

    growth = server.host.call(behaviours.growth, VISITS)

    handled = len(server.history().of("handler.exit"))
    grown = sorted(name for name, more in growth.items() if more >= LIMITS.get(name, VISITS))
    assert (handled, grown) == (2 * VISITS, [])


LIMITS = {"threads": 1, "descriptors": 1}
