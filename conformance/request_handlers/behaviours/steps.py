"""The steps of a handler: in a server, and of BaseRequestHandler without one."""

from conformance.request_handlers.behaviours.outcomes import raised_by

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
    request, client_address = visit.server.got
    visit.record(
        "has",
        server=visit.server is visit.stage.servers[0],
        request=visit.request is request,
        client_address=visit.client_address is client_address,
    )
    visit.send(b"done")


def go_through(stage, failing, error=None):
    """Create a handler of which the steps *failing* raise; return the steps taken and the exceptions, outer first."""
    taken = []

    def step(name):
        def run(self):
            taken.append(name)
            if name in failing:
                raise ERRORS[error or "ValueError"](name)

        return run

    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), {name: step(name) for name in STEPS})
    raised = raised_by(handler_class, "request", "client", "server")
    return taken, [(type(each).__name__, each.args[0]) for each in _chain(raised)]


def _chain(error):
    while error is not None:
        yield error
        error = error.__context__


def see_in_steps(stage):
    """Return, for each step, which of the three attributes are the objects that the handler was created with."""
    given = {"request": object(), "client_address": object(), "server": object()}
    seen = {}

    def step(name):
        def run(self):
            seen[name] = [key for key in sorted(given) if getattr(self, key, None) is given[key]]

        return run

    handler_class = type("Handler", (stage.candidate.BaseRequestHandler,), {name: step(name) for name in STEPS})
    handler_class(given["request"], given["client_address"], given["server"])
    return seen


class _Untouchable:
    """Remembers the names of attributes that somebody asked for."""

    def __init__(self):
        self.__dict__["touched"] = []

    def __getattr__(self, name):
        self.touched.append(name)
        raise AttributeError(name)


def use_the_bare_class(stage):
    """Create a BaseRequestHandler as it is; return what its steps return and what they touched."""
    request, server = _Untouchable(), _Untouchable()
    handler = stage.candidate.BaseRequestHandler(request, ("127.0.0.1", 1), server)
    return [getattr(handler, name)() for name in STEPS], request.touched + server.touched


def create_with_own_init(stage, inherited_first):
    """Create a handler whose __init__() does more, after or before the inherited one; return what handle() left."""
    found = []

    class Handler(stage.candidate.BaseRequestHandler):
        directory = "the default"

        def __init__(self, *arguments, **options):
            directory = options.pop("directory")
            if not inherited_first:
                self.directory = directory
            super().__init__(*arguments, **options)
            found.append(self.handled)

        def handle(self):
            self.handled = self.directory

    Handler("request", "client", "server", directory="its own")
    return found
