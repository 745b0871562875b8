"""A run record is read whole or refused with one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.records import read_record
from reports.whole import RecordError

Sample = Callable[[str], Path]
Altered = Callable[[Callable[[dict[str, Any]], object]], Path]


def refusal(path: Path) -> str:
    """Return why *path* is refused, without its name."""
    with pytest.raises(RecordError) as caught:
        read_record(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["clean", "every-verdict", "older"])
def test_a_whole_record_is_read(sample: Sample, name: str) -> None:
    record = read_record(sample(name))

    assert record.footer.requirements == len(record.catalogue) > 0


def test_evidence_is_read_with_its_types(sample: Sample) -> None:
    record = read_record(sample("every-verdict"))

    [check] = record.candidates[0].requirements[2].checks
    assert check.evidence is not None
    assert check.evidence.violations[0].events == ("0.2 ms handler.enter client=5",)


def test_keys_that_nobody_has_named_are_ignored(altered: Altered) -> None:
    path = altered(lambda record: record["suite"].update(homepage="…"))

    assert read_record(path).suite.version == "1.0"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "no.json") == "cannot be read: No such file or directory"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path) == "cannot be read: Is a directory"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "is empty, expected a run record"),
        (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        (b"{'a': 1}", "is not valid JSON: Expecting property name"),
        (b'{"seed": NaN}', "is not a run record: NaN is not JSON"),
        (b"[" * 100_000, "is not a run record: maximum recursion depth exceeded"),
        (b"[]", "is not a run record: it has no format 'socketserver-conformance run record'"),
        (b'{"format": "junit"}', "is not a run record: it has no format"),
    ],
)
def test_what_is_no_run_record_is_refused(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)

    assert refusal(path).startswith(expected)


def test_a_file_that_breaks_off_is_called_truncated(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "half.json"
    path.write_bytes(sample("clean").read_bytes()[:900])

    assert refusal(path).startswith("is truncated: the JSON breaks off in line ")


def test_a_record_without_footer_is_called_truncated(altered: Altered) -> None:
    path = altered(lambda record: record.pop("footer"))

    assert refusal(path) == "is truncated: its last key is 'result', expected 'footer'"


def test_a_footer_that_is_not_last_does_not_count(altered: Altered) -> None:
    path = altered(lambda record: record.update(result=record.pop("result")))

    assert refusal(path) == "is truncated: its last key is 'result', expected 'footer'"


def test_another_version_is_refused_before_anything_else_is_read(altered: Altered) -> None:
    path = altered(lambda record: record.update(version=2, catalogue=None))

    assert refusal(path) == "has version 2 of the record format, expected version 1"


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda r: r.pop("seed"), "seed is missing"),
        (lambda r: r.update(seed="4711"), "seed: expected a whole number, found a text"),
        (lambda r: r.update(seed=True), "seed: expected a whole number, found true or false"),
        (lambda r: r.update(level="shall"), "level: expected one of 'must', 'should', 'may'"),
        (lambda r: r.update(command="pytest"), "command: expected a list, found a text"),
        (lambda r: r["environment"].update(plugins=[]), "environment.plugins: expected an object"),
        (lambda r: r["catalogue"][3].update(since=3.7), "catalogue[3].since: expected a text"),
        (
            lambda r: r["candidates"][0]["requirements"][0]["checks"][0].update(verdict="ok"),
            "candidates[0].requirements[0].checks[0].verdict: expected one of 'pass', ",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_place(
    altered: Altered, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert refusal(altered(alter)).startswith(expected)


def drop_result(record: dict[str, Any]) -> None:
    candidate = record["candidates"][1]
    candidate["requirements"].pop()
    candidate["counts"].pop("not selected")


def drop_result_only(record: dict[str, Any]) -> None:
    record["candidates"][1]["requirements"].pop()


def hide_failure(record: dict[str, Any]) -> None:
    counts = record["candidates"][0]["counts"]
    counts["pass"] += counts.pop("fail")


def whitewash(record: dict[str, Any]) -> None:
    candidate = record["candidates"][0]
    candidate["requirements"][2]["verdict"] = "pass"
    candidate["counts"]["pass"] += 1
    candidate["counts"]["fail"] -= 1


def pass_without_checks(record: dict[str, Any]) -> None:
    record["candidates"][1]["requirements"][3]["checks"].clear()


def repeat_requirement(record: dict[str, Any]) -> None:
    record["catalogue"].append(record["catalogue"][0])


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (
            drop_result,
            ("candidate 'acme.server': its counts add up to 13, but the catalogue has 14 requirements"),
        ),
        (
            drop_result_only,
            "candidate 'acme.server': requirement 'stress.rude-clients' has 0 results, expected 1",
        ),
        (
            hide_failure,
            "candidate 'stdlib@3.8': its counts say 0 'fail', but its results hold 2",
        ),
        (
            whitewash,
            (
                "candidate 'stdlib@3.8': requirement 'lifecycle.verify-false-closes-request' "
                "is 'pass', but a check is 'fail'"
            ),
        ),
        (
            pass_without_checks,
            (
                "candidate 'acme.server': requirement 'lifecycle.timeout-calls-handle-timeout' "
                "is 'pass', but no check ran"
            ),
        ),
        (
            repeat_requirement,
            ("catalogue: requirement 'hierarchy.tcp-server-is-a-base-server' is listed 2 times, expected once"),
        ),
        (
            lambda r: r["catalogue"][0].update(id="<b>"),
            "catalogue: '<b>' is no requirement id, expected 'area.some-words'",
        ),
        (lambda r: r["footer"].update(checks=99), "its footer counts 99 checks, but it holds 27"),
        (
            lambda r: r["footer"].update(candidates=1),
            "its footer counts 1 candidates, but it holds 2",
        ),
        (
            lambda r: r["footer"].update(requirements=15),
            "its footer counts 15 requirements, but it holds 14",
        ),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    altered: Altered, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert refusal(altered(alter)) == expected
