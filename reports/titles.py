"""Titles that tell records, and what is in them, from each other."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path


def labels(paths: Sequence[Path]) -> list[str]:
    """Name each path by as little of its end as tells it from the others."""
    parts = [(*path.parent.parts, path.stem) for path in paths]
    for depth in range(1, max(map(len, parts), default=0) + 1):
        found = ["/".join(part[-depth:]) for part in parts]
        if len(set(found)) == len(found):
            return found
    return [f"record {number}" for number, _ in enumerate(paths, start=1)]


def titles(named: Sequence[tuple[str, str]]) -> list[str]:
    """Return a title for each name and label of its record: the name, and more where names are shared."""
    names = Counter(name for name, _ in named)
    found: list[str] = []
    for name, label in named:
        title = f"{name} ({label})" if names[name] > 1 else name
        again = sum(known.partition(" #")[0] == title for known in found)
        found.append(f"{title} #{again + 1}" if again else title)
    return found
