"""Closing servers, early, often, and by a with statement."""

from conformance.lifecycle.behaviours.arranging import classes_named, free_address


def close_early_and_often(stage, names):
    """Close servers that have done nothing, three times each; return for each class what is left of the descriptor."""
    left = {}
    for name, server_class in classes_named(stage, names):
        for activate in (True, False):
            server = server_class(free_address(stage, server_class), None, activate)
            for _ in range(3):
                server.server_close()
            left[name] = server.fileno()
    return left


def use_in_with_statement(stage, names):
    """Raise an exception in a with statement of each class's server; return what happened in which order."""
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
                {}["raise LookupError"]
        except LookupError:
            seen[name].append("raised")
    return seen
