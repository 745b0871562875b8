"""Ways to get the making of servers wrong."""

import errno
import functools
import os
import socket
import threading

from harness.host.breaking import breaks, instead_of


@breaks("lifecycle.constructor-keeps-its-arguments")
def handler_class_is_wrapped(impl):
    """RequestHandlerClass becomes a function that calls the handler class."""

    @instead_of(impl.BaseServer, "__init__")
    def initialise(method, self, address, handler):
        method(self, address, handler and functools.partial(_call, handler))


def _call(handler, *arguments):
    return handler(*arguments)


@breaks("lifecycle.constructor-keeps-its-arguments")
def address_is_not_kept_before_binding(impl):
    """server_address of a server that was not bound is empty."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if not bind_and_activate:
            self.requested, self.server_address = address, ()

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        self.server_address = self.server_address or self.requested
        method(self)


@breaks("lifecycle.constructor-binds-and-activates")
def constructor_activates_twice(impl):
    """server_activate() is called once more, to be sure."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if bind_and_activate:
            self.server_activate()


@breaks("lifecycle.binding-can-be-left-to-the-caller")
def only_activation_is_left_to_the_caller(impl):
    """bind_and_activate decides about server_activate() only; a later server_bind() does nothing."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if not bind_and_activate:
            self.server_bind()
            self.server_bind = lambda: None


@breaks("lifecycle.caller-may-bind-and-activate")
def only_the_constructor_activates(impl):
    """server_activate() does nothing when it is called after the constructor has ended."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        self.server_activate = lambda: None


@breaks("lifecycle.socket-exists-before-binding")
def socket_is_made_when_bound(impl):
    """Until server_bind() the socket is a closed one."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, bind_and_activate)
        if not bind_and_activate:
            self.socket.close()

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        if self.socket.fileno() < 0:
            self.socket = socket.socket(self.address_family, self.socket_type)
        method(self)


@breaks("lifecycle.chosen-port-is-told")
def port_stays_as_requested(impl):
    """server_address has port 0 although the system chose another."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        if isinstance(requested, tuple):
            self.server_address = (self.server_address[0], requested[1], *self.server_address[2:])


@breaks("lifecycle.bound-address-is-the-systems")
def host_stays_as_requested(impl):
    """server_address has the host as it was given, not as the system knows it."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        requested = self.server_address
        method(self)
        if isinstance(requested, tuple):
            self.server_address = (requested[0], *self.server_address[1:])


@breaks("lifecycle.bound-address-is-the-systems")
def ipv6_address_has_two_parts(impl):
    """Of the address of an IPv6 server only host and port are kept."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        method(self)
        if isinstance(self.server_address, tuple):
            self.server_address = self.server_address[:2]


@breaks("lifecycle.failed-construction-raises")
def occupied_address_is_a_runtime_error(impl):
    """The constructor tells in its own words that it cannot be bound."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, *arguments, **options):
        try:
            method(self, *arguments, **options)
        except OSError as error:
            raise RuntimeError("cannot be bound") from error


@breaks("lifecycle.failed-construction-closes")
def interrupted_constructor_does_not_close(impl):
    """Only for an Exception does the constructor close the server."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        if not bind_and_activate:
            return
        try:
            self.server_bind()
            self.server_activate()
        except Exception:
            self.server_close()
            raise


@breaks("lifecycle.failed-construction-closes")
def failed_address_does_not_close(impl):
    """Only what server_activate() raises makes the constructor close the server by its own server_close()."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        if not bind_and_activate:
            return
        try:
            self.server_bind()
        except BaseException:
            self.socket.close()
            raise
        try:
            self.server_activate()
        except BaseException:
            self.server_close()
            raise


@breaks("lifecycle.failed-construction-leaks-nothing")
def bpo_22435_failed_constructor_leaves_the_socket_open(impl):
    """The constructor leaves its socket open when it cannot bind or activate it."""

    @instead_of(impl.TCPServer, "__init__")
    def initialise(method, self, address, handler, bind_and_activate=True):
        method(self, address, handler, False)
        if bind_and_activate:
            self.server_bind()
            self.server_activate()


@breaks("lifecycle.failed-construction-leaks-nothing")
def failed_binding_leaves_a_thread(impl):
    """A thread that was started before server_bind() goes on when that fails."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        never = threading.Event()
        threading.Thread(target=never.wait, daemon=True).start()
        method(self)
        never.set()


@breaks("lifecycle.handler-class-is-not-judged")
def handler_has_to_be_callable(impl):
    """The constructor refuses a handler class that cannot be called."""

    @instead_of(impl.BaseServer, "__init__")
    def initialise(method, self, address, handler):
        if isinstance(handler, (int, str)):
            raise TypeError("a handler class can be called")
        method(self, address, handler)


@breaks("lifecycle.failed-construction-leaks-nothing")
def failed_binding_leaves_a_copy_of_the_socket(impl):
    """A descriptor stays open when server_bind() fails."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        try:
            method(self)
        except Exception:
            os.dup(self.socket.fileno())
            raise


@breaks("lifecycle.occupied-address-is-refused")
def occupied_address_is_changed(impl):
    """A server whose address is in use takes another one."""

    @instead_of(impl.TCPServer, "server_bind")
    def bind(method, self):
        try:
            method(self)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            address = self.server_address
            self.server_address = (address[0], 0) if isinstance(address, tuple) else address + "-2"
            method(self)
