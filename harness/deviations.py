"""Known deviations: what a candidate is known to break, whom an entry concerns, and what it excuses.

``docs/known-deviations.md`` describes the files; `harness.deviation_files` reads and `harness.declaring` writes them.
"""

import platform
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from packaging.markers import Marker

from harness import platform_probes
from harness.candidates import Facts

#: The reason of an entry that `harness.declaring.update` has added.
UNEXPLAINED = "observed by this suite; not yet explained"

#: What can be declared, in order of badness.
VERDICTS = ("inconclusive", "leak", "fail", "hang", "crash")

#: What a condition can compare: the candidate's interpreter, and this machine, on which it runs.
VARIABLES: Mapping[str, Callable[[Facts], str]] = {
    "python_version": lambda facts: facts.pair,
    "python_full_version": lambda facts: facts.full_version,
    "implementation_name": lambda facts: facts.implementation.lower(),
    "implementation_version": lambda facts: facts.implementation_version,
    "sys_platform": lambda facts: facts.platform,
    "platform_system": lambda _: platform.system(),
    "platform_machine": lambda _: platform.machine(),
}


class Ending(NamedTuple):
    """How one check ended, before known deviations are taken into account."""

    verdict: str
    fingerprint: str | None = None


@dataclass(frozen=True)
class Scope:
    """Which candidates an entry concerns: those of which *when* is true, where all probes of *where* agree."""

    when: Marker | None = None
    where: tuple[str, ...] = ()

    def excludes(self, facts: Facts) -> str:
        """Return what a candidate with these *facts* does not fulfil; "" if it is concerned."""
        environment = {name: tell(facts) for name, tell in VARIABLES.items()}
        if self.when is not None and not self.when.evaluate(environment):
            return str(self.when)
        return platform_probes.first_unmet(self.where, facts)


EVERYWHERE = Scope()


@dataclass(frozen=True)
class Flaky:
    """A deviation that happens at some times only: the *cause*, a *script* that shows it, the *rate*, "13 of 60"."""

    cause: str
    script: str
    rate: str


@dataclass(frozen=True)
class Deviation:
    """One entry; ``docs/known-deviations.md`` says what its keys mean.

    source: the file and the number of the entry. unmet: why it does not concern the candidate, "" if it does.
    """

    requirement: str
    reason: str
    link: str
    verdicts: tuple[str, ...] = ("fail",)
    scope: Scope = EVERYWHERE
    because: str | None = None
    expires: date | None = None
    fingerprints: tuple[str, ...] = ()
    flaky: Flaky | None = None
    source: str = field(default="", compare=False)
    unmet: str = ""

    @property
    def explained(self) -> bool:
        """Whether somebody has found out why."""
        return self.reason != UNEXPLAINED

    @property
    def must_happen(self) -> bool:
        """Whether it is news when the candidate passes."""
        return not self.unmet and self.flaky is None

    def describes(self, ending: Ending) -> bool:
        """Return whether a check that ended so is what the entry is about; it may have expired all the same."""
        return not (self.unmet or self._differs(ending))

    def objection(self, ending: Ending, today: date) -> str:
        """Return why the entry does not excuse a check that ended so; "" if it does."""
        found = self.unmet or self._differs(ending)
        if not found and self.has_expired(today):
            return f"it expired on {self.expires}"
        return found

    def has_expired(self, today: date) -> bool:
        """Return whether it has come to the day from which on it excuses nothing."""
        return self.expires is not None and today >= self.expires

    def _differs(self, ending: Ending) -> str:
        if ending.verdict not in self.verdicts:
            return f"it declares {' or '.join(self.verdicts)}, not {ending.verdict}"
        if self.fingerprints and ending.fingerprint not in self.fingerprints:
            return f"it declares another {ending.verdict}: {', '.join(self.fingerprints)}, not {ending.fingerprint}"
        return ""


def excuse(deviations: Iterable[Deviation], ending: Ending, today: date) -> tuple[Deviation | None, str]:
    """Return the first of *deviations* that excuses a check that ended so, with its reason.

    If none does: None, with a line for each of them on why not.
    """
    objections = []
    for each in deviations:
        objection = each.objection(ending, today)
        if not objection:
            return each, each.reason
        objections.append(f"{each.source} does not count: {objection}")
    return None, "\n".join(objections)
