"""The map from what the documentation says to the requirements that check it, and the page made from it.

``python -m harness.promises`` prints the page; ``docs/promises.md`` holds what it printed last.

The map is a file ``conformance/promises/SECTION.toml`` for each section of the documentation, with its title and link,
and one table a statement, in the order of the documentation::

    [[promise]]
    says         = "shutdown() tells the loop to stop, and waits until it has."     # in our words
    anchor       = "socketserver.BaseServer.shutdown"                                # where it stands on the page
    requirements = ["waiting.shutdown-waits-for-the-loop"]                           # or
    reason       = "why nothing can check it"
    since        = "3.7"       # the first Python version of which it is said; `until` is the first of which it is not
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.requirements import Catalogue, CatalogueError, Requirement, read_catalogue
from harness.versions import VERSION

CONFORMANCE = Path(__file__).resolve().parent.parent / "conformance"
DOCUMENTATION = "https://docs.python.org/3/library/socketserver.html"
SECTIONS = (
    "introduction",
    "server_creation_notes",
    "server_objects",
    "request_handler_objects",
    "examples",
)
_KEYS = {"says", "anchor", "requirements", "reason", "since", "until"}


@dataclass(frozen=True)
class Promise:
    """A statement of the documentation in our words, where it stands, and what checks it, or else why nothing does."""

    says: str
    link: str
    requirements: tuple[str, ...] = ()
    reason: str = ""
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class Section:
    """A section of the documentation and what it says."""

    title: str
    link: str
    promises: tuple[Promise, ...]


@dataclass(frozen=True)
class Untested:
    """A behaviour that no check looks at, and why."""

    says: str
    reason: str
    source: str


# -- reading -----------------------------------------------------------------------------------------------------------


def read(folder: Path, catalogue: Catalogue) -> tuple[Section, ...]:
    """Read the map; CatalogueError, one line, for a statement without check or reason, or with an unknown check."""
    return tuple(_section(folder / f"{name}.toml", catalogue) for name in SECTIONS)


def _section(path: Path, catalogue: Catalogue) -> Section:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    promises = tuple(_promise(path.name, entry, catalogue) for entry in table["promise"])
    return Section(table["title"], table["link"], promises)


def _promise(file: str, entry: dict[str, Any], catalogue: Catalogue) -> Promise:
    promise = Promise(
        says=entry["says"],
        link=f"{DOCUMENTATION}#{entry['anchor']}",
        requirements=tuple(entry.get("requirements", ())),
        reason=entry.get("reason", ""),
        since=entry.get("since"),
        until=entry.get("until"),
    )
    mistake = _mistake(promise, entry.keys() - _KEYS, catalogue)
    if mistake:
        raise CatalogueError(f"{file}: “{promise.says}” {mistake}")
    return promise


def _mistake(promise: Promise, unknown_keys: set[str], catalogue: Catalogue) -> str | None:
    unknown = [identifier for identifier in promise.requirements if identifier not in catalogue]
    versions = [version for version in (promise.since, promise.until) if version is not None]
    if unknown_keys:
        return f"has the unknown keys {', '.join(sorted(unknown_keys))}"
    if unknown:
        return f"names {', '.join(unknown)}, and there is no such requirement"
    if bool(promise.requirements) == bool(promise.reason):
        return "needs requirements, or a reason why there are none, and not both"
    if not all(VERSION.fullmatch(version) for version in versions):
        return f"has versions that are none: {', '.join(versions)}"
    return None


def read_whole_catalogue(conformance: Path) -> Catalogue:
    """Read the requirements, each with the statements of the documentation that it checks."""
    catalogue = read_catalogue(conformance)
    if not (conformance / "promises").is_dir():
        return catalogue
    made: dict[str, list[str]] = {}
    for section in read(conformance / "promises", catalogue):
        for promise in section.promises:
            for identifier in promise.requirements:
                made.setdefault(identifier, []).append(promise.says)
    return Catalogue(replace(each, promises=tuple(made.get(each.id, ()))) for each in catalogue.values())


def read_untested(conformance: Path) -> dict[str, tuple[Untested, ...]]:
    """Read, for each area, the behaviours that no check looks at."""
    return {
        file.parent.name.replace("_", "-"): tuple(
            Untested(entry["says"], entry["reason"], entry["source"])
            for entry in tomllib.loads(file.read_text(encoding="utf-8"))["untested"]
        )
        for file in sorted(conformance.glob("*/untested.toml"))
    }


# -- writing -----------------------------------------------------------------------------------------------------------


def page(
    sections: tuple[Section, ...], untested: Mapping[str, tuple[Untested, ...]], catalogue: Catalogue
) -> Iterator[str]:
    """Write the page, line by line."""
    promises = [promise for section in sections for promise in section.promises]
    named = {identifier for promise in promises for identifier in promise.requirements}
    checked = sum(bool(promise.requirements) for promise in promises)
    yield "# What the documentation promises, and what checks it"
    yield ""
    yield "Made by `python -m harness.promises` from `conformance/promises/`, which goes through the"
    yield f"[documentation]({DOCUMENTATION}) of Python 3.11 to 3.15"
    yield "statement by statement, in our words. What a requirement says stands in the `requirements.toml` of its area,"
    yield "or in its folder `requirements`; its level is *must* where none is given."
    yield ""
    yield f"Of {len(promises)} statements {checked} are checked, by {len(named)} requirements;"
    yield f"{len(promises) - checked} cannot be checked, for the reasons that are given."
    for section in sections:
        yield ""
        yield f"## [{section.title}]({section.link})"
        yield ""
        yield "| it says | which is checked by |"
        yield "| --- | --- |"
        yield from (_row(promise, catalogue) for promise in section.promises)
    yield from _beyond(each for each in catalogue.values() if each.basis == "documented" and each.id not in named)
    yield from _not_checked(untested)


def _row(promise: Promise, catalogue: Catalogue) -> str:
    return f"| [{promise.says}]({promise.link}){_versions(promise)} | {_checks(promise, catalogue)} |"


def _versions(each: Promise | Requirement) -> str:
    since = f" since {each.since}" if each.since else ""
    until = f" before {each.until}" if each.until else ""
    return f" *({(since + until).strip()})*" if since or until else ""


def _checks(promise: Promise, catalogue: Catalogue) -> str:
    if promise.reason:
        return f"nothing: {promise.reason}"
    return ", ".join(f"`{identifier}`{_level(catalogue[identifier])}" for identifier in promise.requirements)


def _level(requirement: Requirement) -> str:
    return "" if requirement.level == "must" else f" ({requirement.level})"


def _beyond(requirements: Iterable[Requirement]) -> Iterator[str]:
    yield ""
    yield "## What else is documented"
    yield ""
    yield "Requirements that follow from the documentation, of this module or another, without being stated there."
    yield ""
    for each in requirements:
        yield f"* `{each.id}`{_level(each)}{_versions(each)}: {each.says}"


def _not_checked(untested: Mapping[str, tuple[Untested, ...]]) -> Iterator[str]:
    yield ""
    yield "## What no check looks at"
    yield ""
    yield "Behaviours that somebody might expect a check of, and why there is none."
    for area, behaviours in untested.items():
        yield ""
        yield f"### {area}"
        yield ""
        for each in behaviours:
            source = f"[source]({each.source})" if "://" in each.source else each.source
            yield f"* {each.says} – {each.reason} ({source})"


def main() -> None:
    """Print the page."""
    catalogue = read_catalogue(CONFORMANCE)
    sections = read(CONFORMANCE / "promises", catalogue)
    sys.stdout.write("\n".join(page(sections, read_untested(CONFORMANCE), catalogue)) + "\n")


if __name__ == "__main__":
    main()
