"""Whatever files and options are given together, pytest comes to its own end: no run dies of an error within pytest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DONE, MISTAKE = pytest.ExitCode.OK, pytest.ExitCode.USAGE_ERROR
BOTH = ("--impl=stdlib", "--impl=reference_impl")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("conformance", "harness/tests/test_channel.py", *BOTH, "--benchmark-only", "--quick", "--setup-plan"), DONE),
        (("harness/tests/test_marks.py", "conformance/ordering", *BOTH, "--setup-plan", "-k", "TCPServer"), DONE),
        (("harness/tests", "reports/tests", "reference_impl", "conformance/benchmarks", *BOTH, "--co"), MISTAKE),
        (("harness/tests/test_marks.py", "reports/tests/test_printable.py", *BOTH, "--co"), DONE),
        (("harness/tests/test_marks.py", "reports/tests/test_printable.py", *BOTH), MISTAKE),
        (("harness/tests/test_marks.py", "conformance/ordering", *BOTH, "-k", "test_marks"), MISTAKE),
        (("conformance/benchmarks", "conformance/ordering", *BOTH), MISTAKE),
        (("conformance/ordering", *BOTH, "--benchmark-only"), MISTAKE),
        (("conformance/ordering", *BOTH, "--benchmark-only", "-n", "2"), MISTAKE),
        (("conformance/ordering", *BOTH, "--co", "-p", "no:xdist"), DONE),
        (("conformance/ordering", *BOTH, "--co", "-p", "no:benchmark"), DONE),
        (("conformance/ordering", *BOTH, "--co", "-p", "no:timeout"), DONE),
        (("conformance/ordering", "harness/marks.py", *BOTH, "--co", "--doctest-modules"), DONE),
        (("conformance/ordering/requirements.toml", *BOTH), MISTAKE),
        (("--pyargs", "conformance.ordering", *BOTH, "--co"), DONE),
        (("--fixtures", "conformance/ordering"), DONE),
        (("--help",), DONE),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_no_combination_ends_within_pytest(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], status: int
) -> None:
    for name in [name for name in os.environ if name.startswith("PYTEST_XDIST_")]:
        monkeypatch.delenv(name)  # a worker of xdist measures nothing
    monkeypatch.chdir(ROOT)
    pytester.chdir = lambda: None  # type: ignore[method-assign]
    result = pytester.runpytest_inprocess(f"--rootdir={ROOT}", "-p", "no:cacheprovider", *arguments)
    output = f"{result.stdout.str()}\n{result.stderr.str()}"

    assert result.ret == status
    assert "INTERNALERROR" not in output
    assert "Traceback (most" not in output
