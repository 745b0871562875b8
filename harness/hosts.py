"""A host: the process of one test in which the candidate runs, and all that the test can do with it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from harness import machine, processes, vitals
from harness.channel import Channel
from harness.deadlines import (
    SLEEP_LOOKS,
    STALL_LOOKS,
    STALL_PATIENCE,
    STALL_SPIN,
    ChanceWatch,
    Deadline,
    SleepWatch,
    StallWatch,
)
from harness.history.history import History
from harness.host import loading, wire
from harness.nurseries import Birth, Nursery
from harness.outcomes import DeadlinePassed, HarnessError, HostDied, Missing, Raised, Stalled, Unsupported
from harness.vitals import Vitals

GATES = ("hold", "one", "two", "three")
TURN = 0.02  # seconds between two looks at what is waited for
SETTLING = (1.0, 20)  # seconds, and naps of each thread, after which nobody is expected to look round any more
RESTING = (0.2, 10, 1.0)  # seconds and looks without work, or seconds of fruitless work, to expect nothing more after
CHANCE = 0.03  # seconds that a call gets to return too early
DEAF = "; it has closed the descriptors through which it reports"
STACKS_TAKE = 2.0  # seconds for which the stacks may come in, if the host prints without end
LONGEST_PLACE = 60  # bytes; the path of a Unix socket may have 104, and 44 are for the host's folder and the socket
SHORT_PLACE = "/tmp"  # noqa: S108 - mkdtemp() makes a folder in it that belongs to us alone
_NOT_THERE = re.compile(r"module .* has no attribute '(\w+)'|cannot import name '(\w+)' from ")


class Host:
    """The process that runs the candidate for one test.

    deadline: when the test must be over; every wait looks at it.
    folder: a folder of this test alone.  pid: the number of the process.
    """

    def __init__(self, nursery: Nursery, deadline: Deadline, defects: tuple[str, ...] = ()) -> None:
        self.deadline = deadline
        self.folder = Path(tempfile.mkdtemp(prefix="host-", dir=place_for_folders()))
        self.told_to_leave = False
        self._nursery = nursery
        self._is_broken = bool(defects)
        self._channel = Channel()
        self._commands = 0
        self._heard: set[int] = set()
        self._over = False
        self._closing: list[Callable[[], None]] = []
        self._gates, ends = _pipes(GATES)
        request = {"folder": str(self.folder), "gates": list(GATES), "defects": list(defects)}
        try:
            self._birth: Birth = nursery.bear(request, [*self._channel.ends_of_host, *ends])
        except BaseException:
            self._dispose()
            raise
        finally:
            self._channel.hand_over()
            for end in ends:
                os.close(end)
        self.pid = self._birth.pid
        try:
            self.wait_for("host.ready")
        except BaseException as error:
            self.end()
            if isinstance(error, HostDied):
                raise HarnessError(f"the host did not get ready: {error}") from None
            raise

    # -- make it do something --------------------------------------------------------------------------------------

    def call(self, function: Callable[..., Any] | str, *arguments: object) -> Any:
        """Run function(stage, *arguments) in the host's main thread and return its value; Raised if it raises."""
        return self.start(function, *arguments, thread=False).wait()

    def start(
        self,
        function: Callable[..., Any] | str,
        *arguments: object,
        thread: bool = True,
        name: str | None = None,
    ) -> Call:
        """Start function(stage, *arguments) in a thread of its own, or in the main thread, and do not wait."""
        self._commands += 1
        reference = function if isinstance(function, str) else wire.encode(function)["function"]
        name = name or reference.rpartition(":")[2]
        self._channel.send(
            {
                "number": self._commands,
                "function": reference,
                "name": name,
                "thread": thread,
                "arguments": wire.encode(list(arguments)),
            }
        )
        return Call(self, self._commands, name)

    def release(self, gate: str = "hold", count: int | None = None) -> None:
        """Let *count* waiters pass the gate, or, without a count, all now and later."""
        if count is not None:
            os.write(self._gates[gate], b"." * count)
        elif gate in self._gates:
            os.close(self._gates.pop(gate))

    def leave(self) -> None:
        """Let the host's main thread return, as a program does at its end; the process ends when Python lets it."""
        self.told_to_leave = True
        self.start("leave")

    # -- see what it does ------------------------------------------------------------------------------------------

    def record(self, kind: str, **details: object) -> None:
        """Write an event of the test's own side."""
        self._channel.record(kind, **details)

    def history(self) -> History:
        """Return all that happened up to now, nothing missing; all that ever happened when the test is over."""
        return History(self._channel.events) if self._over else self._channel.history()

    def wait_for(self, kind: str, count: int = 1, **details: object) -> None:
        """Wait until *count* events of *kind* with these details, or in the process with this *pid*, have happened."""
        self.wait_until(lambda: self.has_happened(kind, count, **details), f"{kind} {details or ''} × {count}")

    def comes(self, kind: str, count: int = 1, **details: object) -> bool:
        """Wait until *count* such events have happened (True), or nothing in the host works any more (False).

        For what a right candidate does at once and a wrong one perhaps never.
        """
        while True:
            before = len(self.history())
            try:
                self.wait_until(lambda: self.has_happened(kind, count, **details), kind, self.watch(*RESTING))
            except DeadlinePassed:
                processes.check_sight()  # without which one cannot tell a host that rests
                raise
            except Stalled:
                if len(self.history()) > before:
                    continue  # there was progress: work that many threads shared looked like rest
                return self.has_happened(kind, count, **details)
            return True

    def becomes(self, holds: Callable[[], bool], what: str) -> bool:
        """Wait until holds() (True), or everybody in the host had the chance to bring it about (False).

        For what no event tells, such as who lives and who holds what, and a right candidate may leave to a thread that
        looks round once in a while.
        """
        processes.check_sight()
        watch = ChanceWatch(*SETTLING)
        with self._channel.changed:
            while not holds():
                self.check(what)
                if watch.has_passed(self.pids()):
                    return holds()
                self._channel.changed.wait(TURN)
        return True

    def settle(self) -> None:
        """Wait until what was to come of all that was done up to now has come.

        It has come when nothing in the host works any more, or everybody had the chance to do what was left: a loop
        that polls may go on writing events.
        """
        watch, seen = self.watch(*RESTING), len(self._channel.events)

        def rests() -> bool:
            nonlocal watch, seen
            try:
                watch.look("rest")
            except Stalled:
                before, seen, watch = seen, len(self._channel.events), self.watch(*RESTING)
                return seen == before
            return False

        self.becomes(rests, "rest")

    def has_happened(self, kind: str, count: int = 1, **details: object) -> bool:
        """Return whether *count* such events have come through up to now."""
        found = (event for event in self._channel.events if event.kind == kind)
        return sum(details.items() <= {"pid": event.pid, **event.details}.items() for event in found) >= count

    def wait_until(self, happened: Callable[[], bool], what: str, watch: StallWatch | None = None) -> None:
        """Wait until happened(); HostDied, Stalled or DeadlinePassed when that will not be."""
        watch = watch or self.watch()
        with self._channel.changed:
            while not happened():
                self.check(what)
                if not self._channel.changed.wait(TURN):
                    watch.look(what)

    def watch(
        self, patience: float = STALL_PATIENCE, least_looks: int = STALL_LOOKS, spin: float = STALL_SPIN
    ) -> StallWatch:
        """Return a watch over everything that runs for this test."""
        return StallWatch(self.pids, self._stalled, self.progress, patience, least_looks, spin)

    def _stalled(self, what: str) -> Exception:
        return HostDied(what + DEAF) if self.is_deaf else Stalled(what)

    @property
    def is_deaf(self) -> bool:
        """Whether the host has closed the descriptors through which it reports, as far as that can be seen."""
        if not processes.can_be_seen():
            return False
        held = processes.descriptors(self.pid).values()
        if not held:
            self._birth.died.wait(1.0)  # a process that ends has none any more, shortly before we hear of it
        return not self.ended and self._channel.pipe not in held

    def check(self, waiting_for: str) -> None:
        """Raise HostDied or DeadlinePassed when *waiting_for* cannot come any more."""
        self.check_trust()
        if self._birth.died.is_set() and not self.told_to_leave:
            raise HostDied(f"{self.death} while the test waited for {waiting_for}")
        if self._channel.hung_up and not self.told_to_leave:
            if self._birth.died.wait(1.0):
                raise HostDied(f"{self.death} while the test waited for {waiting_for}")
            raise HostDied(f"the host closed its control socket while the test waited for {waiting_for}")
        self.deadline.check(waiting_for)

    def check_trust(self) -> None:
        """Raise HostDied when what has come out of the host up to now cannot be believed."""
        if self._channel.broken:
            raise HostDied(f"the host's events cannot be trusted any more: {self._channel.broken}")

    def is_waiting_to_end(self, patience: float = 0.1) -> bool:
        """Wait until the process has ended (False), or its main thread is seen to wait (True).

        For a host that was told to leave: what its main thread waits for then keeps Python from exiting.
        """
        processes.check_sight()
        self.wait_for("host.leave")
        watch = SleepWatch(self.pid, patience, self.progress)
        while not self.ended and not processes.is_zombie(self.pid):
            self.check("the end of the host")
            if watch.is_waiting(self.pids()):
                return True
            self._birth.died.wait(patience / SLEEP_LOOKS)
        self.wait_for_end()
        return False

    def wait_for_end(self) -> int:
        """Wait until the process has ended; return its exit code, negative for a signal."""
        self.wait_until(self._birth.died.is_set, "the end of the host")
        return os.waitstatus_to_exitcode(self._birth.status or 0)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._birth.died.is_set()

    @property
    def death(self) -> str:
        """How the process ended, in words."""
        if self._birth.status is None:
            return "the host or its nursery was killed"
        code = os.waitstatus_to_exitcode(self._birth.status)
        if code < 0:
            return f"the host was ended by {signal.Signals(-code).name}"
        return f"the host ended with exit status {code}"

    def progress(self) -> int:
        """Return how much has come out of the host up to now, whatever it is."""
        return len(self._channel.events) + len(self._channel.answers)

    def pids(self) -> list[int]:
        """Return the numbers of all processes that run for this test."""
        return self._nursery.pids()

    def raised(self, described: dict[str, Any]) -> Raised | Missing | Unsupported:
        """Return what a call has raised; Missing when it looked for a documented class that the candidate lacks.

        Unsupported when it looked for what the machine lacks.
        """
        found = Raised(described["type"], described["bases"], described["message"], described["traceback"])
        lack = machine.lack_behind(found)
        if lack:
            return Unsupported(lack)
        sought = _NOT_THERE.search(found.message) if {"AttributeError", "ImportError"} & set(found.bases) else None
        name = sought and (sought[1] or sought[2])
        return Missing(f"the candidate has no {name}") if name and self._lacks(name) else found

    def _lacks(self, name: str) -> bool:
        """Tell whether *name* is a documented class that the candidate does not have, or that a defect has removed."""
        return bool(self._nursery.facts.missing([name])) or (self._is_broken and name in loading.CLASSES)

    def unheard(self) -> Exception | None:
        """Return what the first call has raised whose end nobody waited for; None if there is none."""
        answers = sorted(self._channel.answers.items())
        raised = [answer["raised"] for number, answer in answers if "raised" in answer and number not in self._heard]
        return self.raised(raised[0]) if raised else None

    def vitals(self) -> Vitals:
        """Return what the host holds now, seen from outside."""
        return vitals.examine(self.pid, self.folder)

    def printed(self) -> str:
        """Return what the host wrote to its standard output."""
        with self._channel.changed:
            return self._channel.out.text()

    def complaints(self) -> str:
        """Return what the host wrote to its standard error."""
        with self._channel.changed:
            return self._channel.err.text()

    def stacks(self) -> str:
        """Return the stacks of all threads of all processes of this test, as their own faulthandler prints them."""
        before = len(self.complaints())
        for pid in self.pids() or [self.pid]:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGQUIT)
        latest = time.monotonic() + STACKS_TAKE
        with self._channel.changed:
            while self._channel.changed.wait(0.1) and time.monotonic() < latest:
                pass  # as long as more comes
            return self._channel.err.text()[before:]

    # -- and be rid of it ------------------------------------------------------------------------------------------

    def at_end(self, close: Callable[[], None]) -> None:
        """Call close() when the test ends: who opens something for this host closes it here."""
        self._closing.append(close)

    def end(self) -> list[str]:
        """End the host and everything it started; return a line for each process that had to be removed.

        Harmless, and without result, when it has been done before.
        """
        if self._over:
            return []
        self._over = True
        for close in self._closing:
            close()
        for gate in list(self._gates):
            self.release(gate)
        self._kill()
        left = processes.be_rid_of(self._nursery.brood)
        self._dispose()
        return left

    def _dispose(self) -> None:
        """Give back everything that this side holds."""
        for gate in list(self._gates):
            self.release(gate)
        self._channel.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _kill(self) -> None:
        """Kill the process and wait until it is gone; without a nursery it has become our own child."""
        if self._birth.status is None:  # once it was waited for, its number may be somebody else's
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
        if not processes.can_be_seen():  # nor will be what it leaves behind
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._birth.died.wait(processes.LAST_WORK)
        if self._birth.status is None:
            with suppress(psutil.Error):
                psutil.Process(self.pid).wait(processes.LAST_WORK)


