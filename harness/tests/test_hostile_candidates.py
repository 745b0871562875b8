"""Whatever a candidate does, there is a verdict within the deadline, and nothing is left behind."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

CANDIDATE = Path(__file__).with_name("hostile") / "misbehaving.py"
SUITE = """
import pytest

@pytest.mark.requirement("waiting.server-close-joins-threads")
@pytest.mark.parametrize("way", [{way!r}, "behaves"])
def test_way(serve, way):
    server = serve("Worst", None, loop=False)
    server.call(way)
"""


REQUEST = """
import pytest

@pytest.mark.requirement("waiting.server-close-joins-threads")
def test_request(serve):
    server = serve("Impatient", None)
    server.ask(b"anybody there?\\n")
    server.call("shutdown")
"""


def verdicts(pytester: pytest.Pytester, suite: str, *options: str) -> list[dict[str, Any]]:
    """Run a suite of one test on the hostile candidate and return its checks as the record has them."""
    pytester.makepyfile(suite)
    pytester.runpytest_inprocess("-p", "harness.plugin", f"--impl={CANDIDATE}", "-p", "no:cacheprovider", *options)
    record = json.loads((pytester.path / "run-record.json").read_text())
    [row] = [row for row in record["candidates"][0]["requirements"] if row["checks"]]
    checks: list[dict[str, Any]] = row["checks"]
    return sorted(checks, key=lambda check: "behaves" in check["test"])


@pytest.mark.parametrize(
    ("way", "verdict", "seen"),
    [
        ("exits", "crash", "the host ended with exit status 7"),
        ("segfaults", "crash", "the host was ended by SIGSEGV"),
        ("forks_a_child_that_returns", "leak", "a forked child came back"),
        ("forks_a_child_that_stays", "leak", "1 left behind"),
        ("forks_in_a_loop", "leak", "50 left behind"),
        ("shutdown", "hang", "the return of shutdown does not come"),
        ("floods", "pass", ""),
        ("closes_all_descriptors", "crash", ""),  # seen as closed, or as an end, by chance
        ("starts_many_threads", "pass", ""),
        ("kills_its_parent", "crash", "the host or its nursery was killed"),
        ("forges_events", "crash", "cannot be trusted"),
    ],
)
def test_each_way_to_misbehave_has_its_verdict_and_nothing_is_left(
    pytester: pytest.Pytester, way: str, verdict: str, seen: str
) -> None:
    before = set(os.listdir("/proc/self/fd"))

    checks = verdicts(pytester, SUITE.format(way=way))

    assert [check["verdict"] for check in checks] == [verdict, "pass"]
    if seen:
        assert seen in checks[0]["evidence"]["summary"]
    assert psutil.Process().children(recursive=True) == []
    assert set(os.listdir("/proc/self/fd")) == before


def test_a_handler_that_ends_the_process_is_a_crash(pytester: pytest.Pytester) -> None:
    [crash] = verdicts(pytester, REQUEST)

    assert crash["verdict"] == "crash"
    assert "the host ended with exit status 9" in crash["evidence"]["summary"]


DEAD_LOOP = """
import pytest

@pytest.mark.requirement("waiting.server-close-joins-threads")
def test_dead_loop(serve):
    server = serve("Worst", None, loop=False)
    server.start("raises")
    server.wait_for("handler.enter")
"""


def test_a_wait_for_what_a_dead_call_should_have_brought_is_no_hang(pytester: pytest.Pytester) -> None:
    [failed] = verdicts(pytester, DEAD_LOOP)

    assert failed["verdict"] == "fail"
    assert failed["evidence"]["summary"] == "in the host: ZeroDivisionError: division by zero"
    assert "in raises" in failed["evidence"]["actual"]


def test_a_hang_shows_the_stacks(pytester: pytest.Pytester) -> None:
    [hang, _] = verdicts(pytester, SUITE.format(way="shutdown"))

    assert "in shutdown" in hang["evidence"]["stacks"]
