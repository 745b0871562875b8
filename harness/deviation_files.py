"""Read files of known deviations; ``docs/known-deviations.md`` says what may stand in them."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

from packaging.markers import InvalidMarker, Marker
from packaging.specifiers import InvalidSpecifier, Specifier

from harness import candidates
from harness.candidates import Facts
from harness.deviations import EVERYWHERE, UNEXPLAINED, VARIABLES, VERDICTS, Deviation, Flaky, Scope
from harness.platform_probes import NOT, PROBES

Entry = TypeVar("Entry")

_TOP_KEYS = ("inherit", "deviation", "not-inherited")
_KEYS = (
    "requirement",
    "verdicts",
    "when",
    "where",
    "reason",
    "link",
    "because",
    "expires",
    "fingerprints",
    "flaky",
)
_REFUSAL_KEYS = ("requirement", "reason", "when", "where")
_FLAKY_KEYS = ("cause", "script", "rate")

_FINGERPRINT = re.compile(r"[0-9a-f]{12}")
_LINK = re.compile(r"https?://\S+|[\w./-]*(#|gh-|bpo-)\d+")
_SCRIPT = re.compile(r"https?://\S+|[\w./-]+\.py")
_RATE = re.compile(r"(\d+) of (\d+)")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_VERSION_COMPARED = re.compile(r"python\w*_version\s*([<>=!~]+)\s*['\"]([^'\"]*)['\"]")


class DeviationError(ValueError):
    """A file of deviations is wrong; one line with the file, the entry and what was expected."""


@dataclass(frozen=True)
class Refusal:
    """What a file does not take over from the one that it inherits."""

    requirement: str
    reason: str
    scope: Scope = EVERYWHERE


@dataclass(frozen=True)
class DeviationFile:
    """What stands in one file, and in the one that it inherits."""

    path: Path
    own: tuple[Deviation, ...]
    refusals: tuple[Refusal, ...] = ()
    inherited: DeviationFile | None = None

    def of(self, facts: Facts) -> Iterator[Deviation]:
        """Yield all deviations, own ones first, each with why it does not concern a candidate with these *facts*."""
        for each in self.own:
            yield replace(each, unmet=_otherwise(each.scope.excludes(facts)))
        for each in self.inherited.of(facts) if self.inherited else ():
            yield replace(each, unmet=each.unmet or self._refused(each.requirement, facts))

    def requirements(self) -> set[str]:
        """Return the requirements that are declared to be broken, by whomever."""
        inherited = self.inherited.requirements() if self.inherited else set()
        return inherited | {each.requirement for each in self.own}

    def _refused(self, requirement: str, facts: Facts) -> str:
        for each in self.refusals:
            if each.requirement == requirement and not each.scope.excludes(facts):
                return f"{self.path.name} does not inherit it: {each.reason}"
        return ""


def _otherwise(condition: str) -> str:
    return f"it is for others, where {condition}" if condition else ""


def read(path: Path, known_requirements: Collection[str]) -> DeviationFile:
    """Read the file at *path*, and those that it inherits.

    Raises DeviationError for the first thing that is wrong, also for a requirement that is not in
    *known_requirements*, and when a file cannot be read.
    """
    return _read(path, known_requirements, heirs=())


def _read(path: Path, known_requirements: Collection[str], heirs: tuple[Path, ...]) -> DeviationFile:
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise DeviationError(f"{path}: {error.strerror}") from None
    except ValueError as error:
        raise DeviationError(f"{path}: {error}") from None
    stray = [key for key in table if key not in _TOP_KEYS]
    if stray:
        raise DeviationError(f"{path}: unknown key {stray[0]!r}; expected: {', '.join(_TOP_KEYS)}")
    ancestor = _ancestor(path, table["inherit"], (*heirs, path.resolve())) if "inherit" in table else None
    inherited = None if ancestor is None else _read(ancestor, known_requirements, (*heirs, path.resolve()))
    inheritable = inherited.requirements() if inherited else set()
    return DeviationFile(
        path,
        own=tuple(_deviations(path, table, known_requirements)),
        refusals=tuple(_entries(path, table, "not-inherited", lambda entry: _refusal(entry, inheritable))),
        inherited=inherited,
    )


def _ancestor(path: Path, inherit: object, heirs: tuple[Path, ...]) -> Path:
    """Find the file that the one at *path* inherits; those in *heirs* inherit from it already."""
    if not isinstance(inherit, str) or not inherit:
        raise DeviationError(f"{path}: inherit = {inherit!r}; the name of a known candidate, or a path, was expected")
    found = candidates.known_deviations(inherit) or path.parent / inherit
    if not found.is_file():
        raise DeviationError(f"{path}: inherit = {inherit!r}; neither a known candidate with a file, nor a path")
    if found.resolve() in heirs:
        raise DeviationError(f"{path}: inherit = {inherit!r}; that file inherits this one")
    return found


def _deviations(path: Path, table: Mapping[str, Any], known_requirements: Collection[str]) -> Iterator[Deviation]:
    found: list[Deviation] = []

    def one(entry: Mapping[str, Any]) -> Deviation:
        deviation = _deviation(entry, known_requirements)
        if deviation in found:
            raise ValueError(f"the same as entry {found.index(deviation) + 1}")
        found.append(deviation)
        return replace(deviation, source=f"{path.name}, entry {len(found)}")

    return _entries(path, table, "deviation", one)


def _entries(
    path: Path, table: Mapping[str, Any], key: str, one: Callable[[Mapping[str, Any]], Entry]
) -> Iterator[Entry]:
    """Yield what *one* makes of each entry below *key*; what is wrong with it is told with file and number."""
    entries = table.get(key, [])
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise DeviationError(f"{path}: {key} = {entries!r}; [[{key}]] was expected")
    for number, entry in enumerate(entries, 1):
        try:
            yield one(entry)
        except ValueError as error:
            place = f"entry {number}" if key == "deviation" else f"[[{key}]] {number}"
            raise DeviationError(f"{path}, {place}: {error}") from None


def _deviation(entry: Mapping[str, Any], known_requirements: Collection[str]) -> Deviation:
    _check_keys(entry, _KEYS)
    requirement = _known(_text(entry, "requirement"), known_requirements)
    reason = _text(entry, "reason")
    verdicts = _verdicts(entry.get("verdicts", ["fail"]))
    return Deviation(
        requirement=requirement,
        reason=reason,
        link=_link(entry, reason),
        verdicts=verdicts,
        scope=_scope(entry),
        because=_because(entry, requirement, reason, verdicts, known_requirements),
        expires=_expires(entry.get("expires")),
        fingerprints=_fingerprints(entry.get("fingerprints", [])),
        flaky=_flaky(entry.get("flaky")),
    )


def _refusal(entry: Mapping[str, Any], inheritable: Collection[str]) -> Refusal:
    _check_keys(entry, _REFUSAL_KEYS)
    requirement = _text(entry, "requirement")
    if requirement not in inheritable:
        raise ValueError(f"no entry for {requirement!r} is inherited")
    return Refusal(requirement, _text(entry, "reason"), _scope(entry))


def _check_keys(entry: Mapping[str, Any], keys: tuple[str, ...]) -> None:
    for key in entry:
        if key not in keys:
            raise ValueError(f"unknown key {key!r}; expected: {', '.join(keys)}")


def _text(entry: Mapping[str, Any], key: str) -> str:
    value = entry.get(key)
    if value is None:
        raise ValueError(f"no {key}; it is required")
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"{key} = {value!r}; some text was expected")
    return value


def _texts(value: object, key: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not value or not all(isinstance(each, str) for each in value):
        raise ValueError(f"{key} = {value!r}; a list of texts was expected")
    return tuple(value)


def _known(name: str, known_requirements: Collection[str]) -> str:
    if name not in known_requirements:
        close = difflib.get_close_matches(name, known_requirements, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"unknown requirement {name!r}{hint}")
    return name


def _verdicts(value: object) -> tuple[str, ...]:
    verdicts = _texts(value, "verdicts")
    for each in verdicts:
        if each not in VERDICTS:
            raise ValueError(f"verdicts = {value!r}; some of {', '.join(VERDICTS)} were expected")
    return tuple(each for each in VERDICTS if each in verdicts)


def _scope(entry: Mapping[str, Any]) -> Scope:
    return Scope(
        when=_condition(_text(entry, "when")) if "when" in entry else None,
        where=_probes(entry["where"]) if "where" in entry else (),
    )


def _condition(text: str) -> Marker:
    try:
        marker = Marker(text)
        for comparison in _VERSION_COMPARED.findall(text):
            Specifier("".join(comparison))
    except InvalidMarker:
        raise ValueError(f"when = {text!r}; a condition like \"python_version >= '3.8'\" was expected") from None
    except InvalidSpecifier as error:
        raise ValueError(f"when = {text!r}; {error}") from None
    for word in re.findall(r"\w+", _QUOTED.sub("", text)):
        if word not in (*VARIABLES, "and", "or", "not", "in"):
            raise ValueError(f"when = {text!r}; {word} cannot be asked for; expected: {', '.join(VARIABLES)}")
    return marker


def _probes(value: object) -> tuple[str, ...]:
    probes = _texts(value, "where")
    for each in probes:
        if each.removeprefix(NOT) not in PROBES:
            raise ValueError(f"where = {value!r}; expected: {', '.join(PROBES)}, or one of them with {NOT!r} before it")
    return probes


def _link(entry: Mapping[str, Any], reason: str) -> str:
    if entry.get("link") == "" and reason == UNEXPLAINED:
        return ""
    text = _text(entry, "link")
    if not _LINK.fullmatch(text):
        raise ValueError(f"link = {text!r}; a URL or an issue like 'gh-12345' was expected")
    return text


def _because(
    entry: Mapping[str, Any],
    requirement: str,
    reason: str,
    verdicts: tuple[str, ...],
    known_requirements: Collection[str],
) -> str | None:
    """Return the requirement whose breach leaves nothing to judge; without one, inconclusive is no excuse."""
    if "inconclusive" not in verdicts:
        if "because" in entry:
            raise ValueError("because is only for entries that declare inconclusive")
        return None
    if "because" not in entry and reason == UNEXPLAINED:
        return None
    if "because" not in entry:
        raise ValueError("no because; who declares inconclusive names the requirement whose breach is the cause")
    cause = _known(_text(entry, "because"), known_requirements)
    if cause == requirement:
        raise ValueError(f"because = {cause!r}; another requirement was expected")
    return cause


def _expires(value: object) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError(f"expires = {value!r}; a date like 2027-01-31, without quotes, was expected")


def _fingerprints(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and _FINGERPRINT.fullmatch(one) for one in value):
        raise ValueError(f"fingerprints = {value!r}; a list of 12 hex digits each was expected")
    return tuple(value)


def _flaky(value: object) -> Flaky | None:
    if value is None:
        return None
    if not (isinstance(value, dict) and value):
        raise ValueError(f"flaky = {value!r}; a table with {', '.join(_FLAKY_KEYS)} was expected")
    try:
        _check_keys(value, _FLAKY_KEYS)
        flaky = Flaky(_text(value, "cause"), _text(value, "script"), _text(value, "rate"))
    except ValueError as error:
        raise ValueError(f"flaky: {error}") from None
    if not _SCRIPT.fullmatch(flaky.script):
        raise ValueError(f"flaky: script = {flaky.script!r}; a URL, or the path of a .py file, was expected")
    rate = _RATE.fullmatch(flaky.rate)
    if rate is None or not 0 < int(rate[1]) < int(rate[2]):
        raise ValueError(f"flaky: rate = {flaky.rate!r}; what was measured, like '13 of 60', was expected")
    return flaky
