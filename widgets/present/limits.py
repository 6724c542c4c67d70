"""Rate limits as rows, one in full, and one line over all of Redis that the screen shows. Pure."""

from collections.abc import Sequence

from core.model.circuit import CircuitState
from core.model.limit import LimitRow, Limits
from core.model.redis_server import ServerView
from core.model.redis_view import RedisPicture
from core.model.text import SafeText, clean
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bar
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, spread, wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, count_text, plural, value_text
from widgets.present.raw_fields import raw_lines
from widgets.present.services import label
from widgets.present.stream_words import age_text, progress_text, trouble_text

GAUGE_CELLS = 8
_ROWS = 4
_NO_KEY = span(f"{'no key':>9}  ", Tone.DEGRADED)

Sort = tuple[float | str | None, ...]


def limit_key(row: LimitRow) -> str:
    """Return the identity of a record's row."""
    return f"{row.server} {row.keys[0].spelled}" if row.keys else f"{row.server} {row.client}"


def is_trouble(row: LimitRow) -> bool:
    """Tell whether a person should look at a record."""
    return bool(row.is_limited) or bool(row.problem) or bool(row.was_exhausted)


def limited_line(row: LimitRow) -> Line:
    """Return whether the next request is refused: a shape and a word."""
    if row.problem:
        return line(span("? invalid", Tone.DEGRADED, bold=True))
    if row.is_limited is None:
        return line(span("? unknown", Tone.UNKNOWN))
    if row.is_limited:
        return line(span("✖ limited", Tone.DOWN, bold=True))
    if row.was_exhausted:
        return line(span("▲ ran dry", Tone.DEGRADED, bold=True))
    return line(span("● passes", Tone.OK))


def limit_cells(row: LimitRow) -> tuple[Line, ...]:
    """Return the cells in the order of the pane's columns."""
    key = row.keys[0].shown if row.keys else MISSING
    more = span(f" +{len(row.keys) - 1}" if len(row.keys) > 1 else "", Tone.DIM)
    return (
        limited_line(row),
        line(span(row.client, bold=is_trouble(row))),
        _gauge(row),
        _tokens(row),
        _plain(_per_s(row.refill_per_s)),
        _plain(_retry(row)),
        _plain(age_text(row.last_seen_age_s)),
        _plain("never" if row.ttl_s is None else age_text(row.ttl_s)),
        _rejected(row),
        line(span(row.shape.value, Tone.DIM)),
        line(span(row.server, Tone.DIM)),
        line(span(row.problem or key, Tone.DEGRADED if row.problem else Tone.DIM), more),
    )


def limit_sort(row: LimitRow, position: int) -> Sort:
    """Return what each cell sorts by; `position` is the place in the ranking."""
    return (
        -float(position),
        row.client,
        _fraction(row),
        row.tokens_now,
        row.refill_per_s,
        row.retry_after_s,
        row.last_seen_age_s,
        row.ttl_s,
        row.rejections_per_min,
        row.shape.value,
        row.server,
        row.problem or (row.keys[0].shown if row.keys else ""),
    )


def limit_search(row: LimitRow) -> SafeText:
    """Return what a filter looks at."""
    keys = " ".join(key.shown for key in row.keys)
    return clean(f"{row.client} {row.spec_name} {row.shape} {row.server} {keys} {row.problem}")


def _plain(text: str) -> Line:
    return line(span(text, Tone.DIM if text in {MISSING, "never"} else Tone.PLAIN))


def _fraction(row: LimitRow) -> float | None:
    if row.tokens_now is None or not row.capacity:
        return None
    return max(0.0, min(1.0, row.tokens_now / row.capacity))


def _gauge(row: LimitRow) -> Line:
    fraction = _fraction(row)
    if fraction is None:
        return line(span("·" * GAUGE_CELLS, Tone.DIM))
    return bar(fraction, GAUGE_CELLS, Tone.DOWN if row.is_limited else Tone.ACCENT)


def _tokens(row: LimitRow) -> Line:
    whole = span(f"/{value_text(row.capacity)}" if row.capacity is not None else "", Tone.DIM)
    if row.tokens_now is None:
        return line(span(row.tokens_stored or MISSING, Tone.DIM), whole)
    return line(span(_figure(row.tokens_now), Tone.PLAIN), whole)


def _figure(tokens: float) -> str:
    """Return a count of tokens; one that is not whole never looks like one that is."""
    return f"{tokens:.2f}" if 0 < tokens < 1 else value_text(round(tokens, 1))


def _per_s(per_s: float | None) -> str:
    return MISSING if per_s is None else f"{value_text(per_s)}/s"


def _rejected(row: LimitRow) -> Line:
    """Return refusals a minute and what tells of them."""
    if row.rejections_per_min is None:
        return line(span(MISSING, Tone.DIM))
    tone = Tone.DEGRADED if row.rejections_per_min else Tone.PLAIN
    by = span(f" {row.rejections_by}" if row.rejections_by else "", Tone.DIM)
    return line(span(value_text(round(row.rejections_per_min, 1)), tone), by)


def _refusals(row: LimitRow) -> Line:
    if row.rejections_per_min is None:
        return line(span(f"{MISSING}  {row.rejections_told}".rstrip(), Tone.DIM))
    told = span(f"  from {row.rejections_told}" if row.rejections_told else "", Tone.DIM)
    return line(span(value_text(round(row.rejections_per_min, 1))), told)


def _retry(row: LimitRow) -> str:
    if row.retry_after_s is None:
        return MISSING
    if row.retry_after_s <= 0:
        return "now"
    if row.retry_after_s >= 10:
        return f"in {age_text(row.retry_after_s)}"
    return f"in {row.retry_after_s:.1f}s" if row.retry_after_s >= 0.05 else "in <0.1s"


