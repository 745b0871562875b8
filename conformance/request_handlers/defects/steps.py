"""Ways to get the three steps of handlers wrong."""

from harness.host.breaking import breaks


def _replace_init(impl, init):
    """Let *init* create those handlers that are neither for streams nor for datagrams."""
    original = impl.BaseRequestHandler.__init__
    files = (impl.StreamRequestHandler, impl.DatagramRequestHandler)

    def chosen(self, request, client_address, server):
        (original if isinstance(self, files) else init)(self, request, client_address, server)

    impl.BaseRequestHandler.__init__ = chosen


def _remember(self, request, client_address, server):
    self.request, self.client_address, self.server = request, client_address, server


@breaks("request-handlers.runs-setup-handle-finish")
def plain_handlers_are_set_up_twice(impl):
    """setup() of a plain handler is called once more, to be on the safe side."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        self.setup()
        try:
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.other-steps-know-request-client-and-server")
def attributes_are_set_after_setup(impl):
    """setup() of a plain handler runs before the handler knows what it is for."""

    def init(self, request, client_address, server):
        self.setup()
        _remember(self, request, client_address, server)
        try:
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.knows-request-client-and-server")
def handlers_get_a_stand_in_for_the_server(impl):
    """What handlers know as their server is another object that passes everything on."""

    class StandIn:
        def __init__(self, server):
            self._server = server

        def __getattr__(self, name):
            return getattr(self._server, name)

    def finish_request(self, request, client_address):
        self.RequestHandlerClass(request, client_address, StandIn(self))

    impl.BaseServer.finish_request = finish_request


@breaks("request-handlers.default-steps-do-nothing")
def handle_is_abstract(impl):
    """A handler without handle() raises."""

    def handle(self):
        raise NotImplementedError

    impl.BaseRequestHandler.handle = handle


@breaks("request-handlers.failed-setup-skips-the-rest")
def finish_runs_after_a_failed_setup(impl):
    """The try begins one line too early."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        try:
            self.setup()
            self.handle()
        finally:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-handle-is-finished")
def only_exceptions_are_finished(impl):
    """finish() is left out when handle() raises SystemExit or KeyboardInterrupt."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        try:
            self.handle()
        except Exception:
            self.finish()
            raise
        self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-handle-is-finished")
def exceptions_of_handle_are_swallowed(impl):
    """What handle() raises goes nowhere, unless finish() raises, too."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        try:
            self.handle()
        except BaseException:  # noqa: BLE001 - this is the defect
            self.finish()
        else:
            self.finish()

    _replace_init(impl, init)


@breaks("request-handlers.failed-finish-tells-the-cause")
def the_first_exception_is_forgotten(impl):
    """What finish() raises no longer tells that handle() had raised before."""

    def init(self, request, client_address, server):
        _remember(self, request, client_address, server)
        self.setup()
        raised = None
        try:
            self.handle()
        except BaseException as error:  # noqa: BLE001 - it is raised below
            raised = error
        self.finish()
        if raised is not None:
            raise raised

    _replace_init(impl, init)


@breaks("request-handlers.own-init-may-take-more")
def handlers_run_when_they_are_allocated(impl):
    """Everything happens in __new__(), which knows three arguments only."""
    original = impl.BaseRequestHandler.__init__

    def new(cls, request, client_address, server):
        self = object.__new__(cls)
        original(self, request, client_address, server)
        return self

    def init(self, *arguments):
        pass

    impl.BaseRequestHandler.__new__ = new
    impl.BaseRequestHandler.__init__ = init


@breaks("request-handlers.new-instance-for-each-request")
def handlers_are_used_again(impl):
    """A server keeps its first handler and initialises it anew for each request."""
    kept = []

    def finish_request(self, request, client_address):
        if kept and type(kept[0]) is self.RequestHandlerClass:
            kept[0].__init__(request, client_address, self)
        else:
            handler = self.RequestHandlerClass(request, client_address, self)
            kept[:] = [handler]

    impl.BaseServer.finish_request = finish_request
