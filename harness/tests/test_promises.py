"""Each statement of the documentation is checked by something, or it is said why not, and the page tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.promises import (
    CONFORMANCE,
    SECTIONS,
    Promise,
    Section,
    Untested,
    page,
    read,
    read_untested,
    read_whole_catalogue,
)
from harness.requirements import Catalogue, CatalogueError, Requirement, read_catalogue

PAGE = CONFORMANCE.parent / "docs" / "promises.md"
KNOWN = Requirement(
    "area.it-works", "area", "should", "documented", "It works.", ("https://somewhere.example",), since="3.7"
)
OTHER = Requirement("area.it-lasts", "area", "must", "documented", "It lasts.", ("https://somewhere.example",))
CATALOGUE = Catalogue([KNOWN, OTHER])
HEAD = 'title = "Section"\nlink = "https://somewhere.example"\n[[promise]]\nsays = "It works."\nanchor = "here"\n'


def read_with(folder: Path, promise: str) -> tuple[Section, ...]:
    """Read a map in which every section has the one promise that ends so."""
    for name in SECTIONS:
        (folder / f"{name}.toml").write_text(HEAD + promise, encoding="utf-8")
    return read(folder, CATALOGUE)


def test_the_page_is_what_the_map_says() -> None:
    catalogue = read_catalogue(CONFORMANCE)

    lines = list(page(read(CONFORMANCE / "promises", catalogue), read_untested(CONFORMANCE), catalogue))

    assert PAGE.read_text(encoding="utf-8").splitlines() == lines


def test_every_must_rests_on_a_statement_of_the_documentation() -> None:
    catalogue = read_whole_catalogue(CONFORMANCE)

    assert [each.id for each in catalogue.values() if each.level == "must" and not each.promises] == []


def test_no_statement_is_made_twice() -> None:
    sections = read(CONFORMANCE / "promises", read_catalogue(CONFORMANCE))
    says = [promise.says for section in sections for promise in section.promises]

    assert sorted(each for each in set(says) if says.count(each) > 1) == []


def test_each_section_has_its_file_and_each_file_its_section() -> None:
    assert sorted(path.stem for path in (CONFORMANCE / "promises").iterdir()) == sorted(SECTIONS)


@pytest.mark.parametrize(
    ("promise", "complaint"),
    [
        ('requirements = ["no.such"]', r"no\.such"),
        ("requirements = []", "or a reason"),
        ('requirements = ["area.it-works"]\nreason = "none"', "not both"),
        ('requirements = ["area.it-works"]\nsince = "3"', "versions"),
        ('requirements = ["area.it-works"]\nsence = "3.7"', "sence"),
    ],
    ids=["unknown", "unchecked", "both", "version", "key"],
)
def test_a_mistake_in_the_map_is_told_in_one_line(tmp_path: Path, promise: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=rf"introduction\.toml: “It works\.” .*{complaint}"):
        read_with(tmp_path, promise)


def test_a_row_says_where_it_stands_of_which_versions_and_what_checks_it(tmp_path: Path) -> None:
    promise = 'requirements = ["area.it-works", "area.it-lasts"]\nsince = "3.7"\nuntil = "3.15"'
    [section, *_] = read_with(tmp_path, promise)

    [row] = [line for line in page((section,), {}, CATALOGUE) if "#here" in line]

    assert row == (
        "| [It works.](https://docs.python.org/3/library/socketserver.html#here) *(since 3.7 before 3.15)* "
        "| `area.it-works` (should), `area.it-lasts` |"
    )


def test_the_page_counts_and_tells_what_nothing_checks() -> None:
    promises = (Promise("It works.", "#here", ("area.it-works",)), Promise("It shines.", "#there", reason="it is dark"))
    untested = {"area": (Untested("It is kind.", "Nobody can tell.", "de facto"),)}

    text = "\n".join(page((Section("Section", "#section", promises),), untested, CATALOGUE))

    assert "Of 2 statements 1 are checked, by 1 requirements;\n1 cannot be checked" in text
    assert "| [It shines.](#there) | nothing: it is dark |" in text
    assert "* `area.it-lasts`: It lasts." in text
    assert "### area\n\n* It is kind. – Nobody can tell. (de facto)" in text


def test_what_no_check_looks_at_is_read_by_area(tmp_path: Path) -> None:
    (tmp_path / "an_area").mkdir()
    entry = '[[untested]]\nsays = "It is kind."\nreason = "Nobody can tell."\nsource = "de facto"\n'
    (tmp_path / "an_area" / "untested.toml").write_text(entry, encoding="utf-8")

    assert read_untested(tmp_path) == {"an-area": (Untested("It is kind.", "Nobody can tell.", "de facto"),)}
