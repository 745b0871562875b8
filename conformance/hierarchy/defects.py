"""Ways to get the hierarchy wrong."""

import contextlib
import functools
import os
import threading

from harness.host.breaking import breaks


@breaks("hierarchy.documented-classes-exist")
def one_combination_is_forgotten(impl):
    """There is no ThreadingUnixDatagramServer."""
    impl.__all__ = [name for name in impl.__all__ if name != "ThreadingUnixDatagramServer"]
    del impl.ThreadingUnixDatagramServer


@breaks("hierarchy.forking-unix-servers-exist")
def forking_unix_servers_are_as_old_as_3_11(impl):
    """The two classes of Python 3.12 are missing."""
    for name in ("ForkingUnixStreamServer", "ForkingUnixDatagramServer"):
        if hasattr(impl, name):
            impl.__all__ = [other for other in impl.__all__ if other != name]
            delattr(impl, name)


@breaks("hierarchy.star-import-brings-the-classes")
def all_forgets_the_base_server(impl):
    """BaseServer is not in __all__."""
    impl.__all__ = [name for name in impl.__all__ if name != "BaseServer"]


@breaks("hierarchy.star-import-brings-the-classes")
def all_names_a_module(impl):
    """A star import brings the module socket along."""
    impl.__all__ = [*impl.__all__, "socket"]


@breaks("hierarchy.no-forking-without-fork")
def forking_classes_exist_everywhere(impl):
    """ForkingTCPServer exists where it cannot work."""
    if not hasattr(os, "fork"):
        impl.ForkingTCPServer = impl.ThreadingTCPServer


@breaks("hierarchy.no-unix-servers-without-unix-sockets")
def unix_servers_exist_everywhere(impl):
    """UnixStreamServer exists where it cannot work."""
    if not hasattr(impl, "UnixStreamServer"):
        impl.UnixStreamServer = impl.TCPServer


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
    members = dict(vars(impl.BaseRequestHandler))
    members.update(vars(impl.DatagramRequestHandler))
    members = {name: value for name, value in members.items() if name not in ("__dict__", "__weakref__")}
    impl.DatagramRequestHandler = type("DatagramRequestHandler", (), members)


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


@breaks("hierarchy.base-server-opens-nothing")
def base_server_opens_a_pipe(impl):
    """Even a server without a socket holds descriptors."""
    initialise = impl.BaseServer.__init__

    def __init__(self, server_address, RequestHandlerClass):  # noqa: N803, N807 - the documented name
        initialise(self, server_address, RequestHandlerClass)
        if type(self) is impl.BaseServer:
            self.alarm = os.pipe()

    impl.BaseServer.__init__ = __init__


@breaks("hierarchy.parameters-have-documented-names")
def verify_request_has_parameters_of_other_names(impl):
    """verify_request() calls the address "address"."""

    def verify(self, request, address):
        return True

    impl.BaseServer.verify_request = verify


@breaks("hierarchy.parameters-have-documented-names")
def poll_interval_is_for_keywords_only(impl):
    """serve_forever(0.5) is an error."""
    serve_forever = impl.BaseServer.serve_forever

    def serve(self, *, poll_interval=0.5):
        serve_forever(self, poll_interval)

    impl.BaseServer.serve_forever = serve


@breaks("hierarchy.server-defaults")
def addresses_are_reused_by_default(impl):
    """TCPServer.allow_reuse_address is true, as users wish."""
    impl.TCPServer.allow_reuse_address = True


@breaks("hierarchy.server-defaults")
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


@breaks("hierarchy.instance-attributes-override")
def overrides_of_the_object_are_not_seen(impl):
    """verify_request() is always the class's."""

    def __getattribute__(self, name):  # noqa: N807
        if name == "verify_request":
            return type(self).verify_request.__get__(self)
        return object.__getattribute__(self, name)

    impl.BaseServer.__getattribute__ = __getattribute__


@breaks("hierarchy.methods-callable-through-class")
def method_is_made_for_each_object(impl):
    """TCPServer.server_bind is a property, which gives a function."""
    server_bind = impl.TCPServer.server_bind
    impl.TCPServer.server_bind = property(lambda self: functools.partial(server_bind, self))


@breaks("hierarchy.collaborators-looked-up-when-used")
def thread_is_remembered_from_the_import(impl):
    """process_request() starts the Thread that there was when the module was imported."""
    process_request, at_import = impl.ThreadingMixIn.process_request, threading.Thread

    def process(self, request, client_address):
        now, threading.Thread = threading.Thread, at_import
        try:
            process_request(self, request, client_address)
        finally:
            threading.Thread = now

    impl.ThreadingMixIn.process_request = process


@breaks("hierarchy.every-class-serves")
def one_combination_does_not_answer(impl):
    """ThreadingUnixStreamServer closes its connections unserved."""

    def finish(self, request, client_address):
        pass

    impl.ThreadingUnixStreamServer.finish_request = finish


@breaks("hierarchy.wrong-handler-is-reported")
def unfit_handlers_are_passed_over(impl):
    """finish_request() takes a handler that does not fit for one that has nothing to do."""
    finish_request = impl.BaseServer.finish_request

    def finish(self, request, client_address):
        with contextlib.suppress(AttributeError, TypeError):
            finish_request(self, request, client_address)

    impl.BaseServer.finish_request = finish


@breaks("hierarchy.version-is-text")
def there_is_no_version(impl):
    """__version__ is missing."""
    del impl.__version__


@breaks("hierarchy.import-does-nothing-else")
def import_opens_a_pipe(impl):
    """Whoever imports the module has two descriptors more."""
    os.pipe()


@breaks("hierarchy.import-does-nothing-else")
def import_starts_a_thread(impl):
    """Whoever imports the module has a thread more."""
    threading.Thread(target=threading.Event().wait, daemon=True).start()


@breaks("hierarchy.import-does-nothing-else")
def import_prints(impl):
    """Whoever imports the module is greeted."""
    print("ready to serve")  # noqa: T201
