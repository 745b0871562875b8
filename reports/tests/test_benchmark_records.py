"""A benchmark record is read whole or refused with one line."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reports.benchmark_records import Baseline, read_benchmark_record
from reports.whole import RecordError

Sample = Callable[[str], Path]
Altered = Callable[[Callable[[dict[str, Any]], object]], Path]

LATENCY = {"seconds": 1, "low": 1, "high": 1}
FIRST = "measurement 'connect-request-reply-close' / 'TCPServer' / '8 clients'"


def refusal(path: Path) -> str:
    """Return why *path* is refused, without its name."""
    with pytest.raises(RecordError) as caught:
        read_benchmark_record(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    return message.removeprefix(f"{path}: ")


@pytest.mark.parametrize("name", ["every-verdict", "older"])
def test_a_whole_record_is_read(benchmark_sample: Sample, name: str) -> None:
    record = read_benchmark_record(benchmark_sample(name))

    assert record.footer.measurements == len(record.measurements) > 0


def test_what_is_nested_is_read_with_its_types(benchmark_sample: Sample) -> None:
    record = read_benchmark_record(benchmark_sample("every-verdict"))

    first, _, growing = record.measurements[:3]
    assert first.comparisons[-1].baseline == Baseline("benchmarks/old.json", "2026-11-01T08:00:00+00:00")
    assert growing.growth is not None
    assert growing.growth.lines[2].exponent is None
    assert record.first == record.rows[0]


def test_a_record_of_which_every_list_is_empty_is_whole(altered_benchmark: Altered) -> None:
    def empty(record: dict[str, Any]) -> None:
        record.update(command=[], rows=[], measurements=[], missing=[])
        record["footer"] = {"rows": 0, "measurements": 0, "samples": 0}

    record = read_benchmark_record(altered_benchmark(empty))

    assert record.first is None


def test_keys_that_nobody_has_named_are_ignored(altered_benchmark: Altered) -> None:
    path = altered_benchmark(lambda record: record["suite"].update(homepage="…"))

    assert read_benchmark_record(path).suite.version == "0.1.0"


def test_an_exponent_may_be_below_zero(altered_benchmark: Altered) -> None:
    path = altered_benchmark(
        lambda record: record["measurements"][2]["growth"]["lines"][0].update(exponent=-0.1, low=-0.2, high=0)
    )

    assert read_benchmark_record(path).footer.rows == 4


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "is empty, expected a benchmark record"),
        (b"\xff\xfe", "is not UTF-8 text (byte 0)"),
        (b'{"seed": NaN}', "is not a benchmark record: NaN is not JSON"),
        (b"[" * 100_000, "is not a benchmark record: maximum recursion depth exceeded"),
        (b"[]", "is not a benchmark record: it has no format 'socketserver-benchmark-record'"),
        (b'{"format": "socketserver-conformance run record", "version": 1}', "is not a benchmark record: it has no"),
        (b'{"format": "socketserver-benchmark-record", "version": 2}', "has version 2 of the record format"),
        (b'{"format": "socketserver-benchmark-record", "version": 1}', "is truncated: its last key is 'version'"),
        (b'{"format": "socketserver-benchmark-record",', "is truncated: the JSON breaks off in line 1"),
    ],
)
def test_what_is_no_benchmark_record_is_refused(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "other.json"
    if content is not None:
        path.write_bytes(content)

    assert refusal(path).startswith(expected)


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda r: r.pop("margin"), "margin is missing"),
        (lambda r: r.update(quick=1), "quick: expected true or false, found a whole number"),
        (lambda r: r["rows"][0].update(kind="rival"), "rows[0].kind: expected one of 'candidate', 'floor', "),
        (lambda r: r["measurements"][0].update(unit="ms"), "measurements[0].unit: expected one of 's', 'bytes', "),
        (
            lambda r: r["measurements"][0]["comparisons"][0].update(verdict="faster"),
            "measurements[0].comparisons[0].verdict: expected one of 'better', ",
        ),
        (
            lambda r: r["measurements"][0]["series"][0].update(samples=[None]),
            "measurements[0].series[0].samples[0]: expected a number, found null",
        ),
    ],
)
def test_a_value_of_the_wrong_kind_is_named_with_its_place(
    altered_benchmark: Altered, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert refusal(altered_benchmark(alter)).startswith(expected)


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda r: r.update(seconds=-1), "seconds: expected a number from 0 on, found -1"),
        (lambda r: r.update(seconds=10**400), f"seconds: expected a number from 0 on, found 1{'0' * 39}"),
        (lambda r: r.update(margin=1.5), "margin: expected a share from 0 to 1, found 1.5"),
        (
            lambda r: r["measurements"][1]["control"].update(false_alarms=7),
            "control.false_alarms: expected a share from 0 to 1, found 7",
        ),
        (
            lambda r: r["measurements"][0]["series"][1]["samples"].__setitem__(2, -0.5),
            "measurements[0].series[1].samples[2]: expected a number from 0 on, found -0.5",
        ),
        (
            lambda r: r["measurements"][3]["percentiles"][0]["values"]["99"].update(low=-1),
            "measurements[3].percentiles[0].values.99.low: expected a number from 0 on, found -1",
        ),
    ],
)
def test_a_number_that_cannot_be_is_refused(
    altered_benchmark: Altered, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert refusal(altered_benchmark(alter)) == expected


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_number_too_large_for_a_float_is_refused(altered_benchmark: Altered, number: str) -> None:
    path = altered_benchmark(lambda r: r["measurements"][2]["growth"]["lines"][0].update(exponent="HERE"))
    path.write_text(path.read_text(encoding="utf-8").replace('"HERE"', number), encoding="utf-8")

    expected = f"measurements[2].growth.lines[0].exponent: expected a finite number, found {float(number)}"
    assert refusal(path) == expected


def one(place: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    """Return an alteration of the measurement at *place*."""
    return lambda record: record["measurements"][place].update(changes)


def in_list(place: int, name: str, item: int, **changes: Any) -> Callable[[dict[str, Any]], object]:
    """Return an alteration of one *item* of the list *name* of the measurement at *place*."""
    return lambda record: record["measurements"][place][name][item].update(changes)


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (lambda r: r["footer"].update(rows=5), "its footer counts 5 rows, but it holds 4"),
        (lambda r: r["footer"].update(measurements=1), "its footer counts 1 measurements, but it holds 7"),
        (lambda r: r["footer"].update(samples=1), "its footer counts 1 samples, but it holds 161"),
        (lambda r: r["rows"][1].update(name="stdlib"), "row 'stdlib' is listed 2 times, expected once"),
        (
            lambda r: r["measurements"].append(r["measurements"][0]),
            f"{FIRST} is listed 2 times, expected once",
        ),
        (
            lambda r: r["missing"].append(r["missing"][0]),
            "missing 'datagram-burst' / 'UDPServer' / '1,000 datagrams' of 'asyncio' is listed 2 times, expected once",
        ),
        (
            lambda r: r["missing"][0].update(row="floor"),
            "missing 'datagram-burst' / 'UDPServer' / '1,000 datagrams': row 'floor' was measured",
        ),
        (one(0, rounds=8), f"{FIRST}: the series of 'stdlib' has 7 samples, expected one for each of 8 rounds"),
        (
            in_list(0, "series", 1, row="stdlib"),
            f"{FIRST}: the series of 'stdlib' is listed 2 times, expected once",
        ),
        (in_list(0, "series", 3, row="x"), f"{FIRST}: row 'x' is not among the rows of the record"),
        (in_list(0, "comparisons", 0, row="x"), f"{FIRST}: row 'x' is not among the rows of the record"),
        (in_list(0, "comparisons", 0, against="x"), f"{FIRST}: row 'x' is not among the rows of the record"),
        (
            in_list(0, "comparisons", 1, row="reference_impl"),
            f"{FIRST}: the comparison of 'reference_impl' with 'stdlib' is listed 2 times, expected once",
        ),
        (
            in_list(0, "comparisons", 0, low=0.94),
            f"{FIRST}: the ratio 0.93 of the comparison of 'reference_impl' is not within its interval 0.94 to 0.947",
        ),
        (
            lambda r: r["measurements"][0]["comparisons"][2]["repeated"].update(high=1),
            f"{FIRST}: the ratio 1.58 of the repeated comparison of 'asyncio' is not within its interval 1.5 to 1",
        ),
        (
            lambda r: r["measurements"][0]["control"].update(low=1.003),
            f"{FIRST}: the ratio 1.002 of the control is not within its interval 1.003 to 1.01",
        ),
        (
            one(0, discarded={"ratio": 1.1, "low": 1.2, "high": 1.3, "verdict": "worse"}),
            f"{FIRST}: the ratio 1.1 of the discarded control is not within its interval 1.2 to 1.3",
        ),
        (
            lambda r: r["measurements"][0]["control"]["samples"].pop(),
            f"{FIRST}: the control has 6 samples, expected one for each of 7 rounds",
        ),
        (
            one(0, percentiles=[{"row": "floor", "rate": 1, "values": {"half": LATENCY}}]),
            f"{FIRST}: 'half' is no percentile, expected a number from 0 to 100",
        ),
        (
            one(0, percentiles=[{"row": "floor", "rate": 1, "values": {"99": {**LATENCY, "seconds": 2}}}]),
            f"{FIRST}: the percentile 99 of 'floor', 2, is not within its interval 1 to 1",
        ),
        (
            one(0, percentiles=[{"row": "floor", "rate": 1, "values": {}}] * 2),
            f"{FIRST}: the percentiles of 'floor' at 1 a second is listed 2 times, expected once",
        ),
        (
            one(0, growth={"over": "x", "sizes": [1, 1], "lines": []}),
            f"{FIRST}: the sizes of its growth do not rise",
        ),
        (
            one(0, growth={"over": "x", "sizes": [1], "lines": [line := {"row": "floor", "medians": [1, 2]}]}),
            "measurements[0].growth.lines[0].exponent is missing",
        ),
        (
            one(
                0,
                growth={"over": "x", "sizes": [1], "lines": [{**line, "exponent": None, "low": None, "high": None}]},
            ),
            f"{FIRST}: the growth of 'floor' has 2 medians, expected one for each of 1 sizes",
        ),
        (
            one(
                0, growth={"over": "x", "sizes": [1, 2], "lines": [{**line, "exponent": 1.0, "low": None, "high": 1.5}]}
            ),
            f"{FIRST}: the exponent of 'floor' and its interval do not fit together",
        ),
        (one(0, unit="share", series=[{"row": "stdlib", "samples": [2.0] * 7}]), "the series of 'stdlib' has a share"),
        (
            lambda r: r["measurements"][0]["series"].pop(2),
            f"{FIRST}: row 'floor' is compared, but has no series",
        ),
    ],
)
def test_a_record_that_contradicts_itself_is_refused(
    altered_benchmark: Altered, alter: Callable[[dict[str, Any]], object], expected: str
) -> None:
    assert expected in refusal(altered_benchmark(alter))
