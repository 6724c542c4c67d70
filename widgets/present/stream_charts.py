"""A stream over time: entries in and out a second, lag, pending. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from core.model.stream import Stream, StreamSample
from widgets.present.chart import braille_chart, trendline
from widgets.present.durations import duration_text
from widgets.present.fitting import beside, cut, spread, with_axis
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, value_text
from widgets.present.resample import resample, slice_s

_AXIS_CELLS = 9
_GAP_CELLS = 3
_MIN_CHART_CELLS = 34
_MIN_CHART_ROWS = 4
_LEAST_WINDOW_S = 60.0

Point = tuple[float, float | None]
"""Monotonic seconds, and a value."""
Curve = tuple[str, str, tuple[Point, ...]]
"""Name, present value as text, points."""


def rates_in(history: Sequence[StreamSample]) -> tuple[Point, ...]:
    """Return entries added a second between each two looks; None where it cannot be known."""
    points: list[Point] = []
    for before, after in pairwise(history):
        seconds = after.at_s - before.at_s
        rate = None
        if before.entries_added is not None and after.entries_added is not None and seconds > 0:
            added = after.entries_added - before.entries_added
            # A counter that fell belongs to another stream of the same name.
            rate = added / seconds if added >= 0 else None
        points.append((after.at_s, rate))
    return tuple(points)


def rates_out(history: Sequence[StreamSample]) -> tuple[Point, ...]:
    """Return entries delivered a second to the group that is furthest behind.

    That is what came in less what its lag grew; None where one of both is not known.
    """
    points: list[Point] = []
    for (at_s, rate), (before, after) in zip(rates_in(history), pairwise(history), strict=True):
        value = None
        is_known = before.lag_entries is not None and after.lag_entries is not None
        if rate is not None and is_known and after.at_s > before.at_s:
            grown = (after.lag_entries or 0) - (before.lag_entries or 0)
            # Another group may be the last one now: then the difference says nothing.
            out = rate - grown / (after.at_s - before.at_s)
            value = out if out >= 0 else None
        points.append((at_s, value))
    return tuple(points)


def curves(stream: Stream) -> tuple[Curve, ...]:
    """Return what is drawn of a stream, with the present values."""
    history = stream.history
    lag = history[-1].lag_entries if history else None
    last = history[-1] if history else None
    return (
        ("In /s", _per_s(stream.rate_in_per_s), rates_in(history)),
        ("Out /s, slowest group", _newest(rates_out(history)), rates_out(history)),
        ("Lag, worst group", MISSING if lag is None else value_text(lag), _lags(history)),
        (
            "Pending",
            MISSING if last is None else value_text(last.pending),
            tuple((one.at_s, float(one.pending)) for one in history),
        ),
    )


def _lags(history: Sequence[StreamSample]) -> tuple[Point, ...]:
    lags = ((one.at_s, one.lag_entries) for one in history)
    return tuple((at_s, None if lag is None else float(lag)) for at_s, lag in lags)


def _newest(points: tuple[Point, ...]) -> str:
    return _per_s(points[-1][1] if points else None)


def _per_s(rate: float | None) -> str:
    return MISSING if rate is None else value_text(round(rate, 1))


def stream_charts(
    stream: Stream, width: int, height: int, now: datetime, now_s: float
) -> tuple[Line, ...]:
    """Return the curves side by side and one below the other, as many as the room has.

    Args:
        stream: The stream.
        width: Cells.
        height: Lines.
        now: The present.
        now_s: The present, monotonic, as the samples have it.
    """
    if len(stream.history) < 2:
        return (line(span("charts: they need two looks", Tone.DIM)),)[:height]
    window_s = max(_LEAST_WINDOW_S, now_s - stream.history[0].at_s)
    drawn = curves(stream)
    if height < _MIN_CHART_ROWS:
        return tuple(_small(one, width, window_s) for one in drawn)[:height]
    across = max(1, min(2, width // _MIN_CHART_CELLS))
    bands = max(1, min(len(drawn) // across, height // _MIN_CHART_ROWS))
    cells = (width - _GAP_CELLS * (across - 1)) // across
    rows = height // bands - 1
    lines: list[Line] = []
    for band in range(bands):
        shown = drawn[band * across : (band + 1) * across]
        blocks = [_chart(one, (cells, rows), (now, now_s, window_s)) for one in shown]
        block = blocks[0] if across == 1 else beside(blocks[0], blocks[1], cells, _GAP_CELLS)
        lines += block
    return tuple(lines[:height])


def _small(curve: Curve, width: int, window_s: float) -> Line:
    """Return a curve in one line: name, present value, trend."""
    name, text, points = curve
    values = [value for _, value in points]
    cells = max(8, width - 44)
    head = (span(name.ljust(22), Tone.LABEL), span(f"{text:>8}  "))
    note = span(f"  {duration_text(window_s)}", Tone.DIM)
    return cut((*head, *trendline(values, cells), note), width)


def _chart(
    curve: Curve, room: tuple[int, int], when: tuple[datetime, float, float]
) -> tuple[Line, ...]:
    (name, text, points), (width, rows), (now, now_s, window_s) = curve, room, when
    head: Line = (Span(span(name).text, Tone.TITLE, True), span(f"  {text}", bold=True))
    heading = spread(head, line(span(f"last {duration_text(window_s)}", Tone.DIM)), width)
    cells = max(8, width - _AXIS_CELLS)
    step_s = slice_s(window_s, 2 * cells)
    moments = ((now - timedelta(seconds=now_s - at_s), value) for at_s, value in points)
    values = resample(moments, 2 * cells, step_s, now, _carry_s(points))
    known = [value for value in values if value is not None]
    if not known:
        return (heading, line(span("not known", Tone.DIM)), *[BLANK] * (rows - 1))
    top = max((*known, 1.0))
    chart = braille_chart(values, cells, rows, 0.0, top, Tone.ACCENT)
    return (heading, *with_axis(chart, value_text(round(top, 1)), "0", _AXIS_CELLS))


def _carry_s(points: tuple[Point, ...]) -> float:
    """Return how long one look speaks for: twice the usual time between two."""
    if len(points) < 2:
        return _LEAST_WINDOW_S
    return 2 * (points[-1][0] - points[0][0]) / (len(points) - 1)
