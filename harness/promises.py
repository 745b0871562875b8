"""The map from what the documentation promises to the requirements that check it, and the page made from it.

``python -m harness.promises`` prints the page; ``docs/promises.md`` holds what it printed last.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.requirements import Catalogue, CatalogueError, read_catalogue

CONFORMANCE = Path(__file__).resolve().parent.parent / "conformance"


@dataclass(frozen=True)
class Promise:
    """A sentence of the documentation in our words, where it stands, and the ids of what checks it."""

    says: str
    section: str
    requirements: tuple[str, ...]


def read(path: Path, catalogue: Catalogue) -> tuple[Promise, ...]:
    """Read the promises; CatalogueError, one line, for one that nothing checks or that names an unknown requirement."""
    entries = tomllib.loads(path.read_text(encoding="utf-8"))["promise"]
    promises = tuple(Promise(each["says"], each["section"], tuple(each["requirements"])) for each in entries)
    for promise in promises:
        unknown = [identifier for identifier in promise.requirements if identifier not in catalogue]
        if unknown or not promise.requirements:
            raise CatalogueError(f"{path.name}: “{promise.says}” needs known requirements, not {unknown or 'none'}")
    return promises


def page(promises: tuple[Promise, ...], catalogue: Catalogue) -> Iterator[str]:
    """Write the page, line by line."""
    yield "# What the documentation promises, and what checks it"
    yield ""
    yield "Made from `conformance/promises.toml` by `python -m harness.promises`."
    for promise in promises:
        yield ""
        yield f"## {promise.says}"
        yield ""
        yield f"[Where it is promised]({promise.section})"
        yield ""
        for identifier in promise.requirements:
            requirement = catalogue[identifier]
            since = f", since {requirement.since}" if requirement.since else ""
            yield f"* `{identifier}` ({requirement.level}{since}): {requirement.says}"


def main() -> None:
    """Print the page."""
    catalogue = read_catalogue(CONFORMANCE)
    promises = read(CONFORMANCE / "promises.toml", catalogue)
    sys.stdout.write("\n".join(page(promises, catalogue)) + "\n")


if __name__ == "__main__":
    main()
