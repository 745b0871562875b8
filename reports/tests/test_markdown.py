"""The Markdown report: whole pages byte for byte, and what must not get through.

After a wanted change, write the expected pages anew, from the folder above `reports`:

    python -m reports reports/tests/records/NAME.json … --markdown reports/tests/expected/PAGE.md
"""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.conformance import Table
from reports.renderers import markdown

Tables = Callable[..., Table]
EXPECTED = Path(__file__).parent / "expected"


@pytest.mark.parametrize(("page", "names"), [("clean", ["clean"]), ("comparison", ["every-verdict", "older"])])
def test_the_page_is_the_expected_one(tables: Tables, page: str, names: list[str]) -> None:
    expected = (EXPECTED / f"{page}.md").read_text(encoding="utf-8")

    assert markdown.render(tables(*names)) == expected


def outside_fences(text: str) -> list[str]:
    """Return the lines of *text* that no code fence encloses."""
    found, fence = [], ""
    for line in text.splitlines():
        bare = line.strip()
        if fence:
            fence = "" if bare == fence else fence
        elif bare.startswith("```"):
            fence = bare.rstrip("tex")
        else:
            found.append(line)
    assert not fence
    return found


def test_hostile_stderr_stays_in_its_code_block(tables: Tables) -> None:
    page = markdown.render(tables("every-verdict"))

    prose = "\n".join(outside_fences(page))
    assert "</script>" in page
    assert "<script" not in prose
    assert "not a heading" not in prose


def test_hostile_words_are_escaped_in_prose(tables: Tables) -> None:
    page = markdown.render(tables("every-verdict"))

    assert r"\_\_init\_\_ of &lt;b&gt;Handler&lt;/b&gt;" in page
    assert "the loop polls; &lt;i&gt;see&lt;/i&gt; the issue" in page


def test_a_table_has_as_many_cells_in_every_line(tables: Tables) -> None:
    table = tables("every-verdict")
    hostile = dataclasses.replace(table.columns[0], title="a|b`c\nd")
    table = dataclasses.replace(table, columns=(hostile, *table.columns[1:]))

    lines = [line for line in markdown.render(table).splitlines() if line.startswith("| ")]

    assert r"a\|b\`c d" in lines[0]
    areas = [line.replace(r"\|", "") for line in lines[:15]]
    assert {line.count("|") for line in areas} == {5}


def test_a_long_block_is_cut_so_that_the_page_fits_into_a_comment() -> None:
    block = markdown.block("line\n" * 10_000)

    assert len(block.splitlines()) == markdown.EVIDENCE_LINES + 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server_close() of *all*", r"server_close() of \*all\*"),
        ("# no heading", r"\# no heading"),
        ("1. no list", r"1\. no list"),
        ("- no list\n---", r"\- no list ---"),
        ("[no](link) <b>", r"\[no\](link) &lt;b&gt;"),
        ("a & b", "a &amp; b"),
        ("0.5 s", "0.5 s"),
        ("", ""),
    ],
)
def test_prose_means_nothing_to_markdown(text: str, expected: str) -> None:
    assert markdown.prose(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", "`a b`"), ("`a`", "`` `a` ``"), ("a\n``b", "```a ``b```"), ("", "` `")],
)
def test_a_code_span_encloses_backticks(text: str, expected: str) -> None:
    assert markdown.code(text) == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("https://a.example/x#y", "<https://a.example/x#y>"),
        ("javascript:alert(1)", "javascript:alert(1)"),
        ("https://a.example/> <b>", "https://a.example/&gt; &lt;b&gt;"),
    ],
)
def test_only_web_addresses_become_links(source: str, expected: str) -> None:
    assert markdown.reference(source) == expected
