"""All that happened in one test, in one order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import overload

from harness.history.events import Event, Span

_ENDS = ("exit", "return", "raise")  # a handler or hook exits, a call returns, any of them raises


class History(Sequence[Event]):
    """An immutable sequence of events, ordered by index, with the queries that checks need."""

    __slots__ = ("_events",)

    def __init__(self, events: Iterable[Event] = ()) -> None:
        """Take the *events*; ValueError unless each has a higher index than the one before."""
        self._events = tuple(events)
        for earlier, later in zip(self._events, self._events[1:], strict=False):
            if earlier.index >= later.index:
                raise ValueError(f"event {later.index} follows event {earlier.index}; expected rising numbers")

    @overload
    def __getitem__(self, position: int) -> Event: ...
    @overload
    def __getitem__(self, position: slice) -> "History": ...
    def __getitem__(self, position: int | slice) -> "Event | History":
        if isinstance(position, slice):
            return History(self._events[position])
        return self._events[position]

    def __len__(self) -> int:
        return len(self._events)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, History) and self._events == other._events

    def __hash__(self) -> int:
        return hash(self._events)

    def __repr__(self) -> str:
        return f"<History of {len(self)} events>"

    def of(self, kind: str, /, **details: object) -> list[Event]:
        """Return the events of *kind* (``handler.*``: any that begins so) with these details."""
        return [
            event
            for event in self._events
            if fnmatchcase(event.kind, kind) and all(event.details.get(key) == value for key, value in details.items())
        ]

    def first(self, kind: str, /, **details: object) -> Event | None:
        """Return the first event that `of` finds, None if there is none."""
        return next(iter(self.of(kind, **details)), None)

    def last(self, kind: str, /, **details: object) -> Event | None:
        """Return the last event that `of` finds, None if there is none."""
        return next(reversed(self.of(kind, **details)), None)

    def before(self, event: Event) -> "History":
        """Return what happened before *event*."""
        return History(other for other in self._events if other.index < event.index)

    def after(self, event: Event) -> "History":
        """Return what happened after *event*."""
        return History(other for other in self._events if other.index > event.index)

    def between(self, earlier: Event, later: Event) -> "History":
        """Return what happened after *earlier* and before *later*."""
        return self.after(earlier).before(later)

    def spans(self, name: str, key: str) -> list[Span]:
        """Pair each ``NAME.enter`` with the NAME.exit, NAME.return or NAME.raise that ends it.

        Both happen in the same process and thread and agree in the detail *key*; of nested ones the
        inner ends first.  The spans come in the order in which they began.
        """
        open_ones: dict[object, list[Event]] = defaultdict(list)
        exits: dict[Event, Event] = {}
        for event in self.of(f"{name}.*"):
            mates = open_ones[event.place, event.details.get(key)]
            if event.kind == f"{name}.enter":
                mates.append(event)
            elif mates and event.kind.removeprefix(f"{name}.") in _ENDS:
                exits[mates.pop()] = event
        return [Span(enter, exits.get(enter)) for enter in self.of(f"{name}.enter")]
