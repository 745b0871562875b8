"""Closing servers, early, often, and by a with statement."""

import builtins
import contextlib

from conformance.lifecycle.behaviours.arranging import classes_named, free_address


def close_early_and_often(stage, names):
    """Close servers that have done nothing, three times each; return for each class what is left of the descriptor."""
    left = {}
    for name, server_class in classes_named(stage, names):
        left[name] = []
        for activate in (True, False):
            server = server_class(free_address(stage, server_class), None, activate)
            for _ in range(3):
                server.server_close()
                left[name].append(server.fileno())
    return left


def close_what_was_not_made(stage, names):
    """Close again, twice, what a constructor that failed has closed; return for each class what is left."""
    left = {}
    for name, server_class in classes_named(stage, names):
        made = []

        def fail(self):
            made.append(self)  # noqa: B023 - called at once
            raise OSError("on purpose")

        with contextlib.suppress(OSError):
            type("Failing", (server_class,), {"server_activate": fail})(free_address(stage, server_class), None)
        left[name] = []
        for _ in range(2):
            made[0].server_close()
            left[name].append(made[0].fileno())
    return left


def use_after_close(stage, names):
    """Call what serves, twice, when the server is closed; return for each class the names of the errors."""
    raised = {}
    for name, server_class in classes_named(stage, names):
        server = server_class(free_address(stage, server_class), None)
        server.timeout = 0
        server.server_close()
        calls = [server.handle_request, server.serve_forever]
        raised[name] = [_error_of(call) for call in calls * 2]
    return raised


def _error_of(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001 - whatever comes is the answer
        return type(error).__name__
    return None


def addresses_after_close(stage, names):
    """Return for each class whether its address is the same before and after it was closed."""
    same = {}
    for name, server_class in classes_named(stage, names):
        server = server_class(free_address(stage, server_class), None)
        before = server.server_address
        server.server_close()
        same[name] = server.server_address == before
    return same


def answer_later(visit):
    """Answer when the test wants it."""
    visit.wait("hold")
    visit.send(b"a late answer")


def close_and_answer(visit):
    """Close the server and then answer."""
    visit.server.server_close()
    visit.send(b"a late answer")


def _end_by(error):
    if error is not None:
        raise getattr(builtins, error)("on purpose")


def use_in_with_statement(stage, names, error):
    """Use each class's server in a with statement that ends with an *error*, or without one; return what happened."""
    seen = {}

    def note(name, call):
        def method(self):
            seen[name].append(call)
            if call == "server_close":
                super(type(self), self).server_close()

        return method

    for name, server_class in classes_named(stage, names):
        seen[name] = []
        members = {call: note(name, call) for call in ("server_close", "shutdown")}
        server = type("Watched", (server_class,), members)(free_address(stage, server_class), None)
        try:
            with server as entered:
                seen[name].append("itself" if entered is server else "something else")
                _end_by(error)
        except BaseException as raised:  # noqa: BLE001 - whatever comes is the answer
            seen[name].append("raised" if type(raised).__name__ == error else type(raised).__name__)
    return seen
