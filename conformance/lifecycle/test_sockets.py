"""The server's socket: family, options, queue, descriptor, and whether it can be another."""

import sys

import pytest

from conformance.lifecycle.behaviours import sockets
from conformance.servers import ALL, DATAGRAM, FORKING_STREAM, INET, STREAM, SYNCHRONOUS, UNIX
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="knows what Linux does")
VALUES = pytest.mark.parametrize("value", [True, False])
WITH_IPV6 = pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")


def _names(servers):
    return [each.name for each in servers]


@requirement("lifecycle.family-is-the-class-attribute")
@WITH_IPV6
def test_a_class_that_says_ipv6_serves_ipv6(host):
    hosts = host.call(sockets.ipv6_hosts, _names(INET), False)

    assert hosts == dict.fromkeys(hosts, "::1")


@requirement("lifecycle.family-may-be-set-on-the-object")
@WITH_IPV6
def test_an_object_that_says_ipv6_serves_ipv6(host):
    hosts = host.call(sockets.ipv6_hosts, _names(INET), True)

    assert hosts == dict.fromkeys(hosts, "::1")


@requirement("lifecycle.family-is-not-guessed")
@WITH_IPV6
def test_the_family_is_not_guessed_from_the_address(host):
    failed = host.call(sockets.bind_ipv4_server_to_ipv6, _names(INET))

    assert failed == dict.fromkeys(failed, True)


@requirement("lifecycle.reuse-address-sets-the-option")
@ON_LINUX
@VALUES
def test_addresses_are_reused_when_the_class_says_so(host, value):
    bound = host.call(sockets.bind_where_another_socket_is_bound, _names(INET), value)

    assert bound == dict.fromkeys(bound, value)


@requirement("lifecycle.reuse-port-sets-the-option")
@ON_LINUX
@VALUES
def test_ports_are_shared_when_the_class_says_so(host, value):
    bound = host.call(sockets.bind_where_another_server_listens, _names(INET), value)

    assert bound == dict.fromkeys(bound, value)


@requirement("lifecycle.reuse-port-sets-the-option")
def test_who_shares_a_port_takes_over_when_the_other_is_closed(host):
    handled = host.call(sockets.share_a_port, _names(each for each in INET if each in SYNCHRONOUS))

    assert handled == dict.fromkeys(handled, 1)


@requirement("lifecycle.reuse-port-is-not-for-unix")
def test_unix_servers_are_bound_whatever_becomes_of_the_wish_to_share_a_port(host):
    bound = host.call(sockets.bound_with, _names(UNIX), "allow_reuse_port")

    assert bound == dict.fromkeys(bound, True)


@requirement("lifecycle.queue-size-is-the-backlog")
@ON_LINUX
@pytest.mark.parametrize("size", [1, 7])
def test_the_queue_of_a_tcp_server_is_as_long_as_the_class_says(host, size):
    sizes = host.call(sockets.tcp_backlogs, _names(each for each in INET if each in STREAM), size)

    assert sizes == dict.fromkeys(sizes, size)


@requirement("lifecycle.queue-size-is-the-backlog")
@ON_LINUX
def test_the_queue_of_a_unix_server_grows_as_the_class_says(host):
    shorter, longer = (host.call(sockets.unix_queue, "UnixStreamServer", size) for size in (1, 7))

    assert longer - shorter == 6


@requirement("lifecycle.datagram-servers-do-not-listen")
def test_activating_a_datagram_server_does_not_listen(host):
    listened = host.call(sockets.listens_when_activated, _names(DATAGRAM))

    assert listened == dict.fromkeys(listened, False)


@requirement("lifecycle.descriptors-are-not-inherited")
def test_no_other_program_gets_the_servers_descriptor(host):
    inheritable = host.call(sockets.inheritable_listeners, _names(ALL))

    assert inheritable == dict.fromkeys(inheritable, False)


@requirement("lifecycle.descriptors-are-not-inherited")
@each_server(FORKING_STREAM)
def test_no_program_that_a_child_starts_gets_the_servers_descriptor(serve, server_class):
    server = serve(server_class, sockets.say_whether_the_server_is_inheritable, loop=False)
    server.knock()
    server.start("handle_request")
    server.comes("handler.exit")

    assert [event.details["inheritable"] for event in server.history().of("server.seen")] == [False]


@requirement("lifecycle.descriptors-are-not-inherited")
def test_no_other_program_gets_a_connection(host):
    inheritable = host.call(sockets.inheritable_connections, _names(STREAM))

    assert inheritable == dict.fromkeys(inheritable, False)


@requirement("lifecycle.socket-may-be-replaced")
def test_the_socket_that_is_there_is_the_one_that_is_used(host):
    seen = host.call(sockets.replace_socket, _names(SYNCHRONOUS))

    assert seen == {name: {"descriptor": True, "handled": 1, "left": -1} for name in seen}


@requirement("lifecycle.socket-may-be-replaced")
@pytest.mark.parametrize("way", ["handle_request", "serve_forever"])
@pytest.mark.parametrize("kind", ["descriptor", "wrapper"])
def test_the_socket_may_be_made_into_another_one(host, kind, way):
    seen = host.call(sockets.change_socket, _names(SYNCHRONOUS), kind, way)

    assert seen == {name: {"handled": 2, "left": -1} for name in seen}


@requirement("lifecycle.socket-may-be-replaced")
def test_the_socket_may_have_the_descriptor_of_standard_input(host):
    seen = host.call(sockets.serve_at_descriptor_zero, _names(SYNCHRONOUS))

    assert seen == dict.fromkeys(seen, 1)


@requirement("lifecycle.server-is-selectable")
def test_one_selector_can_watch_two_servers_of_each_class(host):
    seen = host.call(sockets.select_two_servers, _names(SYNCHRONOUS))

    assert seen == {name: {"handled": [0, 1], "descriptor": [True, True]} for name in seen}
