"""What derives from what, and what comes of it."""

import inspect
import os

from conformance.hierarchy.behaviours.arranging import (
    ATTRIBUTES,
    LOOPBACK,
    METHODS,
    SETTINGS_OF_MIX_INS,
    closed_after,
    free_address,
    ignore,
)

MEMBERS = ("__init__", *METHODS, *ATTRIBUTES, *SETTINGS_OF_MIX_INS)


def ancestors(stage, names):
    """Return for each of *names* that is there those others that it derives from."""
    classes = stage.classes(names)
    return {
        name: [other for other, ancestor in classes if other != name and issubclass(each, ancestor)]
        for name, each in classes
    }


def order_of(stage, combination, names):
    """Return those of *names* from which a class derives, the nearest first."""
    order = getattr(stage.candidate, combination).__mro__
    wanted = {getattr(stage.candidate, name): name for name in names}
    return [wanted[each] for each in order if each in wanted]


def differences(stage, combination, mix_in, server):
    """Return the documented members that a predefined combination has otherwise than the class that a user makes."""
    predefined = getattr(stage.candidate, combination)
    bases = (getattr(stage.candidate, mix_in), getattr(stage.candidate, server))
    built = type("Built", bases, {})
    return [name for name in MEMBERS if _static(predefined, name) is not _static(built, name)]


def _static(owner, name):
    return inspect.getattr_static(owner, name, None)


def initialised_around(stage, names):
    """Return for each class whether classes before and behind it in the order of inheritance are initialised."""
    return {name: _initialised_around(stage, server_class) for name, server_class in stage.classes(names)}


def _initialised_around(stage, server_class):
    initialised = []

    class Before:
        def __init__(self, *arguments):
            initialised.append("before")
            super().__init__(*arguments)

    class Behind:
        def __init__(self, needed=None):
            initialised.append("behind")

    type("Server", (Before, server_class, Behind), {})(free_address(stage, server_class), ignore).server_close()
    return initialised


def handle_with_foreign_base(stage, mix_in):
    """Let a mix-in process one request of a class that has never heard of this module."""

    class Foreign:
        def __init__(self):
            pass

        def finish_request(self, _, client_address):
            stage.record("handler.enter", client=client_address)

        def handle_error(self, _, client_address):
            stage.record("handle_error", client=client_address)

        def shutdown_request(self, request):
            self.close_request(request)

        def close_request(self, request):
            pass

        def server_close(self):
            pass

    class Server(getattr(stage.candidate, mix_in), Foreign):
        def __init__(self):
            Foreign.__init__(self)

    server = Server()
    server.process_request("request", "client")
    server.server_close()


def close_with_another_mix_in(stage, mix_in, other_first):
    """Close a server with one more mix-in; return what was closed."""
    closed = []

    class Other:
        def server_close(self):
            closed.append("other")
            super().server_close()

    mix_ins = (getattr(stage.candidate, mix_in), Other)
    bases = (mix_ins[::-1] if other_first else mix_ins) + (stage.candidate.TCPServer,)
    server = type("Server", bases, {})(LOOPBACK, None)
    server.server_close()
    if server.socket.fileno() == -1:
        closed.append("socket")
    return closed


def lacking_members(stage, names):
    """Make a server of each class; return what it lacks of all that is documented for server objects."""
    found = {}
    for name, server_class in stage.classes(names):
        with closed_after(server_class(free_address(stage, server_class), ignore)) as server:
            methods = [each for each in METHODS if not callable(getattr(server, each, None))]
            found[name] = methods + [each for each in ATTRIBUTES if not hasattr(server, each)]
    return found


def missing_methods(stage):
    """Return the documented methods that BaseServer itself lacks."""
    return [name for name in METHODS if not callable(getattr(stage.candidate.BaseServer, name, None))]


def unsupplied(stage, names):
    """Call methods of BaseServer that a derived class should have; return what is raised, and whether it names them."""
    server = stage.candidate.BaseServer("address", ignore)
    return {name: _refusal(getattr(server, name, None), name) for name in names}


def _refusal(method, name):
    if method is None:
        return "no such method"
    try:
        method()
    except (AttributeError, NotImplementedError, OSError) as error:
        return type(error).__name__ if name in str(error) else "%s without the name" % type(error).__name__
    return "nothing"


def serve_pipe(stage, mix_in=None):
    """Serve two bytes from a pipe with serve_forever(), perhaps with a mix-in, and return what was handled."""
    server, handled = _pipe_server(stage, b"ab", mix_in)

    def handler(request, client_address, server):
        handled.append(request)
        if len(handled) == 2:
            stage.start(server.shutdown)

    server.RequestHandlerClass = handler
    server.serve_forever(0.01)
    return handled


def handle_pipe(stage):
    """Handle two bytes from a pipe with handle_request() and return what was handled."""
    server, handled = _pipe_server(stage, b"ab")

    def handler(request, client_address, server):
        handled.append(request)

    server.RequestHandlerClass = handler
    server.handle_request()
    server.handle_request()
    return handled


def _pipe_server(stage, content, mix_in=None):
    reader, writer = os.pipe()
    os.write(writer, content)

    class PipeServer(stage.candidate.BaseServer):
        def fileno(self):
            return reader

        def get_request(self):
            return os.read(reader, 1), "pipe"

    bases = (PipeServer,) if mix_in is None else (getattr(stage.candidate, mix_in), PipeServer)
    return type("PipeServer", bases, {})("pipe", None), []
