"""The benchmark reports: whole pages byte for byte, and what must not get through.

After a wanted change, write the expected pages anew, from the folder above `reports`:

    python -m reports.benchmarks reports/tests/records/benchmarks/NAME.json … \
        --markdown reports/tests/expected/benchmarks/PAGE.md --html reports/tests/expected/benchmarks/PAGE.html \
        --json reports/tests/expected/benchmarks/PAGE.json
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from reports import benchmark_summary
from reports.benchmark_tables import Table
from reports.renderers import benchmark_html, benchmark_markdown
from reports.tests.pages import Page

Sample = Callable[[str], Path]
Altered = Callable[[Callable[[dict[str, Any]], object]], Path]
Marked = Callable[[str], Path]
Tables = Callable[..., Table]

EXPECTED = Path(__file__).parent / "expected" / "benchmarks"
RENDERERS: Mapping[str, Callable[[Table], str]] = {
    "md": benchmark_markdown.render,
    "html": benchmark_html.render,
    "json": benchmark_summary.render,
}
HOSTILE = '"|`</td></svg></details></style><script>alert(1)</script><!--\n# no *heading*\x1b[2J\u202e\ud800'


@pytest.fixture
def table(benchmark_sample: Sample, benchmark_table: Tables) -> Table:
    """Return the table of both samples."""
    return benchmark_table(benchmark_sample("every-verdict"), benchmark_sample("older"))


@pytest.fixture
def page(table: Table) -> Page:
    """Return the page of both samples."""
    return Page(benchmark_html.render(table))


@pytest.fixture
def hostile(marked_benchmark: Marked, benchmark_table: Tables) -> Table:
    """Return a table in which every text that may be anything is hostile."""
    return benchmark_table(marked_benchmark(HOSTILE))


@pytest.mark.parametrize("kind", RENDERERS)
@pytest.mark.parametrize(("name", "samples"), [("one", ["every-verdict"]), ("two", ["every-verdict", "older"])])
def test_the_page_is_the_expected_one(
    benchmark_sample: Sample, benchmark_table: Tables, kind: str, name: str, samples: list[str]
) -> None:
    expected = (EXPECTED / f"{name}.{kind}").read_bytes()

    rendered = RENDERERS[kind](benchmark_table(*map(benchmark_sample, samples)))

    assert rendered.encode() == expected


def test_a_record_of_nothing_becomes_a_page_of_nothing(altered_benchmark: Altered, benchmark_table: Tables) -> None:
    def empty(record: dict[str, Any]) -> None:
        record.update(command=[], rows=[], measurements=[], missing=[])
        record["footer"] = {"rows": 0, "measurements": 0, "samples": 0}

    nothing = benchmark_table(altered_benchmark(empty))

    assert "nothing was compared" in benchmark_markdown.render(nothing)
    assert Page(benchmark_html.render(nothing)).open == []


@pytest.mark.parametrize("value", [0, 5e-324, 1e308])
def test_no_number_that_is_allowed_stops_a_page(
    altered_benchmark: Altered, benchmark_table: Tables, value: float
) -> None:
    def alter(record: dict[str, Any]) -> None:
        for measurement in record["measurements"]:
            if measurement["unit"] != "share":
                measurement["series"][0]["samples"] = [value] * 7
            for found in (measurement["control"], *measurement["comparisons"]):
                found.update(ratio=value, low=value, high=value)
        growth = record["measurements"][2]["growth"]
        growth["lines"][0]["medians"] = [value] * 4
        record["measurements"][3]["percentiles"][0].update(
            rate=value, values={"50": dict.fromkeys(("seconds", "low", "high"), value)}
        )

    extreme = benchmark_table(altered_benchmark(alter))

    for render in RENDERERS.values():
        assert render(extreme).encode()


def test_every_element_is_closed(page: Page) -> None:
    assert page.open == []


def test_nothing_hostile_became_an_element(hostile: Table) -> None:
    page = Page(benchmark_html.render(hostile))

    tags = {tag for tag, _ in page.elements}
    assert tags.isdisjoint({"script", "img", "iframe", "object", "link", "base", "foreignObject", "use", "image"})
    assert page.open == []
    assert "<script>alert(1)</script>" in page.text_in("th")


def test_hostile_text_is_made_visible(hostile: Table) -> None:
    text = benchmark_html.render(hostile)

    assert r"\x1b[2J\u202e\ud800" in text
    assert not {char for char in text if ord(char) < 0x20} - {"\n"}
    assert text.encode()


def test_no_element_has_a_handler_for_events(page: Page) -> None:
    names = {name for _, attributes in page.elements for name in attributes}

    assert not [name for name in names if name.startswith("on")]


def test_the_page_asks_the_network_for_nothing(table: Table, page: Page) -> None:
    text = benchmark_html.render(table)

    assert not [attributes for _, attributes in page.elements if {"src", "xlink:href"} & attributes.keys()]
    assert not [words for words in ("@import", "url(", "http://", "https://") if words in text]
    [policy] = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_every_link_arrives_within_the_page(page: Page) -> None:
    ids = Counter(attributes["id"] for _, attributes in page.elements if "id" in attributes)

    assert {unquote(link["href"][1:]) for link in page.all("a")} <= ids.keys()
    assert set(ids.values()) == {1}


def test_every_measurement_of_the_overview_leads_to_its_section(page: Page, table: Table) -> None:
    assert {f"#{line.anchor}" for line in table.lines} <= {link["href"] for link in page.all("a")}


def test_every_plot_has_a_name_and_a_description(page: Page) -> None:
    plots = page.all("svg")

    ids = {attributes.get("id") for _, attributes in page.elements}
    assert len(plots) == 8 + 1 + 1
    assert all(plot["role"] == "img" for plot in plots)
    assert all(set(plot["aria-labelledby"].split()) <= ids for plot in plots)


def test_every_table_header_says_what_it_heads(page: Page) -> None:
    assert {attributes.get("scope") for attributes in page.all("th")} == {"col", "row"}


def test_what_a_reader_needs_to_trust_it_is_there(page: Page) -> None:
    facts = page.text_in("dd")

    for fact in ("seed 1, quick run, margin 5 %, confidence 99 %", "35 % busy with other work", "CPython 3.11.7"):
        assert fact in facts
    assert "--benchmark-only -k 'not slow'" in page.text_in("code")
    assert "7 rounds" in page.text_in("p")


def test_hostile_words_are_escaped_in_markdown(hostile: Table) -> None:
    text = benchmark_markdown.render(hostile)

    prose = "\n".join(line for line in text.splitlines() if "**: `" not in line)  # but for commands, as code
    assert "<script" not in prose
    assert "&lt;script&gt;alert(1)" in prose
    assert "*heading*" not in prose.replace(r"\*", "")
    assert "\x1b" not in text
    assert text.encode()


def test_a_table_has_as_many_cells_in_every_line(hostile: Table) -> None:
    lines = benchmark_markdown.render(hostile).splitlines()

    widths: list[set[int]] = []
    for line, before in zip(lines, ["", *lines], strict=False):
        if line.startswith("| "):
            if not before.startswith("| "):
                widths.append(set())
            widths[-1].add(line.replace(r"\|", "").count("|"))
    assert [len(width) for width in widths] == [1, 1, 1]


def test_markdown_fits_into_a_comment(table: Table) -> None:
    assert len(benchmark_markdown.render(table)) < 65_536 / 5


def test_the_summary_has_median_ratio_interval_and_verdict_of_every_row(table: Table) -> None:
    summary = json.loads(benchmark_summary.render(table))

    rows = {row["row"]: row for row in summary["measurements"][1]["rows"]}
    assert rows["reference_impl"]["verdict"] == "worse"
    assert rows["reference_impl"]["repeated"] == "too noisy to tell"
    assert (rows["reference_impl"]["ratio"], rows["reference_impl"]["low"]) == (1.09, 1.06)
    assert rows["stdlib"]["median"] > 0
    assert rows["stdlib"]["verdict"] is None
    assert rows["stdlib"]["baselines"][0]["verdict"] == "worse"
    assert rows["floor"]["limited"] is True


def test_the_summary_of_a_hostile_record_is_json(hostile: Table) -> None:
    assert json.loads(benchmark_summary.render(hostile))["version"] == benchmark_summary.VERSION
