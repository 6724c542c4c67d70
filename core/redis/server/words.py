"""Figures in sentences. Pure."""


def size_text(size_bytes: float) -> str:
    """Return a size in binary units: `512 B`, `420.0 MiB`."""
    value = float(size_bytes)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if value < 1024:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1024
    return f"{value:.1f} TiB"


def short_span(seconds: float) -> str:
    """Return a span in its largest unit: `12 s`, `3 min`, `2 h`, `41 d`."""
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 10 or seconds == int(seconds) else f"{seconds:.1f} s"


def share_text(percent: float) -> str:
    """Return a share with a decimal; what is not full never reads 100%."""
    return "99.9%" if 99.9 < percent < 100 else f"{percent:.1f}%"
