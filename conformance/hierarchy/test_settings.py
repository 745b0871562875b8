"""What can be set and called: parameters and class attributes."""

import socket

import pytest

from conformance.hierarchy.behaviours import settings
from conformance.servers import SYNCHRONOUS, THREADING
from harness.marks import requirement

DOCUMENTED = {
    "BaseServer.timeout": None,
    "TCPServer.timeout": None,
    "TCPServer.address_family": int(socket.AF_INET),
    "TCPServer.socket_type": int(socket.SOCK_STREAM),
    "TCPServer.allow_reuse_address": False,
    "UDPServer.address_family": int(socket.AF_INET),
    "UDPServer.socket_type": int(socket.SOCK_DGRAM),
    "UDPServer.allow_reuse_address": False,
    "UnixStreamServer.address_family": int(socket.AF_UNIX),
    "UnixStreamServer.socket_type": int(socket.SOCK_STREAM),
    "UnixDatagramServer.address_family": int(socket.AF_UNIX),
    "UnixDatagramServer.socket_type": int(socket.SOCK_DGRAM),
    "ThreadingMixIn.daemon_threads": False,
    "ForkingMixIn.max_children": 40,
}
UNDOCUMENTED = {
    "UDPServer.max_packet_size": 8192,
    "UnixDatagramServer.max_packet_size": 8192,
    "ForkingMixIn.timeout": 300,
    "ForkingMixIn.active_children": None,
    "StreamRequestHandler.rbufsize": -1,
    "StreamRequestHandler.wbufsize": 0,
    "StreamRequestHandler.timeout": None,
    "StreamRequestHandler.disable_nagle_algorithm": False,
}
BLOCK_ON_CLOSE = {"ThreadingMixIn.block_on_close": True, "ForkingMixIn.block_on_close": True}
QUEUE_SIZE = {"TCPServer.request_queue_size": 5, "UnixStreamServer.request_queue_size": 5}
REUSE_PORT = {"TCPServer.allow_reuse_port": False, "UDPServer.allow_reuse_port": False}


@requirement("hierarchy.server-defaults")
def test_class_attributes_have_the_documented_defaults(host):
    assert host.call(settings.defaults, list(DOCUMENTED)) == DOCUMENTED


@requirement("hierarchy.server-defaults")
@pytest.mark.parametrize("class_name", ["BaseServer", "TCPServer", "ForkingTCPServer"])
def test_a_loop_polls_each_half_second_by_default(host, class_name):
    assert host.call(settings.default_of_parameter, class_name, "serve_forever", "poll_interval") == 0.5


@requirement("hierarchy.undocumented-defaults")
def test_class_attributes_have_the_usual_defaults(host):
    assert host.call(settings.defaults, list(UNDOCUMENTED)) == UNDOCUMENTED


@requirement("hierarchy.block-on-close-default")
def test_servers_wait_for_their_requests_by_default(host):
    assert host.call(settings.defaults, list(BLOCK_ON_CLOSE)) == BLOCK_ON_CLOSE


@requirement("hierarchy.request-queue-size-default")
def test_five_clients_may_queue_by_default(host):
    assert host.call(settings.defaults, list(QUEUE_SIZE)) == QUEUE_SIZE


@requirement("hierarchy.reuse-port-default")
def test_ports_are_not_shared_by_default(host):
    assert host.call(settings.defaults, list(REUSE_PORT)) == REUSE_PORT


@requirement("hierarchy.request-queue-is-as-long-as-possible")
def test_as_many_clients_as_possible_may_queue_by_default(host):
    names = [*QUEUE_SIZE, "UDPServer.request_queue_size"]

    assert host.call(settings.defaults, names) == dict.fromkeys(names, socket.SOMAXCONN)


@requirement("hierarchy.settings-may-be-given-to-class-or-object")
@pytest.mark.parametrize("on_object", [False, True], ids=["class", "object"])
def test_settings_of_a_subclass_or_an_object_are_in_force(host, on_object):
    assert host.call(settings.effects_of_settings, on_object) == {
        "allow_reuse_address": True,
        "request_queue_size": 3,
        "timeout": True,
        "max_packet_size": 3,
        "daemon_threads": True,
    }


@requirement("hierarchy.settings-may-be-given-to-class-or-object")
def test_the_type_of_the_socket_is_what_the_subclass_says(host):
    assert host.call(settings.type_of_socket) is True


@requirement("hierarchy.settings-may-be-given-to-class-or-object")
def test_the_handler_class_is_what_was_assigned_last(host):
    assert host.call(settings.handler_class_in_use) == ["second"]


@requirement("hierarchy.reused-address-is-not-shared")
def test_two_servers_that_reuse_addresses_do_not_share_one(host):
    assert host.call(settings.bind_twice) == "EADDRINUSE"


@requirement("hierarchy.hooks-do-nothing-by-default")
def test_what_nobody_has_overridden_accepts_everything_and_does_nothing(host):
    names = [each.name for each in SYNCHRONOUS + THREADING]

    answers = host.call(settings.answers_of_hooks, names)

    assert answers == {name: [True, None, None, False] for name in names}


@requirement("hierarchy.parameters-have-documented-names")
@pytest.mark.parametrize("by_keyword", [True, False], ids=["by-name", "by-position"])
def test_what_has_documented_parameters_takes_them(host, by_keyword):
    assert host.call(settings.refused_calls, by_keyword) == []


@requirement("hierarchy.base-server-opens-nothing")
def test_a_base_server_keeps_its_two_arguments_and_opens_nothing(host):
    assert host.call(settings.make_base_server) == {"address": "address", "handler kept": True, "opened": 0}
