"""Ticks: round values along an axis, and how numbers are written."""

from __future__ import annotations

import math

__all__ = ["above", "clean", "counts", "decades", "nice", "percent", "several", "value", "whole_percent"]


def above(number: float) -> float:
    """Return the least of 1, 1.5, 2, 3, 4, 5, 6 and 8 times powers of ten that is no less than a number above 0."""
    power = 10.0 ** math.floor(math.log10(number))
    return next(
        value
        for value in (round(factor * power, 12) for factor in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 20))
        if value >= number
    )


def nice(low: float, high: float, most: int) -> list[float]:
    """Return at most `most` multiples of 1, 2 or 5 times a power of ten between two ends."""
    span = high - low
    if not (span > 0 and math.isfinite(span)) or most < 1:
        return []
    step = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1, 2, 5, 10, 20, 50, 100):
        width = step * factor
        first, last = math.ceil(low / width - 1e-9), math.floor(high / width + 1e-9)
        if last - first + 1 <= most:
            return [round(k * width, 12) for k in range(first, last + 1)]
    return []


def several(low: float, high: float, most: int) -> list[float]:
    """Return `nice` values between two ends, at least two of them even where that is more than `most`."""
    found = nice(low, high, most)
    while len(found) < 2 and most < 6:
        most += 1
        found = nice(low, high, most)
    return found


def decades(low: float, high: float, most: int) -> list[float]:
    """Return powers of ten between two ends, every second or third where there would be more than `most`.

    Where fewer than two lie there, `several` round values take their place.
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first + 1) / max(most, 1)))
    found = [10.0**k for k in range(first, last + 1) if k % every == 0]
    return found if len(found) > 1 else several(low, high, most)


def clean(number: float) -> str:
    """Write a tick: no needless zeros, a true minus sign."""
    return f"{number:.6g}".replace("-", "−")


def counts(numbers: list[float]) -> list[str]:
    """Write numbers of steps, all in the same unit: 500, 1000; 5k, 10k; 1M, 2M."""
    most = max((abs(n) for n in numbers), default=0.0)
    unit, mark = (1e6, "M") if most >= 2e6 else (1e3, "k") if most >= 1e4 else (1.0, "")
    return [f"{n / unit:g}{mark if n else ''}" for n in numbers]


def value(number: float) -> str:
    """Write the value of a curve in three characters or so: 0.0012, 0.034, 0.58, 3.14, 12.3, 140."""
    if math.isinf(number):
        return "∞" if number > 0 else "−∞"
    size = abs(number)
    if size < 5e-5:
        return "0"
    digits = 4 if size < 0.00995 else 3 if size < 0.0995 else 2 if size < 9.995 else 1 if size < 99.95 else 0
    if size >= 1e5:
        return f"{number:.1e}".replace("e+0", "e").replace("e+", "e").replace("-", "−")
    return f"{number:.{digits}f}".replace("-", "−")


def percent(fraction: float) -> str:
    """Write a fraction as a percentage: 31 %, 0.4 %, <0.1 %."""
    hundred = 100.0 * fraction
    if hundred == 0:
        return "0 %"
    if 0 < hundred < 0.095:
        return "<0.1 %"
    return f"{hundred:.1f} %" if hundred < 9.95 else f"{hundred:.0f} %"


def whole_percent(fraction: float) -> str:
    """Write a fraction as a whole percentage, 100 only where nothing is missing and 0 only where nothing is there."""
    hundred = min(max(round(100 * fraction), 1), 99) if 0 < fraction < 1 else round(100 * fraction)
    return f"{hundred} %"
