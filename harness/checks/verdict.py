"""What a check has to say: violations with their evidence, or that there was nothing to judge."""

from dataclasses import dataclass

from harness.history.events import Event


@dataclass(frozen=True)
class Violation:
    """One thing that should not have happened, and the events that show it."""

    says: str
    evidence: tuple[Event, ...]

    def __str__(self) -> str:
        """Return the sentence, and below it the evidence, an event a line."""
        return "\n".join([self.says, *(f"    {event}" for event in self.evidence)])


class Inconclusive(Exception):
    """The history lacks what a check needs; the message says what was missing."""
