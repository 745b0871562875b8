"""Servers with a mix-in: who calls which hook, in which order, whatever becomes of the request."""

from conformance.ordering import behaviours
from conformance.ordering.arranging import with_fates
from conformance.servers import CONCURRENT_INET
from conformance.visitors import visitor
from harness.checks.order import REQUEST_HOOKS, hooks_by_side
from harness.marks import each_server, requirement

TAKING_IN = ["get_request", "verify_request"]
CLOSING = ["shutdown_request", "close_request"]


@requirement("ordering.hooks-of-both-sides-keep-their-order")
@each_server(CONCURRENT_INET)
def test_both_sides_call_their_hooks_in_order_whatever_becomes_of_the_request(serve, server_class):
    fates = ["polite", "failing", "refused", "interrupted"]
    probes = ("get_request", *REQUEST_HOOKS)
    server = serve(server_class, behaviours.meet_fate, probes=probes, **with_fates(fates))
    clients = []
    for number in range(len(fates)):
        clients.append(visitor(server, server_class))
        server.call("handle_request")
        server.comes("hook.exit", count=number + 1, name="shutdown_request")

    sides = hooks_by_side(server.history())
    assert {fate: sides.get(client.name) for fate, client in zip(fates, clients, strict=True)} == {
        "polite": {"who serves": passing_on(server_class), "its own": ["finish_request", "handler", *CLOSING]},
        "failing": {
            "who serves": passing_on(server_class),
            "its own": ["finish_request", "handler", "handle_error", *CLOSING],
        },
        "refused": {"who serves": [*TAKING_IN, *CLOSING], "its own": []},
        "interrupted": {"who serves": passing_on(server_class), "its own": ["finish_request", "handler", *CLOSING]},
    }


def passing_on(server_class):
    """Return what who serves does with a request that it accepts: a parent closes its copy."""
    closing = ["close_request"] if server_class.concurrency == "processes" else []
    return [*TAKING_IN, "process_request", *closing]
