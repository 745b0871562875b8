"""What can be set and called: parameters and class attributes."""

import socket

import pytest

from conformance.hierarchy import behaviours
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
    assert host.call(behaviours.defaults, list(DOCUMENTED)) == DOCUMENTED


@requirement("hierarchy.undocumented-defaults")
def test_class_attributes_have_the_usual_defaults(host):
    assert host.call(behaviours.defaults, list(UNDOCUMENTED)) == UNDOCUMENTED


@requirement("hierarchy.block-on-close-default")
def test_servers_wait_for_their_requests_by_default(host):
    assert host.call(behaviours.defaults, list(BLOCK_ON_CLOSE)) == BLOCK_ON_CLOSE


@requirement("hierarchy.request-queue-size-default")
def test_five_clients_may_queue_by_default(host):
    assert host.call(behaviours.defaults, list(QUEUE_SIZE)) == QUEUE_SIZE


@requirement("hierarchy.reuse-port-default")
def test_ports_are_not_shared_by_default(host):
    assert host.call(behaviours.defaults, list(REUSE_PORT)) == REUSE_PORT


@requirement("hierarchy.parameters-have-documented-names")
@pytest.mark.parametrize("by_keyword", [True, False], ids=["by-name", "by-position"])
def test_what_has_documented_parameters_takes_them(host, by_keyword):
    assert host.call(behaviours.refused_calls, by_keyword) == []


@requirement("hierarchy.base-server-opens-nothing")
def test_a_base_server_keeps_its_two_arguments_and_opens_nothing(host):
    assert host.call(behaviours.make_base_server) == {"address": "address", "handler kept": True, "opened": 0}
