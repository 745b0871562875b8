"""Numbers as people read them."""

import pytest

from reports.benchmark_verdicts import Unit
from reports.quantities import digits, percent, power, ratio, shown, tick


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (None, "s", "–"),
        (0, "s", "0 s"),
        (3e-12, "s", "0.0030 ns"),
        (61.23e-6, "s", "61.2 µs"),
        (999.6e-6, "s", "1.00 ms"),
        (0.0123, "s", "12.3 ms"),
        (1.5, "s", "1.50 s"),
        (7200, "s", "7,200 s"),
        (0, "bytes", "0 bytes"),
        (512, "bytes", "512 bytes"),
        (41_500, "bytes", "41.5 KB"),
        (2_500_000, "bytes", "2.50 MB"),
        (0.9851, "share", "98.5 %"),
        (2, "wake-ups/s", "2.00/s"),
    ],
)
def test_a_value_has_three_digits_and_a_unit_that_fits(value: float | None, unit: Unit, expected: str) -> None:
    assert shown(value, unit) == expected


def test_a_tick_has_no_more_digits_than_it_needs() -> None:
    assert [tick(value, "s") for value in (0.001, 0.00015, 2e-6)] == ["1 ms", "150 µs", "2 µs"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((0.93, 0.9, 0.96), "0.93 (0.90–0.96)"),
        ((1.03, 1.004, 1.06), "1.030 (1.004–1.060)"),
        ((1.0, 1.0, 1.0), "1.00 (1.00–1.00)"),
        ((0.052, 0.05, 0.054), "0.052 (0.050–0.054)"),
        ((12.34, 11.2, 13), "12.3 (11.2–13.0)"),
        ((0, 0, 1), "0.00 (0.00–1.00)"),
    ],
)
def test_a_ratio_shows_on_which_side_of_one_its_interval_ends(
    numbers: tuple[float, float, float], expected: str
) -> None:
    assert ratio(*numbers) == expected


def test_a_power_names_its_exponent_and_interval() -> None:
    assert power(1.02, 0.9, 1.1) == "N^1.02 (0.90 to 1.10)"
    assert power(-0.1, -0.25, 0.05) == "N^−0.10 (−0.25 to 0.05)"
    assert power(1.0, None, None) == "N^1.00"
    assert power(None, None, None) == "does not grow"


def test_even_a_number_beyond_all_measure_can_be_shown() -> None:
    assert digits(1e308).startswith("100,000")
    assert shown(5e-324, "s").endswith(" ns")


def test_a_share_is_shown_in_percent() -> None:
    assert [percent(share) for share in (0, 0.014, 0.99, 1)] == ["0 %", "1.4 %", "99 %", "100 %"]
