"""Requests that fail or are refused, among others."""

import pytest
from hypothesis import Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from conformance.ordering import behaviours
from conformance.servers import ALL, SYNCHRONOUS
from conformance.visitors import arrivals, have_closed, visitors
from harness.checks.answers import handled_more_than_once, never_handled
from harness.marks import each_server, requirement
from harness.running import build

MIXTURES = st.permutations(["polite", "polite", "failing", "failing", "refused"])


@requirement("ordering.mixed-visits-keep-the-order")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(SYNCHRONOUS)
def test_any_mixture_of_visits_is_handled_in_its_order(fresh_host, server_class, way, seed):
    @seeded(seed)
    @settings(max_examples=4, phases=[Phase.generate])
    @given(MIXTURES)
    def judge(visits):
        handled = visit_in_order(fresh_host(), server_class, way, visits)
        assert handled == [number for number, visit in enumerate(visits) if visit != "refused"]

    judge()


def visit_in_order(host, server_class, way, visits):
    """Make these visits and return the numbers of those that were handled, in the order of handling."""
    server = build(
        host,
        server_class.name,
        behaviours.fail_if_asked,
        loop=False,
        probes=("close_request",),
        verify_request=behaviours.refuse_if_asked,
        handle_error=behaviours.keep_silent,
        taken=0,
        failing=[number for number, visit in enumerate(visits) if visit == "failing"],
        refused=[number for number, visit in enumerate(visits) if visit == "refused"],
    )
    clients = visitors(server, server_class, len(visits))
    have_closed(server, way, len(visits))
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
