"""Servers with a mix-in: who calls which hook, in which order, whatever becomes of the request."""

from conformance.ordering import behaviours
from conformance.ordering.arranging import with_fates
from conformance.servers import CONCURRENT_INET
from conformance.visitors import visitor
from harness.checks.order import hooks_by_side
from harness.marks import each_server, requirement

TAKING_IN = ["get_request", "verify_request"]
PASSED_ON = [*TAKING_IN, "process_request"]
PROBES = (*PASSED_ON, "finish_request", "handle_error")


@requirement("ordering.hooks-of-both-sides-keep-their-order")
@each_server(CONCURRENT_INET)
def test_both_sides_call_their_hooks_in_order_whatever_becomes_of_the_request(serve, server_class):
    fates = ["polite", "failing", "refused", "interrupted"]
    server = serve(server_class, behaviours.meet_fate, probes=PROBES, **with_fates(fates))
    clients = []
    for _ in fates:
        clients.append(visitor(server, server_class))
        server.start("handle_request")
        server.settle()

    sides = hooks_by_side(server.history())
    assert {fate: sides.get(client.name) for fate, client in zip(fates, clients, strict=True)} == {
        "polite": {"who serves": PASSED_ON, "its own": ["finish_request", "handler"]},
        "failing": {"who serves": PASSED_ON, "its own": ["finish_request", "handler", "handle_error"]},
        "refused": {"who serves": TAKING_IN, "its own": []},
        "interrupted": {"who serves": PASSED_ON, "its own": ["finish_request", "handler"]},
    }
