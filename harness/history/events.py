"""Events, which happen once, and spans, which last from one event to another."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Self

from harness.history.values import write_value

LINE_LIMIT = 4096  # bytes; POSIX keeps what is written at once whole in a pipe up to this (PIPE_BUF)


@dataclass(frozen=True)
class Event:
    """Something that happened once, in the process *pid*, as the host or a client wrote it down.

    *index* is its place in the one order of all events, which respects cause and effect.  *at* is
    in seconds of the machine's monotonic clock: good for reading, never for judging.
    """

    index: int
    at: float
    pid: int
    thread: str
    kind: str
    details: Mapping[str, object] = field(hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))

    def __str__(self) -> str:
        """Return kind and details, as `history_of` reads them."""
        written = [f"{key}={write_value(value)}" for key, value in self.details.items()]
        return " ".join([self.kind, *written])

    @property
    def client(self) -> str:
        """The text that names the connection (or the sender) on both sides; "" if there is none."""
        client = self.details.get("client")
        return "" if client is None else str(client)

    @property
    def place(self) -> tuple[int, str]:
        """Process and thread in which it happened."""
        return self.pid, self.thread

    @classmethod
    def from_line(cls, index: int, line: bytes) -> Self:
        """Return the event that one line of the pipe stands for.

        The line is a JSON array ``[kind, at, pid, thread, details]``.  Raises ValueError, with one
        line of text, for anything else; a torn line must never pass for an event.
        """
        if len(line) > LINE_LIMIT:
            raise ValueError(f"event {index} has {len(line)} bytes; expected at most {LINE_LIMIT}")
        try:
            kind, at, pid, thread, details = json.loads(line)
        except (ValueError, TypeError) as error:
            raise _not_an_event(index, line) from error
        if not _is_well_formed(kind, at, pid, thread, details):
            raise _not_an_event(index, line)
        return cls(index, float(at), pid, thread, kind, details)


def _is_well_formed(kind: object, at: object, pid: object, thread: object, details: object) -> bool:
    return (
        isinstance(kind, str)
        and isinstance(at, int | float)
        and not isinstance(at, bool)
        and math.isfinite(at)
        and isinstance(pid, int)
        and not isinstance(pid, bool)
        and isinstance(thread, str)
        and isinstance(details, dict)
    )


def _not_an_event(index: int, line: bytes) -> ValueError:
    shown = line if len(line) <= 80 else line[:77] + b"..."
    return ValueError(f"event {index} is {shown!r}; expected [kind, at, pid, thread, details]")


@dataclass(frozen=True)
class Span:
    """What lasted from *enter* to *exit*; *exit* is None if no end was written down.

    A handler writes both events inside itself, so for at least that long it was at work.  A span
    without an end counts as open: a behaviour that ends its own process must write its end first.
    """

    enter: Event
    exit: Event | None = None

    @property
    def client(self) -> str:
        """The connection or sender that it was for."""
        return self.enter.client

    @property
    def events(self) -> tuple[Event, ...]:
        """The one or two events that limit it."""
        return (self.enter,) if self.exit is None else (self.enter, self.exit)

    def is_open_at(self, event: Event) -> bool:
        """Tell whether it had begun, and had not ended, when *event* happened."""
        return self.enter.index < event.index and not self.has_ended_by(event)

    def has_ended_by(self, event: Event) -> bool:
        """Tell whether its end came before *event*, or is *event* itself."""
        return self.exit is not None and self.exit.index <= event.index

    def overlaps(self, other: "Span") -> bool:
        """Tell whether there was a moment at which both were open."""
        later, earlier = (self, other) if self.enter.index > other.enter.index else (other, self)
        return later != earlier and not earlier.has_ended_by(later.enter)
