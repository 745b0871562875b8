"""The sample records, and tables made of them.

`clean` has one candidate that keeps everything; `every-verdict` has two candidates, every verdict
and hostile text; `older` has fewer requirements, one in other words, and a candidate of the same
name as one in `every-verdict`.

The benchmark records are called alike: `every-verdict` has every verdict, growth, percentiles,
ceilings, gaps, repeated and stored comparisons; `older` is of another suite, machine and margin.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports import benchmark_tables
from reports.benchmark_records import read_benchmark_record
from reports.conformance import Table, tabulate
from reports.records import read_record

HERE = Path(__file__).parent


@pytest.fixture
def sample() -> Callable[[str], Path]:
    """Return where the sample record of a name is."""
    return lambda name: HERE / "records" / f"{name}.json"


@pytest.fixture
def tables(sample: Callable[[str], Path]) -> Callable[..., Table]:
    """Return the table of the sample records of some names."""

    def make(*names: str) -> Table:
        return tabulate([(sample(name), read_record(sample(name))) for name in names])

    return make


@pytest.fixture
def altered(sample: Callable[[str], Path], tmp_path: Path) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    """Return the path of a record that is `every-verdict` but for one alteration."""
    return _altering(sample("every-verdict"), tmp_path)


@pytest.fixture
def benchmark_sample() -> Callable[[str], Path]:
    """Return where the sample benchmark record of a name is."""
    return lambda name: HERE / "records" / "benchmarks" / f"{name}.json"


@pytest.fixture
def benchmark_table() -> Callable[..., benchmark_tables.Table]:
    """Return the table of the benchmark records in some paths."""
    return lambda *paths: benchmark_tables.tabulate([(path, read_benchmark_record(path)) for path in paths])


@pytest.fixture
def altered_benchmark(
    benchmark_sample: Callable[[str], Path], tmp_path: Path
) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    """Return the path of a benchmark record that is `every-verdict` but for one alteration."""
    return _altering(benchmark_sample("every-verdict"), tmp_path)


def _altering(original: Path, folder: Path) -> Callable[[Callable[[dict[str, Any]], object]], Path]:
    def make(alter: Callable[[dict[str, Any]], object]) -> Path:
        record = json.loads(original.read_text(encoding="utf-8"))
        alter(record)
        path = folder / "altered.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        return path

    return make


@pytest.fixture
def marked_benchmark(altered_benchmark: Callable[[Callable[[dict[str, Any]], object]], Path]) -> Callable[[str], Path]:
    """Return the path of a benchmark record in which every text that may be anything ends with some mark."""
    return lambda mark: altered_benchmark(lambda record: _mark(record, mark))


_FREE = {"name", "row", "against", "scenario", "server_class", "load", "says", "quantity", "over", "path", "started"}
_FREE |= {"reason", "platform", "machine", "python", "implementation", "version"}


def _mark(value: Any, mark: str) -> None:
    """Add *mark* to the texts within *value* that no reader of the format gives a meaning to."""
    if isinstance(value, list):
        for item in value:
            _mark(item, mark)
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "command":
                item.append(mark)
            elif key in _FREE and isinstance(item, str):
                value[key] = item + mark
            else:
                _mark(item, mark)
