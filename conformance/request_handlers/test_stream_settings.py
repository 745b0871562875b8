"""timeout, disable_nagle_algorithm, rbufsize and wbufsize: what handlers and servers make of them."""

import pytest

from conformance.request_handlers.behaviours import stream_dialogues, stream_settings
from conformance.servers import INET, SYNCHRONOUS_STREAM
from harness.marks import requirement

INET_STREAM = [each.name for each in SYNCHRONOUS_STREAM if each in INET]
CHOICES = {
    "timeout": (30, 30.0),
    "disable_nagle_algorithm": (True, True),
    "rbufsize": (0, b"nput"),
    "wbufsize": (-1, b""),
}


@requirement("request-handlers.timeout-is-set-on-connection")
@pytest.mark.parametrize(("timeout", "expected"), [(0.25, 0.25), (30, 30.0), (None, 7.0)])
def test_the_connection_has_the_timeout_of_the_handler(host, timeout, expected):
    assert host.call(stream_settings.look_at_timeout, timeout) == ([expected], None)


@requirement("request-handlers.timeout-of-zero-does-not-block")
def test_the_connection_of_a_handler_with_no_time_does_not_block(host):
    assert host.call(stream_settings.look_at_timeout, 0) == ([0.0], None)


@requirement("request-handlers.timeout-is-set-on-connection")
def test_reading_from_a_silent_client_ends_with_a_timeout(host):
    assert host.call(stream_settings.read_in_vain) == [True]


@requirement("request-handlers.nagle-is-disabled-on-request")
def test_small_packets_are_sent_without_delay_on_request(host):
    assert host.call(stream_settings.look_at_nagle, True) == ([True], None)


@requirement("request-handlers.nagle-is-left-alone")
def test_without_a_request_small_packets_are_delayed(host):
    assert host.call(stream_settings.look_at_nagle, False) == ([False], None)


@requirement("request-handlers.nagle-is-left-alone")
def test_a_connection_that_was_just_accepted_delays_small_packets(host):
    found = host.call(stream_settings.nagle_of_accepted, INET_STREAM)

    assert found == dict.fromkeys(found, False)


@requirement("request-handlers.writing-ends-with-timeout")
def test_writing_what_nobody_reads_ends_with_a_timeout(host):
    assert host.call(stream_settings.write_in_vain) == ([True], None)


@requirement("request-handlers.handler-timeout-is-not-the-servers")
def test_a_connection_does_not_have_the_timeout_of_the_server(serve):
    server = serve("TCPServer", stream_settings.tell_timeouts, handler="StreamRequestHandler", loop=False, timeout=7)
    server.connect()

    server.call("handle_request")

    assert [event.details["connection"] for event in server.history().of("timeouts")] == [None]


@requirement("request-handlers.handler-timeout-is-not-the-servers")
@pytest.mark.parametrize("of_server", [None, 7])
def test_the_server_does_not_have_the_timeout_of_its_handlers(serve, of_server):
    server = serve(
        "TCPServer", stream_settings.tell_timeouts, handler="StreamRequestHandler", loop=False, timeout=of_server
    )
    server.host.call(stream_dialogues.set_on_handler_class, "timeout", 30)
    server.connect()

    server.call("handle_request")

    assert [event.details["server"] for event in server.history().of("timeouts")] == [of_server]


@requirement("request-handlers.settings-may-be-chosen-in-setup")
@pytest.mark.parametrize("name", CHOICES)
def test_each_handler_can_choose_a_setting_for_itself(host, name):
    value, expected = CHOICES[name]

    assert host.call(stream_settings.choose_in_setup, name, value).get(name, "not seen") == expected
