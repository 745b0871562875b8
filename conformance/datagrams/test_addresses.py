"""The addresses of servers and clients: IPv6, names in the file system and elsewhere, none, and one for two servers."""

import socket
import sys

import pytest

from conformance.datagrams import behaviours
from conformance.servers import DATAGRAM, INET, UNIX
from harness.clients import AbstractClient
from harness.machine import has_ipv6
from harness.marks import each_server, requirement

INET_DATAGRAM = [each for each in DATAGRAM if each in INET]
UNIX_DATAGRAM = [each for each in DATAGRAM if each in UNIX]

needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems do not have this")


@requirement("datagrams.ipv6-address-takes-the-reply")
@pytest.mark.skipif(not has_ipv6(), reason="needs IPv6")
@each_server(INET_DATAGRAM)
def test_ipv6_clients_are_answered(serve, server_class):
    server = serve(
        server_class,
        behaviours.tell_address_and_echo,
        address_family=int(socket.AF_INET6),
    )
    clients = [server.datagrams() for _ in range(3)]

    answers = {client.name: client.try_asking(client.name.encode()) for client in clients}

    assert answers == {client.name: client.name.encode() for client in clients}
    assert addresses_seen(server) == [{"client": client.name, "type": "tuple", "parts": 4} for client in clients]


@requirement("datagrams.abstract-names-are-addresses")
@needs_linux
@each_server(UNIX_DATAGRAM)
def test_clients_with_abstract_names_are_answered_by_a_server_that_has_one(serve, server_class, host):
    server = serve(server_class, behaviours.tell_address_and_echo, address="\0" + host.folder.name)
    clients = [AbstractClient(host, server.address, server.family) for _ in range(2)]

    answers = [client.try_asking(client.name.encode()) for client in clients]

    assert answers == [client.name.encode() for client in clients]
    assert addresses_seen(server) == [{"client": client.name, "type": "bytes", "parts": None} for client in clients]


@requirement("datagrams.unbound-client-has-no-address")
@each_server(UNIX_DATAGRAM)
def test_the_address_of_a_client_without_a_name_is_none(serve, server_class):
    server = serve(server_class, behaviours.tell_address)

    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as client:
        client.sendto(b"anonymous", server.address)
    server.wait_for("address")

    assert [event.details["address"] for event in server.history().of("address")] == [None]


@requirement("datagrams.reuse-address-shares-a-port")
@needs_linux
@each_server(INET_DATAGRAM)
def test_a_port_is_shared_by_servers_that_both_allow_it(serve, server_class):
    server = serve(server_class, behaviours.echo, loop=False, allow_reuse_address=True)

    assert server.host.call(behaviours.build_beside) == "yes"


def addresses_seen(server):
    """Return what the handlers said of their clients' addresses."""
    return [dict(event.details) for event in server.history().of("address")]
