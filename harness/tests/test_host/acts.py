"""What the hosts of these tests are told to do: standard library only, Python 3.6 syntax."""

import os
import socket
import sys
import threading
from typing import Any, Callable, Dict  # noqa: UP035 - as Python 3.6 has them


class UnspeakableError(Exception):
    """Cannot be turned into words."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Shy:
    """Cannot be shown."""

    def __repr__(self) -> str:
        raise ValueError("no repr")


def give_back(stage: Any, *values: Any) -> Any:
    """Return what came."""
    return values


def say_type(stage: Any, value: Any) -> str:
    """Return the name of the type that arrived."""
    return type(value).__name__


def make(stage: Any, expression: str) -> Any:
    """Return the value of *expression*, made in the host."""
    return eval(expression, {"Shy": Shy, "os": os})


def fail(stage: Any, expression: str) -> None:
    """Raise the exception that *expression* makes."""
    raise eval(expression, {"UnspeakableError": UnspeakableError})


def modules(stage: Any) -> Any:
    """Return the file of each module that is loaded, by name; None for what has none."""
    loaded = dict(sys.modules)
    return {name: getattr(module, "__file__", None) for name, module in loaded.items()}


def import_path(stage: Any) -> Any:
    """Return where modules are looked for, and where the standard library is."""
    return list(sys.path), os.path.dirname(os.__file__)


def python(stage: Any) -> Any:
    """Return the version that runs here."""
    return tuple(sys.version_info[:3])


def pass_gate(stage: Any, name: str) -> Any:
    """Wait at a gate, and return whether a byte let us pass."""
    return stage.wait(name)


def record(stage: Any, kind: str, details: Dict[str, Any]) -> None:  # noqa: UP006
    """Write an event."""
    stage.record(kind, **details)


def record_many(stage: Any, children: int, threads: int, events: int) -> Any:
    """Let *threads* threads in each of *children* forked children write *events* events each, all at once."""
    pids = [fork(lambda: _write_in_threads(stage, threads, events)) for _ in range(children)]
    return [os.waitpid(pid, 0)[1] for pid in pids]


def _write_in_threads(stage: Any, threads: int, events: int) -> None:
    paddings = ["x" * 900 * (number % 4) for number in range(threads)]
    writers = [
        threading.Thread(target=_write, args=(stage, events, padding, writer))
        for writer, padding in enumerate(paddings)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def _write(stage: Any, events: int, padding: str = "", writer: int = 0) -> None:
    for number in range(events):
        stage.record("written", number=number, padding=padding, writer=writer)


def fork_while_writing(stage: Any, forks: int, events: int) -> Any:
    """Fork again and again while a thread writes; each child writes, too."""
    busy, over = threading.Event(), threading.Event()

    def write() -> None:
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


def fork(work: Callable[[], Any]) -> int:
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


def leave_children(stage: Any) -> int:
    """Fork a child that waits for ever; return its pid."""
    return fork(threading.Event().wait)


def exit_by_os(stage: Any) -> None:
    """End this process at once."""
    os._exit(7)


def kill_oneself(stage: Any, number: int) -> None:
    """End this process by a signal."""
    os.kill(os.getpid(), number)
    threading.Event().wait()


def deadlock(stage: Any) -> None:
    """Never come back."""
    threading.Event().wait()


def flood(stage: Any, lines: int) -> None:
    """Write *lines* numbered lines of 100 bytes to standard error, and a word to standard output."""
    for number in range(lines):
        os.write(2, b"%99d\n" % number)
    os.write(1, b"printed\n")


def write_raw(stage: Any, data: bytes) -> None:
    """Write *data* into the pipe of events."""
    os.write(stage.record.__self__.descriptor, data)


def spin(stage: Any) -> None:
    """Work without end, in pure Python."""
    stage.record("spins")
    while True:
        pass


def sleep_and_spin(stage: Any) -> None:
    """Start a thread that works without end, and wait for ever."""
    stage.start(spin, stage)
    threading.Event().wait()


def poll(stage: Any, seconds: float) -> None:
    """Look again and again, and sleep *seconds* in between."""
    never = threading.Event()
    while not never.wait(seconds):
        pass


def hold_much(stage: Any) -> Any:
    """Open a pipe and a listening socket, start a thread, fork a child, and leave a zombie."""
    pipe = os.pipe()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(1)
    stage.held = listener
    stage.start(threading.Event().wait)
    child, zombie = fork(threading.Event().wait), fork(int)
    os.waitid(os.P_PID, zombie, os.WEXITED | os.WNOWAIT)
    return pipe, child, zombie


def pretend_to_hold(stage: Any) -> None:
    """Say that we wait at a gate, and do not."""
    stage.record("gate.wait", gate="hold")
    stage.record("preflight.passed")


def do_nothing(stage: Any) -> None:
    """Leave everything as it is."""


def load_again(stage: Any) -> Any:
    """Load the candidate once more; return what the new copy is called, and what it shares with the first."""
    again = stage.load_again()
    return {
        "name": again.__name__,
        "same": again is stage.candidate,
        "same class": again.TCPServer is stage.candidate.TCPServer,
        "imported": sys.modules[again.__name__] is again,
    }


def spoil(candidate: Any) -> None:
    """Leave a mark on the candidate, as a defect does."""
    candidate.is_spoilt = True


def spoilt_copies(stage: Any) -> Any:
    """Load the candidate once more; return whether the first and the new copy bear the mark."""
    return [getattr(each, "is_spoilt", False) for each in (stage.candidate, stage.load_again())]


def names_of_classes(stage: Any, names: "list[str]") -> Any:
    """Return those of *names* under which the candidate has a class."""
    return [name for name, _ in stage.classes(names)]


def remove_a_class(impl: Any) -> None:
    """Be a defect: there is no UDPServer."""
    del impl.UDPServer
