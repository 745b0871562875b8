"""Requests that fail or are refused, among others."""

import random

from conformance.ordering import behaviours
from conformance.ordering.arranging import WAYS, take_in, with_fates
from conformance.servers import ALL, CONCURRENT_INET, SYNCHRONOUS
from conformance.visitors import arrivals, visitors
from harness.checks.answers import handled_more_than_once, never_handled
from harness.marks import each_server, requirement

MANY = 8  # requests; what goes wrong later than with the first few should be seen, too
FATES = ["polite", "failing", "refused"] * 3
WITH_EXITS = ["polite", "failing", "refused", "interrupted"] * 2


@requirement("ordering.mixed-visits-lose-nobody")
@WAYS
@each_server(SYNCHRONOUS + CONCURRENT_INET)
def test_a_mixture_of_visits_is_handled_but_for_those_refused(serve, server_class, way, seed):
    history, clients, accepted = visit_at_random(serve, server_class, way, FATES, seed)

    assert sorted(arrivals(history.of("handler.enter"), clients)) == accepted


@requirement("ordering.mixed-visits-keep-the-order")
@WAYS
@each_server(SYNCHRONOUS)
def test_a_mixture_of_visits_is_handled_in_its_order(serve, server_class, way, seed):
    history, clients, accepted = visit_at_random(serve, server_class, way, WITH_EXITS, seed)

    assert arrivals(history.of("handler.enter"), clients) == accepted


@requirement("ordering.mixed-visits-keep-the-order")
@WAYS
@each_server(CONCURRENT_INET)
def test_a_mixture_of_visits_is_begun_in_its_order(serve, server_class, way, seed):
    history, clients, accepted = visit_at_random(serve, server_class, way, WITH_EXITS, seed)

    assert arrivals(history.of("hook.enter", name="process_request"), clients) == accepted


def visit_at_random(serve, server_class, way, fates, seed):
    """Make visits with *fates* in an order that is drawn, some of them before and some after the first is taken in.

    Return the history, the clients, and the numbers of those that were to have a handler.
    """
    draw = random.Random(f"{seed} {server_class.name} {way}")  # noqa: S311 - it has to be repeatable
    fates = draw.sample(fates, len(fates))
    early = draw.randrange(1, len(fates))
    server = serve(
        server_class,
        behaviours.meet_fate,
        probes=("process_request",),
        request_queue_size=len(fates),
        **with_fates(fates),
    )
    clients = visitors(server, server_class, early)
    taking = take_in(server, way, 1)
    if way == "handle_request":
        taking.wait()
    clients += visitors(server, server_class, len(fates) - early)
    if way == "handle_request":
        take_in(server, way, len(fates) - 1)
    server.settle()
    return server.history(), clients, [number for number, fate in enumerate(fates) if fate != "refused"]


@requirement("ordering.one-handler-for-each-request")
@each_server(ALL)
def test_every_request_gets_one_handler(serve, server_class):
    server = serve(server_class, behaviours.pass_by, request_queue_size=MANY)
    visitors(server, server_class, MANY)
    server.settle()

    history = server.history()
    assert handled_more_than_once(history) + never_handled(history) == []


@requirement("ordering.no-handler-for-refused-requests")
@each_server(ALL)
def test_refused_requests_get_no_handler(serve, server_class):
    server = serve(server_class, behaviours.pass_by, verify_request=behaviours.refuse_odd, taken=0)
    clients = visitors(server, server_class, 4)
    server.settle()

    handled = arrivals(server.history().of("handler.enter"), clients)
    assert sorted(handled) == [1, 3]
