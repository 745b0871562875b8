"""Each promise of the documentation is checked by something, and the page says what."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.promises import CONFORMANCE, page, read
from harness.requirements import CatalogueError, read_catalogue

PAGE = CONFORMANCE.parent / "docs" / "promises.md"


def test_the_page_is_what_the_map_says() -> None:
    catalogue = read_catalogue(CONFORMANCE)

    lines = list(page(read(CONFORMANCE / "promises.toml", catalogue), catalogue))

    assert PAGE.read_text(encoding="utf-8").splitlines() == lines


def test_a_promise_that_names_an_unknown_requirement_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "promises.toml"
    file.write_text('[[promise]]\nsays = "It works."\nsection = ""\nrequirements = ["no.such"]\n')

    with pytest.raises(CatalogueError, match=r"It works.*no\.such"):
        read(file, read_catalogue(CONFORMANCE))


def test_a_promise_that_nothing_checks_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "promises.toml"
    file.write_text('[[promise]]\nsays = "It works."\nsection = ""\nrequirements = []\n')

    with pytest.raises(CatalogueError, match="not none"):
        read(file, read_catalogue(CONFORMANCE))
