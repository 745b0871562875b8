"""What was sent or received, as far as the history knows it: long data is cut, its size is not."""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.checks.verdict import Inconclusive
from harness.history.events import Event


@dataclass(frozen=True)
class Payload:
    """The *beginning* of some data (bytes as latin-1 text), and the *size* of all in bytes."""

    beginning: str
    size: int

    def agrees_with(self, other: "Payload") -> bool:
        """Tell whether both can be the same data: equally long, and nothing known contradicts."""
        return self.size == other.size and self.begins_like(other)

    def begins_like(self, other: "Payload") -> bool:
        """Tell whether what is known of both is the same as far as the shorter one reaches."""
        known = min(len(self.beginning), len(other.beginning))
        return self.beginning[:known] == other.beginning[:known]


def payload_of(events: Sequence[Event]) -> Payload:
    """Return the data of *events*, joined; Inconclusive if one of them does not tell its data."""
    beginning, size = "", 0
    for event in events:
        data = event.details.get("data")
        if not isinstance(data, str):
            raise Inconclusive(f"{event} does not tell its data")
        if len(beginning) == size:  # after the first cut nobody knows where the next piece belongs
            beginning += data
        size += _size(event, data)
    return Payload(beginning, size)


def _size(event: Event, data: str) -> int:
    size = event.details.get("size")
    return size if isinstance(size, int) else len(data)
