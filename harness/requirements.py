"""The requirement catalogue: read it, validate it, and ask what is in force for a Python version.

Each area has a file ``conformance/AREA/requirements.toml``, or a folder ``requirements`` of such files where one would
be too long, with one table a requirement::

    [server-close-joins-threads]
    level  = "must"          # must | should | may | compatibility
    basis  = "documented"    # documented | de facto | quality | open | insides
    says   = "server_close waits for all threads that are no daemons."
    source = "https://docs.python.org/3/library/socketserver.html#socketserver.ThreadingMixIn"
    since  = "3.7"           # the first Python version in which it is in force
    until  = "3.14"          # the first in which it is not any more

source may be a list, and empty unless the basis is "documented"; since and until may be absent.  What is "de facto"
names the programs that need it::

    programs = ["werkzeug: its development server overrides it"]

Level and basis belong together (see `BASES_OF`): a *must* is documented, a *should* is needed by programs, and what is
only like the insides of CPython accuses nobody.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.versions import VERSION, numbers

LEVELS = ("must", "should", "may", "compatibility")
LOWEST_THAT_COUNTS = "may"  #: what is below never changes the result of a run, unless a run asks for it

#: What a requirement of each level may rest on.  "open": whether any program needs it has not been found out yet.
BASES_OF = {
    "must": ("documented",),
    "should": ("de facto",),
    "may": ("quality", "open"),
    "compatibility": ("insides",),
}
BASES = ("documented", "de facto", "quality", "open", "insides")

_KEYS = ("level", "basis", "says", "source", "programs", "since", "until")
_WORDS = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+")
_SECOND_SENTENCE = re.compile(r"[.!?]\s+[A-Z]|\n")


class CatalogueError(ValueError):
    """A requirement is not written as it must be; the message is one line with file and id."""


@dataclass(frozen=True)
class Requirement:
    """One named, observable promise of a `socketserver` module.

    programs: which need it, and for what.  promises: the statements of the documentation that it checks, in our words.
    """

    id: str
    area: str
    level: str
    basis: str
    says: str
    sources: tuple[str, ...]
    programs: tuple[str, ...] = ()
    promises: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None


class Catalogue(Mapping[str, Requirement]):
    """All requirements by id, in the order of areas and, within one, of its file."""

    def __init__(self, requirements: Iterable[Requirement]) -> None:
        self._by_id = {requirement.id: requirement for requirement in requirements}

    def __getitem__(self, identifier: str) -> Requirement:
        return self._by_id[identifier]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)

    def in_contract(self, version: str) -> "Catalogue":
        """Return those that are in force for the Python *version*, such as "3.12"."""
        return Catalogue(each for each in self.values() if in_force(each, version))

    def areas(self) -> tuple[str, ...]:
        """Return the names of the areas, each once."""
        return tuple(dict.fromkeys(each.area for each in self.values()))


def in_force(requirement: Requirement, contract: str) -> bool:
    """Tell whether *requirement* holds for the Python version *contract*, such as "3.12".

    Raises ValueError if *contract* is no version.
    """
    version = numbers(contract)
    return (requirement.since is None or numbers(requirement.since) <= version) and (
        requirement.until is None or version < numbers(requirement.until)
    )


def read_catalogue(folder: Path) -> Catalogue:
    """Read the requirements of each area in *folder*; CatalogueError for the first mistake."""
    if not folder.is_dir():
        raise CatalogueError(f"{folder} is not a folder; expected one with an area in each subfolder")
    found: dict[str, Requirement] = {}
    for area in sorted(path for path in folder.iterdir() if path.is_dir()):
        for file in sorted([*area.glob("requirements.toml"), *area.glob("requirements/*.toml")]):
            for requirement in _read_file(file, area):
                if requirement.id in found:
                    raise CatalogueError(f"{_shown(file, area)}: {requirement.id} is there twice")
                found[requirement.id] = requirement
    return Catalogue(found.values())


def _shown(file: Path, area: Path) -> str:
    return file.relative_to(area.parent.parent).as_posix()


def _read_file(file: Path, folder: Path) -> Iterator[Requirement]:
    shown = _shown(file, folder)
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:  # broken TOML, or broken UTF-8
        raise CatalogueError(f"{shown}: {error}") from error
    area = folder.name.replace("_", "-")
    for words, table in tables.items():
        try:
            yield _requirement(area, words, table)
        except ValueError as error:
            raise CatalogueError(f"{shown} [{words}]: {error}") from error


def _requirement(area: str, words: str, table: object) -> Requirement:
    if not _WORDS.fullmatch(words):
        raise ValueError("the id is not lower-case words with hyphens, like 'echo-is-whole'")
    if not isinstance(table, dict):
        raise ValueError(  # noqa: TRY004 - a mistake in a file, not of a caller
            f"{table!r} is no table; expected the keys {', '.join(_KEYS)}"
        )
    for key in table:
        if key not in _KEYS:
            raise ValueError(f"unknown key {key!r}; expected {', '.join(_KEYS)}")
    level, basis = _one_of(LEVELS, "level", table), _one_of(BASES, "basis", table)
    programs = _texts("programs", table.get("programs", []))
    if basis not in BASES_OF[level]:
        raise ValueError(f"a {level} whose basis is {basis!r}; expected {' or '.join(map(repr, BASES_OF[level]))}")
    if level == "should" and not programs:
        raise ValueError("a should without programs; expected at least one that needs it")
    since, until = _version("since", table), _version("until", table)
    if since and until and numbers(since) >= numbers(until):
        raise ValueError(f"since {since!r} is not before until {until!r}")
    return Requirement(
        id=f"{area}.{words}",
        area=area,
        level=level,
        basis=basis,
        says=_sentence(table.get("says")),
        sources=_sources(table.get("source", []), basis),
        programs=programs,
        since=since,
        until=until,
    )


def _one_of(choices: tuple[str, ...], key: str, table: Mapping[str, object]) -> str:
    value = table.get(key)
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{key} is {value!r}; expected one of {', '.join(choices)}")
    return value


def _version(key: str, table: Mapping[str, object]) -> str | None:
    value = table.get(key)
    if value is not None and not (isinstance(value, str) and VERSION.fullmatch(value)):
        raise ValueError(f"{key} is {value!r}; expected text like '3.12'")
    return value


def _sentence(says: object) -> str:
    if not isinstance(says, str) or not says.endswith(".") or _SECOND_SENTENCE.search(says):
        raise ValueError(f"says is {says!r}; expected one sentence in one line that ends with '.'")
    return says


def _sources(source: object, basis: str) -> tuple[str, ...]:
    sources = _texts("source", source)
    if basis == "documented" and not sources:
        raise ValueError("it has no source; what is documented must say where")
    return sources


def _texts(key: str, value: object) -> tuple[str, ...]:
    texts = value if isinstance(value, list) else [value]
    if not all(isinstance(each, str) and each for each in texts):
        raise ValueError(f"{key} is {value!r}; expected text, or a list of texts")
    return tuple(texts)
