"""What a panel of a benchmark table shows as plots."""

from collections.abc import Iterator, Sequence

from reports.benchmark_cells import Panel, Statement
from reports.benchmark_records import Latency, Measurement, Percentiles
from reports.benchmark_verdicts import claims_difference
from reports.plots import Curve, Point, Strip, curves, forest, spread
from reports.quantities import brief, shown


def forest_of(panel: Panel) -> str:
    """Draw every ratio of *panel* with its interval, and the control as a line of its own."""
    strips = [*_compared(panel), *_controlled(panel), *_stored(panel)]
    if not strips:
        return ""
    ends = (panel.word("better"), panel.word("worse"))
    title = f"Ratios to {panel.first}: {_named(panel)}"
    return forest(f"forest-{panel.number}", title, strips, panel.source.record.margin, ends)


def latencies_of(panel: Panel) -> str:
    """Draw the latencies of *panel* by percentile; empty if it has none."""
    names = panel.percentile_names
    places = {name: number / max(1, len(names) - 1) for number, name in enumerate(names)}
    rates = {one.rate for one in panel.measurement.percentiles or ()}
    lines = [
        Curve(
            cell.column.row.name if len(rates) == 1 else f"{cell.column.row.name}, {brief(one.rate)}/s",
            " · ".join(f"p{name} {shown(one.values[name].seconds, 's')}" for name in _told(one)),
            mark + order * len(panel.cells),
            tuple(_point(places[name], one.values[name]) for name in names if name in one.values),
        )
        for mark, cell in enumerate(panel.cells)
        for order, one in enumerate(cell.percentiles)
    ]
    if not lines:
        return ""
    ticks = [(places[name], name) for name in names]
    under = f"percentile, at {brief(rates.pop())} requests a second" if len(rates) == 1 else "percentile"
    return curves(f"latencies-{panel.number}", f"Latencies: {_named(panel)}", lines, ticks, under, "s")


def _point(place: float, latency: Latency) -> Point:
    return Point(place, latency.seconds, (latency.low, latency.high))


def _told(percentiles: Percentiles) -> list[str]:
    """Name the two percentiles that a legend has room for: 50 and 99, else the outermost."""
    if {"50", "99"} <= percentiles.values.keys():
        return ["50", "99"]
    names = sorted(percentiles.values, key=float)
    return list(dict.fromkeys([*names[:1], *names[-1:]]))


def growth_of(panel: Panel) -> str:
    """Draw what one more request costs in *panel* the more is held; empty if it was not measured."""
    growth = panel.measurement.growth
    if growth is None:
        return ""
    places = spread(growth.sizes)
    lines = [
        Curve(
            cell.column.row.name,
            cell.power,
            mark,
            tuple(Point(places[size], cost) for size, cost in zip(growth.sizes, cell.growth.medians, strict=True)),
        )
        for mark, cell in enumerate(panel.cells)
        if cell.growth
    ]
    if not lines:
        return ""
    ticks = [(places[size], f"{size:,}") for size in growth.sizes]
    return curves(f"growth-{panel.number}", f"Growth: {_named(panel)}", lines, ticks, growth.over, "s")


def _compared(panel: Panel) -> Iterator[Strip]:
    samples = panel.measurement.samples
    for cell in panel.cells:
        for said in cell.side_by_side:
            comparison = said.comparison
            yield _strip(said, _ratios(samples[comparison.row], samples[comparison.against], panel.measurement))


def _controlled(panel: Panel) -> Iterator[Strip]:
    control = panel.measurement.control
    if control:
        tone = "fired" if claims_difference(control.verdict) else "control"
        first = panel.measurement.samples.get(panel.first)
        dots = _ratios(control.samples, first, panel.measurement) if first else ()
        yield Strip("A/A control", panel.control, tone, control.ratio, control.low, control.high, dots)


def _stored(panel: Panel) -> Iterator[Strip]:
    for said in panel.stored:
        yield _strip(said, ())


def _strip(said: Statement, dots: tuple[float, ...]) -> Strip:
    comparison, repeated = said.comparison, said.comparison.repeated
    again = (repeated.ratio, repeated.low, repeated.high) if repeated else None
    label = f"{comparison.row} {said.aside}"
    says = f"{said.ratio} {said.word}"
    return Strip(label, says, said.direction, comparison.ratio, comparison.low, comparison.high, dots, again)


def _ratios(ours: Sequence[float], theirs: Sequence[float], measurement: Measurement) -> tuple[float, ...]:
    """Return the ratio of each round, above 1 for worse; rounds with a zero have none."""
    least = measurement.resolution
    pairs = ((own + least, other + least) for own, other in zip(ours, theirs, strict=True))
    turned = ((other, own) if measurement.better == "more" else (own, other) for own, other in pairs)
    return tuple(above / below for above, below in turned if above > 0 and below > 0)


def _named(panel: Panel) -> str:
    label = f" ({panel.source.label})"
    return ", ".join(filter(None, panel.measurement.place)) + label
