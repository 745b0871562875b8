"""What the documents say is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from harness import defects
from harness.requirements import read_catalogue
from harness.verdicts import Verdict

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]
LINK = re.compile(r"\]\(([^)#]+)\)")


def commands(document: Path) -> list[str]:
    """Return the lines of the shell examples of *document*."""
    blocks = re.findall(r"```sh\n(.*?)```", document.read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def test_integration_runs_the_test_command_of_the_readme() -> None:
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()[-1]

    assert last in commands(ROOT / "README.md")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: Path) -> None:
    links = LINK.findall(document.read_text(encoding="utf-8"))
    missing = [link for link in links if "://" not in link and not (document.parent / link).exists()]

    assert missing == []


def test_the_readme_explains_each_verdict() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [verdict for verdict in Verdict if verdict not in text] == []


@pytest.mark.parametrize(
    "option", ["--before", "--contract", "--level", "--fresh", "--deadline", "--seed", "--defects"]
)
def test_the_readme_names_the_options(option: str) -> None:
    assert option in (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_shows_a_historical_defect_exists() -> None:
    catalogue = read_catalogue(ROOT / "conformance")
    known = {*catalogue, *(defect.name for defect in defects.find(ROOT / "conformance"))}
    areas = {requirement.area for requirement in catalogue.values()}
    text = (ROOT / "docs" / "historical-defects.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([a-z-]+\.[a-z0-9_-]+)`", text) if name.partition(".")[0] in areas]

    assert len(named) > 60
    assert [name for name in named if name not in known] == []
