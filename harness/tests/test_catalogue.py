"""The catalogue is whole, and the repository keeps its own rules."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import defects
from harness.defects import Defect
from harness.interpreters import OLDEST, Interpreter, installed
from harness.requirements import Catalogue, read_catalogue

ROOT = Path(__file__).parents[2]
CONFORMANCE = ROOT / "conformance"
BENCHMARKS = CONFORMANCE / "benchmarks"
PACKAGES = ("conformance", "harness", "reference_impl", "reports", "docs")
LONGEST_FILE = 450  # lines
WRITTEN = {".py", ".md", ".toml", ".ini", ".yml", ".yaml", ".txt", ".j2", ".html", ".css"}
MACHINE_PATH = re.compile(r"/(work|root)/|/home/\w")
COMPILE = """
import sys
for path in sys.stdin.read().splitlines():
    with open(path, "rb") as file:
        compile(file.read(), path, "exec")
"""


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return read_catalogue(CONFORMANCE)


@pytest.fixture(scope="module")
def known_defects() -> tuple[Defect, ...]:
    return defects.find(CONFORMANCE)


def sources() -> Iterator[Path]:
    """Yield every file of the repository that somebody has written."""
    files = [path for folder in PACKAGES for path in (ROOT / folder).rglob("*")]
    for path in sorted([*files, *ROOT.glob("*"), *(ROOT / ".github").rglob("*"), *(ROOT / ".ci").rglob("*")]):
        if path.suffix in WRITTEN and path.is_file() and "__pycache__" not in path.parts:
            yield path


def all_tests() -> Iterator[tuple[Path, ast.FunctionDef]]:
    """Yield every test of the suite."""
    for path in sorted({*CONFORMANCE.rglob("test_*.py")} - {*BENCHMARKS.rglob("test_*.py")}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path, node


def requirements_of(test: ast.FunctionDef) -> list[str]:
    """Return the ids in the @requirement decorators of a test."""
    return [
        decorator.args[0].value
        for decorator in test.decorator_list
        if isinstance(decorator, ast.Call)
        and isinstance(decorator.func, ast.Name)
        and decorator.func.id == "requirement"
        and isinstance(decorator.args[0], ast.Constant)
        and isinstance(decorator.args[0].value, str)
    ]


# -- requirements, tests, defects --------------------------------------------------------------------------------------


def test_every_requirement_has_a_test(catalogue: Catalogue) -> None:
    tested = {identifier for _, test in all_tests() for identifier in requirements_of(test)}

    assert sorted(set(catalogue) - tested) == []


def test_every_requirement_has_a_defect(catalogue: Catalogue, known_defects: tuple[Defect, ...]) -> None:
    assert sorted(set(catalogue) - {defect.breaks for defect in known_defects}) == []


def test_every_test_names_one_requirement_of_the_catalogue(catalogue: Catalogue) -> None:
    wrong = {
        f"{path.parent.name}/{path.name}::{test.name}": named
        for path, test in all_tests()
        if len(named := requirements_of(test)) != 1 or named[0] not in catalogue
    }

    assert wrong == {}


def test_every_benchmark_names_a_scenario_and_says_what_it_measures() -> None:
    silent = []
    for path in BENCHMARKS.rglob("test_*.py"):
        for test in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"):
                names = {getattr(getattr(each, "func", None), "id", "") for each in test.decorator_list}
                if "scenario" not in names or not (ast.get_docstring(test) or "").endswith("."):
                    silent.append(test.name)

    assert silent == []


def test_every_defect_breaks_a_requirement_of_the_catalogue_and_says_how(
    catalogue: Catalogue, known_defects: tuple[Defect, ...]
) -> None:
    assert [each.name for each in known_defects if each.breaks not in catalogue] == []
    assert [each.name for each in known_defects if not each.says] == []


def test_defects_have_different_names(known_defects: tuple[Defect, ...]) -> None:
    assert len({each.name for each in known_defects}) == len(known_defects)


def test_no_two_requirements_say_the_same(catalogue: Catalogue) -> None:
    assert len({each.says for each in catalogue.values()}) == len(catalogue)


# -- sources -----------------------------------------------------------------------------------------------------------


def test_nobody_sleeps_in_a_test() -> None:
    assert [place for path in sources() if _is_of_tests(path) for place in _sleeps(path)] == []


def _is_of_tests(path: Path) -> bool:
    others = {"defects", "honest"}  # which are candidates, and no tests
    is_of_suite = path.is_relative_to(CONFORMANCE) and not others & {path.stem, path.parent.name}
    return path.suffix == ".py" and (is_of_suite or "tests" in path.parts)


def _sleeps(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(text)) if "sleep" in text else ():
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "sleep":
            yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    here = Path(__file__)
    named = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources()
        if path != here
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATH.search(line)
    ]

    assert named == []


def test_no_file_is_too_long_to_read() -> None:
    # What reports are expected to look like was rendered; an honest module is a whole candidate in one file.
    others = {"expected", "honest"}
    written = (path for path in sources() if not others & set(path.relative_to(ROOT).parts))
    lengths = {str(path.relative_to(ROOT)): len(path.read_bytes().splitlines()) for path in written}

    assert {name: length for name, length in lengths.items() if length > LONGEST_FILE} == {}


@pytest.mark.parametrize("interpreter", [each for each in installed() if each.version >= OLDEST], ids=str)
def test_what_a_host_runs_compiles_under_every_interpreter(interpreter: Interpreter) -> None:
    paths = [
        *ROOT.glob("conformance/**/behaviours.py"),
        *ROOT.glob("conformance/**/defects.py"),
        *ROOT.glob("conformance/**/behaviours/*.py"),
        *ROOT.glob("conformance/**/defects/*.py"),
        *ROOT.glob("conformance/**/__init__.py"),
        *ROOT.glob("harness/host/*.py"),
        *ROOT.glob("reference_impl/*.py"),
        ROOT / "harness" / "__init__.py",
    ]
    done = subprocess.run(
        [interpreter.executable, "-W", "error", "-ISc", COMPILE],
        input="\n".join(map(str, paths)),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")
