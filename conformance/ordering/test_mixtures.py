"""Requests that fail or are refused, among others."""

from hypothesis import Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from conformance.ordering import behaviours
from conformance.servers import ALL, SYNCHRONOUS
from conformance.visitors import arrivals, visitors
from harness.checks.answers import handled_more_than_once, never_handled
from harness.marks import each_server, requirement
from harness.running import build

MIXTURES = st.permutations(["polite", "polite", "failing", "failing", "refused"])


@requirement("ordering.mixed-visits-keep-the-order")
@each_server(SYNCHRONOUS)
def test_any_mixture_of_visits_is_handled_in_its_order(fresh_host, server_class, seed):
    @seeded(seed)
    @settings(max_examples=6, phases=[Phase.generate])
    @given(MIXTURES)
    def judge(visits):
        handled = visit_in_order(fresh_host(), server_class, visits)
        assert handled == [number for number, visit in enumerate(visits) if visit != "refused"]

    judge()


def visit_in_order(host, server_class, visits):
    """Make these visits and return the numbers of those that were handled, in the order of handling."""
    server = build(
        host,
        server_class.name,
        behaviours.fail_if_asked,
        loop=False,
        probes=("shutdown_request",),
        verify_request=behaviours.refuse_if_asked,
        handle_error=behaviours.keep_silent,
        taken=0,
        failing=[number for number, visit in enumerate(visits) if visit == "failing"],
        refused=[number for number, visit in enumerate(visits) if visit == "refused"],
    )
    clients = visitors(server, server_class, len(visits))
    server.serve()
    server.comes("hook.exit", count=len(visits), name="shutdown_request")
    return arrivals(server.history().of("handler.enter"), clients)


@requirement("ordering.one-handler-for-each-request")
@each_server(ALL)
def test_every_request_gets_one_handler(serve, server_class):
    server = serve(server_class, behaviours.pass_by, probes=("shutdown_request",))
    visitors(server, server_class, 4)
    server.comes("hook.exit", count=4, name="shutdown_request")

    history = server.history()
    assert handled_more_than_once(history) + never_handled(history) == []


@requirement("ordering.no-handler-for-refused-requests")
@each_server(ALL)
def test_refused_requests_get_no_handler(serve, server_class):
    server = serve(
        server_class,
        behaviours.pass_by,
        probes=("shutdown_request",),
        verify_request=behaviours.refuse_odd,
        taken=0,
    )
    clients = visitors(server, server_class, 4)
    server.comes("hook.exit", count=4, name="shutdown_request")

    handled = arrivals(server.history().of("handler.enter"), clients)
    assert sorted(handled) == [1, 3]