class Call:
    """A call that was started in the host."""

    def __init__(self, host: Host, number: int, name: str) -> None:
        self._host = host
        self._number = number
        self.name = name

    @property
    def returned(self) -> bool:
        """Whether its value or its exception has arrived."""
        return self._number in self._host._channel.answers  # noqa: SLF001 - a call is a part of its host

    def wait(self) -> Any:
        """Wait for the call to return and return its value; Raised if it raised."""
        self._host.wait_until(lambda: self.returned, f"the return of {self.name}")
        self._host._heard.add(self._number)  # noqa: SLF001
        answer = self._host._channel.answers[self._number]  # noqa: SLF001
        if "raised" in answer:
            raise self._host.raised(answer["raised"])
        return wire.decode(answer["value"])

    def is_blocked(self, patience: float = 0.5) -> bool:
        """Wait until the call has returned (False), or is seen to wait (True).

        It is seen to wait when for *patience* seconds its thread slept without waking once, and nothing else in the
        host was awake to wake it; or when for twice as long it did nothing but poll, and nothing happened.  Then an
        event call.blocked is written.
        """
        processes.check_sight()
        self._host.wait_for("call.enter", call=self._number)
        [enter] = self._host.history().of("call.enter", call=self._number)
        watch = SleepWatch(int(str(enter.details["tid"])), patience, self._host.progress)
        while not self.returned:
            self._host.check(f"the return of {self.name}")
            if watch.is_waiting(self._host.pids()):
                self._host.record("call.blocked", call=self._number, name=self.name)
                return True
            with self._host._channel.changed:  # noqa: SLF001
                self._host._channel.changed.wait(patience / SLEEP_LOOKS)  # noqa: SLF001
        return False

    def allow_to_return(self) -> None:
        """Give a call that should wait, be it asleep or by polling, the chance to return too early.

        It has had the chance when every thread of the test was seen asleep a few times.
        """
        processes.check_sight()
        self._host.wait_for("call.enter", call=self._number)
        watch = ChanceWatch(CHANCE, SLEEP_LOOKS)
        while not self.returned:
            self._host.check(f"the return of {self.name}")
            if watch.has_passed(self._host.pids()):
                return
            with self._host._channel.changed:  # noqa: SLF001
                self._host._channel.changed.wait(CHANCE / SLEEP_LOOKS)  # noqa: SLF001


def place_for_folders() -> str:
    """Return the folder in which hosts get theirs: a path to which the name of a Unix socket can still be added."""
    usual = tempfile.gettempdir()
    return usual if len(os.fsencode(usual)) <= LONGEST_PLACE else SHORT_PLACE


def _pipes(names: tuple[str, ...]) -> tuple[dict[str, int], list[int]]:
    writers, readers = {}, []
    for name in names:
        reader, writers[name] = os.pipe()
        readers.append(reader)
    return writers, readers
