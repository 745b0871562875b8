"""Installed as others would install it, the suite disturbs no run of theirs, and judges their module in their folder.

Their folder is hostile: it has packages, options, markers and fixtures of the same names as ours.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = ("socketserver_conformance", "_socketserver_conformance")
PACKAGES = ("conformance", "harness", "reference_impl", "reports")
COMMAND = "python -m socketserver_conformance"
BROKEN, KEPT = "hierarchy.block-on-close-default", "hierarchy.import-does-nothing-else"
THEIR_SERVER = """
from socketserver import *
from socketserver import BaseServer


class ThreadingMixIn(ThreadingMixIn):
    block_on_close = False
"""
THEIR_CONFTEST = """
import harness
import pytest

def pytest_addoption(parser):
    parser.addoption("--impl", help="theirs")

def pytest_configure(config):
    assert config.getoption("level") == 2

@pytest.fixture
def host():
    return harness.NAME

seed = serve = candidate = defect = scene = host
"""
THEIR_TESTS = """
import sys
import conformance, harness, pytest, reports
from hypothesis import given, settings, strategies

@pytest.mark.requirement("REQ-12")
def test_their_requirement(host, seed, serve, candidate, defect, scene):
    assert {host, seed, serve, candidate, defect, scene} == {"theirs"}

@given(strategies.integers())
def test_their_property(number):
    assert number == number

def test_their_surroundings():
    assert {conformance.NAME, harness.NAME, reports.NAME} == {"theirs"}
    assert not any(name.startswith("socketserver_conformance") for name in sys.modules)
    print(settings.default)
"""
THEIR_PLUGIN = """
def pytest_addoption(parser):
    parser.addoption("--level", dest="level", type=int)
"""
THEIR_FILES = {
    "pytest.ini": "[pytest]\naddopts = --level=2\nmarkers = requirement: theirs\n",
    "conftest.py": THEIR_CONFTEST,
    "conformance/__init__.py": "NAME = 'theirs'\n",
    "conformance/test_more.py": THEIR_TESTS,
    "harness/__init__.py": "NAME = 'theirs'\n",
    "reports/__init__.py": "NAME = 'theirs'\n",
    "tests/test_theirs.py": THEIR_TESTS,
    "their_server.py": THEIR_SERVER,
}


class Environment:
    """A virtual environment with what the suite needs, and with a plugin of theirs; the suite can be installed."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, symlinks=True)
        self.python = folder / "bin" / "python"
        [self.site] = folder.glob("lib/python*/site-packages")
        for path in Path(pytest.__file__).parents[1].iterdir():
            if not path.name.startswith(OURS) and path.suffix != ".pth":
                (self.site / path.name).symlink_to(path)
        (self.site / "their_plugin.py").write_text(THEIR_PLUGIN)
        described = self.site / "their_plugin-1.0.dist-info"
        described.mkdir()
        (described / "METADATA").write_text("Metadata-Version: 2.1\nName: their-plugin\nVersion: 1.0\n")
        (described / "entry_points.txt").write_text("[pytest11]\nlevel = their_plugin\n")

    def install(self, wheel: Path) -> None:
        """Do what an installer does with a wheel that has no scripts."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site)

    def run(self, folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run Python in *folder*, as someone would who has activated the environment."""
        theirs = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "PYTHON"))}
        path = f"{self.python.parent}{os.pathsep}{theirs['PATH']}"
        return subprocess.run(
            [self.python, *arguments],
            cwd=folder,
            env={**theirs, "PATH": path, "COLUMNS": "999", **variables},
            capture_output=True,
            text=True,
            check=False,
        )


