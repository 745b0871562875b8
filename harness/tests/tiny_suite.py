"""A conformance suite of a dozen requirements, in which every verdict occurs; for the tests of the plugin."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.requirements import BASES_OF

ROOT = Path(__file__).parents[2]
REQUIREMENTS = {
    "it-passes": "must",
    "it-fails": "must",
    "it-violates": "should",
    "it-crashes": "must",
    "it-hangs": "must",
    "it-leaks": "may",
    "it-differs-inside": "compatibility",
    "it-has-no-class": "must",
    "it-has-one-class": "must",
    "it-lacks-something": "must",
    "it-is-unclear": "must",
    "it-errs": "must",
    "it-deviates": "must",
    "it-recovers": "must",
    "it-is-untested": "must",
}
VERDICTS = {
    "it-passes": "pass",
    "it-fails": "fail",
    "it-violates": "fail",
    "it-crashes": "crash",
    "it-hangs": "hang",
    "it-leaks": "leak",
    "it-differs-inside": "fail",
    "it-has-no-class": "missing",
    "it-has-one-class": "pass",
    "it-lacks-something": "unsupported",
    "it-is-unclear": "inconclusive",
    "it-errs": "harness error",
    "it-deviates": "known deviation",
    "it-recovers": "unexpected pass",
    "it-is-untested": "not selected",
    "it-is-of-tomorrow": "not in contract",
}
TOMORROW = """
[it-is-of-tomorrow]
level = "must"
basis = "documented"
source = "https://example.org/tomorrow"
says = "Tomorrow it is so."
since = "9.9"
"""
REQUIREMENT = """
[{words}]
level = "{level}"
basis = "{basis}"
programs = "a program"
says = "What is tested says that {words}."
source = "https://example.org/{words}"
"""
CONFTEST = """
from pathlib import Path
from harness import run

run.CONFORMANCE = Path(__file__).parent / "suite"
"""
TESTS = """
from types import SimpleNamespace
import pytest
from harness.checks.verdict import Inconclusive, Violation
from harness.marks import each_server, requirement
from harness.outcomes import Unsupported

@pytest.fixture
def server(serve):
    return serve("Server", None, loop=False)

@requirement("tiny.it-passes")
def test_it_passes(server):
    assert server.call("answer") in (41, 42)

@requirement("tiny.it-fails")
def test_it_fails(server):
    assert server.call("answer") == 42

@requirement("tiny.it-violates")
def test_it_violates(server):
    server.call("answer")
    entered = [event for event in server.history().of("call.enter", name="answer") if server.call("is_bad")]
    assert [Violation("the answer was given too soon", (event,)) for event in entered] == []

@requirement("tiny.it-crashes")
def test_it_crashes(server):
    server.call("exits")

@requirement("tiny.it-hangs")
def test_it_hangs(server):
    server.call("deadlocks")

@requirement("tiny.it-leaks")
def test_it_leaks(server):
    server.call("leaves_a_child")

@requirement("tiny.it-differs-inside")
def test_it_differs_inside(server):
    assert not server.call("is_bad")

@requirement("tiny.it-has-no-class")
def test_it_has_no_class(serve):
    serve("UDPServer", None, loop=False)

@requirement("tiny.it-has-one-class")
@each_server([SimpleNamespace(name="TCPServer"), SimpleNamespace(name="ThreadingMixIn+UDPServer")])
def test_it_has_one_class(serve, server_class):
    serve(server_class, None, loop=False)

@requirement("tiny.it-lacks-something")
def test_it_lacks_something(server):
    if server.call("is_bad"):
        raise Unsupported("this platform has no carrier pigeons")

@requirement("tiny.it-is-unclear")
def test_it_is_unclear(server):
    if server.call("is_bad"):
        raise Inconclusive("nobody was served")

@requirement("tiny.it-errs")
def test_it_errs(server):
    1 / (server.call("answer") - 41)

@requirement("tiny.it-deviates")
@pytest.mark.parametrize("number", [41, 42])
def test_it_deviates(server, number):
    assert number == 42 or not server.call("is_bad")

@requirement("tiny.it-recovers")
def test_it_recovers(server):
    server.call("answer")

@requirement("tiny.it-is-of-tomorrow")
def test_it_is_of_tomorrow(server):
    assert False
"""
GOOD = """
import os, sys, threading
from socketserver import *
from socketserver import BaseServer, TCPServer

class Server(TCPServer):
    def answer(self):
        sys.stderr.write("thinking about it\\n")
        return 42

    def is_bad(self):
        return False

    exits = deadlocks = leaves_a_child = is_bad
"""
BAD = (
    GOOD
    + """
    globals().pop("UDPServer")

    def answer(self):
        sys.stderr.write("thinking about it\\n")
        return 41

    def is_bad(self):
        return True

    def exits(self):
        os._exit(7)

    def deadlocks(self):
        threading.Event().wait()

    def leaves_a_child(self):
        if os.fork() == 0:
            threading.Event().wait()
"""
)
DEVIATIONS = """
[[deviation]]
requirement = "tiny.it-deviates"
reason = "nobody is perfect"
link = "https://example.org/1"

[[deviation]]
requirement = "tiny.it-recovers"
reason = "it was ill"
link = "https://example.org/2"
"""


def write(folder: Path) -> None:
    """Write the suite and two candidates, good.py and bad.py, into *folder*; what is known of them not."""
    area = folder / "suite" / "tiny"
    area.mkdir(parents=True)
    for package in (folder / "suite", area):
        (package / "__init__.py").write_text("")
    tables = [
        REQUIREMENT.format(words=words, level=level, basis=BASES_OF[level][0]) for words, level in REQUIREMENTS.items()
    ]
    (area / "requirements.toml").write_text("".join([*tables, TOMORROW]))
    (area / "test_tiny.py").write_text(TESTS)
    (folder / "conftest.py").write_text(CONFTEST)
    (folder / "pytest.ini").write_text("[pytest]\ntestpaths = suite\n")
    (folder / "good.py").write_text(GOOD)
    (folder / "bad.py").write_text(BAD)


@dataclass(frozen=True)
class Ran:
    """What one run of the suite came to."""

    status: int
    output: str
    folder: Path

    @property
    def record(self) -> dict[str, Any]:
        """The run record that it wrote."""
        found: dict[str, Any] = json.loads((self.folder / "run-record.json").read_text(encoding="utf-8"))
        return found

    def verdicts(self, candidate: int = 0) -> dict[str, str]:
        """Return the verdict on each requirement, by its words."""
        rows = self.record["candidates"][candidate]["requirements"]
        return {row["id"].removeprefix("tiny."): row["verdict"] for row in rows}

    def evidence(self, words: str) -> dict[str, Any]:
        """Return the evidence of the first check of a requirement."""
        found: dict[str, Any] = self.check(words)["evidence"]
        return found

    def check(self, words: str) -> dict[str, Any]:
        """Return the first check of a requirement."""
        rows = self.record["candidates"][0]["requirements"]
        [row] = [row for row in rows if row["id"] == f"tiny.{words}"]
        found: dict[str, Any] = row["checks"][0]
        return found

    def errors(self) -> list[str]:
        """Return the lines by which pytest says that it was used wrongly."""
        return [line for line in self.output.splitlines() if "error" in line.lower()]


def run(folder: Path, *options: str) -> Ran:
    """Run the suite in *folder* in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "harness.plugin", "-p", "no:cacheprovider", *options],
        cwd=folder,
        env={**os.environ, "COLUMNS": "150", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr, folder)
