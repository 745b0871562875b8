"""What the hosts of these tests are told to do: standard library only, Python 3.6 syntax."""

import os
import sys
import threading


class UnspeakableError(Exception):
    """Cannot be turned into words."""

    def __str__(self):
        raise ValueError("no words")


class Shy:
    """Cannot be shown."""

    def __repr__(self):
        raise ValueError("no repr")


def give_back(stage, *values):
    """Return what came."""
    return values


def say_type(stage, value):
    """Return the name of the type that arrived."""
    return type(value).__name__


def make(stage, expression):
    """Return the value of *expression*, made in the host."""
    return eval(expression, {"Shy": Shy, "os": os})


def fail(stage, expression):
    """Raise the exception that *expression* makes."""
    raise eval(expression, {"UnspeakableError": UnspeakableError})


def modules(stage):
    """Return the file of each module that is loaded, by name; None for what has none."""
    loaded = dict(sys.modules)
    return {name: getattr(module, "__file__", None) for name, module in loaded.items()}


def import_path(stage):
    """Return where modules are looked for, and where the standard library is."""
    return list(sys.path), os.path.dirname(os.__file__)


def python(stage):
    """Return the version that runs here."""
    return tuple(sys.version_info[:3])


def pass_gate(stage, name):
    """Wait at a gate, and return whether a byte let us pass."""
    return stage.wait(name)


def record(stage, kind, details):
    """Write an event."""
    stage.record(kind, **details)


def record_many(stage, children, threads, events):
    """Let *threads* threads in each of *children* forked children write *events* events each, all at once."""
    pids = [fork(lambda: _write_in_threads(stage, threads, events)) for _ in range(children)]
    return [os.waitpid(pid, 0)[1] for pid in pids]


def _write_in_threads(stage, threads, events):
    paddings = ["x" * 900 * (number % 4) for number in range(threads)]
    writers = [
        threading.Thread(target=_write, args=(stage, events, padding, writer))
        for writer, padding in enumerate(paddings)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def _write(stage, events, padding="", writer=0):
    for number in range(events):
        stage.record("written", number=number, padding=padding, writer=writer)


def fork_while_writing(stage, forks, events):
    """Fork again and again while a thread writes; each child writes, too."""
    busy, over = threading.Event(), threading.Event()

    def write():
        number = 0
        while not over.is_set() or number < events:
            stage.record("parent.wrote", number=number)
            number += 1
            busy.set()

    writer = threading.Thread(target=write)
    writer.start()
    busy.wait()
    pids = [fork(lambda: _write(stage, events)) for _ in range(forks)]
    statuses = [os.waitpid(pid, 0)[1] for pid in pids]
    over.set()
    writer.join()
    return statuses


def fork(work):
    """Run work() in a forked child that ends after it; return its pid."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    finally:
        os._exit(status)


def leave_children(stage):
    """Fork a child that waits for ever; return its pid."""
    return fork(threading.Event().wait)


def exit_by_os(stage):
    """End this process at once."""
    os._exit(7)


def kill_oneself(stage, number):
    """End this process by a signal."""
    os.kill(os.getpid(), number)
    threading.Event().wait()


def deadlock(stage):
    """Never come back."""
    threading.Event().wait()
