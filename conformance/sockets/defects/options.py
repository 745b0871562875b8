"""Ways to get types and options of sockets wrong."""

import contextlib
import socket

from harness.host.breaking import breaks, instead_of


@breaks("sockets.type-is-the-class-attribute")
def packets_become_a_stream(impl):
    """A class that is for neither streams nor datagrams gets a socket for streams."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, *arguments, **options):
        if self.socket_type not in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            self.socket_type = socket.SOCK_STREAM
        method(self, *arguments, **options)


@breaks("sockets.options-are-left-alone")
def options_are_switched_off(impl):
    """SO_REUSEADDR is set to what allow_reuse_address says, also if that is false."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if not self.allow_reuse_address:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
        method(self)


@breaks("sockets.missing-options-are-skipped")
def options_have_to_exist(impl):
    """A server that asks for an option of which the system knows nothing is not made."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if self.allow_reuse_port and not hasattr(socket, "SO_REUSEPORT"):
            raise ValueError("SO_REUSEPORT is not supported")
        method(self)


@breaks("sockets.dual-stack-is-the-systems-choice")
def ipv6_servers_turn_the_option_around(impl):
    """An IPv6 server is for both if the system says one, and for one if it says both."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        with contextlib.suppress(OSError):
            only = self.socket.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, not only)
        method(self)


@breaks("sockets.dual-stack-is-up-to-the-subclass")
def ipv6_servers_do_as_the_system_does(impl):
    """What a subclass has set of the option is set back to what the system has it be."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, self.socket_type) as new:
            only = new.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
        method(self)
