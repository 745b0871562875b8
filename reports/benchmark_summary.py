"""A benchmark table as a compact JSON summary, for machines.

    {"format": "socketserver-benchmark-summary", "version": 1,
     "records": [{"record", "started", "margin", "confidence", "quick"}],
     "measurements": [
       {"scenario", "server_class", "load",
        "rows": [{"record", "row", "kind", "quantity", "unit", "better", "median", "limited", "against",
                  "ratio", "low", "high", "verdict", "repeated",
                  "baselines": [{"path", "started", "against",
                                 "ratio", "low", "high", "verdict", "repeated"}]}]}]}

`median` is in `unit` (seconds, bytes, …), null without samples.  `ratio`, `low`, `high` and
`verdict` are those of the comparison with `against` in the same run, as the record words them
(`better`, `worse`, …), and null for the row that the others are compared with; `repeated` is the
verdict of fresh processes, or null.  `limited` tells that the load generator may have set the pace.
Rows that a record has no samples and no comparison of are left out.
"""

import json
from collections.abc import Iterator, Mapping

from reports.benchmark_cells import Cell, Source, Statement
from reports.benchmark_tables import Line, Table

FORMAT = "socketserver-benchmark-summary"
VERSION = 1


def render(table: Table) -> str:
    """Return the summary of *table* as JSON text that ends with a newline."""
    return json.dumps(summarize(table), indent=1) + "\n"


def summarize(table: Table) -> Mapping[str, object]:
    """Return the summary of *table*."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "records": [_record(source) for source in table.sources],
        "measurements": [_measurement(line) for line in table.lines],
    }


def _record(source: Source) -> Mapping[str, object]:
    record = source.record
    return {
        "record": source.label,
        "started": record.started,
        "margin": record.margin,
        "confidence": record.confidence,
        "quick": record.quick,
    }


def _measurement(line: Line) -> Mapping[str, object]:
    scenario, server_class, load = line.place
    rows = [row for cell in line.cells for row in _rows(cell)]
    return {"scenario": scenario, "server_class": server_class, "load": load, "rows": rows}


def _rows(cell: Cell) -> Iterator[Mapping[str, object]]:
    """Yield what there is of *cell*: a row for each comparison, or one without any."""
    measurement = cell.measurement
    if measurement is None or (cell.median is None and not cell.statements):
        return
    for said in cell.side_by_side or (None,):
        yield {
            "record": cell.column.source.label,
            "row": cell.column.row.name,
            "kind": cell.column.row.kind,
            "quantity": measurement.quantity,
            "unit": measurement.unit,
            "better": measurement.better,
            "median": cell.median,
            "limited": cell.is_limited,
            **_compared(said),
            "baselines": [_stored(stored) for stored in cell.with_baseline],
        }


def _compared(said: Statement | None) -> Mapping[str, object]:
    if said is None:
        return dict.fromkeys(("against", "ratio", "low", "high", "verdict", "repeated"))
    comparison = said.comparison
    return {
        "against": comparison.against,
        "ratio": comparison.ratio,
        "low": comparison.low,
        "high": comparison.high,
        "verdict": comparison.verdict,
        "repeated": comparison.repeated.verdict if comparison.repeated else None,
    }


def _stored(said: Statement) -> Mapping[str, object]:
    baseline = said.comparison.baseline
    place = {"path": baseline.path, "started": baseline.started} if baseline else {}
    return {**place, **_compared(said)}
