"""What can be set and called: parameters and class attributes."""

import socket
import sys

import pytest

from conformance.hierarchy.behaviours import combinations, settings
from conformance.servers import ALL, THREADING
from harness.checks.verdict import Inconclusive
from harness.marks import each_server, requirement

AF_UNIX = int(getattr(socket, "AF_UNIX", 0))
DOCUMENTED = {
    "BaseServer.timeout": None,
    "TCPServer.timeout": None,
    "TCPServer.address_family": int(socket.AF_INET),
    "TCPServer.socket_type": int(socket.SOCK_STREAM),
    "TCPServer.allow_reuse_address": False,
    "UDPServer.address_family": int(socket.AF_INET),
    "UDPServer.socket_type": int(socket.SOCK_DGRAM),
    "UDPServer.allow_reuse_address": False,
    "UnixStreamServer.address_family": AF_UNIX,
    "UnixStreamServer.socket_type": int(socket.SOCK_STREAM),
    "UnixDatagramServer.address_family": AF_UNIX,
    "UnixDatagramServer.socket_type": int(socket.SOCK_DGRAM),
    "ThreadingMixIn.daemon_threads": False,
}
UNDOCUMENTED = {
    "UDPServer.max_packet_size": 8192,
    "UnixDatagramServer.max_packet_size": 8192,
    "ForkingMixIn.max_children": 40,
    "ForkingMixIn.timeout": 300,
    "ForkingMixIn.active_children": None,
    "StreamRequestHandler.rbufsize": -1,
    "StreamRequestHandler.wbufsize": 0,
    "StreamRequestHandler.timeout": None,
    "StreamRequestHandler.disable_nagle_algorithm": False,
}
BLOCK_ON_CLOSE = {"ThreadingMixIn.block_on_close": True, "ForkingMixIn.block_on_close": True}
QUEUE_SIZE = {"TCPServer.request_queue_size": 5, "UnixStreamServer.request_queue_size": 5}
LONGEST_QUEUE = {"TCPServer.request_queue_size": socket.SOMAXCONN}
REUSE_PORT = {"TCPServer.allow_reuse_port": False, "UDPServer.allow_reuse_port": False}
BY_KEYWORD = pytest.mark.parametrize("by_keyword", [True, False], ids=["by-name", "by-position"])
FOR_A_REQUEST = ["verify_request", "process_request", "finish_request", "handle_error"]
EFFECTS = {"allow_reuse_address": True, "request_queue_size": 3, "timeout": True, "daemon_threads": True}
EACH_SETTING = pytest.mark.parametrize(
    "setting",
    [
        "allow_reuse_address",
        pytest.param(
            "request_queue_size",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the length of a queue"),
        ),
        "timeout",
        "daemon_threads",
    ],
)


def those_of(found, expected):
    """Return what of *expected* is about something that was *found*: defaults of classes that are there."""
    return {name: expected[name] for name in found}


@requirement("hierarchy.server-defaults")
def test_class_attributes_have_the_documented_defaults(host):
    found = host.call(settings.defaults, list(DOCUMENTED))

    assert found == those_of(found, DOCUMENTED)


@requirement("hierarchy.server-defaults")
@pytest.mark.parametrize("class_name", ["BaseServer", "TCPServer", "ForkingTCPServer"])
def test_a_loop_polls_each_half_second_by_default(host, class_name):
    assert host.call(settings.default_of_parameter, class_name, "serve_forever", "poll_interval") == 0.5


@requirement("hierarchy.undocumented-defaults")
def test_class_attributes_have_the_usual_defaults(host):
    found = host.call(settings.defaults, list(UNDOCUMENTED))

    assert found == those_of(found, UNDOCUMENTED)


@requirement("hierarchy.block-on-close-default")
def test_servers_wait_for_their_requests_by_default(host):
    found = host.call(settings.defaults, list(BLOCK_ON_CLOSE))

    assert found == those_of(found, BLOCK_ON_CLOSE)


@requirement("hierarchy.request-queue-size-default")
def test_five_clients_may_queue_by_default(host):
    found = host.call(settings.defaults, list(QUEUE_SIZE))

    assert found == those_of(found, QUEUE_SIZE)


