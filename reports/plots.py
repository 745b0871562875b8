"""Plots as SVG text: plain values in, one accessible picture out.

Every picture is 340 units wide, which is what a phone has to give; a page shows several side by
side where there is room.  Colours are the business of the page's style sheet, which knows the
classes; nothing is told by colour alone.  All text is made visible and escaped here.
"""

import html
import itertools
import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.axes import LogAxis, ratio_ticks, spanning, value_ticks
from reports.benchmark_verdicts import Unit
from reports.printable import printable
from reports.quantities import brief, tick

WIDTH = 340
SIDE = 8  # what stays free at the left and the right of a forest
LETTER = 6.1  # what a letter of a value takes, in a wide font
BOLD = 7.3  # and one of a label

_STRIP = 48
_WIDEST = 40.0  # ratios beyond 1/40 and 40 stand at the end of the axis
_GOLDEN = 0.618
_ASIDE = 5.0  # between the intervals of two curves


@dataclass(frozen=True)
class Strip:
    """One line of a forest plot: a ratio with its interval, and the ratio of each round.

    `tone` is the class that colours it; `again` is the same ratio measured anew, with its interval.
    """

    label: str
    says: str
    tone: str
    ratio: float
    low: float
    high: float
    dots: tuple[float, ...] = ()
    again: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Point:
    """One value of a curve, where it stands from left (0) to right (1), and its interval if that is known."""

    place: float
    value: float
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Curve:
    """One line of a chart, and what the legend says of it.

    `mark` counts from 0 and chooses marker and colour.
    """

    label: str
    says: str
    mark: int
    points: tuple[Point, ...]


def forest(name: str, title: str, strips: Sequence[Strip], margin: float, ends: tuple[str, str]) -> str:
    """Draw *strips* one below the other, over a band that is *margin* wide on both sides of 1.

    *name* is unique in the page; *ends* say what lies to the left and to the right of 1.
    """
    axis = _forest_axis(strips, margin)
    bottom = _STRIP * len(strips) + 4
    parts = [f'<line class="axis" x1="{SIDE}" y1="{bottom}" x2="{WIDTH - SIDE}" y2="{bottom}"/>']
    for number, strip in enumerate(strips):
        parts += _band(axis, margin, number * _STRIP)
        parts += _strip(strip, axis, number * _STRIP)
    for value in axis.choose(ratio_ticks(), 36):
        x = axis.place(value)
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 4}"/>')
        parts.append(_text(x, bottom + 16, brief(value), "tick middle"))
    parts.append(_text(SIDE, bottom + 33, f"← {ends[0]}", "end"))
    parts.append(_text(WIDTH - SIDE, bottom + 33, f"{ends[1]} →", "end last"))
    described = "; ".join(f"{strip.label}: {strip.says}" for strip in strips)
    return _picture(name, title, described, bottom + 40, parts)


def _forest_axis(strips: Sequence[Strip], margin: float) -> LogAxis:
    """Return an axis for all intervals, with room for dots that lie a little beyond."""
    values = [1 / (1 + margin), 1 + margin]
    for strip in strips:
        values += [strip.low, strip.high, strip.ratio, *(strip.again or ())]
    within = [min(max(value, 1 / _WIDEST), _WIDEST) for value in values]
    room = max(1.02, (max(within) / min(within)) ** 0.15)
    return spanning(within, room, SIDE, WIDTH - SIDE)


def _band(axis: LogAxis, margin: float, top: float) -> Iterator[str]:
    left, one, right = axis.place(1 / (1 + margin)), axis.place(1), axis.place(1 + margin)
    yield f'<rect class="band" x="{left:.1f}" y="{top + 20}" width="{right - left:.1f}" height="{_STRIP - 18}"/>'
    yield f'<line class="one" x1="{one:.1f}" y1="{top + 20}" x2="{one:.1f}" y2="{top + _STRIP + 2}"/>'


