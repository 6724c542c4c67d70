"""Charts as lines: sparklines, braille areas, bars and history strips. Pure.

A missing value is a gap, never a zero. Every shape reads without colour.
"""

from collections.abc import Sequence
from math import isfinite

from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from widgets.present.line import Line, Span, Tone, tone_of

_BLOCKS = "▁▂▃▄▅▆▇█"
_SPARKS = "▁▂▃▄▅▆▇"
"""Never the full block: sparklines one below the other must not run into one another."""
_BRAILLE = 0x2800
_LEFT_DOTS = (0x40, 0x04, 0x02, 0x01)
_RIGHT_DOTS = (0x80, 0x20, 0x10, 0x08)
"""Dots of a braille cell from the bottom up."""
_HISTORY = {
    Verdict.OK: "▁",
    Verdict.UNKNOWN: "░",
    Verdict.DEGRADED: "▄",
    Verdict.DOWN: "█",
}
_PARTS = " ▏▎▍▌▋▊▉"


def sparkline(values: Sequence[float | None], width: int, tone: Tone = Tone.ACCENT) -> Line:
    """Return the newest `width` values as blocks from zero to the highest, right-aligned."""
    shown = list(values[-width:]) if width > 0 else []
    top = max((value for value in shown if value is not None), default=0.0)
    drawn = "".join(_block(value, top) for value in shown)
    return (Span(clean(drawn.rjust(width)), tone),) if width > 0 else ()


def trendline(values: Sequence[float | None], width: int, tone: Tone = Tone.ACCENT) -> Line:
    """Return the newest `width` values as blocks from the lowest to the highest, right-aligned.

    Whoever draws it tells both bounds. What never changes is flat: at the bottom where it is zero,
    else in the middle.
    """
    shown = list(values[-width:]) if width > 0 else []
    bounds = bounds_of(shown)
    drawn = "".join(_trend_block(value, bounds) for value in shown)
    return (Span(clean(drawn.rjust(width)), tone),) if width > 0 else ()


def bounds_of(values: Sequence[float | None]) -> tuple[float, float] | None:
    """Return the lowest and the highest finite value; None where there is none."""
    known = [value for value in values if value is not None and isfinite(value)]
    return (min(known), max(known)) if known else None


def _trend_block(value: float | None, bounds: tuple[float, float] | None) -> str:
    if value is None or bounds is None or not isfinite(value):
        return " "
    low, high = bounds
    if low == high:
        return _SPARKS[len(_SPARKS) // 2] if high else _SPARKS[0]
    # Halved: the difference of two floats may be more than the largest float.
    share = (value / 2 - low / 2) / (high / 2 - low / 2)
    return _SPARKS[min(len(_SPARKS) - 1, int(share * len(_SPARKS)))]


def _block(value: float | None, top: float) -> str:
    if value is None:
        return " "
    if top <= 0:
        return _SPARKS[0]
    return _SPARKS[min(len(_SPARKS) - 1, max(0, int(value / top * len(_SPARKS))))]


def braille_chart(
    values: Sequence[float | None],
    width: int,
    height: int,
    low: float,
    high: float,
    tone: Tone = Tone.ACCENT,
) -> tuple[Line, ...]:
    """Return an area chart of `height` lines: two values a cell, four dots a line.

    Values beyond the bounds are drawn at the bound. With fewer than two a cell the chart is
    right-aligned; the newest value is always at the right edge.
    """
    if width <= 0 or height <= 0:
        return ()
    shown = list(values[-2 * width :])
    padded: list[float | None] = [None] * (2 * width - len(shown))
    dots = [_dots(value, low, high, 4 * height) for value in (*padded, *shown)]
    return tuple(
        (Span(SafeText(_row(dots, 4 * (height - 1 - line))), tone),) for line in range(height)
    )


def _dots(value: float | None, low: float, high: float, most: int) -> int:
    """Return how many dots a value is high; a known value shows at least one."""
    if value is None:
        return 0
    share = (value - low) / (high - low) if high > low else 0.0
    return min(most, max(1, round(share * most)))


def _row(dots: list[int], floor: int) -> str:
    """Return one line of cells whose lowest dot is `floor` dots above the axis."""
    cells: list[str] = []
    for left, right in zip(dots[::2], dots[1::2], strict=True):
        code = sum(bit for level, bit in enumerate(_LEFT_DOTS) if left > floor + level)
        code += sum(bit for level, bit in enumerate(_RIGHT_DOTS) if right > floor + level)
        cells.append(chr(_BRAILLE + code) if code else " ")
    return "".join(cells)


def bar(fraction: float, width: int, tone: Tone = Tone.ACCENT) -> Line:
    """Return a gauge: the filled part in eighths of a cell, the rest as a dim track."""
    if width <= 0:
        return ()
    eighths = round(min(1.0, max(0.0, fraction)) * width * 8)
    full, rest = divmod(eighths, 8)
    filled = "█" * full + (_PARTS[rest] if rest else "")
    track = "░" * (width - len(filled))
    return (Span(clean(filled), tone), Span(clean(track), Tone.DIM))


def strip(verdicts: Sequence[Verdict | None], width: int) -> Line:
    """Return a history, oldest first, one shape a moment: low for ok, high for down."""
    if width <= 0:
        return ()
    shown = list(verdicts[-width:])
    spans: list[Span] = []
    gap = width - len(shown)
    if gap:
        spans.append(Span(clean("·" * gap), Tone.DIM))
    for verdict in shown:
        shape, tone = ("·", Tone.DIM) if verdict is None else (_HISTORY[verdict], tone_of(verdict))
        if spans and spans[-1].tone is tone:
            spans[-1] = Span(clean(spans[-1].text + shape), tone)
        else:
            spans.append(Span(clean(shape), tone))
    return tuple(spans)


def histogram(counts: Sequence[int], width: int, height: int, tone: Tone) -> tuple[Line, ...]:
    """Return bars of counts, one a cell, newest at the right; a count above zero always shows."""
    shown = list(counts[-width:])
    top = max(shown, default=0)
    lines: list[Line] = []
    for line in range(height):
        floor = 8 * (height - 1 - line)
        cells = "".join(_bar_cell(count, top, height, floor) for count in shown)
        lines.append((Span(clean(cells.rjust(width)), tone),))
    return tuple(lines)


def _bar_cell(count: int, top: int, height: int, floor: int) -> str:
    eighths = 0 if not count or not top else max(1, round(count / top * height * 8))
    part = min(8, max(0, eighths - floor))
    return " " if part == 0 else _BLOCKS[part - 1]
