"""The verdicts of a run record: their order, and what each says about a candidate.

Four *standings* sort the verdicts for people who only want to know what to do:

    kept       the candidate did what the requirement says
    broken     it was seen to do something else, declared or not
    unproven   nothing was shown either way; never to be read as a pass
    outside    the requirement does not apply, so it counts for neither side
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

CheckVerdict = Literal[
    "pass",
    "missing",
    "unsupported",
    "known deviation",
    "inconclusive",
    "unexpected pass",
    "leak",
    "fail",
    "hang",
    "crash",
    "harness error",
]
NotRun = Literal["not selected", "not in contract"]
Verdict = Literal[CheckVerdict, NotRun]
Standing = Literal["kept", "broken", "unproven", "outside"]

UNKNOWN = "–"  # the requirement is not in the catalogue of the candidate's record
ORDER: tuple[str, ...] = (*get_args(CheckVerdict), *get_args(NotRun), UNKNOWN)
STANDINGS: tuple[Standing, ...] = get_args(Standing)

_STANDING: Mapping[str, Standing] = {
    "pass": "kept",
    "unexpected pass": "kept",
    "known deviation": "broken",
    "leak": "broken",
    "fail": "broken",
    "hang": "broken",
    "crash": "broken",
    "missing": "unproven",
    "unsupported": "unproven",
    "inconclusive": "unproven",
    "harness error": "unproven",
    "not selected": "unproven",
    "not in contract": "outside",
    UNKNOWN: "outside",
}

MEANING: Mapping[str, str] = {
    "pass": "every check of the requirement held",
    "missing": "the candidate has no class that the requirement is about",
    "unsupported": "the platform lacks what the requirement needs",
    "known deviation": "broken, as declared beside the candidate",
    "inconclusive": "the run gave nothing to judge",
    "unexpected pass": "declared as a deviation, but every check held",
    "leak": "processes were left behind, or a forked child came back into its caller",
    "fail": "the candidate did something else",
    "hang": "the candidate did not come to an end in time",
    "crash": "the candidate's process died",
    "harness error": "the suite itself failed; it says nothing about the candidate",
    "not selected": "left out of this run by an option",
    "not in contract": "the contract's Python version does not have this requirement",
    UNKNOWN: "the catalogue of that record does not have this requirement",
}


def standing_of(verdict: str) -> Standing:
    """Say what *verdict* means for the candidate; KeyError for a word that is no verdict."""
    return _STANDING[verdict]


def was_judged(verdict: str) -> bool:
    """Say whether checks ran that led to *verdict*."""
    return verdict in get_args(CheckVerdict)


@dataclass(frozen=True)
class Tally:
    """How often each verdict was given; `counts` is in the order of `ORDER`, without zeros."""

    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """All requirements that were counted, whatever became of them."""
        return sum(self.counts.values())

    @property
    def in_contract(self) -> int:
        """The requirements that apply to the candidate, judged or not."""
        return self.total - self.standing("outside")

    @property
    def kept(self) -> int:
        """The requirements that were shown to hold."""
        return self.standing("kept")

    @property
    def others(self) -> Mapping[str, int]:
        """The counts of everything that the record knows, but `pass`."""
        return {verdict: count for verdict, count in self.counts.items() if verdict not in ("pass", UNKNOWN)}

    def standing(self, standing: Standing) -> int:
        """Count the requirements whose verdict has this *standing*."""
        return sum(count for verdict, count in self.counts.items() if _STANDING[verdict] == standing)


def tally(verdicts: Iterable[str]) -> Tally:
    """Count *verdicts*."""
    counts = Counter(verdicts)
    return Tally({verdict: counts[verdict] for verdict in ORDER if counts[verdict]})
