"""Ways to derive classes wrongly."""

from harness.host.breaking import breaks


@breaks("hierarchy.servers-derive-from-each-other")
def datagram_server_is_a_server_of_its_own(impl):
    """UnixDatagramServer derives from UnixStreamServer too."""
    members = {"address_family": impl.UnixDatagramServer.address_family}
    bases = (impl.UDPServer, impl.UnixStreamServer)
    impl.UnixDatagramServer = type("UnixDatagramServer", bases, members)


@breaks("hierarchy.mix-in-precedes-server")
def server_precedes_mix_in(impl):
    """ThreadingUDPServer derives from UDPServer first."""
    bases = (impl.UDPServer, impl.ThreadingMixIn)
    impl.ThreadingUDPServer = type("ThreadingUDPServer", bases, {})


@breaks("hierarchy.mix-in-after-server-does-nothing")
def mix_in_works_wherever_it_stands(impl):
    """process_request() asks only whether the server has the mix-in."""
    process_request = impl.BaseServer.process_request

    def process(self, request, client_address):
        for mix_in in (impl.ThreadingMixIn, impl.ForkingMixIn):
            if isinstance(self, mix_in):
                return mix_in.process_request(self, request, client_address)
        return process_request(self, request, client_address)

    impl.BaseServer.process_request = process


@breaks("hierarchy.mix-ins-fit-any-base")
def mix_in_has_a_constructor(impl):
    """ThreadingMixIn needs what its constructor sets up."""
    process_request = impl.ThreadingMixIn.process_request

    def __init__(self, *arguments, **options):  # noqa: N807
        self.is_set_up = True
        super(impl.ThreadingMixIn, self).__init__(*arguments, **options)

    def process(self, request, client_address):
        if self.is_set_up:
            process_request(self, request, client_address)

    impl.ThreadingMixIn.__init__ = __init__
    impl.ThreadingMixIn.process_request = process


@breaks("hierarchy.server-close-reaches-every-base")
def server_close_skips_to_the_server(impl):
    """server_close() of ForkingMixIn closes a TCPServer, whatever else the class derives from."""
    server_close = impl.ForkingMixIn.server_close

    class Bare(impl.ForkingMixIn, impl.TCPServer):
        pass

    def close(self):
        whole, self.__class__ = self.__class__, Bare
        try:
            server_close(self)
        finally:
            self.__class__ = whole

    impl.ForkingMixIn.server_close = close


@breaks("hierarchy.handlers-derive-from-base-handler")
def datagram_handler_is_alone(impl):
    """DatagramRequestHandler has the methods of BaseRequestHandler, and does not derive from it."""
    members = _members(impl.BaseRequestHandler, impl.DatagramRequestHandler)
    impl.DatagramRequestHandler = type("DatagramRequestHandler", (), members)


@breaks("hierarchy.servers-have-documented-members")
def datagram_server_has_no_queue(impl):
    """A UDPServer, which never listens, has no request_queue_size."""

    def not_there(self):
        raise AttributeError("request_queue_size")

    impl.UDPServer.request_queue_size = property(not_there)


@breaks("hierarchy.base-server-has-its-methods")
def base_server_cannot_bind(impl):
    """server_bind() is left to TCPServer."""
    if "server_bind" in vars(impl.BaseServer):
        del impl.BaseServer.server_bind


@breaks("hierarchy.base-server-serves-any-source")
def loop_asks_for_a_socket(impl):
    """serve_forever() looks at the server's socket first."""
    serve_forever = impl.BaseServer.serve_forever

    def serve(self, poll_interval=0.5):
        self.socket.gettimeout()
        serve_forever(self, poll_interval)

    impl.BaseServer.serve_forever = serve


@breaks("hierarchy.base-server-handles-any-source")
def handle_request_asks_for_a_socket(impl):
    """handle_request() looks at the server's socket first."""
    handle_request = impl.BaseServer.handle_request

    def handle(self):
        self.socket.gettimeout()
        return handle_request(self)

    impl.BaseServer.handle_request = handle


@breaks("hierarchy.combinations-add-nothing")
def one_combination_has_a_limit_of_its_own(impl):
    """ForkingUDPServer has room for 60 children."""
    impl.ForkingUDPServer.max_children = 60


@breaks("hierarchy.mix-ins-are-no-servers")
def threading_mix_in_is_a_server(impl):
    """ThreadingMixIn derives from BaseServer, whose methods come before those of the class that it is combined with."""
    impl.ThreadingMixIn = type("ThreadingMixIn", (impl.BaseServer,), _members(impl.ThreadingMixIn))


def _members(*classes):
    members = {name: value for each in classes for name, value in vars(each).items()}
    return {name: value for name, value in members.items() if name not in ("__dict__", "__weakref__")}


@breaks("hierarchy.constructors-stop-at-the-base-server")
def constructors_go_on_and_on(impl):
    """BaseServer calls the constructor of the next class, whatever that needs."""
    initialise = impl.BaseServer.__init__

    def __init__(self, server_address, RequestHandlerClass):  # noqa: N803, N807 - the documented name
        initialise(self, server_address, RequestHandlerClass)
        super(impl.BaseServer, self).__init__()

    impl.BaseServer.__init__ = __init__


@breaks("hierarchy.base-server-says-what-is-missing")
def missing_method_is_not_named(impl):
    """BaseServer.get_request() raises a NotImplementedError without a word."""

    def get_request(self):
        raise NotImplementedError

    impl.BaseServer.get_request = get_request
