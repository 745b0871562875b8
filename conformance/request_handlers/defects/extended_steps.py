"""Ways to get wrong what handlers make of setup() and finish()."""

from harness.host.breaking import breaks


@breaks("request-handlers.setup-and-finish-may-be-extended")
def finish_knows_only_its_own_class(impl):
    """Handlers of datagrams whose class has a finish() of its own are taken to do everything themselves."""
    original = impl.DatagramRequestHandler.finish

    def finish(self):
        if type(self).finish is finish:
            original(self)

    impl.DatagramRequestHandler.finish = finish


@breaks("request-handlers.finish-may-be-called-twice")
def files_cannot_be_finished_twice(impl):
    """The second finish() of a stream handler writes to closed files."""
    original = impl.StreamRequestHandler.finish

    def finish(self):
        self.rfile.readable()
        original(self)

    impl.StreamRequestHandler.finish = finish


@breaks("request-handlers.failed-setup-is-an-error-of-its-request")
def failed_setup_is_handled_all_the_same(impl):
    """A handler for streams or datagrams whose extended setup() raises goes on as if nothing had been."""
    original = impl.BaseRequestHandler.__init__
    files = (impl.StreamRequestHandler, impl.DatagramRequestHandler)

    def init(self, request, client_address, server):
        if not isinstance(self, files) or type(self).setup in (each.setup for each in files):
            original(self, request, client_address, server)
            return
        self.request, self.client_address, self.server = request, client_address, server
        try:
            self.setup()
            self.handle()
        finally:
            self.finish()

    impl.BaseRequestHandler.__init__ = init


@breaks("request-handlers.handlers-are-released")
def the_last_handler_is_remembered(impl):
    """The server keeps the handler of the latest request."""

    def finish_request(self, request, client_address):
        self.last_handler = self.RequestHandlerClass(request, client_address, self)

    impl.BaseServer.finish_request = finish_request
