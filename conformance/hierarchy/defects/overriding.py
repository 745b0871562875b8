"""Ways to keep programs from replacing parts."""

import functools
import threading

from harness.host.breaking import breaks


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


@breaks("hierarchy.instance-attributes-override")
def loop_calls_the_actions_of_the_class(impl):
    """serve_forever() calls service_actions() of the class, whatever the object has."""
    serve_forever = impl.BaseServer.serve_forever

    def serve(self, poll_interval=0.5):
        own = vars(self).pop("service_actions", None)
        serve_forever(self, poll_interval)
        if own:
            self.service_actions = own

    impl.BaseServer.serve_forever = serve


@breaks("hierarchy.objects-take-new-attributes")
def servers_are_sealed(impl):
    """A TCPServer that has been constructed takes no further attributes."""
    initialise = impl.TCPServer.__init__

    def __init__(self, *arguments, **options):  # noqa: N807
        initialise(self, *arguments, **options)
        self.is_sealed = type(self) is impl.TCPServer

    def __setattr__(self, name, value):  # noqa: N807
        if vars(self).get("is_sealed") and name not in dir(self):
            raise AttributeError(name)
        object.__setattr__(self, name, value)

    impl.TCPServer.__init__ = __init__
    impl.TCPServer.__setattr__ = __setattr__
