"""`python -m reports`: what it writes where, and how it refuses."""

import functools
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from reports.tests import commands

Sample = Callable[[str], Path]
ROOT = Path(__file__).parents[2]


run = functools.partial(commands.run, "reports")


def test_markdown_on_standard_output_is_the_default(sample: Sample) -> None:
    done = run(sample("clean"), sample("every-verdict"))

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Conformance to `socketserver`\n")


def test_both_formats_can_be_written_at_once(sample: Sample, tmp_path: Path) -> None:
    page, text = tmp_path / "page.html", tmp_path / "page.md"

    done = run(sample("every-verdict"), "--html", page, "--markdown", text)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert text.read_text(encoding="utf-8").startswith("# Conformance")


def test_html_can_go_to_standard_output(sample: Sample) -> None:
    done = run(sample("clean"), "--html", "-")

    assert done.returncode == 0
    assert done.stdout.startswith("<!DOCTYPE html>")


def test_failures_of_a_candidate_are_no_failure_of_the_report(sample: Sample) -> None:
    assert run(sample("every-verdict")).returncode == 0


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b'{"format": "socketserver-conformance run record", "vers', "is truncated: the JSON"),
        (b'{"format": "socketserver-conformance run record", "version": 9}', "has version 9"),
        (b'{"format": "a\\n\\u001b[2Jb"}', "is not a run record: it has no format"),
    ],
)
def test_a_record_that_is_not_whole_is_refused_in_one_line(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "run.json"
    if content is not None:
        path.write_bytes(content)

    done = run(path)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"python -m reports: {path}: {reason}")
    assert done.stderr.count("\n") == 1


def test_nothing_is_written_when_one_of_the_records_is_refused(sample: Sample, tmp_path: Path) -> None:
    page = tmp_path / "page.html"

    done = run(sample("clean"), tmp_path / "no.json", "--html", page)

    assert done.returncode == 2
    assert not page.exists()


def test_a_place_that_cannot_be_written_is_refused_in_one_line(sample: Sample, tmp_path: Path) -> None:
    place = tmp_path / "no folder" / "page.html"

    done = run(sample("clean"), "--html", place)

    assert done.returncode == 2
    assert done.stderr == (f"python -m reports: {place}: cannot write: No such file or directory\n")


def test_two_formats_cannot_share_standard_output(sample: Sample) -> None:
    done = run(sample("clean"), "--html", "-", "--markdown", "-")

    assert done.returncode == 2
    assert "only one of --markdown and --html can go to standard output" in done.stderr


def test_a_reader_who_leaves_early_causes_no_traceback(sample: Sample) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "reports", sample("every-verdict"), "--html", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()

        assert process.stderr.read() == b""
