"""Ways to get the settings of StreamRequestHandler wrong."""

import socket

from conformance.request_handlers.defects.patching import Wrapped, after_setup
from harness.host.breaking import breaks


@breaks("request-handlers.timeout-is-set-on-connection")
def timeout_of_handlers_is_ignored(impl):
    """Whatever the handler's timeout, the connection keeps its own."""
    _hide_in_setup(impl, "timeout", None)


@breaks("request-handlers.timeout-is-set-on-connection")
def no_timeout_means_for_ever(impl):
    """A handler without a timeout takes away the one that the connection has."""

    def change(self):
        if self.timeout is None:
            self.connection.settimeout(None)

    after_setup(impl, change)


@breaks("request-handlers.nagle-is-disabled-on-request")
def small_packets_are_always_delayed(impl):
    """disable_nagle_algorithm is ignored."""
    _hide_in_setup(impl, "disable_nagle_algorithm", False)


def _hide_in_setup(impl, name, value):
    """Let setup() see *value* where the handler has another."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        setattr(self, name, value)
        try:
            original(self)
        finally:
            delattr(self, name)

    impl.StreamRequestHandler.setup = setup


@breaks("request-handlers.timeout-of-zero-does-not-block")
def timeout_of_zero_is_none(impl):
    """A timeout of zero is taken for no timeout."""
    original = impl.StreamRequestHandler.setup

    def setup(self):
        if self.timeout == 0:
            self.timeout = None
        original(self)

    impl.StreamRequestHandler.setup = setup


@breaks("request-handlers.nagle-is-left-alone")
def nobody_delays_small_packets(impl):
    """Connections are accepted with TCP_NODELAY."""
    original = impl.TCPServer.get_request

    def get_request(self):
        request, client_address = original(self)
        if request.family != getattr(socket, "AF_UNIX", None):
            request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        return request, client_address

    impl.TCPServer.get_request = get_request


@breaks("request-handlers.writing-ends-with-timeout")
def writing_gives_up_in_silence(impl):
    """A write that times out returns as if all had been sent."""

    class Silent(Wrapped):
        def write(self, data):
            try:
                return self.file.write(data)
            except socket.timeout:
                return len(data)

    def change(self):
        self.wfile = Silent(self.wfile)

    after_setup(impl, change)


@breaks("request-handlers.handler-timeout-is-not-the-servers")
def handlers_inherit_the_timeout_of_the_server(impl):
    """A handler without a timeout of its own gets that of its server."""

    def change(self):
        if self.timeout is None and getattr(self.server, "timeout", None) is not None:
            self.connection.settimeout(self.server.timeout)

    after_setup(impl, change)


@breaks("request-handlers.settings-may-be-chosen-in-setup")
def only_the_settings_of_the_class_count(impl):
    """setup() looks at the class, and not at the handler."""
    original = impl.StreamRequestHandler.setup
    names = ("timeout", "disable_nagle_algorithm", "rbufsize", "wbufsize")

    def setup(self):
        for name in names:
            setattr(self, name, getattr(type(self), name))
        original(self)

    impl.StreamRequestHandler.setup = setup
