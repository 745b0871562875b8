"""`python -m reports.benchmarks`: what it writes where, and how it refuses."""

import functools
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.tests import commands

Sample = Callable[[str], Path]


run = functools.partial(commands.run, "reports.benchmarks")


def test_markdown_on_standard_output_is_the_default(benchmark_sample: Sample) -> None:
    done = run(benchmark_sample("every-verdict"), benchmark_sample("older"))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Benchmarks of `socketserver`\n")


def test_all_formats_can_be_written_at_once(benchmark_sample: Sample, tmp_path: Path) -> None:
    page, text, summary = (tmp_path / name for name in ("page.html", "page.md", "page.json"))

    done = run(benchmark_sample("every-verdict"), "--html", page, "--markdown", text, "--json", summary)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert text.read_text(encoding="utf-8").startswith("# Benchmarks")
    assert json.loads(summary.read_text(encoding="utf-8"))["format"] == "socketserver-benchmark-summary"


@pytest.mark.parametrize(("option", "start"), [("--html", "<!DOCTYPE html>"), ("--json", "{\n")])
def test_any_format_can_go_to_standard_output(benchmark_sample: Sample, option: str, start: str) -> None:
    done = run(benchmark_sample("older"), option, "-")

    assert done.returncode == 0
    assert done.stdout.startswith(start)


def test_two_formats_cannot_share_standard_output(benchmark_sample: Sample) -> None:
    done = run(benchmark_sample("older"), "--html", "-", "--json", "-")

    assert done.returncode == 2
    assert "only one of --html and --json can go to standard output" in done.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b'{"format": "socketserver-benchmark-record", "vers', "is truncated: the JSON"),
        (b'{"format": "a\\n\\u001b[2Jb"}', "is not a benchmark record: it has no format"),
    ],
)
def test_a_record_that_is_not_whole_is_refused_in_one_line(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path, page = tmp_path / "record.json", tmp_path / "page.html"
    if content is not None:
        path.write_bytes(content)

    done = run(path, "--html", page)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"python -m reports.benchmarks: {path}: {reason}")
    assert done.stderr.count("\n") == 1
    assert not page.exists()


def test_a_place_that_cannot_be_written_is_refused_in_one_line(benchmark_sample: Sample, tmp_path: Path) -> None:
    place = tmp_path / "no folder" / "page.json"

    done = run(benchmark_sample("older"), "--json", place)

    assert done.returncode == 2
    assert done.stderr == f"python -m reports.benchmarks: {place}: cannot write: No such file or directory\n"
