"""Everything that comes out of one host: events, answers, what it prints.

One thread a host reads all of it, so that no candidate can block on a full pipe, and keeps what matters: the events,
the answers, the first and the last part of what was printed.
"""

from __future__ import annotations

import json
import os
import selectors
import socket
import threading
from collections.abc import Callable
from typing import Any

from harness.history.events import LINE_LIMIT, Event
from harness.history.history import History
from harness.host.recorder import Recorder

MOST_EVENTS = 100_000
KEPT = 32_768  # bytes kept of the beginning, and as many of the end, of what a host prints
MARK = "mark"


class Printed:
    """The beginning and the end of a stream that may be endless."""

    def __init__(self) -> None:
        self._head = b""
        self._tail = b""
        self._dropped = 0

    def add(self, data: bytes) -> None:
        """Take in the next piece."""
        room = KEPT - len(self._head)
        self._head += data[:room]
        tail = self._tail + data[room:]
        self._dropped += max(0, len(tail) - KEPT)
        self._tail = tail[-KEPT:]

    def text(self) -> str:
        """Return what was kept, with a line that says how much was not."""
        gap = f"\n… {self._dropped} bytes left out …\n".encode() if self._dropped else b""
        return (self._head + gap + self._tail).decode("utf-8", "backslashreplace")


class Lines:
    """Cuts a stream of bytes into lines and passes each on; also, cut off, one that grows longer than *longest*."""

    def __init__(self, take: Callable[[bytes], None], longest: int | None = None) -> None:
        self._take = take
        self._longest = longest
        self._rest = b""

    def add(self, data: bytes) -> None:
        """Take in the next piece."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if self._longest is not None and len(self._rest) > self._longest:
            lines.append(self._rest)
            self._rest = b""
        for line in lines:
            self._take(line)


class Channel:
    """The test's ends of one host's pipes and control socket.

    changed: notified after each piece of news; hold it to look at the rest.
    events: what has come through, in order.  answers: by the number of the command.
    out, err: what was printed.  broken: why what comes out of the host cannot be trusted any more, or None.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.events: list[Event] = []
        self.answers: dict[int, dict[str, Any]] = {}
        self.out, self.err = Printed(), Printed()
        self.broken: str | None = None
        self.hung_up = False
        self._marks_written = self._marks_seen = 0
        self._control, self._control_of_host = socket.socketpair()
        events, self._events_end = os.pipe()
        out, self._out_end = os.pipe()
        err, self._err_end = os.pipe()
        self._recorder = Recorder(self._events_end)
        self._quit, self._quitter = os.pipe()
        self._readers = {
            events: Lines(self._take_event, longest=LINE_LIMIT).add,
            out: self.out.add,
            err: self.err.add,
            self._control.fileno(): Lines(self._take_answer).add,
        }
        self._reading = threading.Thread(target=self._read, name="channel", daemon=True)
        self._reading.start()

    @property
    def pipe(self) -> str:
        """The pipe of events, as the descriptors of a process that holds it show it."""
        return f"pipe:[{os.fstat(self._events_end).st_ino}]"

    @property
    def ends_of_host(self) -> list[int]:
        """The descriptors to pass to the host: control, events, standard output, standard error."""
        return [self._control_of_host.fileno(), self._events_end, self._out_end, self._err_end]

    def hand_over(self) -> None:
        """Close the ends that only the host needs; events are written by both sides."""
        self._control_of_host.close()
        os.close(self._out_end)
        os.close(self._err_end)

    def record(self, kind: str, **details: object) -> None:
        """Write an event of the test's own side into the one order of all events."""
        self._recorder.record(kind, **details)

    def send(self, command: dict[str, Any]) -> None:
        """Send a command; that nobody takes it any more is found out by who waits for the answer."""
        try:
            self._control.sendall(json.dumps(command).encode("ascii") + b"\n")
        except OSError:
            with self.changed:
                self.hung_up = True

    def history(self, patience: float = 10.0) -> History:
        """Return all that was written up to now, by whomever, nothing missing; TimeoutError after *patience* s."""
        with self.changed:
            self._marks_written += 1
            number = self._marks_written
        self.record(MARK)
        with self.changed:
            arrived = lambda: self._marks_seen >= number or self.broken is not None  # noqa: E731
            if not self.changed.wait_for(arrived, timeout=patience):
                raise TimeoutError("events did not come through the pipe")
            return History(self.events)

    def close(self) -> None:
        """Stop reading, after what is in the pipes now has been read, and close everything."""
        os.write(self._quitter, b"q")
        self._reading.join()
        self._control.close()
        for descriptor in (*list(self._readers)[:3], self._events_end, self._quit, self._quitter):
            os.close(descriptor)

    def _read(self) -> None:
        with selectors.DefaultSelector() as selector:
            for descriptor, take in self._readers.items():
                selector.register(descriptor, selectors.EVENT_READ, take)
            selector.register(self._quit, selectors.EVENT_READ, None)
            quitting = False
            while True:
                ready = [key for key, _ in selector.select(0 if quitting else None) if key.data]
                for key in ready:
                    if not self._read_some(key.fd, key.data):
                        selector.unregister(key.fd)
                if quitting and not ready:
                    return
                quitting = quitting or self._asked_to_quit(selector)

    def _asked_to_quit(self, selector: selectors.BaseSelector) -> bool:
        return any(key.fd == self._quit for key, _ in selector.select(0))

    def _read_some(self, descriptor: int, take: Callable[[bytes], None]) -> bool:
        try:
            data = os.read(descriptor, 65536)
        except ConnectionResetError:
            data = b""
        with self.changed:
            if data:
                take(data)
            elif descriptor == self._control.fileno():
                self.hung_up = True
            self.changed.notify_all()
        return bool(data)

    def _take_event(self, line: bytes) -> None:
        if self.broken:
            return
        if len(self.events) >= MOST_EVENTS:
            self.broken = f"more than {MOST_EVENTS} events"
            return
        try:
            event = Event.from_line(len(self.events), line)
        except ValueError as error:
            self.broken = f"an event that cannot be read: {error}"
            return
        if event.kind == MARK:
            self._marks_seen += 1
        else:
            self.events.append(event)

    def _take_answer(self, line: bytes) -> None:
        try:
            answer = json.loads(line)
            self.answers[answer["number"]] = answer
        except (ValueError, KeyError, TypeError):
            self.broken = f"an answer that cannot be read: {line[:80]!r}"
