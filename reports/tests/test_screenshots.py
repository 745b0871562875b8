"""The benchmark page, looked at: nothing is cut off, plots have ink, dark is dark."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from PIL import Image, ImageChops

from reports.benchmark_records import read_benchmark_record
from reports.benchmark_tables import Table, tabulate
from reports.renderers import benchmark_html
from reports.tests.browsing import Scheme, measure, screenshot

Tables = Callable[..., Table]
Box = tuple[float, float, float, float]

PHONE, DESKTOP = 390, 1280
RECORDS = Path(__file__).parent / "records" / "benchmarks"

pytestmark = pytest.mark.timeout(900)  # a browser that starts while everything else runs


class View(NamedTuple):
    """A page at some width, and what it looks like."""

    width: int
    scheme: Scheme
    measured: Mapping[str, Any]
    image: Image.Image


@pytest.fixture(scope="module", params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def layout(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, str, dict[str, Any]]:
    """Return a width, the page of both samples, and what the browser measured."""
    paths = [RECORDS / "every-verdict.json", RECORDS / "older.json"]
    page = benchmark_html.render(tabulate([(path, read_benchmark_record(path)) for path in paths]))
    return request.param, page, measure(page, request.param, tmp_path_factory.mktemp("measured"))


@pytest.fixture(scope="module", params=["light", "dark"])
def view(
    request: pytest.FixtureRequest,
    layout: tuple[int, str, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> View:
    """Return the page as it is seen."""
    width, page, measured = layout
    folder = tmp_path_factory.mktemp("seen")
    return View(width, request.param, measured, screenshot(page, width, measured["height"], request.param, folder))


def test_the_page_is_no_wider_than_the_screen(layout: tuple[int, str, dict[str, Any]]) -> None:
    width, _, measured = layout

    assert measured["width"] <= width
    assert measured["beyond"] == []


def test_only_numbers_that_are_folded_away_need_scrolling(layout: tuple[int, str, dict[str, Any]]) -> None:
    _, _, measured = layout

    assert set(measured["clipped"]) <= {"Latencies as numbers", "Growth as numbers"}


def test_every_plot_is_there_and_all_its_text_is_within(layout: tuple[int, str, dict[str, Any]]) -> None:
    _, _, measured = layout

    kinds = Counter(plot["id"].partition("-")[0] for plot in measured["plots"])
    assert kinds == {"forest": 8, "growth": 1, "latencies": 1}
    outside = [
        (plot["id"], text["says"])
        for plot in measured["plots"]
        for text in plot["texts"]
        if not within(text["box"], plot["box"])
    ]
    assert outside == []


def test_texts_of_a_plot_do_not_cover_each_other(layout: tuple[int, str, dict[str, Any]]) -> None:
    _, _, measured = layout

    assert covered(measured) == []


def test_texts_of_a_plot_are_large_enough_to_read(layout: tuple[int, str, dict[str, Any]]) -> None:
    _, _, measured = layout

    assert min(text["size"] for plot in measured["plots"] for text in plot["texts"]) >= 10


@pytest.mark.parametrize("name", ["W" * 120, "-illegible" * 12, "名" * 60], ids=["broad", "plain", "broader"])
def test_names_that_never_end_widen_nothing_and_cover_nothing(
    marked_benchmark: Callable[[str], Path], benchmark_table: Tables, tmp_path: Path, name: str
) -> None:
    page = benchmark_html.render(benchmark_table(marked_benchmark(name)))

    measured = measure(page, PHONE, tmp_path)

    assert measured["width"] <= PHONE
    assert measured["beyond"] == []
    assert covered(measured) == []


def test_dark_is_dark_and_light_is_light(view: View) -> None:
    [ground] = most_frequent(view.image, 1)

    assert (max(ground) < 40) if view.scheme == "dark" else (min(ground) > 240)


def test_nothing_of_the_other_scheme_is_left(view: View) -> None:
    """Only texts and marks may be as bright, or as dark, as the ground of the other scheme."""
    grey = view.image.convert("L").histogram()
    other = sum(grey[240:]) if view.scheme == "dark" else sum(grey[:40])

    assert other < 0.05 * view.width * view.measured["height"]


def test_there_is_ink_at_every_mark_of_every_plot(view: View) -> None:
    [ground] = most_frequent(view.image, 1)

    marks = [(plot["id"], mark) for plot in view.measured["plots"] for mark in plot["marks"]]
    assert len(marks) > 40
    pale = [(name, mark) for name, mark in marks if contrast(view.image, mark, ground) < 80]
    assert pale == []


def test_the_texts_of_plots_stand_out(view: View) -> None:
    [ground] = most_frequent(view.image, 1)

    pale = [
        text["says"]
        for plot in view.measured["plots"]
        for text in plot["texts"]
        if contrast(view.image, text["box"], ground) < 60
    ]
    assert pale == []


def test_the_page_ends_with_text_and_not_in_the_middle(view: View) -> None:
    height = view.measured["height"]
    [ground] = most_frequent(view.image, 1)

    assert contrast(view.image, (0, height - 220, view.width, height), ground) > 60
    assert contrast(view.image, (0, height - 20, view.width, height), ground) == 0


def within(inner: Box, outer: Box) -> bool:
    """Say whether *inner* is no more than half a pixel outside of *outer*."""
    near = 0.5
    return (
        inner[0] >= outer[0] - near
        and inner[1] >= outer[1] - near
        and inner[2] <= outer[2] + near
        and inner[3] <= outer[3] + near
    )


def covered(measured: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return the texts that cover each other in a plot, with its name."""
    return [
        (plot["id"], one["says"], other["says"])
        for plot in measured["plots"]
        for number, one in enumerate(plot["texts"])
        for other in plot["texts"][:number]
        if overlap(one["box"], other["box"])
    ]


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes have more in common than the air around letters."""
    across = min(one[2], other[2]) - max(one[0], other[0])
    down = min(one[3], other[3]) - max(one[1], other[1])
    return across > 0 and down > 3


def most_frequent(image: Image.Image, count: int) -> list[tuple[int, int, int]]:
    """Return the colours that most pixels of *image* have."""
    small = image.resize((image.width // 4, image.height // 4), Image.Resampling.NEAREST)
    found = Counter(small.get_flattened_data() if hasattr(small, "get_flattened_data") else small.getdata())
    return [colour for colour, _ in found.most_common(count)]


def contrast(image: Image.Image, box: Box, ground: tuple[int, int, int]) -> int:
    """Return how far the pixel within *box* that differs most from *ground* is from it, 0 to 255."""
    right, bottom = min(int(box[2]) + 1, image.width), min(int(box[3]) + 1, image.height)
    part = image.crop((int(box[0]), int(box[1]), right, bottom))
    difference = ImageChops.difference(part, Image.new("RGB", part.size, ground))
    extremes = difference.getextrema()
    return max(int(band[1]) for band in extremes)  # type: ignore[index]
