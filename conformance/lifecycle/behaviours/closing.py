"""Closing servers, early, often, and by a with statement."""

import builtins
import contextlib

from conformance.lifecycle.behaviours.arranging import Handler, classes_named, free_address


def close_early_and_often(stage, names):
    """Close servers that have done nothing, three times each; return for each class what came of it."""
    outcomes = {}
    for name, server_class in classes_named(stage, names):
        outcomes[name] = []
        for activate in (True, False):
            server = server_class(free_address(stage, server_class), Handler, activate)
            outcomes[name] += [_outcome_of(server.server_close) for _ in range(3)]
    return outcomes


def close_what_was_not_made(stage, names):
    """Close again, twice, what a constructor has failed to make; return for each class what came of it."""
    outcomes = {}
    for name, server_class in classes_named(stage, names):
        made = []

        def fail(self):
            made.append(self)  # noqa: B023 - called in this turn of the loop
            raise OSError("on purpose")

        with contextlib.suppress(OSError):
            type("Failing", (server_class,), {"server_activate": fail})(free_address(stage, server_class), Handler)
        outcomes[name] = [_outcome_of(server.server_close) for server in made for _ in range(2)]
    return outcomes


def _outcome_of(close):
    try:
        close()
    except Exception as error:  # noqa: BLE001 - whatever comes is the answer
        return type(error).__name__
    return "closed"


def addresses_after_close(stage, names):
    """Return for each class whether its address is the same before and after it was closed."""
    same = {}
    for name, server_class in classes_named(stage, names):
        server = server_class(free_address(stage, server_class), Handler)
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
    """Use each class's server in a with statement that ends with an *error*, or without one; return what happened.

    A call of shutdown() counts unless it is a part of server_close().
    """
    seen = {}

    class Watched:
        def server_close(self):
            self.notes.append("server_close")
            self.is_closing = True
            super().server_close()
            self.is_closing = False

        def shutdown(self):
            if not getattr(self, "is_closing", False):
                self.notes.append("shutdown")

    for name, server_class in classes_named(stage, names):
        seen[name] = []
        watched = type("WatchedServer", (Watched, server_class), {"notes": seen[name]})
        server = watched(free_address(stage, server_class), Handler)
        try:
            with server as entered:
                seen[name].append("itself" if entered is server else "something else")
                _end_by(error)
        except BaseException as raised:  # noqa: BLE001 - whatever comes is the answer
            seen[name].append("raised" if type(raised).__name__ == error else type(raised).__name__)
    return seen
