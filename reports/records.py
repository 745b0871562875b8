"""Read run records, and refuse those that are not whole.

A report of half a run looks like a report of a good run.  So a record is believed only if it is
valid JSON, of the format and version known here, ends with its footer, and its counts add up; else
`RecordError` says in one line what is wrong with which file.  `run-record.schema.json` describes
the same format for other readers and is stricter: it also refuses keys that nobody has named.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from reports.verdicts import CheckVerdict, Verdict
from reports.whole import Format, missing_parts, read_whole

FORMAT = Format("socketserver-conformance run record", version=1, noun="run record")
REQUIREMENT_ID = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")

Level = Literal["must", "should", "may", "compatibility"]
Basis = Literal["documented", "de facto", "quality", "open", "insides"]


@dataclass(frozen=True)
class Suite:
    """Which suite judged."""

    name: str
    version: str


@dataclass(frozen=True)
class Environment:
    """Where the suite ran; the candidates' interpreters may be others."""

    python: str
    implementation: str
    platform: str
    cores: int
    workers: int
    ipv6: bool
    plugins: Mapping[str, str]


@dataclass(frozen=True)
class Requirement:
    """One promise of a socketserver module, as the catalogue words it."""

    id: str
    area: str
    level: Level
    basis: Basis
    says: str
    sources: tuple[str, ...]
    programs: tuple[str, ...]
    promises: tuple[str, ...]
    since: str | None
    until: str | None


@dataclass(frozen=True)
class Violation:
    """What a check found, and the events that show it."""

    says: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Evidence:
    """Why a check did not pass; `fingerprint` is the same for the same fault."""

    summary: str
    expected: str | None
    actual: str | None
    violations: tuple[Violation, ...]
    timeline: str
    stderr: str
    stacks: str
    left_behind: tuple[str, ...]
    fingerprint: str


@dataclass(frozen=True)
class Check:
    """One test that ran for a requirement; `repeat` is the command that runs it again.

    declared: the reason that excuses it, or a line for each declared deviation that does not.
    """

    test: str
    verdict: CheckVerdict
    declared: str | None
    seconds: float
    repeat: str
    evidence: Evidence | None


@dataclass(frozen=True)
class Flaky:
    """Why a violation happens at some times only, what shows that, and how often it was seen."""

    cause: str
    script: str
    rate: str


@dataclass(frozen=True)
class Deviation:
    """A violation that was declared beside the candidate, in `entry` of a file.

    because: the requirement whose breach left nothing to judge. happened: null if the run was not asked for all checks.
    """

    entry: str
    verdicts: tuple[str, ...]
    reason: str
    link: str
    because: str | None
    expires: str | None
    flaky: Flaky | None
    happened: bool | None


@dataclass(frozen=True)
class Outcome:
    """What became of one requirement for one candidate."""

    id: str
    verdict: Verdict
    deviations: tuple[Deviation, ...]
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Interpreter:
    """What ran the candidate."""

    version: str
    implementation: str
    platform: str
    gil: bool


@dataclass(frozen=True)
class Candidate:
    """A module under test, and what became of every requirement."""

    name: str
    module: str
    start: str
    interpreter: Interpreter
    contract: str
    requirements: tuple[Outcome, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Result:
    """How the run ended: its exit code, and its last line for people."""

    exit: int
    line: str


@dataclass(frozen=True)
class Footer:
    """What the record must hold to be whole."""

    candidates: int
    requirements: int
    checks: int


@dataclass(frozen=True)
class Record:
    """One run of the suite; `seconds` is how long it took, `started` an ISO 8601 time.

    level, deciding_level: the lowest level that was checked, and the lowest whose verdicts decide the result.
    """

    suite: Suite
    started: str
    seconds: float
    command: tuple[str, ...]
    environment: Environment
    seed: int
    level: Level
    deciding_level: Level
    catalogue: tuple[Requirement, ...]
    candidates: tuple[Candidate, ...]
    result: Result
    footer: Footer


def read_record(path: Path) -> Record:
    """Read and check the run record in *path*.

    Raises RecordError if the file cannot be read or is not a whole record of version 1.
    """
    return read_whole(path, FORMAT, Record, _contradictions)


def _contradictions(record: Record) -> Iterator[str]:
    """Yield each place where *record* contradicts itself."""
    ids = Counter(requirement.id for requirement in record.catalogue)
    for identifier in ids:
        if not REQUIREMENT_ID.fullmatch(identifier):
            yield f"catalogue: {identifier!r:.80} is no requirement id, expected 'area.some-words'"
        if ids[identifier] > 1:
            times = ids[identifier]
            yield f"catalogue: requirement {identifier!r} is listed {times} times, expected once"
    for candidate in record.candidates:
        for problem in (*_uncounted(candidate, ids), *_empty_passes(candidate)):
            yield f"candidate {candidate.name!r}: {problem}"
    yield from _missing_parts(record)


def _uncounted(candidate: Candidate, catalogue: Counter[str]) -> Iterator[str]:
    """Yield where the counts of *candidate* do not add up to the catalogue."""
    total, expected = sum(candidate.counts.values()), len(catalogue)
    if total != expected:
        yield f"its counts add up to {total}, but the catalogue has {expected} requirements"
    found = Counter(outcome.id for outcome in candidate.requirements)
    for identifier in sorted(found.keys() | catalogue.keys()):
        results, expected = found[identifier], catalogue[identifier]
        if results != expected:
            yield f"requirement {identifier!r} has {results} results, expected {expected}"
    verdicts = Counter(str(outcome.verdict) for outcome in candidate.requirements)
    for verdict in sorted(verdicts.keys() | candidate.counts.keys()):
        counted = candidate.counts.get(verdict, 0)
        if counted != verdicts[verdict]:
            yield f"its counts say {counted} {verdict!r}, but its results hold {verdicts[verdict]}"


def _empty_passes(candidate: Candidate) -> Iterator[str]:
    """Yield each pass that its own checks do not bear out."""
    for outcome in candidate.requirements:
        if outcome.verdict != "pass":
            continue
        if not outcome.checks:
            yield f"requirement {outcome.id!r} is 'pass', but no check ran"
        for check in outcome.checks:
            if check.verdict not in ("pass", "missing"):
                yield f"requirement {outcome.id!r} is 'pass', but a check is {check.verdict!r}"


def _missing_parts(record: Record) -> Iterator[str]:
    """Yield where the footer promises another number of parts than there are."""
    outcomes = [outcome for candidate in record.candidates for outcome in candidate.requirements]
    yield from missing_parts(
        {
            "candidates": (record.footer.candidates, len(record.candidates)),
            "requirements": (record.footer.requirements, len(record.catalogue)),
            "checks": (record.footer.checks, sum(len(outcome.checks) for outcome in outcomes)),
        }
    )
