"""Ways to get parameters and settings wrong."""

import os
import socket

from harness.host.breaking import breaks


@breaks("hierarchy.base-server-opens-nothing")
def base_server_opens_a_pipe(impl):
    """Even a server without a socket holds descriptors."""
    initialise = impl.BaseServer.__init__

    def __init__(self, server_address, RequestHandlerClass):  # noqa: N803, N807 - the documented name
        initialise(self, server_address, RequestHandlerClass)
        if not isinstance(self, impl.TCPServer):
            self.alarm = os.pipe()

    impl.BaseServer.__init__ = __init__


@breaks("hierarchy.base-server-keeps-its-arguments")
def base_server_puts_its_address_into_a_tuple(impl):
    """A BaseServer that has an address of one part keeps it as a tuple."""
    initialise = impl.BaseServer.__init__

    def __init__(self, server_address, RequestHandlerClass):  # noqa: N803, N807 - the documented name
        initialise(self, server_address, RequestHandlerClass)
        if not isinstance(self, impl.TCPServer):
            self.server_address = (server_address,)

    impl.BaseServer.__init__ = __init__


@breaks("hierarchy.parameters-have-documented-names")
def verify_request_has_parameters_of_other_names(impl):
    """verify_request() calls the address "address"."""

    def verify(self, request, address):
        return True

    impl.BaseServer.verify_request = verify


@breaks("hierarchy.handler-parameters-have-usual-names")
def handler_calls_the_address_address(impl):
    """The constructor of BaseRequestHandler calls the client's address "address"."""
    initialise = impl.BaseRequestHandler.__init__

    def __init__(self, request, address, server):  # noqa: N807
        initialise(self, request, address, server)

    impl.BaseRequestHandler.__init__ = __init__


@breaks("hierarchy.server-defaults")
def addresses_are_reused_by_default(impl):
    """TCPServer.allow_reuse_address is true, as users wish."""
    impl.TCPServer.allow_reuse_address = True


@breaks("hierarchy.undocumented-defaults")
def sixteen_children_are_enough(impl):
    """ForkingMixIn.max_children is 16."""
    impl.ForkingMixIn.max_children = 16


@breaks("hierarchy.block-on-close-default")
def threads_are_not_waited_for_by_default(impl):
    """ThreadingMixIn.block_on_close is false."""
    impl.ThreadingMixIn.block_on_close = False


@breaks("hierarchy.request-queue-size-default")
def many_clients_may_queue(impl):
    """request_queue_size is 128."""
    impl.TCPServer.request_queue_size = 128


@breaks("hierarchy.undocumented-defaults")
def output_is_buffered_by_default(impl):
    """StreamRequestHandler.wbufsize is -1."""
    impl.StreamRequestHandler.wbufsize = -1


@breaks("hierarchy.reuse-port-default")
def ports_are_shared_by_default(impl):
    """UDPServer.allow_reuse_port is true."""
    impl.UDPServer.allow_reuse_port = True


@breaks("hierarchy.request-queue-is-as-long-as-possible")
def gh_80184_five_clients_may_queue(impl):
    """A burst of clients met a queue of five: they waited for seconds, or were refused."""
    impl.TCPServer.request_queue_size = 5


@breaks("hierarchy.settings-may-be-given-to-class-or-object")
def queue_size_of_the_object_is_not_seen(impl):
    """server_activate() listens with what the class says."""

    def activate(self):
        self.socket.listen(type(self).request_queue_size)

    impl.TCPServer.server_activate = activate


@breaks("hierarchy.settings-of-a-subclass-count")
def socket_is_always_a_stream(impl):
    """The constructor of UnixStreamServer takes no other type of socket."""
    initialise = impl.UnixStreamServer.__init__

    def __init__(self, *arguments, **options):  # noqa: N807
        self.socket_type = socket.SOCK_STREAM
        initialise(self, *arguments, **options)

    impl.UnixStreamServer.__init__ = __init__


@breaks("hierarchy.reused-address-is-not-shared")
def gh_120485_reusing_an_address_shares_the_port(impl):
    """Servers that asked to reuse their address let others listen at their port."""
    server_bind = impl.TCPServer.server_bind

    def bind(self):
        if self.allow_reuse_address and self.address_family == socket.AF_INET:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        server_bind(self)

    impl.TCPServer.server_bind = bind


@breaks("hierarchy.hooks-do-nothing-by-default")
def requests_are_verified_with_a_number(impl):
    """verify_request() returns 1, which is true and is not True."""

    def verify(self, request, client_address):
        return 1

    impl.BaseServer.verify_request = verify


@breaks("hierarchy.hooks-do-nothing-by-default")
def timeouts_are_counted(impl):
    """handle_timeout() of a threading server keeps a book of how often it was called."""

    def handle_timeout(self):
        self.timeouts = getattr(self, "timeouts", 0) + 1

    impl.ThreadingMixIn.handle_timeout = handle_timeout
