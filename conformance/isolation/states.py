"""Kinds of state that a process has and its children inherit: how to change each, and how to look at it.

For the host: Python 3.6, standard library only.
"""

import os

CHANGED = "changed in a child"

of_the_module = ""


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return oct(mask)


CHANGES = {
    "class attribute": lambda server: setattr(type(server), "of_the_class", CHANGED),
    "environment": lambda _: os.environ.update(ISOLATION=CHANGED),
    "file mode mask": lambda _: os.umask(0o123),
    "module variable": lambda _: globals().update(of_the_module=CHANGED),
    "server attribute": lambda server: setattr(server, "of_the_server", CHANGED),
    "what a server attribute holds": lambda server: server.notes.append(CHANGED),
    "working folder": lambda _: os.chdir("/"),
}

LOOKS = {
    "class attribute": lambda server: getattr(type(server), "of_the_class", ""),
    "environment": lambda _: os.environ.get("ISOLATION", ""),
    "file mode mask": lambda _: _umask(),
    "module variable": lambda _: of_the_module,
    "server attribute": lambda server: vars(server).get("of_the_server", ""),
    "what a server attribute holds": lambda server: ", ".join(server.notes),
    "working folder": lambda _: os.getcwd(),
}


def look_and_change(visit):
    """Report the state named by server.kinds, change it, and report it again."""
    for kind in visit.server.kinds:
        visit.record("state.seen", name=kind, value=LOOKS[kind](visit.server))
    for kind in visit.server.kinds:
        CHANGES[kind](visit.server)
        visit.record("state.change", name=kind, value=LOOKS[kind](visit.server))


def look(stage):
    """Report the state of the server's own process."""
    server = stage.servers[0]
    for kind in server.kinds:
        stage.record("state.seen", name=kind, value=LOOKS[kind](server))


def tell(visit):
    """Report one attribute of the server."""
    visit.record("told", greeting=visit.server.greeting)
