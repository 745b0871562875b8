"""The end of a run of benchmarks on the terminal: a line for each measurement, then what the controls say."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Collection, Iterator
from typing import Any

from harness.measuring.measurements import samples_by_row, title

_PREFIXES = ((1.0, ""), (1e-3, "m"), (1e-6, "µ"), (1e-9, "n"))
_FASTER = {"better": "faster", "worse": "slower"}


def lines(record: dict[str, Any]) -> Iterator[str]:
    """Write the whole summary of *record*."""
    names = [row["name"] for row in record["rows"]]
    table = [_cells(each, names) for each in record["measurements"]]
    widths = [max(map(len, column)) for column in zip(["", *names], *table, strict=True)]
    yield _line(["", *names], widths)
    for each, cells in zip(record["measurements"], table, strict=True):
        yield _line(cells, widths)
        yield from _others(each)
    yield ""
    yield from _conclusions(record)


def _line(cells: list[str], widths: list[int]) -> str:
    name, *figures = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join([name.strip().ljust(widths[0]), *figures])


def _cells(each: dict[str, Any], names: list[str]) -> list[str]:
    medians = {row: statistics.median(samples) for row, samples in samples_by_row(each).items()}
    ratios = {comparison["row"]: comparison for comparison in each["comparisons"] if not comparison["baseline"]}
    return [title(each), *(_cell(medians.get(name), ratios.get(name), each["unit"]) for name in names)]


def _cell(median: float | None, comparison: dict[str, Any] | None, unit: str) -> str:
    if median is None:
        return "–"
    return amount(median, unit) + (f" ×{comparison['ratio']:.2f}" if comparison else "")


def amount(value: float, unit: str) -> str:
    """Write a figure with its unit: 61 µs, 0.7 MB."""
    if unit == "s":
        size, prefix = next(((size, prefix) for size, prefix in _PREFIXES if value >= size), _PREFIXES[-1])
        return f"{value / size:.3g} {prefix}s"
    if unit == "bytes":
        return f"{value / 1e6:.3g} MB" if value >= 1e6 else f"{value / 1e3:.3g} kB"
    if unit == "share":
        return f"{value:.0%}"
    return f"{value:.3g} {unit}"


def _others(each: dict[str, Any]) -> Iterator[str]:
    for comparison in each["comparisons"]:
        word = comparison["verdict"]
        word = _FASTER.get(word, word) if each["unit"] == "s" else word
        figures = f"×{comparison['ratio']:.3f} ({comparison['low']:.3f}–{comparison['high']:.3f})"
        if comparison["baseline"]:
            yield f"    {comparison['row']} against the baseline: {word}, {figures}"
        elif comparison["verdict"] in _FASTER:
            yield f"    {comparison['row']} is {word} than {comparison['against']}: {figures}"


def _conclusions(record: dict[str, Any]) -> Iterator[str]:
    candidates = [row["name"] for row in record["rows"] if row["kind"] == "candidate"]
    for name in candidates[1:]:
        verdicts = _verdicts(record, [name], stored=False)
        yield f"{name} against {candidates[0]}: {_listed(verdicts) or 'nothing was compared'}"
    for name in candidates:
        if verdicts := _verdicts(record, [name], stored=True):
            yield f"{name} against the baseline: {_listed(verdicts)}"
    controls = [each["control"] for each in record["measurements"] if each["control"]]
    if controls:
        fired = sum(control["verdict"] == "worse" for control in controls)
        highest = max(control["false_alarms"] for control in controls)
        anew = sum(each["discarded"] is not None for each in record["measurements"])
        yield (
            f"controls: {candidates[0]} against itself was called worse in {fired} of {len(controls)} measurements;"
            f" highest rate of false alarms {highest:.1%}" + (f"; {anew} discarded and measured anew" if anew else "")
        )


def gate(record: dict[str, Any], limit: float) -> str:
    """Say what --fail-if-slower has decided, and what it could not decide."""
    candidates = [row["name"] for row in record["rows"] if row["kind"] == "candidate"]
    said = _verdicts(record, candidates, stored=False)
    return (
        f"--fail-if-slower={limit * 100:g}%: {said['worse']} of {said.total()} comparisons fail,"
        f" {said['too noisy to tell']} are too noisy to tell"
    )


def _verdicts(record: dict[str, Any], rows: Collection[str], *, stored: bool) -> Counter[str]:
    """Count the verdicts on *rows*, in comparison with the rows of the run or with the baseline."""
    return Counter(
        comparison["verdict"]
        for each in record["measurements"]
        for comparison in each["comparisons"]
        if comparison["row"] in rows and bool(comparison["baseline"]) == stored
    )


def _listed(verdicts: Counter[str]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