@requirement("hierarchy.reuse-port-default")
def test_ports_are_not_shared_by_default(host):
    found = host.call(settings.defaults, list(REUSE_PORT))

    assert found == those_of(found, REUSE_PORT)


@requirement("hierarchy.request-queue-is-as-long-as-possible")
def test_as_many_clients_as_possible_may_queue_by_default(host):
    assert host.call(settings.defaults, list(LONGEST_QUEUE)) == LONGEST_QUEUE


@requirement("hierarchy.settings-of-a-subclass-count")
@EACH_SETTING
def test_a_setting_of_a_subclass_is_in_force(host, setting):
    assert host.call(settings.effect_of_setting, setting, "class") == EFFECTS[setting]


@requirement("hierarchy.settings-of-a-subclass-count")
def test_the_type_of_the_socket_is_what_the_subclass_says(host):
    assert host.call(settings.type_of_socket) is True


@requirement("hierarchy.settings-may-be-given-to-class-or-object")
@pytest.mark.parametrize("way", ["object", "before construction"])
@EACH_SETTING
def test_a_setting_of_an_object_is_in_force(host, setting, way):
    assert host.call(settings.effect_of_setting, setting, way) == EFFECTS[setting]


@requirement("hierarchy.reused-address-is-not-shared")
def test_two_servers_that_reuse_addresses_do_not_share_one(host):
    assert host.call(settings.bind_twice) == "EADDRINUSE"


@requirement("hierarchy.hooks-do-nothing-by-default")
@each_server(ALL)
def test_whatever_nobody_has_refused_is_accepted(serve, server_class):
    server = serve(server_class, combinations.do_nothing, loop=False, verify_request=settings.tell_answer)
    server.knock()

    server.call("handle_request")

    assert [event.details["answer"] for event in server.history().of("verified")] == ["True"]


@requirement("hierarchy.hooks-do-nothing-by-default")
@each_server(THREADING)
def test_when_nobody_comes_a_threading_server_does_nothing(serve, server_class):
    server = serve(
        server_class, combinations.do_nothing, loop=False, timeout=0, handle_timeout=settings.tell_what_changes
    )

    server.call("handle_request")

    assert [event.details["changed"] for event in server.history().of("timeout")] == [[]]


@requirement("hierarchy.parameters-have-documented-names")
@BY_KEYWORD
@pytest.mark.parametrize(
    "class_name", ["BaseServer", "TCPServer", "UDPServer", "UnixStreamServer", "UnixDatagramServer"]
)
def test_constructors_take_their_arguments(host, class_name, by_keyword):
    assert host.call(settings.construct, class_name, by_keyword) is None


@requirement("hierarchy.parameters-have-documented-names")
@BY_KEYWORD
def test_the_loop_takes_an_interval(host, by_keyword):
    assert host.call(settings.serve_at_an_interval, by_keyword) is None


@requirement("hierarchy.parameters-have-documented-names")
@BY_KEYWORD
@pytest.mark.parametrize("class_name", ["TCPServer", "ThreadingMixIn+TCPServer", "ForkingMixIn+TCPServer"])
def test_the_methods_for_a_request_take_it_and_its_client(host, class_name, by_keyword):
    host.call(settings.hand_arguments_on, class_name, by_keyword)
    host.comes("handed.on", name="handle_error")
    history = host.history()

    refused = [(event.details["name"], event.details["says"]) for event in history.of("refused")]
    called = {event.details["name"] for event in history.of("handed.on")}

    assert refused == []
    if called != set(FOR_A_REQUEST):
        raise Inconclusive(f"of the methods for a request, only {', '.join(sorted(called))} were called")


@requirement("hierarchy.handler-parameters-have-usual-names")
def test_a_handler_takes_its_arguments_by_name(host):
    assert host.call(settings.make_handler_by_name) is None


@requirement("hierarchy.base-server-keeps-its-arguments")
def test_a_base_server_keeps_its_two_arguments(host):
    found = host.call(settings.make_base_server)

    assert (found["address"], found["handler kept"]) == ("address", True)


@requirement("hierarchy.base-server-opens-nothing")
def test_a_base_server_opens_nothing(host):
    assert host.call(settings.make_base_server)["opened"] == 0
