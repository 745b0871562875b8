"""Who may import whom: what the design says, read from the source."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {"conformance", "harness", "reference_impl", "reports"}


def imported(path: Path) -> Iterator[str]:
    """Yield the full name of every module that *path* imports, wherever in it, relative ones made absolute."""
    package = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, [base, node.module]))
            yield from (f"{module}.{alias.name}" for alias in node.names)


def modules(*patterns: str) -> list[Path]:
    """Return the modules that do not test or measure their own package, by patterns below the root."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern)}
    own = (ROOT / "harness" / "benchmarks", *ROOT.glob("*/tests"))
    return sorted(path for path in found if not any(path.is_relative_to(each) for each in own))


def foreign(path: Path, *allowed: str) -> set[str]:
    """Return what *path* imports that is neither of the standard library nor below one of *allowed*."""
    return {
        name
        for name in imported(path)
        if name.partition(".")[0] not in sys.stdlib_module_names
        and not any(name == each or name.startswith(f"{each}.") for each in allowed)
    }


def siblings(path: Path) -> tuple[str, ...]:
    """Return the package behaviours or defects that *path* is a module of, if it is one of several."""
    folder = path.relative_to(ROOT).parent
    return (".".join(folder.parts),) if folder.name in {"behaviours", "defects"} else ()


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules("reference_impl/**/*.py"), ids=shown)
def test_the_reference_implementation_needs_the_standard_library_only(path: Path) -> None:
    assert foreign(path, "reference_impl") == set()


@pytest.mark.parametrize("path", modules("reference_impl/**/*.py"), ids=shown)
def test_the_reference_implementation_does_without_the_module_that_it_replaces(path: Path) -> None:
    assert "socketserver" not in {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", modules("harness/host/*.py"), ids=shown)
def test_the_host_needs_the_standard_library_and_itself_only(path: Path) -> None:
    assert foreign(path, "harness.host") == set()


@pytest.mark.parametrize("path", modules("harness/**/*.py"), ids=shown)
def test_the_harness_knows_neither_the_suite_nor_reports_nor_the_reference(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path)} & (OURS - {"harness"})


@pytest.mark.parametrize("path", modules("reports/**/*.py"), ids=shown)
def test_reports_know_no_other_package(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path)} & (OURS - {"reports"})


HONEST = modules("conformance/honest/*.py")


@pytest.mark.parametrize("path", [path for path in modules("conformance/**/*.py") if path not in HONEST], ids=shown)
def test_the_suite_knows_the_harness_and_no_candidate(path: Path) -> None:
    assert foreign(path, "conformance", "harness", "pytest", "hypothesis") == set()
    assert "socketserver" not in {name.partition(".")[0] for name in imported(path)}


@pytest.mark.parametrize("path", HONEST, ids=shown)
def test_an_honest_module_owes_nothing_to_the_project(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path)} & OURS


def test_one_honest_module_at_most_is_built_on_the_standard_librarys() -> None:
    assert [path.name for path in HONEST if "socketserver" in imported(path)] == ["subclassed.py"]


@pytest.mark.parametrize("path", modules("conformance/**/behaviours.py", "conformance/**/behaviours/*.py"), ids=shown)
def test_behaviours_need_the_standard_library_and_each_other_only(path: Path) -> None:
    assert foreign(path, *siblings(path)) == set()


@pytest.mark.parametrize("path", modules("conformance/**/defects.py", "conformance/**/defects/*.py"), ids=shown)
def test_defects_need_the_standard_library_their_mark_and_each_other_only(path: Path) -> None:
    assert foreign(path, "harness.host.breaking", *siblings(path)) == set()


def test_the_reader_of_imports_finds_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    module = tmp_path / "package" / "module.py"
    module.parent.mkdir()
    module.write_text(
        "import os.path, one as two\nfrom . import sibling\nfrom .sub import it\ndef f():\n    from a.b import c\n"
    )

    assert sorted(imported(module)) == ["a.b.c", "one", "os.path", "package.sibling", "package.sub.it"]