def limit_lines(row: LimitRow, width: int) -> tuple[Line, ...]:
    """Return everything known of one record, for lines of `width` cells."""
    lines: list[Line] = [cut((*limited_line(row), span("  "), span(row.client, bold=True)), width)]
    if row.problem:
        lines += wrap(row.problem, width, _ROWS, Tone.DEGRADED)
    if row.was_exhausted and not row.is_limited:
        lines += wrap("its last request left nothing; refilled since", width, 2, Tone.DEGRADED)
    if row.note:
        lines += wrap(row.note, width, _ROWS, Tone.DIM)
    lines += [BLANK, *(cut(one, width) for one in _figures(row)), BLANK]
    lines += [
        cut(label("keys" if at == 0 else "", key.shown), width) for at, key in enumerate(row.keys)
    ]
    lines.append(cut(label("shape", row.shape.value, span(f"  {row.spec_name}", Tone.DIM)), width))
    lines += raw_lines(row.raw, width)
    return tuple(lines)


def _figures(row: LimitRow) -> tuple[Line, ...]:
    stored = span(f"  written: {row.tokens_stored}", Tone.DIM)
    refill = _per_s(row.refill_per_s)
    seen = MISSING if row.last_seen_age_s is None else f"{age_text(row.last_seen_age_s)} ago"
    if row.last_seen_age_s is not None and row.last_seen_age_s <= -1:
        seen = f"in {duration_text(-row.last_seen_age_s)}: stamped by a clock that is ahead"
    expires = "never" if row.ttl_s is None else f"in {duration_text(row.ttl_s)}"
    return (
        label("left now", *_gauge(row), span("  "), *_tokens(row), stored),
        label("refill", refill),
        label("next pass", _retry(row)),
        label("429 a min", *_refusals(row)),
        label("last seen", seen),
        label("expires", expires),
    )


def summary_line(redis: RedisPicture, width: int) -> Line:
    """Return one line over everything: breakers that are not closed, clients that are limited."""
    circuits = [row for one in redis.circuits for row in one.rows]
    opened = sum(row.state is CircuitState.OPEN for row in circuits)
    limited, counted = (
        sum(one.limited for one in redis.limits),
        sum(one.counted for one in redis.limits),
    )
    is_whole = all(one.progress.is_complete for one in redis.limits)
    about = "" if is_whole else "≈"
    parts: list[Span] = []
    if redis.circuits:
        tone = Tone.DOWN if opened else Tone.OK
        parts += [span(plural(len(circuits), "circuit"), bold=True), span(", ")]
        parts += [span(f"{opened} open", tone, bold=bool(opened)), span("   ")]
    if redis.limits:
        tone = Tone.DOWN if limited else Tone.OK
        parts += [span(f"{about}{plural(counted, 'client')}", bold=True), span(", ")]
        parts += [span(f"{about}{count_text(limited)} limited", tone, bold=bool(limited))]
        dry = sum(one.exhausted for one in redis.limits) - limited
        if dry > 0:
            parts += [span(f", {about}{count_text(dry)} ran dry", Tone.DEGRADED, bold=True)]
    return spread(tuple(parts), _right(redis), width)


def _right(redis: RedisPicture) -> Line:
    scans = [one for one in redis.limits if not one.progress.is_complete]
    scan = f"scanned {progress_text(scans[0].progress)}   " if scans else ""
    load = sum(one.load.per_s for one in redis.servers if one.load is not None)
    return line(span(f"{scan}our load {load:.0f} cmd/s", Tone.DIM))


def note_lines(redis: RedisPicture, width: int) -> tuple[Line, ...]:
    """Return what must be known before the tables are read: servers that fail, key names."""
    lines: list[Line] = []
    failed = [one for one in redis.servers if one.trouble is not None]
    # What failed alike, such as two databases of one server, is told once.
    for text in dict.fromkeys(trouble_text(one.trouble) for one in failed if one.trouble):
        alike = [one for one in failed if one.trouble and trouble_text(one.trouble) == text]
        names = ", ".join(one.server for one in alike)
        told = f"✖ {names} cannot be read: {text}{_last_seen(alike, redis.now_s)}"
        lines += wrap(told, width, 2, Tone.DOWN)
    for view in (*redis.circuits, *redis.limits):
        lines += [cut(line(span(f"! {note}", Tone.DEGRADED)), width) for note in view.notes]
    return tuple(lines)


def _last_seen(servers: Sequence[ServerView], now_s: float) -> str:
    looked = [one.looked_at_s for one in servers if one.looked_at_s is not None]
    return f"; what is shown is {duration_text(now_s - min(looked))} old" if looked else ""


def pattern_lines(limits: Limits, width: int) -> tuple[Line, ...]:
    """Return how many records each pattern has; none of a documented one is worth saying."""
    if not limits.patterns:
        return ()
    about = "" if limits.progress.is_complete else "≈"
    rows = (
        line(span(f"{about}{count_text(count):>9}  ") if count else _NO_KEY, span(pattern))
        for pattern, count in limits.patterns
    )
    head = line(span("Records by pattern", Tone.LABEL, bold=True))
    return (BLANK, head, *(cut(one, width) for one in rows))


def absence_of(redis: RedisPicture, what: str, *, is_there: bool) -> Line:
    """Return why there are no rows: not looked yet, not readable, or none.

    Args:
        redis: What is known.
        what: What the rows would be.
        is_there: Whether all of it has been looked at.
    """
    failed = [one for one in redis.servers if one.trouble is not None]
    if failed and not is_there:
        return absence_line(Absence.UNREACHABLE, what, ", ".join(one.server for one in failed))
    if is_there or (redis.is_read and not redis.servers):
        return absence_line(Absence.NONE, what)
    return absence_line(Absence.LOADING, what)
