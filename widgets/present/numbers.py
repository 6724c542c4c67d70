"""Figures as people read them: bytes, shares, latencies, counts. Pure.

`None` means "not known" and reads `–`, never 0. No share is rounded up to 100% nor down to 0%.
"""

import math

MISSING = "–"
"""Not known. A zero is written as a zero."""

_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")
_LARGE = ((1e12, "T"), (1e9, "G"), (1e6, "M"))


def bytes_text(size: float | None) -> str:
    """Return a size in binary units with three figures: `512 B`, `1.5 KiB`, `12.0 MiB`."""
    if size is None or not math.isfinite(size):
        return MISSING
    sign = "-" if size < 0 else ""
    value = abs(size)
    for unit in _BINARY[:-1]:
        if value < 999.5 or (unit == "B" and value < 1024):
            return f"{sign}{_three_figures(value, unit)}"
        value /= 1024
    return f"{sign}{value:,.1f} {_BINARY[-1]}"


def _three_figures(value: float, unit: str) -> str:
    if unit == "B":
        return f"{value:.0f} B"
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:.0f} {unit}"


def rate_text(bytes_per_s: float | None) -> str:
    """Return a traffic rate: `1.5 KiB/s`."""
    return MISSING if bytes_per_s is None else f"{bytes_text(bytes_per_s)}/s"


def percent_text(percent: float | None) -> str:
    """Return a share of something, 0 to 100 and beyond: `0%`, `<1%`, `42%`, `>99%`, `230%`."""
    if percent is None or not math.isfinite(percent):
        return MISSING
    if 0 < percent < 1:
        return "<1%"
    if 99 < percent < 100:
        return ">99%"
    return f"{percent:.0f}%"


def cpu_text(percent: float | None) -> str:
    """Return the use of one core with a decimal below 10: `0.4%`, `12%`, `230%`."""
    if percent is None or not math.isfinite(percent):
        return MISSING
    return f"{percent:.1f}%" if percent < 9.95 else f"{percent:.0f}%"


def uptime_text(percent: float | None) -> str:
    """Return the share of good probes, cut and never rounded: `100%` only when all were good."""
    if percent is None or not math.isfinite(percent):
        return MISSING
    if percent in {0, 100}:
        return f"{percent:.0f}%"
    return f"{math.floor(percent * 10) / 10:.1f}%" if percent < 99.9 else "99.9%"


def latency_text(seconds: float | None) -> str:
    """Return how long an answer took: `0.8 ms`, `84 ms`, `1.2 s`, `75 s`."""
    if seconds is None or not math.isfinite(seconds):
        return MISSING
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    return f"{seconds:.1f} s" if seconds < 9.95 else f"{seconds:.0f} s"


def count_text(count: int | None) -> str:
    """Return a count with thousands separated: `12,345`."""
    return MISSING if count is None else f"{count:,}"


def value_text(value: float | None) -> str:
    """Return any number in at most nine characters: `0`, `0.25`, `1,234`, `12.3 M`, `1.5e-05`."""
    if value is None:
        return MISSING
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("+Inf" if value > 0 else "-Inf")
    size = abs(value)
    for unit, suffix in _LARGE:
        if size >= unit:
            return f"{value / unit:.2f} {suffix}" if size < 1e15 else f"{value:.2e}"
    if value == int(value):
        return f"{int(value):,}"
    if size >= 100:
        return f"{value:,.1f}"
    return f"{value:.3g}" if size >= 1e-4 else f"{value:.1e}"


def plural(count: int, noun: str, many: str = "") -> str:
    """Return a count with its noun: `1 service`, `3 services`, `2 entries`."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
