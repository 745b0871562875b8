"""Every benchmark is run for each candidate and, where they can do the same, for what stands beside them."""

import pytest

from conformance.benchmarks.rivals import RIVALS
from harness.benchmarking import BENCHMARKING


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a benchmark one item a row."""
    if metafunc.definition.get_closest_marker("scenario"):
        rows = metafunc.config.stash[BENCHMARKING].find_rows(RIVALS).all.values()
        metafunc.parametrize("row", rows, ids=[row.name for row in rows])
