"""Write the mutants of a package, let every share of them be judged by a process of its own, and say what survived.

python -m harness.mutation [--workers N] [--only TEXT]
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from harness.mutation.mutants import Mutant, mutants
from harness.mutation.plugin import NOTHING_NOTICED

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "reference_impl"
EXPLAINED = Path(__file__).with_name("survivors.toml")
DEADLINE = 5  # seconds for a check: mutants may well hang


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the page about all mutants; return 1 if one survived that nobody has explained."""
    parser = argparse.ArgumentParser(prog="python -m harness.mutation", description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="processes that judge mutants (default: 2)")
    parser.add_argument("--only", default="", metavar="TEXT", help="mutants whose name contains TEXT")
    parser.add_argument("--results", type=Path, metavar="PATH", help="where an earlier run left off, and this one will")
    options = parser.parse_args(arguments)
    chosen = [mutant for mutant in _all(PACKAGE) if options.only in mutant.id]
    earlier = _read_results(options.results)
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8"))
    unsettled = [each for each in chosen if not settled(each.id, earlier, explained)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        killed = earlier | _judge(unsettled, Path(folder), options.workers)
    if options.results:
        options.results.write_text(json.dumps(killed, indent=1), encoding="utf-8")
    sys.stdout.write("\n".join(page(chosen, killed, explained)) + "\n")
    return int(any(killed[each.id] == NOTHING_NOTICED and each.id not in explained for each in chosen))


def settled(mutant: str, earlier: Mapping[str, str], explained: Mapping[str, str]) -> bool:
    """Tell whether an earlier run has judged *mutant*, and it was noticed, or we know why it was not."""
    return mutant in earlier and (earlier[mutant] != NOTHING_NOTICED or mutant in explained)


def _read_results(path: Path | None) -> dict[str, str]:
    """Return what an earlier run has found; nothing if there was none."""
    if path is None or not path.exists():
        return {}
    found: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _all(package: Path) -> list[Mutant]:
    files = sorted(package.glob("*.py"))
    return [mutant for file in files for mutant in mutants(file.name, file.read_text(encoding="utf-8"))]


def _judge(chosen: Sequence[Mutant], folder: Path, workers: int) -> dict[str, str]:
    """Return, by the mutant's id, what noticed it."""
    processes = [_start(chosen[share::workers], folder / str(share)) for share in range(min(workers, len(chosen)))]
    killed: dict[str, str] = {}
    for share, process in enumerate(processes):
        if process.wait() != 0:
            sys.exit(f"python -m harness.mutation: the process for share {share} failed; see above")
        killed |= json.loads((folder / str(share) / "killed.json").read_text(encoding="utf-8"))
    return killed


def _start(mine: Sequence[Mutant], folder: Path) -> subprocess.Popen[bytes]:
    listed = [_write(mutant, folder / str(place)) for place, mutant in enumerate(mine)]
    (folder / "mutants.json").write_text(json.dumps(listed), encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "harness.mutation.plugin", "-p", "no:cacheprovider", "-q"]
    command += [f"--impl={PACKAGE.name}", f"--deadline={DEADLINE}", f"--run-record={folder / 'run-record.json'}"]
    command += [f"--mutants={folder / 'mutants.json'}", f"--killed={folder / 'killed.json'}"]
    return subprocess.Popen(command, cwd=ROOT, stdout=sys.stderr)


def _write(mutant: Mutant, folder: Path) -> dict[str, str]:
    """Write the package with the one change into *folder*, and return what the plugin has to know of it."""
    package = folder / PACKAGE.name
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("tests", "__pycache__"))
    (package / mutant.file).write_text(mutant.source, encoding="utf-8")
    return {"id": mutant.id, "file": mutant.file, "folder": str(package)}


def page(chosen: Sequence[Mutant], killed: Mapping[str, str], explained: Mapping[str, str]) -> Iterator[str]:
    """Write what came of the mutants, as Markdown."""
    survivors = [mutant for mutant in chosen if killed[mutant.id] == NOTHING_NOTICED]
    unexplained = [mutant for mutant in survivors if mutant.id not in explained]
    yield "# Small changes of the reference implementation, and who notices them"
    yield ""
    yield "Made by `python -m harness.mutation`: the source with one small change, until a check fails."
    yield ""
    yield (
        f"{len(chosen)} mutants: {len(chosen) - len(survivors)} noticed, {len(survivors)} not"
        f" ({len(survivors) - len(unexplained)} of these explained below)."
    )
    yield ""
    yield "| file | mutants | noticed |"
    yield "| --- | ---: | ---: |"
    for file in dict.fromkeys(mutant.file for mutant in chosen):
        mine = [mutant for mutant in chosen if mutant.file == file]
        yield f"| {file} | {len(mine)} | {sum(mutant not in survivors for mutant in mine)} |"
    yield ""
    yield "## What nobody notices, and why"
    yield ""
    for mutant in survivors:
        yield f"* `{mutant.id}` (line {mutant.line}): {explained.get(mutant.id, 'not explained')}"


if __name__ == "__main__":
    sys.exit(main())
