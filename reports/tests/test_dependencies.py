"""Reports know run records and nothing else."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPORTS = Path(__file__).parents[1]
MODULES = sorted(set(REPORTS.rglob("*.py")) - set((REPORTS / "tests").rglob("*.py")))


def imported(path: Path) -> Iterator[str]:
    """Yield the top-level name of everything that *path* imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(REPORTS)))
def test_a_module_imports_only_what_it_may(path: Path) -> None:
    renders = path.parent.name == "renderers"
    allowed = {"reports"} | ({"jinja2", "markupsafe"} if renders else set())

    assert {name for name in imported(path) if name not in sys.stdlib_module_names} <= allowed
