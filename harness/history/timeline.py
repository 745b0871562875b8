"""A history as text in three lanes, for failure messages."""

from collections.abc import Collection, Iterator

from harness.history.events import Event
from harness.history.history import History
from harness.history.values import write_value

MOST_EVENTS = 46  # with the heading and a line for each gap: 60 lines
MOST_HIGHLIGHTED = 12  # events that are kept wherever they stand; each may make a gap

_CLIENTS, _SERVER, _HANDLERS = range(3)
_HEADINGS = ("CLIENTS", "SERVER", "HANDLERS")
_WIDTHS = (29, 32, 29)
_WHERE = 14
_EVIDENT = ("client", "name", "gate")  # details that speak for themselves


def timeline(history: History, highlight: Collection[Event] = ()) -> str:
    """Return *history* in at most 60 lines of at most 120 characters, those of *highlight* marked.

    Each line has the time in ms since the first event, the event in the lane of the clients, the
    server or the handlers, and where it happened: process, and thread as numbered in each process.
    What is left out of a long history is counted; highlighted events are kept before others.
    """
    if not history:
        return "(nothing happened)"
    marked = {event.index for event in highlight}
    rows = list(_rows(history, marked))
    lines = [_line("", "ms", _HEADINGS, "PROCESS THREAD")]
    shown_last = -1
    for position in sorted(_kept(history, marked)):
        lines += [*_gap(position - shown_last - 1), rows[position]]
        shown_last = position
    return "\n".join(lines)


def _rows(history: History, marked: Collection[int]) -> Iterator[str]:
    places = zip(history, _lanes(history), _places(history), strict=True)
    for event, lane, place in places:
        cells = ["", "", ""]
        cells[lane] = _cell(event)
        time = f"{(event.at - history[0].at) * 1000:.3f}"
        yield _line(">" if event.index in marked else "", time, cells, place)


def _kept(history: History, marked: Collection[int]) -> set[int]:
    """Return the positions to show: highlighted ones, and as much of both ends as there is room."""
    highlighted = [at for at, event in enumerate(history) if event.index in marked]
    kept = set(highlighted[:MOST_HIGHLIGHTED])
    last = len(history) - 1
    for distance in range(len(history)):
        for at in (distance, last - distance):
            if len(kept) < MOST_EVENTS:
                kept.add(at)
    return kept


def _lanes(history: History) -> Iterator[int]:
    """Yield the lane of each event: what a handler's thread does within it is the handler's."""
    working: dict[tuple[int, str], int] = {}
    for event in history:
        if event.kind.startswith("client."):
            yield _CLIENTS
        elif event.kind.startswith("handler."):
            step = 1 if event.kind == "handler.enter" else -1
            working[event.place] = working.get(event.place, 0) + step
            yield _HANDLERS
        else:
            yield _HANDLERS if working.get(event.place) else _SERVER


def _places(history: History) -> Iterator[str]:
    """Yield the place of each event; the threads that have no name are numbered as they appear."""
    names: dict[tuple[int, str], str] = {}
    for event in history:
        if event.place not in names:
            named = not event.thread.isdigit()
            number = sum(pid == event.pid for pid, _ in names)
            names[event.place] = event.thread if named else f"#{number}"
        yield f"{event.pid} {names[event.place]}"


def _cell(event: Event) -> str:
    details = [
        write_value(value) if key in _EVIDENT else f"{key}={write_value(value)}"
        for key, value in event.details.items()
        if value is not None
    ]
    return " ".join([event.kind, *details])


def _gap(left_out: int) -> list[str]:
    return [f"  {'...':>10}  {left_out} events left out"] if left_out else []


def _line(mark: str, time: str, cells: Collection[str], place: str) -> str:
    columns = [_fit(cell, width) for cell, width in zip(cells, _WIDTHS, strict=True)]
    return f"{mark:1} {time:>10} {' '.join(columns)} {_fit(place, _WHERE)}".rstrip()


def _fit(text: str, width: int) -> str:
    return text.ljust(width) if len(text) <= width else text[: width - 3] + "..."
