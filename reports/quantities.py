"""Numbers as people read them: three digits, and a unit that fits."""

from collections.abc import Callable

from reports.benchmark_verdicts import Unit

NOTHING = "–"  # there is no number

_TIMES = [(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")]
_SIZES = [(1e9, "GB"), (1e6, "MB"), (1e3, "KB"), (1.0, "bytes")]


def shown(value: float | None, unit: Unit) -> str:
    """Return *value*, in *unit*, with a unit that fits its size; a KB is 1,000 bytes.

    Of wake-ups a second only the second is named: the quantity says what is counted.
    """
    return NOTHING if value is None else _scaled(value, unit, digits)


def tick(value: float, unit: Unit) -> str:
    """Return *value*, in *unit*, as short as the scale of a plot needs it."""
    return _scaled(value, unit, brief)


def digits(value: float) -> str:
    """Return *value* with three digits, those of larger whole numbers never cut off."""
    value = _rounded(value)
    if value >= 100 or value == 0:
        return f"{value:,.0f}"
    if value < 0.1:
        return f"{value:#.2g}"
    decimals = 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{decimals}f}"


def brief(value: float) -> str:
    """Return *value* with three digits at most, as few as it needs."""
    value = _rounded(value)
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def ratio(value: float, low: float, high: float) -> str:
    """Return a ratio and its interval, such as `0.93 (0.90–0.96)`.

    A bound that would look like 1 without being 1 gives all three numbers another decimal.
    """
    decimals = 3 if any(bound != 1 and 0.995 <= bound < 1.005 for bound in (low, high)) else 2
    return f"{_times(value, decimals)} ({_times(low, decimals)}–{_times(high, decimals)})"


def latency(seconds: float, low: float, high: float) -> str:
    """Return a time and its interval, such as `1.04 ms (980 µs–1.20 ms)`."""
    return f"{shown(seconds, 's')} ({shown(low, 's')}–{shown(high, 's')})"


def power(exponent: float | None, low: float | None, high: float | None) -> str:
    """Return how a cost grows, such as `N^1.02 (0.90–1.10)`; without exponent it does not."""
    if exponent is None:
        return "does not grow"
    interval = "" if low is None or high is None else f" ({_signed(low)} to {_signed(high)})"
    return f"N^{_signed(exponent)}{interval}"


def percent(share: float) -> str:
    """Return *share*, 0 to 1, in percent."""
    return f"{brief(share * 100)} %"


def _scaled(value: float, unit: Unit, written: Callable[[float], str]) -> str:
    if unit == "share":
        return f"{written(value * 100)} %"
    if unit == "wake-ups/s":
        return f"{written(value)}/s"
    scales = _TIMES if unit == "s" else _SIZES
    size, name = next((scale for scale in scales if _rounded(value) >= scale[0]), scales[-1])
    return f"{written(value / size)} {name}" if value else f"0 {unit}"


def _rounded(value: float) -> float:
    return float(f"{value:.3g}") if value < 1000 else value


def _times(value: float, decimals: int) -> str:
    return digits(value) if value >= 10 or 0 < value < 0.095 else f"{value:.{decimals}f}"


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
