"""What a whole pass over the logs has counted, as lines: totals, and two rows over time. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo

from core.model.log import LogLevel
from core.model.log_view import LogBucket, LogCount, LogPicture
from widgets.present.chart import sparkline
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, spread
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.log_rows import TimeStyle
from widgets.present.numbers import bytes_text, plural

_LABEL_CELLS = 5


def summary_lines(
    picture: LogPicture,
    width: int,
    chosen: int | None,
    times: TimeStyle = TimeStyle.UTC,
    zone: tzinfo | None = None,
) -> tuple[Line, ...]:
    """Return three lines: what was counted, all records over time, errors over time.

    Args:
        picture: What is known.
        width: Cells of a line.
        chosen: Number of the bucket that has the cursor, None without one.
        times: How moments are written.
        zone: Of local times.
    """
    count = picture.count
    cells = max(10, width - _LABEL_CELLS)
    buckets = count.buckets[-cells:]
    offset = len(count.buckets) - len(buckets)
    at = None if chosen is None else chosen - offset
    totals = [float(sum(one.by_level.values())) or None for one in buckets]
    errors = [float(errors_in(one)) or None for one in buckets]
    under = _chosen_line(count, chosen, times, zone)
    span_text = _range(buckets, count.width_s, times, zone)
    return (
        cut(under, width) if under else spread(_totals(picture), span_text, width),
        (span("all".ljust(_LABEL_CELLS), Tone.LABEL), *_bars(totals, cells, Tone.ACCENT, at)),
        (span("err".ljust(_LABEL_CELLS), Tone.LABEL), *_bars(errors, cells, Tone.DOWN, at)),
    )


def errors_in(bucket: LogBucket) -> int:
    """Return how many records of a bucket are errors or worse."""
    return sum(n for level, n in bucket.by_level.items() if level and level >= LogLevel.ERROR)


def _bars(values: Sequence[float | None], cells: int, tone: Tone, at: int | None) -> Line:
    drawn = sparkline(values, len(values), tone) if values else ()
    if at is None or not drawn or not 0 <= at < len(values):
        return cut(drawn, cells)
    text = drawn[0].text
    under = Span(span(text[at] if text[at] != " " else "·").text, tone, True, True)
    return (span(text[:at], tone), under, span(text[at + 1 :], tone))


def _totals(picture: LogPicture) -> Line:
    count = picture.count
    if not count.is_begun and not count.is_complete:
        return line(span("nothing counted yet", Tone.DIM))
    by_level = dict(count.by_level)
    parts: list[Span] = [
        span(f" {count.matched:,} ", Tone.TITLE, bold=True),
        span("record" if count.matched == 1 else "records", Tone.LABEL),
    ]
    for level in (LogLevel.CRITICAL, LogLevel.ERROR, LogLevel.WARN):
        number = by_level.get(level, 0)
        if number:
            tone = Tone.DEGRADED if level is LogLevel.WARN else Tone.DOWN
            parts.append(span(f"  {number:,} {level.word}", tone, bold=True))
    if count.timeless:
        parts.append(span(f"  {count.timeless:,} without a time", Tone.DIM))
    if not count.is_complete:
        done = bytes_text(count.scanned_bytes)
        parts.append(
            span(f"  searched {done} of {bytes_text(count.total_bytes)}", Tone.ACCENT, bold=True)
        )
    if count.is_newest_part:
        parts.append(span(f"  in the newest {bytes_text(count.scanned_bytes)}", Tone.DIM))
    if picture.skipped_bytes:
        parts.append(
            span(f"  {bytes_text(picture.skipped_bytes)} not shown", Tone.DEGRADED, bold=True)
        )
    return tuple(parts)


def _chosen_line(
    count: LogCount, chosen: int | None, times: TimeStyle, zone: tzinfo | None
) -> Line:
    """Return what one bucket holds."""
    if chosen is None or not 0 <= chosen < len(count.buckets):
        return ()
    bucket = count.buckets[chosen]
    total = sum(bucket.by_level.values())
    moment = moment_text(bucket.begin_s, times, zone)
    return line(
        span(f" {moment} ", Tone.TITLE, bold=True),
        span(f"for {duration_text(count.width_s)}: {plural(total, 'record')}, ", Tone.LABEL),
        span(plural(errors_in(bucket), "error"), Tone.DOWN if errors_in(bucket) else Tone.LABEL),
        span("   enter goes there", Tone.DIM),
    )


def _range(
    buckets: Sequence[LogBucket], width_s: float, times: TimeStyle, zone: tzinfo | None
) -> Line:
    if not buckets:
        return ()
    first = moment_text(buckets[0].begin_s, times, zone)
    last = moment_text(buckets[-1].begin_s + width_s, times, zone)
    return line(span(f"{first} – {last}, a column is {duration_text(width_s)} ", Tone.DIM))


def moment_text(at_s: float, times: TimeStyle, zone: tzinfo | None) -> str:
    """Return a moment with its day, in UTC or in the zone."""
    try:
        moment = datetime.fromtimestamp(at_s, UTC)
        if times is TimeStyle.LOCAL:
            moment = moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "out of range"
    return f"{moment:%m-%d %H:%M:%S}"
