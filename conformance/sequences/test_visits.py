"""What becomes of the visits in any sequence of steps."""

from conformance.sequences.views import (
    ANY,
    SERVING,
    TYPICAL,
    VISITING,
    closed,
    everything,
    handlers,
    order_of_arrival,
    order_of_handling,
)
from conformance.servers import ALL, SYNCHRONOUS_STREAM
from harness.marks import each_server, requirement
from harness.sequences import of_second


@requirement("sequences.each-request-is-handled-once-in-any-sequence")
@each_server((*TYPICAL, *(each for each in ALL if each.name in {"ForkingUDPServer", "UnixStreamServer"})))
def test_each_accepted_request_gets_one_handler(departure, server_class):
    assert departure(server_class, ANY, handlers) == []


@requirement("sequences.requests-are-taken-in-order-in-any-sequence")
@each_server(TYPICAL)
def test_each_request_is_taken_in_when_its_turn_has_come(departure, server_class):
    steps = (*SERVING, "polite", "polite", *VISITING)

    assert departure(server_class, steps, order_of_arrival, of_order=True) == []


@requirement("sequences.each-request-is-closed-once-in-any-sequence")
@each_server([each for each in TYPICAL if each.transport == "stream"])
def test_each_request_is_closed_whatever_became_of_it(departure, server_class):
    assert departure(server_class, (*ANY, "failing", "refused"), closed, ends=True) == []


@requirement("sequences.two-servers-do-not-disturb-each-other")
@each_server(TYPICAL)
def test_each_of_two_servers_does_as_if_it_was_alone(departure, server_class):
    steps = (*ANY, *of_second(ANY))

    assert departure(server_class, steps, everything, servers=2) == []


@requirement("sequences.those-who-wait-outlast-every-interruption")
@each_server((*SYNCHRONOUS_STREAM, *(each for each in TYPICAL if each.name == "UDPServer")))
def test_who_waits_when_a_loop_is_shut_down_is_served_by_a_later_one(departure, server_class):
    steps = ("serve", "serve", "held", "held", "polite", "interrupt", "interrupt", "release")

    assert departure(server_class, steps, order_of_handling, count=8, of_order=True) == []