def _strip(strip: Strip, axis: LogAxis, top: float) -> Iterator[str]:
    says = len(strip.says) * LETTER
    yield _text(SIDE, top + 15, _shortened(strip.label, WIDTH - 2 * SIDE - 6 - says), "label")
    yield _text(WIDTH - SIDE, top + 15, strip.says, "value last")
    middle = top + 32
    yield f'<g class="{html.escape(strip.tone)}">'
    for number, value in enumerate(strip.dots):
        y = middle - 7 + 14 * math.modf(number * _GOLDEN)[0]
        yield from _dot(value, axis, y)
    yield from _interval(strip.ratio, strip.low, strip.high, axis, middle, "measured")
    if strip.again:
        yield from _interval(*strip.again, axis, middle + 9, "again")
    yield "</g>"


def _dot(value: float, axis: LogAxis, y: float) -> Iterator[str]:
    if axis.holds(value):
        yield f'<circle class="dot" cx="{axis.place(value):.1f}" cy="{y:.1f}" r="1.8"/>'
    else:
        inward = 5 if value < axis.low else -5
        x = axis.place(value)
        yield f'<path class="dot beyond" d="M{x:.1f} {y:.1f}l{inward} -2.5v5z"/>'


def _interval(ratio: float, low: float, high: float, axis: LogAxis, y: float, kind: str) -> Iterator[str]:
    x, left, right = axis.place(ratio), axis.place(low), axis.place(high)
    reach = 4 if kind == "measured" else 2.5
    yield (
        f'<path class="interval {kind}" d="M{left:.1f} {y}H{right:.1f}M{left:.1f} {y - reach}v{2 * reach}'
        f'M{right:.1f} {y - reach}v{2 * reach}"/>'
    )
    yield f'<path class="ratio {kind}" d="M{x - reach:.1f} {y}l{reach} -{reach}l{reach} {reach}l-{reach} {reach}z"/>'


def spread(sizes: Sequence[float]) -> Mapping[float, float]:
    """Place *sizes* from left (0) to right (1) by their logarithm; zero stands apart at the left."""
    above = sorted(size for size in sizes if size > 0)
    start = 0.2 if 0 in sizes and above else 0.0
    places = dict.fromkeys([size for size in sizes if size == 0], 0.0)
    if len(above) == 1:
        return {**places, above[0]: 1.0 if places else 0.5}
    axis = LogAxis(above[0], above[-1], start, 1.0) if above else None
    return {**places, **{size: axis.place(size) for size in above if axis}}


def curves(
    name: str, title: str, lines: Sequence[Curve], across: Sequence[tuple[float, str]], under: str, unit: Unit
) -> str:
    """Draw *lines* over a logarithmic axis in *unit*; *across* are the ticks from left (0) to right (1).

    *name* is unique in the page; *under* says what the ticks count.
    """
    left, right, top, bottom = 58.0, WIDTH - 16.0, 10.0, 190.0
    points = [point for line in lines for point in line.points]
    values = [value for point in points for value in (point.value, *(point.interval or ()))]
    axis = spanning(values, 1.15, bottom, top)
    parts = [_mark_of_value(axis, value, left, right, unit) for value in axis.choose(value_ticks(axis), 24)]
    parts.append(f'<line class="axis" x1="{left}" y1="{bottom}" x2="{right}" y2="{bottom}"/>')
    for share, text in across:
        x = left + 8 + share * (right - left - 8)
        parts.append(f'<line class="axis" x1="{x:.1f}" y1="{bottom}" x2="{x:.1f}" y2="{bottom + 4}"/>')
        parts.append(_text(x, bottom + 17, text, "tick middle"))
    parts.append(_text(right, bottom + 34, _shortened(under, right - SIDE), "end last"))
    for number, line in enumerate(lines):
        aside = _ASIDE * (number - (len(lines) - 1) / 2)
        parts += _line(line, axis, left + 8, right, aside)
    for number, line in enumerate(lines):
        parts += _legend(line, bottom + 58 + number * 20)
    described = "; ".join(f"{line.label}: {line.says}" for line in lines)
    return _picture(name, title, described, bottom + 54 + 20 * len(lines), parts)


