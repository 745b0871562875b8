"""Plots are pure functions from values to SVG that says all it shows."""

import itertools
import math
import re
from xml.etree import ElementTree as ET

import pytest

from reports.axes import LogAxis, ratio_ticks, spanning, value_ticks
from reports.plots import WIDTH, Curve, Point, Strip, curves, forest, spread

SVG = ET.Element
DRAWN = {"svg", "title", "desc", "g", "rect", "line", "path", "circle", "text"}
STRIP = Strip("reference_impl", "0.93 (0.90–0.96) faster", "good", 0.93, 0.9, 0.96, (0.91, 0.95, 99.0), (1.0, 0.9, 1.1))


def drawn(text: str) -> SVG:
    """Return the root of the picture in *text*, which must be well-formed."""
    return ET.fromstring(text)


def classed(picture: SVG, name: str) -> list[SVG]:
    """Return the elements of *picture* that are of this class."""
    return [element for element in picture.iter() if name in element.get("class", "").split()]


def test_an_axis_places_equal_ratios_equally_far_apart() -> None:
    axis = LogAxis(0.1, 10, 0, 100)

    assert [round(axis.place(value)) for value in (0.1, 1, 10)] == [0, 50, 100]


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (1e-9, 0), (1e9, 100)])
def test_what_is_beyond_an_axis_stands_at_its_end(value: float, expected: float) -> None:
    assert LogAxis(0.1, 10, 0, 100).place(value) == expected


def test_ticks_keep_their_distance_and_one_is_always_among_the_ratios() -> None:
    axis = LogAxis(0.5, 3, 0, 300)

    ticks = axis.choose(ratio_ticks(), 30)

    assert 1.0 in ticks
    places = [axis.place(value) for value in ticks]
    assert min(after - before for before, after in itertools.pairwise(places)) >= 30


@pytest.mark.parametrize("values", [[1e-4], [1e-4, 1.01e-4], [1e-9, 1e3], [0.0], [], [1e308], [5e-324, 1e308]])
def test_every_axis_of_values_has_a_tick(values: list[float]) -> None:
    axis = spanning(values, 1.15, 190, 10)

    assert len(axis.choose(value_ticks(axis), 24)) >= 1
    assert math.isfinite(axis.place(1e308))


def test_sizes_are_spread_by_their_logarithm_with_zero_apart() -> None:
    assert spread([0, 10, 100, 1000]) == pytest.approx({0: 0, 10: 0.2, 100: 0.6, 1000: 1.0})
    assert spread([1, 10]) == {1: 0, 10: 1}
    assert spread([0]) == {0: 0}
    assert spread([7]) == {7: 0.5}
    assert spread([]) == {}


def test_a_forest_has_an_interval_a_ratio_and_a_dot_for_each_round() -> None:
    picture = drawn(forest("f", "Ratios", [STRIP, STRIP], 0.05, ("faster", "slower")))

    assert len(classed(picture, "measured")) == 2 * 2
    assert len(classed(picture, "again")) == 2 * 2
    assert len(classed(picture, "dot")) == 2 * 3
    assert len(classed(picture, "beyond")) == 2
    assert len(classed(picture, "band")) == 2


def test_the_band_is_as_wide_as_the_margin_on_both_sides_of_one() -> None:
    picture = drawn(forest("f", "Ratios", [STRIP], 0.05, ("faster", "slower")))

    [band], [one] = classed(picture, "band"), classed(picture, "one")
    middle = float(band.get("x", "")) + float(band.get("width", "")) / 2
    assert middle == pytest.approx(float(one.get("x1", "")), abs=0.2)


def test_a_picture_tells_what_it_shows_to_those_who_do_not_see_it() -> None:
    picture = drawn(forest("f", "Ratios to stdlib", [STRIP], 0.05, ("faster", "slower")))

    told = [element.text for element in picture[:2]]
    assert picture.get("role") == "img"
    assert picture.get("aria-labelledby") == "f-title f-desc"
    assert told == ["Ratios to stdlib", "reference_impl: 0.93 (0.90–0.96) faster"]


