"""The verdicts on a check or a requirement, and which of them make a run fail."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Self


class Verdict(StrEnum):
    """What came out, with its meaning in a sentence; those of a check stand in order of badness."""

    meaning: str

    def __new__(cls, text: str, meaning: str = "") -> Self:
        """Make a member; ``Verdict(text)`` finds the one that was made."""
        verdict = str.__new__(cls, text)
        verdict._value_ = text
        verdict.meaning = meaning
        return verdict

    PASS = "pass", "The candidate did what the requirement says."
    MISSING = "missing", "The candidate has no class that it is about."
    UNSUPPORTED = "unsupported", "The platform lacks what the requirement is about."
    KNOWN_DEVIATION = "known deviation", "It breaks the requirement, as declared, with a reason."
    INCONCLUSIVE = "inconclusive", "Too little happened to judge the candidate."
    UNEXPECTED_PASS = "unexpected pass", "A declared deviation did not happen; remove it."
    LEAK = "leak", "Processes were left behind, or a forked child came back into its caller."
    FAIL = "fail", "The candidate broke the requirement, and the events show how."
    HANG = "hang", "The candidate was still not done when the deadline passed."
    CRASH = "crash", "The process that ran the candidate died."
    HARNESS_ERROR = "harness error", "The harness itself failed; it says nothing of the candidate."
    NOT_IN_CONTRACT = "not in contract", "The requirement holds for other Python versions only."
    NOT_SELECTED = "not selected", "This run was asked to leave the requirement out."


# A requirement is judged on the classes that are there: one pass outweighs any number of missing classes.
_UNCHECKED = (Verdict.NOT_SELECTED, Verdict.NOT_IN_CONTRACT, Verdict.MISSING)
_ORDER = (*_UNCHECKED, *(verdict for verdict in Verdict if verdict not in _UNCHECKED))
_HARMLESS = (*_UNCHECKED, Verdict.PASS, Verdict.UNSUPPORTED, Verdict.KNOWN_DEVIATION)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the worst of *verdicts*; to be checked at all is worse than not to be.

    Raises ValueError if there are none.
    """
    return max(verdicts, key=_ORDER.index)


def fails_run(verdict: Verdict) -> bool:
    """Tell whether one *verdict* of this kind is enough to make the whole run fail."""
    return verdict not in _HARMLESS
