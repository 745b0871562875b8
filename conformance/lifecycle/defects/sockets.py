"""Ways to get the server's socket wrong."""

import contextlib
import errno
import os
import socket

from harness.host.breaking import breaks, instead_of, setting


@breaks("lifecycle.family-is-not-guessed")
def family_is_guessed(impl):
    """A colon in the host makes it an IPv6 server."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, *arguments, **options):
        if isinstance(address, tuple) and ":" in address[0]:
            self.address_family = socket.AF_INET6
        method(self, address, *arguments, **options)


@breaks("lifecycle.family-is-the-class-attribute")
def family_of_the_class_is_fixed(impl):
    """The family is IPv4, unless the object says otherwise."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, *arguments, **options):
        if self.address_family == socket.AF_INET6 and "address_family" not in vars(self):
            self.address_family = socket.AF_INET
        method(self, address, *arguments, **options)


@breaks("lifecycle.family-may-be-set-on-the-object")
def family_of_the_object_is_ignored(impl):
    """The family is that of the class, whatever the object says."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, *arguments, **options):
        vars(self).pop("address_family", None)
        method(self, *arguments, **options)


@breaks("lifecycle.reuse-address-sets-the-option")
def option_is_set_after_binding(impl):
    """SO_REUSEADDR is set when it is too late."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        wanted = self.allow_reuse_address
        with setting(self, "allow_reuse_address", False):
            method(self)
        if wanted:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)


@breaks("lifecycle.reuse-address-sets-the-option")
def addresses_are_always_reused(impl):
    """SO_REUSEADDR is set whatever the class says."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        method(self)


@breaks("lifecycle.reuse-port-sets-the-option")
def ports_are_never_shared(impl):
    """allow_reuse_port is not looked at."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        with setting(self, "allow_reuse_port", False):
            method(self)


@breaks("lifecycle.reuse-port-is-not-for-unix")
def gh_128916_unix_servers_share_a_port(impl):
    """SO_REUSEPORT is set for any family; here it is refused for this one as newer kernels do, whatever the kernel."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if self.allow_reuse_port and self.address_family == socket.AF_UNIX:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        method(self)


@breaks("lifecycle.queue-size-is-the-backlog")
def gh_80184_queue_is_always_of_five(impl):
    """request_queue_size is not looked at."""
    impl.TCPServer.server_activate = lambda self: self.socket.listen(5)


@breaks("lifecycle.datagram-servers-do-not-listen")
def datagram_server_tries_to_listen(impl):
    """server_activate() of UDPServer listens, and passes over the error."""

    @instead_of(impl.UDPServer, "server_activate")
    def activate(method, self):
        with contextlib.suppress(OSError):
            self.socket.listen(5)


@breaks("lifecycle.descriptors-are-not-inherited")
def listener_is_inherited(impl):
    """Programs that are executed get the server's descriptor."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        method(self)
        self.socket.set_inheritable(True)


@breaks("lifecycle.descriptors-are-not-inherited")
def connections_are_inherited(impl):
    """Programs that are executed get the connections."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request, client_address = method(self)
        request.set_inheritable(True)
        return request, client_address


@breaks("lifecycle.socket-may-be-replaced")
def first_socket_is_the_one_that_counts(impl):
    """fileno() is that of the socket that the constructor made."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        self.first_socket = self.socket
        method(self, address, handler, bind_and_activate)
        self.first_socket.close()
        self.first_socket = self.socket

    impl.TCPServer.fileno = lambda self: self.first_socket.fileno()


@breaks("lifecycle.socket-may-be-replaced")
def only_a_socket_is_served(impl):
    """A server takes nothing from what is no socket.socket."""

    @instead_of(impl.TCPServer, "get_request")
    def get(method, self):
        request = method(self)
        if not isinstance(self.socket, socket.socket):
            raise TypeError("the server has no socket")
        return request


@breaks("lifecycle.server-is-selectable")
def fileno_is_a_new_one_each_time(impl):
    """fileno() gives a copy of the descriptor."""

    @instead_of(impl.TCPServer, "fileno")
    def fileno(method, self):
        descriptor = method(self)
        return descriptor if descriptor < 0 else os.dup(descriptor)
