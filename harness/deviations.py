"""Known deviations: what a candidate is known to break, with a reason and a link for each.

A file of deviations is TOML::

    [[deviation]]
    requirement = "waiting.server-close-joins-threads"
    verdict = "fail"                                   # the default; or "leak", "hang", "crash"
    when = "python >= 3.8, implementation == CPython"  # which candidates it concerns; default: all
    reason = "why, in a sentence"
    link = "https://github.com/python/cpython/issues/…"
    expires = 2027-01-31                               # from this day on it excuses nothing
    fingerprint = "0123456789ab"                       # or a list: only these ways to break it

A condition compares python (as many parts of the version as it gives), implementation, platform or
gil with a value; a comma means "and".  An entry that nobody has explained yet says so: its reason
is `UNEXPLAINED` and its link is empty.
"""

import difflib
import operator
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from harness.candidates import Facts
from harness.versions import numbers

#: The reason of an entry that `harness.declaring.update` has added.
UNEXPLAINED = "observed by this suite; not yet explained"

#: What can be declared.
VERDICTS = ("leak", "fail", "hang", "crash")

_KEYS = ("requirement", "verdict", "when", "reason", "link", "expires", "fingerprint")
_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_LINK = re.compile(r"https?://\S+|[\w./-]*(#|gh-|bpo-)\d+")
_CONDITION = re.compile(r"(\w+)\s*(==|!=|<=|>=|<|>)\s*([\w.+-]+)")
_OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class DeviationError(ValueError):
    """A file of deviations is wrong; one line with the file, the entry and what was expected."""


@dataclass(frozen=True)
class Condition:
    """One comparison of a fact with a value, such as ``python >= 3.8``."""

    fact: str
    operator: str
    value: str

    def holds(self, facts: Facts) -> bool:
        """Return whether the comparison is true of *facts*."""
        compare = _OPERATORS[self.operator]
        if self.fact == "python":
            wanted = numbers(self.value)
            return compare(numbers(facts.version)[: len(wanted)], wanted)
        actual = {
            "implementation": facts.implementation,
            "platform": facts.platform,
            "gil": str(facts.gil),
        }[self.fact]
        return compare(actual.lower(), self.value.lower())


@dataclass(frozen=True)
class Deviation:
    """One declared deviation; see the top of this module for what the fields mean."""

    requirement: str
    reason: str
    link: str
    verdict: str = "fail"
    when: tuple[Condition, ...] = ()
    expires: date | None = None
    fingerprints: tuple[str, ...] = ()

    @property
    def explained(self) -> bool:
        """Whether somebody has found out why."""
        return self.reason != UNEXPLAINED


