"""The sample records, and tables made of them.

`clean` has one candidate that keeps everything; `every-verdict` has two candidates, every verdict
and hostile text; `older` has fewer requirements, one in other words, and a candidate of the same
name as one in `every-verdict`.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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

    def make(alter: Callable[[dict[str, Any]], object]) -> Path:
        record = json.loads(sample("every-verdict").read_text(encoding="utf-8"))
        alter(record)
        path = tmp_path / "altered.json"
        path.write_text(json.dumps(record), encoding="utf-8")
        return path

    return make