def build(kind: str, folder: Path) -> Path:
    """Build a wheel of this checkout, "standard" or "editable", as pip would."""
    pytest.importorskip("hatchling", reason="wheels are built with hatchling, of the group dev")
    command = [sys.executable, "-m", "hatchling", "build", "-t", f"wheel:{kind}", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Environment]:
    """Three environments that are the same, but that the suite is in two of them, in one way or the other."""
    found = {"without": Environment(tmp_path_factory.mktemp("without"))}
    for kind in ("standard", "editable"):
        found[kind] = Environment(tmp_path_factory.mktemp(kind))
        found[kind].install(build(kind, tmp_path_factory.mktemp("wheel")))
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Their folder."""
    for name, text in THEIR_FILES.items():
        path = tmp_path / "project" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    return tmp_path / "project"


def judge(environment: Environment, folder: Path, *arguments: str) -> tuple[int, str]:
    """Run the suite in *folder*; return its exit status, and all that it printed."""
    done = environment.run(folder, "-m", "socketserver_conformance", *arguments, PYTEST_ADDOPTS="--level=2 --theirs")
    return done.returncode, done.stdout + done.stderr


def record_of(folder: Path) -> dict[str, object]:
    """Return the run record that was written in *folder*."""
    found: dict[str, object] = json.loads((folder / "run-record.json").read_text(encoding="utf-8"))
    return found


def verdicts_of(folder: Path) -> dict[str, str]:
    """Return the verdicts on what was checked, from the run record in *folder*."""
    rows = json.loads((folder / "run-record.json").read_text(encoding="utf-8"))["candidates"][0]["requirements"]
    return {row["id"]: row["verdict"] for row in rows if row["checks"]}


@pytest.mark.parametrize("option", ["-vs", "--help", "--fixtures", "--markers"])
def test_their_runs_are_the_same_with_and_without_the_suite(
    environments: dict[str, Environment], project: Path, option: str
) -> None:
    found = {kind: _steady(environment, project, option) for kind, environment in environments.items()}

    assert found["without"].startswith("0\n")
    assert found["standard"] == found["without"]
    assert found["editable"] == found["without"]


def _steady(environment: Environment, folder: Path, option: str) -> str:
    """Run their tests; return the exit status and the output but for times, dates and where the environment is."""
    done = environment.run(folder, "-m", "pytest", "-p", "no:cacheprovider", option)
    output = (done.stdout + done.stderr).replace(environment.python.parents[1].name, "ENVIRONMENT")
    return f"{done.returncode}\n" + re.sub(r"=+|\d+_\d+|\d+\.\d+s", "#", output)


@pytest.mark.parametrize("kind", ["standard", "editable"])
def test_none_of_our_packages_can_be_imported_by_others(
    environments: dict[str, Environment], tmp_path: Path, kind: str
) -> None:
    question = f"import importlib.util as u; print([n for n in {PACKAGES} if u.find_spec(n)])"

    assert environments[kind].run(tmp_path, "-c", question).stdout.strip() == "[]"


def test_a_wheel_has_one_package_and_no_tests(tmp_path: Path) -> None:
    names = zipfile.ZipFile(build("standard", tmp_path)).namelist()

    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"socketserver_conformance"}
    assert {name.split("/")[1] for name in names if name.startswith("socketserver_conformance/")} > set(PACKAGES)
    assert not [name for name in names if "/tests/" in name or name.endswith("entry_points.txt")]


@pytest.mark.parametrize(
    ("kind", "workers"),
    [("standard", ()), ("standard", ("-n", "2")), ("editable", ())],
    ids=["alone", "xdist", "editable"],
)
def test_it_judges_their_module_in_their_folder(
    environments: dict[str, Environment], project: Path, kind: str, workers: tuple[str, ...]
) -> None:
    (project / "queue.py").write_text("raise SystemExit('theirs')\n")
    before = {path.name for path in project.iterdir()}
    chosen = ("conformance/hierarchy", f"--requirement={BROKEN}", f"--requirement={KEPT}")
    arguments = ("--impl=./their_server.py", *chosen, *workers)
    status, output = judge(environments[kind], project, *arguments)

    assert status == 1, output
    assert verdicts_of(project) == {BROKEN: "fail", KEPT: "pass"}
    assert record_of(project)["command"] == [*COMMAND.split(), *arguments]
    assert {path.name for path in project.iterdir()} - before == {"run-record.json", "__pycache__"}


def test_the_command_that_repeats_a_check_runs_where_it_is_read(
    environments: dict[str, Environment], project: Path
) -> None:
    chosen = ("conformance/hierarchy", f"--requirement={BROKEN}")
    _, output = judge(environments["standard"], project, "--impl=their_server", *chosen)
    [line] = {line.strip() for line in output.splitlines() if COMMAND in line and "repeat:" in line}
    python, *words = shlex.split(line.removeprefix("repeat: "))
    (project / "run-record.json").unlink()
    done = environments["standard"].run(project, *words)

    assert python == "python"
    assert done.returncode == 1, done.stdout + done.stderr
    assert verdicts_of(project) == {BROKEN: "fail"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["tests"], "tests: the suite has no such checks; expected a path like conformance/waiting"),
        (["--pyargs", "conformance.test_more"], "conformance.test_more: the suite has no such checks; expected a path"),
        (["conformance/waiting", "-k", "no_such_check"], "nothing would be checked: none of the "),
        (["--contract=abc"], "--contract=abc: not a Python version; expected one like 3.12"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_mistake_is_one_line_and_exit_status_4(
    environments: dict[str, Environment], project: Path, arguments: list[str], line: str
) -> None:
    status, output = judge(environments["standard"], project, "--impl=./their_server.py", *arguments)

    assert status == pytest.ExitCode.USAGE_ERROR
    assert len([shown for shown in output.splitlines() if line in shown]) == 1
    assert "Traceback" not in output