def read(path: Path, known_requirements: Collection[str]) -> tuple[Deviation, ...]:
    """Read the deviations in the file at *path*.

    Raises DeviationError for the first thing that is wrong, also for a requirement that is not in
    *known_requirements*, and when the file cannot be read.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DeviationError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise DeviationError(f"{path}: {error}") from None
    return _parsed(path, table, known_requirements)


def applies(deviation: Deviation, facts: Facts) -> bool:
    """Return whether every condition of *deviation* holds for a candidate with these *facts*."""
    return all(condition.holds(facts) for condition in deviation.when)


def judge(deviation: Deviation, verdict: str, fingerprint: str | None, today: date) -> tuple[str, str]:
    """Return what a requirement's *verdict* becomes in view of *deviation*, and one line on why.

    *fingerprint* tells one way of failing from another.  Another failure than the declared one
    stays what it is.
    """
    if verdict == "pass":
        return "unexpected pass", f"declared to {deviation.verdict}, but passes: remove the entry"
    if verdict != deviation.verdict:
        return verdict, f"the known deviation is another one: {deviation.verdict}"
    if deviation.expires is not None and today >= deviation.expires:
        return verdict, f"the known deviation expired on {deviation.expires}: {deviation.reason}"
    if deviation.fingerprints and fingerprint not in deviation.fingerprints:
        declared = ", ".join(deviation.fingerprints)
        return verdict, f"fails in another way than declared: {fingerprint}, not {declared}"
    return "known deviation", deviation.reason


def parse_when(text: str) -> tuple[Condition, ...]:
    """Parse a condition text; ValueError with one line when it is wrong."""
    return tuple(_condition(part.strip()) for part in text.split(","))


def _condition(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise ValueError(f"condition {text!r}; something like 'python >= 3.8' was expected")
    condition = Condition(*match.groups())
    if condition.fact == "python":
        if not re.fullmatch(r"\d+(\.\d+){0,2}", condition.value):
            raise ValueError(f"condition {text!r}; a version like 3.8 was expected")
    elif condition.fact not in ("implementation", "platform", "gil"):
        raise ValueError(f"condition {text!r}; python, implementation, platform or gil was expected")
    elif condition.operator not in ("==", "!="):
        raise ValueError(f"condition {text!r}; == or != was expected for {condition.fact}")
    elif condition.fact == "gil" and condition.value.lower() not in ("true", "false"):
        raise ValueError(f"condition {text!r}; true or false was expected")
    return condition


def _parsed(path: Path, table: Mapping[str, Any], known_requirements: Collection[str]) -> tuple[Deviation, ...]:
    entries = table.get("deviation", [])
    stray = [key for key in table if key != "deviation"]
    if stray or not _is_list_of_tables(entries):
        raise DeviationError(f"{path}: only [[deviation]] was expected, not {stray or entries!r}")
    found: dict[tuple[Any, ...], int] = {}
    deviations = []
    for number, entry in enumerate(entries, 1):
        try:
            deviation = _entry(entry, known_requirements)
            identity = (deviation.requirement, deviation.verdict, deviation.when)
        except ValueError as error:
            raise DeviationError(f"{path}, entry {number}: {error}") from None
        if identity in found:
            raise DeviationError(f"{path}, entry {number}: the same as entry {found[identity]}")
        found[identity] = number
        deviations.append(deviation)
    return tuple(deviations)


def _is_list_of_tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)


def _entry(entry: Mapping[str, Any], known_requirements: Collection[str]) -> Deviation:
    for key in entry:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; expected: {', '.join(_KEYS)}")
    return Deviation(
        requirement=_requirement(_text(entry, "requirement"), known_requirements),
        verdict=_verdict(entry),
        when=parse_when(_text(entry, "when")) if "when" in entry else (),
        reason=_text(entry, "reason"),
        link=_link(entry),
        expires=_expires(entry.get("expires")),
        fingerprints=_fingerprints(entry.get("fingerprint", [])),
    )


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None:
        raise ValueError(f"no {key}; it is required")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} = {value!r}; some text was expected")
    return value


def _requirement(name: str, known_requirements: Collection[str]) -> str:
    if name not in known_requirements:
        close = difflib.get_close_matches(name, known_requirements, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"unknown requirement {name!r}{hint}")
    return name


def _verdict(entry: Mapping[str, Any]) -> str:
    verdict = entry.get("verdict", "fail")
    if verdict not in VERDICTS:
        raise ValueError(f"verdict = {verdict!r}; one of {', '.join(VERDICTS)} was expected")
    return str(verdict)


def _link(entry: Mapping[str, Any]) -> str:
    link = entry.get("link")
    if link == "" and entry.get("reason") == UNEXPLAINED:
        return ""
    text = _text(entry, "link")
    if not _LINK.fullmatch(text):
        raise ValueError(f"link = {text!r}; a URL or an issue like 'gh-12345' was expected")
    return text


def _expires(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError(f"expires = {value!r}; a date like 2027-01-31, without quotes, was expected")


def _fingerprints(value: object) -> tuple[str, ...]:
    fingerprints = [value] if isinstance(value, str) else value
    if not isinstance(fingerprints, list) or not all(
        isinstance(one, str) and _FINGERPRINT.fullmatch(one) for one in fingerprints
    ):
        raise ValueError(f"fingerprint = {value!r}; 12 hex digits, or a list of them, was expected")
    return tuple(fingerprints)
