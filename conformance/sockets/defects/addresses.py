"""Ways to get addresses wrong."""

import os
import socket

from harness.host.breaking import breaks, instead_of


@breaks("sockets.requested-address-until-bound")
def address_is_resolved_early(impl):
    """The constructor puts a number in the place of the host's name before it binds."""

    @instead_of(impl.BaseServer, "__init__")
    def initialise(method, self, address, handler):
        if isinstance(address, tuple) and address[0] == "localhost":
            address = (socket.gethostbyname(address[0]), *address[1:])
        method(self, address, handler)


@breaks("sockets.unix-address-is-the-path")
def bytes_stay_bytes(impl):
    """A path that was given as bytes is reported back as bytes."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        if isinstance(requested, bytes) and isinstance(self.server_address, str):
            self.server_address = requested


@breaks("sockets.unix-address-is-the-path")
def long_path_is_cut(impl):
    """server_address has only the first hundred characters of a path."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        method(self)
        if isinstance(self.server_address, str):
            self.server_address = self.server_address[:100]


@breaks("sockets.path-objects-are-accepted")
def only_text_is_a_path(impl):
    """A path object is refused; the standard library does so too."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if isinstance(self.server_address, os.PathLike):
            raise TypeError("a path has to be text or bytes")
        method(self)


@breaks("sockets.abstract-name-is-an-address")
def abstract_name_becomes_text(impl):
    """server_address of a server with an abstract name is text."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        if requested and isinstance(self.server_address, bytes):
            self.server_address = os.fsdecode(self.server_address)


@breaks("sockets.empty-path-chooses-a-name")
def empty_path_stays_empty(impl):
    """server_address is an empty path although the system chose a name."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        self.server_address = self.server_address if requested else requested


@breaks("sockets.too-long-path-is-refused")
def long_path_is_shortened(impl):
    """A server whose path is too long is bound to the beginning of it."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if isinstance(self.server_address, str) and len(self.server_address) > 107:
            self.server_address = self.server_address[:103]
        method(self)


@breaks("sockets.ipv6-peer-has-four-parts")
def ipv6_address_is_shortened(impl):
    """Of a client's address only host and port are kept."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        return request, client_address[:2] if isinstance(client_address, tuple) else client_address


@breaks("sockets.unix-peer-has-its-name")
def client_is_known_by_its_file(impl):
    """The address of a Unix client is the last part of its path."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        return request, os.path.basename(client_address) if isinstance(client_address, str) else client_address


@breaks("sockets.unnamed-unix-peer-is-nobody")
def unnamed_client_has_a_name(impl):
    """The address of a client without a name is a word that says so."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        return request, "unnamed" if client_address == "" else client_address