def test_a_chart_has_markers_of_different_shape_and_a_legend() -> None:
    lines = [Curve(f"row {n}", "N^1.00", n, (Point(0, 1e-4), Point(1, 2e-4))) for n in range(6)]

    picture = drawn(curves("g", "Growth", lines, [(0, "1"), (1, "10")], "connections", "s"))

    shapes = {mark.get("d", "").partition("m")[2] for mark in classed(picture, "marker")}
    assert len(shapes) == 6
    assert len(classed(picture, "label")) == 6
    assert "connections" in [text.text for text in classed(picture, "end")]


def test_a_value_of_zero_is_left_out_of_a_logarithmic_chart() -> None:
    line = Curve("row", "", 0, (Point(0, 0.0), Point(1, 2e-4)))

    picture = drawn(curves("g", "Growth", [line], [], "", "s"))

    assert len(classed(picture, "marker")) == 1 + 2  # and two in the legend


def test_intervals_are_within_the_chart_and_those_of_different_curves_side_by_side() -> None:
    lines = [Curve(f"row {n}", "", n, (Point(0, 2e-4, (1e-4, 4e-4)),)) for n in range(3)]

    picture = drawn(curves("g", "Latencies", lines, [(0, "50")], "percentile", "s"))

    ends = [re.findall(r"M([\d.]+) ([\d.]+)", mark.get("d", "")) for mark in classed(picture, "whisker")]
    assert len({first for (first, _), *_ in ends}) == 3
    assert all(10 < float(y) < 190 for marks in ends for _, y in marks)


def test_a_curve_without_intervals_stands_on_its_ticks() -> None:
    lines = [Curve(f"row {n}", "", n, (Point(0, 1e-4), Point(1, 2e-4))) for n in range(2)]

    picture = drawn(curves("g", "Growth", lines, [], "", "s"))

    assert len({curve.get("d", "").partition(" ")[0] for curve in classed(picture, "curve")}) == 2  # that of the legend


def test_hostile_labels_are_text() -> None:
    hostile = '</text></svg><script>alert("1")</script>\x1b[2J\ud800'
    strip = Strip(hostile, hostile, '"><b>', 1, 1, 1)
    line = Curve(hostile, hostile, 0, (Point(0, 1.0),))

    for text in (
        forest("f", hostile, [strip], 0.05, (hostile, hostile)),
        curves("g", hostile, [line], [(0, hostile)], hostile, "s"),
    ):
        picture = drawn(text)
        assert "<script" not in text
        assert "\x1b" not in text
        assert {element.tag for element in picture.iter()} <= {
            "svg",
            "title",
            "desc",
            "g",
            "rect",
            "line",
            "path",
            "circle",
            "text",
        }
        assert text.encode()


@pytest.mark.parametrize("numbers", [(1, 1, 1), (0, 0, 0), (1e308, 0, 1e308), (5e-324, 5e-324, 1)])
def test_no_ratio_leads_out_of_the_picture(numbers: tuple[float, float, float]) -> None:
    text = forest("f", "Ratios", [Strip("row", "", "even", *numbers, dots=(numbers[0],))], 0, ("faster", "slower"))

    places = [float(number) for number in re.findall(r'(?:c?x[12]?="|M)([-\d.]+)', text)]
    assert all(0 <= place <= WIDTH for place in places)


def test_long_labels_are_shortened_but_told_in_full() -> None:
    name = "a.module.with.a.name.that.no.plot.has.room.for"
    picture = drawn(forest("f", "Ratios", [Strip(name, "1.00 (1.00–1.00) same", "even", 1, 1, 1)], 0.05, ("", "")))

    [label] = classed(picture, "label")
    assert label.text is not None
    assert label.text.endswith("…")
    assert name in (picture[1].text or "")
