"""What a whole pass over the logs has counted, as lines: totals, and two rows over time. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo

from core.model.log import LogLevel
from core.model.log_view import LogBucket, LogCount, LogOutside, LogPicture
from widgets.present.chart import sparkline
from widgets.present.fitting import cut, spread, width_of
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.log_rows import TimeStyle
from widgets.present.log_status import window_text
from widgets.present.numbers import bytes_text, plural

_LABEL_CELLS = 5
_LONG_S = 300 * 86_400.0
"""Over a longer time days need their year."""
_WITH_WARNINGS = 4
_GAP_CELLS = 2


def summary_lines(
    picture: LogPicture,
    width: int,
    chosen: int | None,
    times: TimeStyle = TimeStyle.UTC,
    zone: tzinfo | None = None,
    rows: int = 3,
) -> tuple[Line, ...]:
    """Return what was counted, and how it lies in time: all records, warnings, errors.

    Args:
        picture: What is known.
        width: Cells of a line.
        chosen: Number of the bucket that has the cursor, None without one.
        times: How moments are written.
        zone: Of local times.
        rows: Lines that there is room for; warnings need a fourth.
    """
    count = picture.count
    cells = max(10, width - _LABEL_CELLS)
    columns = columns_of(len(count.buckets), cells)
    under = _chosen_line(count, chosen, times, zone)
    heading = cut(under, width) if under else _heading(picture, times, zone, width)
    drawn = [("all", _all_in, Tone.ACCENT), ("err", errors_in, Tone.DOWN)]
    if rows >= _WITH_WARNINGS:
        drawn.insert(1, ("warn", _warnings_in, Tone.DEGRADED))
    return (
        heading,
        *(
            (
                span(name.ljust(_LABEL_CELLS), Tone.LABEL),
                *_bars([number(one) for one in count.buckets], columns, tone, chosen),
            )
            for name, number, tone in drawn
        ),
    )


def columns_of(buckets: int, cells: int) -> tuple[range, ...]:
    """Return which buckets each cell stands for, so that all are in sight and the cells are used.

    With fewer buckets than cells some have a cell more than others; with more, a cell has several.
    """
    if not buckets:
        return ()
    if buckets <= cells:
        return tuple(range(at * buckets // cells, at * buckets // cells + 1) for at in range(cells))
    return tuple(range(at * buckets // cells, (at + 1) * buckets // cells) for at in range(cells))


def _all_in(bucket: LogBucket) -> int:
    return sum(bucket.by_level.values())


def _warnings_in(bucket: LogBucket) -> int:
    return bucket.by_level.get(LogLevel.WARN, 0)


def width_text(width_s: float) -> str:
    """Return how long a bar is; a short burst has bars of milliseconds."""
    return f"{width_s * 1000:.0f} ms" if 0 < width_s < 1 else window_text(width_s)


def errors_in(bucket: LogBucket) -> int:
    """Return how many records of a bucket are errors or worse."""
    return errors_among(bucket.by_level)


def errors_among(by_level: Mapping[LogLevel | None, int]) -> int:
    """Return how many records are errors or worse."""
    return sum(n for level, n in by_level.items() if level and level >= LogLevel.ERROR)


def _bars(numbers: Sequence[int], columns: Sequence[range], tone: Tone, chosen: int | None) -> Line:
    """Return a bar for each cell; those of the bucket with the cursor are reversed."""
    if not columns:
        return ()
    values = [float(max(numbers[at] for at in column)) or None for column in columns]
    text = sparkline(values, len(values), tone)[0].text
    under = [at for at, column in enumerate(columns) if chosen is not None and chosen in column]
    if not under:
        return (span(text, tone),)
    first, end = under[0], under[-1] + 1
    marked = span(text[first:end].replace(" ", "·")).text
    return (span(text[:first], tone), Span(marked, tone, True, True), span(text[end:], tone))


def _totals(picture: LogPicture) -> Line:
    count = picture.count
    if not count.is_begun and not count.is_complete:
        return line(span("nothing counted yet", Tone.DIM))
    by_level = dict(count.by_level)
    parts: list[Span] = [
        span(f" {'' if count.is_complete else '≈ '}{count.matched:,} ", Tone.TITLE, bold=True),
        span("record" if count.matched == 1 else "records", Tone.LABEL),
    ]
    for level in (LogLevel.CRITICAL, LogLevel.ERROR, LogLevel.WARN):
        number = by_level.get(level, 0)
        if number:
            tone = Tone.DEGRADED if level is LogLevel.WARN else Tone.DOWN
            parts.append(span(f"  {number:,} {level.word}", tone, bold=True))
    if count.timeless:
        parts.append(span(f"  {count.timeless:,} without a time", Tone.DIM))
    if count.outside.count:
        parts.append(span(f"  {outside_text(count.outside)}", Tone.DEGRADED))
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


def outside_text(outside: LogOutside) -> str:
    """Return what the bars leave out: `3 outside: 1970-01-01 … 2099-12-31`."""
    ends = (outside.first_s, outside.last_s)
    days = [
        moment_text(at_s, TimeStyle.UTC, None, has_year=True) for at_s in ends if at_s is not None
    ]
    return f"{outside.count:,} outside: {' … '.join(days)}"


def _chosen_line(
    count: LogCount, chosen: int | None, times: TimeStyle, zone: tzinfo | None
) -> Line:
    """Return what one bucket holds."""
    if chosen is None or not 0 <= chosen < len(count.buckets):
        return ()
    bucket = count.buckets[chosen]
    total = sum(bucket.by_level.values())
    buckets = count.buckets
    is_long = buckets[-1].begin_s - buckets[0].begin_s > _LONG_S
    moment = moment_text(bucket.begin_s, times, zone, has_year=is_long)
    return line(
        span(f" {moment} ", Tone.TITLE, bold=True),
        span(f"for {width_text(count.width_s)}: {plural(total, 'record')}, ", Tone.LABEL),
        span(plural(errors_in(bucket), "error"), Tone.DOWN if errors_in(bucket) else Tone.LABEL),
        span("   enter goes there", Tone.DIM),
    )


def _heading(picture: LogPicture, times: TimeStyle, zone: tzinfo | None, width: int) -> Line:
    """Return the totals, and as much as there is room for of what time they are from."""
    totals, count = _totals(picture), picture.count
    for reach in _ranges(count.buckets, count.width_s, times, zone):
        if width_of(totals) + _GAP_CELLS + width_of(reach) <= width:
            return spread(totals, reach, width)
    return cut(totals, width)


def _ranges(
    buckets: Sequence[LogBucket], width_s: float, times: TimeStyle, zone: tzinfo | None
) -> tuple[Line, ...]:
    """Return from when to when, the longest way of saying it first."""
    if not buckets:
        return ()
    ends = (buckets[0].begin_s, buckets[-1].begin_s + width_s)
    is_long = ends[1] - ends[0] > _LONG_S
    first, last = (moment_text(at_s, times, zone, has_year=is_long) for at_s in ends)
    reach, bucket = f"{first} – {last}", f"a bar is {width_text(width_s)}"
    texts = (f"{reach}, {bucket} ", f"{reach} ", f"since {first} ")
    return tuple(line(span(text, Tone.DIM)) for text in texts)


def moment_text(
    at_s: float, times: TimeStyle, zone: tzinfo | None, *, has_year: bool = False
) -> str:
    """Return a moment with its day, in UTC or in the zone; or the day alone with its year."""
    try:
        moment = datetime.fromtimestamp(at_s, UTC)
        if times is TimeStyle.LOCAL:
            moment = moment.astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "out of range"
    return f"{moment:%Y-%m-%d}" if has_year else f"{moment:%m-%d %H:%M:%S}"