def _mark_of_value(axis: LogAxis, value: float, left: float, right: float, unit: Unit) -> str:
    y = axis.place(value)
    line = f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>'
    return line + _text(left - 6, y + 4, tick(value, unit), "tick last")


def _line(line: Curve, axis: LogAxis, left: float, right: float, aside: float) -> Iterator[str]:
    """Draw a curve, *aside* by so much if it has intervals, so that they do not cover those of another."""
    shown = [point for point in line.points if point.value > 0]
    aside = aside if any(point.interval for point in shown) else 0.0
    across = [left + point.place * (right - left) + aside for point in shown]
    yield f'<g class="mark-{line.mark % len(_MARKERS)}">'
    for x, point in zip(across, shown, strict=True):
        if point.interval:
            low, high = map(axis.place, point.interval)
            ends = f"M{x - 2:.1f} {low:.1f}h4M{x - 2:.1f} {high:.1f}h4"
            yield f'<path class="whisker" d="{ends}M{x:.1f} {low:.1f}V{high:.1f}"/>'
    yield "</g>"
    yield from _curve(line.mark, [(x, axis.place(point.value)) for x, point in zip(across, shown, strict=True)])


def _curve(mark: int, points: Sequence[tuple[float, float]]) -> Iterator[str]:
    yield f'<g class="mark-{mark % len(_MARKERS)}">'
    if len(points) > 1:
        steps = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        yield f'<path class="curve" d="M{steps}"/>'
    yield from (_marker(mark, x, y) for x, y in points)
    yield "</g>"


def _legend(line: Curve, y: float) -> Iterator[str]:
    yield from _curve(line.mark, [(SIDE + 2, y - 4), (SIDE + 22, y - 4)])
    yield _text(SIDE + 32, y, _shortened(line.label, WIDTH - 2 * SIDE - 38 - len(line.says) * LETTER), "label")
    yield _text(WIDTH - SIDE, y, line.says, "value last")


_MARKERS = (
    "m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z",  # circle
    "m-3.2 -3.2h6.4v6.4h-6.4z",  # square
    "m0 -4.2l4.2 7.4h-8.4z",  # triangle
    "m-4.4 0l4.4 -4.4l4.4 4.4l-4.4 4.4z",  # diamond
    "m0 4.2l4.2 -7.4h-8.4z",  # triangle on its tip
    "m-1.3 -4h2.6v2.7h2.7v2.6h-2.7v2.7h-2.6v-2.7h-2.7v-2.6h2.7z",  # cross
)


def _marker(mark: int, x: float, y: float) -> str:
    return f'<path class="marker" d="M{x:.1f} {y:.1f}{_MARKERS[mark % len(_MARKERS)]}"/>'


def _picture(name: str, title: str, described: str, height: float, parts: Iterable[str]) -> str:
    head = (
        f'<svg class="plot" role="img" viewBox="0 0 {WIDTH} {height:.0f}" aria-labelledby="{name}-title {name}-desc">'
    )
    said = f'<title id="{name}-title">{_escaped(title)}</title><desc id="{name}-desc">{_escaped(described)}</desc>'
    return "\n".join([head, said, *parts, "</svg>"])


def _text(x: float, y: float, text: str, kind: str) -> str:
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{_escaped(text)}</text>'


def _shortened(text: str, room: float) -> str:
    """Return as much of *text*, in bold letters, as fits into *room*."""
    text = " ".join(printable(text).split())
    ends = list(itertools.accumulate(map(_breadth, text)))
    if not ends or ends[-1] <= room:
        return text
    fitting = sum(end <= room - _breadth("…") for end in ends)
    return f"{text[: max(fitting, 1)]}…"


def _breadth(letter: str) -> float:
    """Return about how broad a bold *letter* is, rather too much than too little."""
    if letter in "MW@%…" or unicodedata.east_asian_width(letter) in {"W", "F"}:
        return BOLD * 1.85
    return BOLD * (1.25 if letter.isupper() else 1)


def _escaped(text: str) -> str:
    return html.escape(" ".join(printable(text).split()))
