"""Mark the functions that break a candidate on purpose.

A defect takes the freshly loaded candidate and patches it, as far as possible through documented names, so that the
same defect breaks any candidate.  The host that it ruins is thrown away.
"""

from typing import Any, Callable, TypeVar

Defect = TypeVar("Defect", bound=Callable[[Any], None])


def breaks(requirement: str) -> Callable[[Defect], Defect]:
    """Say which requirement a defect breaks, by its id."""

    def mark(defect: Defect) -> Defect:
        setattr(defect, "breaks", requirement)  # noqa: B010 - functions have no such attribute for mypy
        return defect

    return mark
