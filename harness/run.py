"""One run: which candidates, by which contract, which requirements; set up once, before collection."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest

from harness import candidates, defects, deviation_files, deviations, promises
from harness.candidates import Candidate
from harness.defects import Defect
from harness.deviations import Deviation, Ending
from harness.nurseries import Nursery
from harness.requirements import LEVELS, LOWEST_THAT_COUNTS, Catalogue, Requirement, in_force
from harness.verdicts import Verdict
from harness.versions import numbers

CONFORMANCE = Path(__file__).resolve().parent.parent / "conformance"
DEFAULT = "stdlib"
RUN = pytest.StashKey["Run"]()


@dataclass
class Run:
    """What is judged, and by what.

    contracts: the Python version by whose requirements each candidate is judged.
    deviations: what is known of each candidate, also what does not concern it.
    lowest_level, lowest_that_counts: which requirements are checked, and which of them decide the result.
    """

    candidates: tuple[Candidate, ...]
    catalogue: Catalogue
    contracts: dict[str, str]
    deviations: dict[str, tuple[Deviation, ...]]
    lowest_level: str
    lowest_that_counts: str
    fresh: bool
    defects: tuple[Defect, ...] = ()
    nurseries: dict[str, Nursery] = field(default_factory=dict)

    def nursery(self, candidate: Candidate) -> Nursery:
        """Return the warm process of *candidate*, made when first asked for."""
        if candidate.name not in self.nurseries:
            self.nurseries[candidate.name] = Nursery(candidate, fresh=self.fresh)
        return self.nurseries[candidate.name]

    def left_out(self, candidate: Candidate, requirement: Requirement) -> Verdict | None:
        """Return why *requirement* is not checked for *candidate*; None when it is."""
        if not in_force(requirement, self.contracts[candidate.name]):
            return Verdict.NOT_IN_CONTRACT
        if LEVELS.index(requirement.level) > LEVELS.index(self.lowest_level):
            return Verdict.NOT_SELECTED
        return None

    def counts(self, requirement: Requirement) -> bool:
        """Tell whether the verdict on *requirement* may change the result of the run."""
        return LEVELS.index(requirement.level) <= LEVELS.index(self.lowest_that_counts)

    def is_too_new(self, server_class: Any, candidate: Candidate) -> bool:
        """Tell whether *server_class* (see `conformance.servers`) came later than the contract of *candidate*."""
        since = getattr(server_class, "since", None)
        return since is not None and numbers(self.contracts[candidate.name]) < numbers(since)

    def known(self, candidate: str, requirement: str) -> tuple[Deviation, ...]:
        """Return what is declared of *requirement* in view of *candidate*."""
        return tuple(each for each in self.deviations[candidate] if each.requirement == requirement)

    def excuse(self, candidate: Candidate, requirement: str, verdict: Verdict, fingerprint: str) -> tuple[Verdict, str]:
        """Return the verdict as far as a known deviation changes it, and why it does or does not."""
        known = self.known(candidate.name, requirement)
        excusing, why = deviations.excuse(known, Ending(verdict, fingerprint), date.today())
        return Verdict.KNOWN_DEVIATION if excusing else verdict, why

    def start_of(self, candidate: Candidate) -> str:
        """Return how hosts of *candidate* start: "fork" or "exec"."""
        return Nursery(candidate, fresh=self.fresh).start

    def close(self) -> None:
        """End all nurseries."""
        for nursery in self.nurseries.values():
            nursery.close()


def set_up(config: pytest.Config) -> Run:
    """Resolve everything that the options name; pytest.UsageError, one line, for the first mistake."""
    _check_record(Path(config.getoption("run_record")))
    try:
        catalogue = promises.read_whole_catalogue(CONFORMANCE)
        _check_choice(config, catalogue)
        found = _candidates(config)
        known = {each.name: _deviations(each, config, catalogue) for each in found}
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    return Run(
        candidates=found,
        catalogue=catalogue,
        contracts={each.name: config.getoption("contract") or each.facts.pair for each in found},
        deviations=known,
        lowest_level=config.getoption("level") or LEVELS[-1],
        lowest_that_counts=config.getoption("level") or LOWEST_THAT_COUNTS,
        fresh=config.getoption("fresh"),
        defects=_defects(config),
    )


def _check_choice(config: pytest.Config, catalogue: Catalogue) -> None:
    for pattern in config.getoption("requirement") or ():
        if not any(fnmatchcase(identifier, pattern) for identifier in catalogue):
            raise pytest.UsageError(
                f"--requirement={pattern}: no requirement has such an id; expected one like ordering.*"
            )


def _defects(config: pytest.Config) -> tuple[Defect, ...]:
    patterns = config.getoption("defect")
    if config.getoption("sample") and config.getoption("defects") not in {"others", "hostile"}:
        raise pytest.UsageError("--sample is for --defects=others and --defects=hostile: give one of them, too")
    if not config.getoption("defects"):
        if patterns:
            raise pytest.UsageError(f"--defect={patterns[0]}: chooses among the defects of --defects; give that, too")
        return ()
    found = defects.twists() if config.getoption("defects") == "hostile" else defects.find(CONFORMANCE)
    for pattern in patterns or ():
        if not defects.named(found, [pattern]):
            raise pytest.UsageError(f"--defect={pattern}: no defect has such a name; expected one like ordering.*")
    return defects.named(found, patterns) if patterns else found


def _check_record(path: Path) -> None:
    if not path.resolve().parent.is_dir():
        raise pytest.UsageError(f"--run-record={path}: there is no folder {path.parent}")
    if path.is_dir():
        raise pytest.UsageError(f"--run-record={path}: a file was expected, this is a folder")
    if not os.access(path.resolve().parent, os.W_OK):
        raise pytest.UsageError(f"--run-record={path}: no file can be written in {path.resolve().parent}")


def named_paths(config: pytest.Config) -> list[Path]:
    """Return the files and folders to collect from."""
    return [Path(config.invocation_params.dir, argument.partition("::")[0]).resolve() for argument in config.args]


def is_asked_for(config: pytest.Config) -> bool:
    """Return whether any of the paths to collect may hold checks of requirements."""
    return any(path.is_relative_to(CONFORMANCE) or CONFORMANCE.is_relative_to(path) for path in named_paths(config))


def _candidates(config: pytest.Config) -> tuple[Candidate, ...]:
    handed_over: list[dict[str, Any]] | None = getattr(config, "workerinput", {}).get("candidates")
    if handed_over is not None:
        return tuple(candidates.from_json(each) for each in handed_over)
    texts = config.getoption("impl") or [DEFAULT]
    return tuple(candidates.resolve_all(texts, before=config.getoption("before")))


def _deviations(candidate: Candidate, config: pytest.Config, catalogue: Catalogue) -> tuple[Deviation, ...]:
    path = deviations_path(candidate, config)
    if path is None or not path.exists():
        if config.getoption("deviations") and not config.getoption("update_deviations"):
            raise pytest.UsageError(f"--deviations={path}: there is no such file")
        if path is not None and config.getoption("update_deviations") and not path.parent.is_dir():
            raise pytest.UsageError(f"--deviations={path}: there is no folder {path.parent}")
        return ()
    return tuple(deviation_files.read(path, set(catalogue)).of(candidate.facts))


def deviations_path(candidate: Candidate, config: pytest.Config) -> Path | None:
    """Return where the known deviations of *candidate* are, or would be, written."""
    asked = config.getoption("deviations") or candidate.deviations
    return Path(asked) if asked else None
