"""Addresses of clients and servers."""

import os

from conformance.datagrams.defects.patching import change_requests
from harness.host.breaking import breaks


@breaks("datagrams.unbound-client-has-no-address")
def no_address_is_an_empty_path(impl):
    """The client_address of a client without a name is an empty text, as for stream servers."""

    def change(server, data, client_address):
        return data, client_address or ""

    change_requests(impl, change)


@breaks("datagrams.ipv6-address-takes-the-reply")
def ipv6_addresses_are_cut_to_two_parts(impl):
    """client_address is host and port, also on IPv6."""

    def change(server, data, client_address):
        return data, client_address[:2] if isinstance(client_address, tuple) else client_address

    change_requests(impl, change)


@breaks("datagrams.abstract-names-are-addresses")
def abstract_names_become_text(impl):
    """client_address is text, whatever the client's name."""

    def change(server, data, client_address):
        return data, os.fsdecode(client_address) if isinstance(client_address, bytes) else client_address

    change_requests(impl, change)


@breaks("datagrams.reuse-address-shares-a-port")
def only_streams_reuse_an_address(impl):
    """Datagram servers do not look at allow_reuse_address."""

    def server_bind(self):
        self.allow_reuse_address = False
        impl.TCPServer.server_bind(self)

    impl.UDPServer.server_bind = server_bind
