"""What one isolated check costs over an empty pytest test.

Run ``pytest harness/benchmarks --benchmark-only``: each figure is a whole pytest run of fifty tests, so the difference
of two, divided by fifty, is the cost of one check: a process of its own, a call in it, its removal.
"""

from __future__ import annotations

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

TESTS = 50
ROUNDS = 5
EMPTY = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_nothing(number):
    pass
"""
CHECK = """
import pytest
from harness.host import proving

@pytest.mark.requirement("waiting.server-close-joins-threads")
@pytest.mark.parametrize("number", range({tests}))
def test_something(host, number):
    host.call(proving.open_a_pipe)
"""


def measure(pytester: pytest.Pytester, benchmark: BenchmarkFixture, suite: str, *options: str) -> None:
    """Measure whole runs of *suite*."""
    pytester.makepyfile(suite.format(tests=TESTS))
    options = ("-p", "harness.plugin", "-p", "no:cacheprovider", "-q", *options)
    benchmark.pedantic(  # type: ignore[no-untyped-call]  # the plugin is not typed throughout
        lambda: pytester.runpytest_inprocess(*options), rounds=ROUNDS, warmup_rounds=1
    )


def test_fifty_empty_tests(pytester: pytest.Pytester, benchmark: BenchmarkFixture) -> None:
    measure(pytester, benchmark, EMPTY)


def test_fifty_checks_in_hosts_that_are_forked(pytester: pytest.Pytester, benchmark: BenchmarkFixture) -> None:
    measure(pytester, benchmark, CHECK, "--impl=stdlib")


def test_fifty_checks_in_hosts_that_are_fresh_interpreters(
    pytester: pytest.Pytester, benchmark: BenchmarkFixture
) -> None:
    measure(pytester, benchmark, CHECK, "--impl=stdlib", "--fresh")
