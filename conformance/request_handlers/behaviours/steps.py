"""The steps of a handler."""

import functools
import socket

from conformance.request_handlers.behaviours.arranging import handled
from conformance.request_handlers.behaviours.outcomes import name_of

STEPS = ("setup", "handle", "finish")
ERRORS = {each.__name__: each for each in (ValueError, KeyboardInterrupt, SystemExit)}


def remember_on_itself(visit):
    """Say what is left of an earlier request, leave something for a later one, and answer."""
    visit.record("remembered", times=getattr(visit, "times", 0))
    visit.times = getattr(visit, "times", 0) + 1
    visit.send(b"done")


def remember_what_was_got(server):
    """Remember what get_request() returns, for the handler to compare."""
    server.got = server.inherited.get_request()
    return server.got


def say_what_it_has(visit):
    """Say whether server, request and client address are the very objects that the server has."""
    _record_what_it_has(visit, "handle")
    visit.send(b"done")


def _record_what_it_has(handler, step):
    [server] = handler.stage.servers
    handler.stage.record(
        "has",
        step=step,
        server=getattr(handler, "server", None) is server,
        request=getattr(handler, "request", None) is server.got[0],
        client_address=getattr(handler, "client_address", None) is server.got[1],
    )


def say_in_other_steps_too(stage):
    """Let setup() and finish() of the server's handlers say as well what they have."""
    handler_class = stage.servers[-1].RequestHandlerClass

    def setup(self):
        _record_what_it_has(self, "setup")
        super(handler_class, self).setup()

    def finish(self):
        _record_what_it_has(self, "finish")
        super(handler_class, self).finish()

    handler_class.setup, handler_class.finish = setup, finish


def go_through(stage, failing, error=None):
    """Handle a request by steps of which *failing* raise; return the steps taken and the exceptions, outer first."""
    taken = []

    def step(name):
        def run(self):
            taken.append(name)
            if name in failing:
                raise ERRORS[error or "ValueError"](name)

        return run

    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), {name: step(name) for name in STEPS})
    raised = _handled(stage, handler_class)
    return taken, [(type(each).__name__, str(each)) for each in _chain(raised)]


def _handled(stage, handler_class):
    ours, peer = socket.socketpair()
    with ours, peer:
        return handled(stage, handler_class, ours)


def _chain(error):
    while error is not None:
        yield error
        error = error.__context__


def use_the_bare_class(stage):
    """Handle a request by the inherited steps; return what each returned, what changed meanwhile, and the error."""
    returned, changed = [], []

    def step(name):
        def run(self):
            before = dict(vars(self))
            returned.append(getattr(super(handler_class, self), name)())
            changed.extend(key for key, value in vars(self).items() if before.get(key, self) is not value)

        return run

    members = {name: step(name) for name in STEPS}
    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), members)
    error = _handled(stage, handler_class)
    return returned, changed, name_of(error)


def do_more_in_init(stage, inherited_first):
    """Handle a request with a handler whose __init__() takes one argument more, and does more, after or before.

    Return what handle() found, and the error.
    """
    found = []

    class Handler(stage.candidate.BaseRequestHandler):
        directory = "the default"

        def __init__(self, *arguments, **options):
            directory = options.pop("directory")
            if inherited_first:
                super().__init__(*arguments, **options)
            self.directory = directory
            if not inherited_first:
                super().__init__(*arguments, **options)

        def handle(self):
            found.append(self.directory)

    error = _handled(stage, functools.partial(Handler, directory="its own"))
    return found, name_of(error)
