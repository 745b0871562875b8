"""Kinds of state that a process has and its children inherit: how to change each, and how to look at it.

For the host: Python 3.6, standard library only.
"""

import io
import mmap
import os
import resource
import signal
import socket
import stat
import sys

CHANGED = "changed in a child"

of_the_module = ""


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return oct(mask)


def _lower_a_limit():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    few = 222 if hard == resource.RLIM_INFINITY else min(222, hard // 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (few, hard))


def _read_from_a_folder():
    folder = os.open("/", os.O_RDONLY)
    os.dup2(folder, 0)
    os.close(folder)


class _Output(io.StringIO):
    """Takes the place of sys.stdout."""


CHANGES = {
    "class attribute": lambda server: setattr(type(server), "of_the_class", CHANGED),
    "environment": lambda _: os.environ.update(ISOLATION=CHANGED),
    "file mode mask": lambda _: os.umask(0o123),
    "handler attribute": lambda server: setattr(server.RequestHandlerClass, "of_the_handler", CHANGED),
    "imported modules": lambda _: sys.modules.update(isolation=sys),
    "module variable": lambda _: globals().update(of_the_module=CHANGED),
    "resource limit": lambda _: _lower_a_limit(),
    "server attribute": lambda server: setattr(server, "of_the_server", CHANGED),
    "signal handler": lambda _: signal.signal(signal.SIGUSR1, signal.SIG_IGN),
    "standard input": lambda _: _read_from_a_folder(),
    "standard output": lambda _: setattr(sys, "stdout", _Output()),
    "timeout of new sockets": lambda _: socket.setdefaulttimeout(4.5),
    "what a server attribute holds": lambda server: server.notes.append(CHANGED),
    "working folder": lambda _: os.chdir("/"),
}

LOOKS = {
    "class attribute": lambda server: getattr(type(server), "of_the_class", ""),
    "environment": lambda _: os.environ.get("ISOLATION", ""),
    "file mode mask": lambda _: _umask(),
    "handler attribute": lambda server: getattr(server.RequestHandlerClass, "of_the_handler", ""),
    "imported modules": lambda _: "isolation" in sys.modules,
    "module variable": lambda _: of_the_module,
    "resource limit": lambda _: resource.getrlimit(resource.RLIMIT_NOFILE)[0],
    "server attribute": lambda server: vars(server).get("of_the_server", ""),
    "signal handler": lambda _: str(signal.getsignal(signal.SIGUSR1)),
    "standard input": lambda _: stat.S_ISDIR(os.fstat(0).st_mode),
    "standard output": lambda _: type(sys.stdout).__name__,
    "timeout of new sockets": lambda _: socket.getdefaulttimeout(),
    "what a server attribute holds": lambda server: ", ".join(server.notes),
    "working folder": lambda _: os.getcwd(),
}


def look_and_change(visit):
    """Report the state named by server.kinds, change it, and report it again."""
    look_around(visit)
    _change(visit.server, visit.record)


def look_around(visit):
    """Report the state named by server.kinds."""
    _look(visit.server, visit.record)


def look(stage):
    """Report the state of the server's own process."""
    _look(stage.servers[0], stage.record)


def change(stage):
    """Change the state of the server's own process, and report it."""
    _change(stage.servers[0], stage.record)


def _look(server, record):
    for kind in server.kinds:
        record("state.seen", name=kind, value=LOOKS[kind](server))


def _change(server, record):
    for kind in server.kinds:
        CHANGES[kind](server)
        record("state.change", name=kind, value=LOOKS[kind](server))


def tell(visit):
    """Report one attribute of the server."""
    visit.record("told", greeting=visit.server.greeting)


# -- what is not isolated ----------------------------------------------------------------------------------------------


def share(stage):
    """Open a file, and memory that children share."""
    server = stage.servers[0]
    server.file = os.open(os.path.join(stage.folder, "shared"), os.O_RDWR | os.O_CREAT)
    server.memory = mmap.mmap(-1, 5)


def write_what_is_shared(visit):
    """Write into the file and into the memory, and make another file."""
    os.write(visit.server.file, b"written")
    visit.server.memory[:] = b"child"
    with open(visit.stage.new_path("made"), "w"):
        pass


def read_what_is_shared(stage):
    """Return where the file is read next, what is in the memory, and whether the other file exists."""
    server = stage.servers[0]
    made = [name for name in os.listdir(stage.folder) if name.startswith("made")]
    return {"offset": os.lseek(server.file, 0, os.SEEK_CUR), "memory": server.memory[:], "files": len(made)}
