"""The HTML report: one page that needs nothing else, and lets nothing through."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from urllib.parse import unquote

import pytest

from reports.conformance import Table
from reports.renderers import html
from reports.tests.pages import Page

Tables = Callable[..., Table]


@pytest.fixture
def page(tables: Tables) -> Page:
    """Return a page with every verdict, hostile text and two records."""
    return Page(html.render(tables("every-verdict", "older")))


@pytest.mark.parametrize("names", [["clean"], ["every-verdict"], ["every-verdict", "older"]])
def test_every_element_is_closed(tables: Tables, names: list[str]) -> None:
    assert Page(html.render(tables(*names))).open == []


def test_hostile_stderr_is_text(page: Page) -> None:
    assert "</script><b>bold</b> & <img src=x onerror=alert(1)>" in page.text_in("pre")
    assert "-->]]></pre></details></style><script>alert(1)</script>" in page.text_in("pre")


def test_nothing_hostile_became_an_element(page: Page) -> None:
    tags = {tag for tag, _ in page.elements}

    assert tags.isdisjoint({"script", "b", "img", "iframe", "object", "link", "base"})
    assert page.text_in("summary").count("alert") == 0


def test_no_element_has_a_handler_for_events(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}

    assert not [name for name in names if name.startswith("on")]


def test_a_hostile_name_cannot_leave_its_attribute(tables: Tables) -> None:
    table = tables("every-verdict")
    hostile = dataclasses.replace(table.columns[0], title='"><script>alert(1)</script>')
    table = dataclasses.replace(table, columns=(hostile, *table.columns[1:]))

    page = Page(html.render(table))

    assert page.all("script") == []
    assert '"><script>alert(1)</script>' in page.text_in("h2")


def test_control_characters_are_written_out(tables: Tables) -> None:
    text = html.render(tables("every-verdict"))

    assert r"\x1b[31mred\x1b[0m bell\x07 nul\x00 \u202egnp.exe" in text
    assert not {char for char in text if ord(char) < 0x20} - {"\n"}
    assert text.encode()


def test_the_page_asks_the_network_for_nothing(tables: Tables, page: Page) -> None:
    text = html.render(tables("every-verdict", "older"))

    assert not [attributes for _, attributes in page.elements if "src" in attributes]
    assert "@import" not in text
    assert "url(" not in text
    [policy] = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_only_links_for_people_lead_away(page: Page) -> None:
    outward = [
        (tag, attributes["href"])
        for tag, attributes in page.elements
        if not attributes.get("href", "#").startswith("#")
    ]

    assert {tag for tag, _ in outward} == {"a"}
    assert all(href.startswith("https://") for _, href in outward)


def test_every_link_within_the_page_arrives(page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)
    targets = {unquote(attributes["href"][1:]) for attributes in page.all("a") if attributes["href"].startswith("#")}

    assert targets <= ids.keys()
    assert set(ids.values()) == {1}


def test_every_cell_of_the_matrix_leads_to_its_evidence(tables: Tables, page: Page) -> None:
    anchors = {c.anchor for row in tables("every-verdict", "older").rows for c in row.cells}

    linked = {unquote(attributes["href"][1:]) for attributes in page.all("a")}
    sections = {attributes.get("id") for attributes in page.all("section")}
    assert anchors <= linked
    assert anchors <= sections


def test_every_verdict_is_there_as_a_word(page: Page, tables: Tables) -> None:
    given = {cell.verdict for row in tables("every-verdict", "older").rows for cell in row.cells}

    assert len(given) == 13
    assert given <= {words for tag, words in page.words if tag == "a"}


def test_every_table_header_says_what_it_heads(page: Page) -> None:
    assert {attributes.get("scope") for attributes in page.all("th")} == {
        "col",
        "row",
        "rowgroup",
        "colgroup",
    }


def test_every_control_has_a_label(page: Page) -> None:
    assert len(page.all("input")) == len(page.all("label")) == 7


def test_a_single_candidate_needs_no_filter_for_differences(tables: Tables) -> None:
    assert "show-differs" in html.render(tables("clean", "older"))
    assert 'id="show-differs"' not in html.render(tables("clean"))


def test_a_clean_page_has_no_evidence_section_and_no_link_to_it(tables: Tables) -> None:
    page = Page(html.render(tables("clean")))

    assert "evidence" not in {attributes.get("id") for attributes in page.all("section")}
    assert {"href": "#evidence"} not in page.all("a")


@pytest.mark.parametrize("part", ["timeline", "stderr", "stacks"])
def test_evidence_has_all_its_parts(page: Page, part: str) -> None:
    assert part in page.text_in("summary")


def test_evidence_has_the_command_that_repeats_it(page: Page) -> None:
    assert "--impl=stdlib@3.8" in page.text_in("code")
    assert "process 4711 (zombie), child of the server" in page.text_in("dd")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("https://docs.python.org/3/", True),
        ("http://localhost", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("see https://docs.python.org/3/", False),
        ("gh-81374", False),
    ],
)
def test_only_web_addresses_may_become_links(value: str, expected: bool) -> None:
    assert html.is_address(value) is expected
