"""A process or a kernel that has run out of something, and one that has much."""

import pytest

from conformance.faults.behaviours import exhaustion
from conformance.lifecycle.calls import error_of
from conformance.servers import CONCURRENT_INET_STREAM, SYNCHRONOUS, SYNCHRONOUS_INET, SYNCHRONOUS_STREAM
from conformance.visitors import visitor
from harness import machine
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

ERRORS = ("EMFILE", "ENFILE", "ENOBUFS", "ENOMEM")
TURN = 0.01  # seconds
COUNTERS = {"failures": 0, "naps": None, "restless": 0}  # of an override that fails


@requirement("faults.lack-of-descriptors-is-survived")
@each_server(SYNCHRONOUS_STREAM + CONCURRENT_INET_STREAM)
def test_the_loop_serves_who_came_while_there_was_no_descriptor(host, serve, server_class):
    server = run_out_of_descriptors(host, serve, server_class)

    server.release()
    host.call(exhaustion.give_descriptors_back)

    assert {"served": server.comes("handler.exit", count=2)} == {"served": True}


@requirement("faults.lack-of-descriptors-is-survived")
@each_server(SYNCHRONOUS_STREAM)
def test_a_single_request_can_be_tried_again_when_there_are_descriptors(host, serve, server_class):
    server = serve(
        server_class, exhaustion.do_nothing, loop=False, get_request=exhaustion.get_request_noted, **COUNTERS
    )
    client = server.knock()
    host.call(exhaustion.use_up_descriptors)

    error_of(server.start("handle_request", thread=False))  # a thread may need descriptors to end
    handled_before = bool(server.history().of("handler.enter"))
    host.call(exhaustion.give_descriptors_back)
    if handled_before:
        raise Inconclusive("the connection could be accepted")
    raised = error_of(server.start("handle_request", thread=False))

    handled = [event.client for event in server.history().of("handler.enter")]
    assert {"raised": raised, "handled": handled} == {"raised": None, "handled": [client.name]}


@requirement("faults.lack-of-descriptors-is-survived")
@each_server(SYNCHRONOUS_INET)
def test_the_loop_survives_a_lack_of_whatever_the_kernel_needs(serve, server_class):
    server = lack(serve, server_class, ERRORS[0])

    server.release()
    for error in (*ERRORS[1:], None):
        server.set("fails_with", error)

    assert {"served": server.comes("handler.exit")} == {"served": True}


@requirement("faults.lack-of-descriptors-is-no-reason-to-spin")
@each_server(SYNCHRONOUS_STREAM)
def test_the_loop_rests_while_there_are_no_descriptors(host, serve, server_class):
    server = run_out_of_descriptors(host, serve, server_class)

    assert {"tries without end": server.comes("accept.failed_often")} == {"tries without end": False}


@requirement("faults.lack-of-descriptors-is-no-reason-to-spin")
@pytest.mark.parametrize("error", ERRORS)
def test_the_loop_rests_while_the_kernel_has_nothing_to_give(serve, error):
    server = lack(serve, "TCPServer", error)

    assert {"tries without end": server.comes("accept.failed_often")} == {"tries without end": False}


@requirement("faults.lack-of-descriptors-is-reported")
def test_standard_error_tells_that_requests_cannot_be_taken(host, serve):
    server = run_out_of_descriptors(host, serve, "TCPServer")
    server.release()
    host.call(exhaustion.give_descriptors_back)
    server.comes("handler.exit", count=2)

    assert "Too many open files" in host.complaints()


@requirement("faults.lack-of-descriptors-is-reported")
def test_standard_error_tells_it_once_each_time(host, serve):
    server = lack(serve, "TCPServer", "EMFILE")
    server.release()
    end_lack(server, 1)

    server.set("failures", 0)
    server.set("fails_with", "EMFILE")
    server.knock()
    end_lack(server, 2)

    assert host.complaints().count("on purpose") == 2


def end_lack(server, number):
    """Let there be descriptors again when the loop has tried a few times for the request of this number."""
    server.wait_for("accept.failed_again", count=number)
    server.set("fails_with", None)
    server.comes("handler.exit", count=number)


def run_out_of_descriptors(host, serve, server_class):
    """Return a server whose loop has served one request, tried to accept another, and found no descriptor."""
    server = serve(server_class, exhaustion.do_nothing, get_request=exhaustion.get_request_noted, **COUNTERS)
    server.knock()
    server.wait_for("handler.exit")  # from then on the loop has all that it needs for itself
    host.call(exhaustion.use_up_descriptors)
    server.knock()
    server.wait_for("accept.failed", error="EMFILE")
    return server


def lack(serve, server_class, error):
    """Return a server whose loop has tried to get a request and failed with *error*."""
    server = serve(
        server_class,
        exhaustion.do_nothing,
        get_request=exhaustion.get_request_without_kernel_memory,
        fails_with=error,
        **COUNTERS,
    )
    server.knock()
    server.wait_for("accept.failed", error=error)
    return server


@requirement("faults.high-descriptors-serve")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@each_server(SYNCHRONOUS + CONCURRENT_INET_STREAM)
def test_descriptors_may_have_numbers_above_1023(host, serve, server_class, way):
    machine.check_descriptors(exhaustion.ENOUGH)
    host.call(exhaustion.use_low_descriptors)
    server = serve(server_class, exhaustion.do_nothing, loop=False)
    client = visitor(server, server_class)

    serving = server.start(way, *([TURN] if way == "serve_forever" else []))
    server.comes("handler.exit")

    if server.call("fileno") < 1024:
        raise Inconclusive("the server's descriptor has a low number")
    raised = error_of(serving) if serving.returned else None
    handled = [event.client for event in server.history().of("handler.exit")]
    assert {"raised": raised, "handled": handled} == {"raised": None, "handled": [client.name]}
