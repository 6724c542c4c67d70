"""Streams as rows, servers that cannot be read as rows among them, and one line over all. Pure."""

from core.model.redis_server import OwnLoad, ServerView
from core.model.redis_view import RedisPicture, Streams
from core.model.stream import Group, Stream
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from widgets.present.chart import sparkline
from widgets.present.durations import short_duration
from widgets.present.fitting import cut
from widgets.present.line import BLANK, Line, Tone, line, span, tone_of
from widgets.present.numbers import MISSING, bytes_text, count_text, plural
from widgets.present.stream_words import (
    UNKNOWN_LAG,
    age_cell,
    age_text,
    count_cell,
    is_trouble,
    presence_line,
    progress_text,
    rate_cell,
    trouble_text,
    why_text,
)
from widgets.present.verdicts import counts_line

TREND_CELLS = 10
_WORST_FIRST = (Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN, Verdict.OK)
_STALE_S = 15.0
"""A server that answered longer ago is said to have."""

Sort = tuple[float | str | None, ...]


def stream_key(stream: Stream) -> str:
    """Return the identity of a stream's row."""
    return f"{stream.server} {stream.key.spelled}"


def server_key(server: str) -> str:
    """Return the identity of a server's row."""
    return f"{server} "


def stream_cells(stream: Stream, *, is_alone: bool = True) -> tuple[Line, ...]:
    """Return the cells in the order of `STREAM_COLUMNS` (the pane's).

    The server stands beside a name that another server has, too.
    """
    tone = tone_of(stream.verdict) if is_trouble(stream) else Tone.DIM
    is_there = bool(stream.groups) or stream.length > 0 or stream.last is not None
    return (
        presence_line(stream),
        _name(stream, is_alone=is_alone),
        count_cell(stream.length) if is_there else _nothing(),
        rate_cell(stream.rate_in_per_s),
        rate_cell(stream.rate_out_per_s),
        _lag(stream),
        _behind(stream),
        count_cell(pending_of(stream)) if stream.groups else _nothing(),
        age_cell(oldest_idle_s(stream)),
        _trend(stream),
        line(span(bytes_text(stream.memory_bytes), Tone.DIM)),
        line(span(why_text(stream), tone)),
        line(span(stream.server, Tone.DIM)),
    )


def _nothing() -> Line:
    return line(span(MISSING, Tone.DIM))


def _name(stream: Stream, *, is_alone: bool) -> Line:
    # What tells streams apart comes first: a narrow table cuts the end.
    name = span(stream.key.shown, bold=is_trouble(stream))
    tag = span("  dead letters", Tone.DIM) if stream.is_dead_letters else span("")
    return (name, tag) if is_alone else (name, tag, span(f"  {stream.server}", Tone.DIM))


def pending_of(stream: Stream) -> int:
    """Return how many entries wait to be acknowledged, in all groups."""
    return sum(group.pending for group in stream.groups)


def oldest_idle_s(stream: Stream) -> float | None:
    """Return for how long the pending entry that waits longest has."""
    known = [one.oldest_idle_s for one in stream.groups if one.oldest_idle_s is not None]
    return max(known, default=None)


def worst_lag(stream: Stream) -> int | None:
    """Return the lag of the group that is furthest behind, as far as it is known."""
    known = [one.lag_entries for one in stream.groups if one.lag_entries is not None]
    return max(known, default=None)


def _lag(stream: Stream) -> Line:
    if not stream.groups:
        return _nothing()
    lag = worst_lag(stream)
    if lag is None:
        return line(span(UNKNOWN_LAG, Tone.UNKNOWN, bold=True))
    is_least = any(one.lag_entries is None for one in stream.groups)
    return line(span("≥" if is_least else "", Tone.UNKNOWN), *count_cell(lag))


def _behind(stream: Stream) -> Line:
    if not stream.groups:
        return _nothing()
    known = [one.lag_s for one in stream.groups if one.lag_s is not None]
    if not known:
        return line(span(UNKNOWN_LAG, Tone.UNKNOWN, bold=True))
    return age_cell(max(known), Tone.PLAIN if max(known) else Tone.DIM)


def _trend(stream: Stream) -> Line:
    """Return the lag over the whole history, the worst of each stretch."""
    lags = [sample.lag_entries for sample in stream.history]
    stretch = max(1, -(-len(lags) // TREND_CELLS))
    # Whole stretches from the newest backwards.
    starts = range(len(lags) % stretch, len(lags), stretch)
    worst = [
        max((one for one in lags[at : at + stretch] if one is not None), default=None)
        for at in starts
    ]
    return sparkline(worst, TREND_CELLS, Tone.LABEL) if any(lags) else BLANK


def stream_sort(stream: Stream, position: int) -> Sort:
    """Return what each cell sorts by; `position` is the place in which it came."""
    lags = [one.lag_s for one in stream.groups if one.lag_s is not None]
    lag = worst_lag(stream)
    return (
        float(stream.verdict.rank),
        float(position),
        float(stream.length),
        stream.rate_in_per_s,
        stream.rate_out_per_s,
        lag,
        max(lags, default=None),
        float(pending_of(stream)) if stream.groups else None,
        oldest_idle_s(stream),
        lag,
        stream.memory_bytes,
        why_text(stream),
        stream.server,
    )


def stream_search(stream: Stream) -> SafeText:
    """Return what a filter looks at: names, state, reasons, groups."""
    groups = " ".join(group.name.shown for group in stream.groups)
    words = (stream.server, stream.key.shown, stream.spec_name, stream.presence, stream.verdict)
    return clean(f"{' '.join(words)} {why_text(stream)} {groups}")


def server_cells(view: ServerView, streams: Streams | None) -> tuple[Line, ...]:
    """Return the row of a server that has no streams to show, or cannot be read."""
    empty = (BLANK,) * 9
    name = span(view.server, bold=view.trouble is not None)
    if view.trouble is not None:
        state = line(span(f"✖ {view.trouble.word}", Tone.DOWN, bold=True))
        remedy = f"; {view.trouble.remedy}" if view.trouble.remedy else ""
        text = line(span(f"unreachable: {view.trouble.text}{remedy}", Tone.DOWN))
        return (state, (name,), *empty, text)
    if streams is not None and streams.problem is not None:
        state = line(span(f"▲ {streams.problem.word}", Tone.DEGRADED, bold=True))
        return (state, (name,), *empty, line(span(trouble_text(streams.problem), Tone.DEGRADED)))
    if streams is None or streams.discovery is None or not streams.discovery.is_complete:
        return (line(span("… loading", Tone.DIM)), (name,), *empty, BLANK)
    none = line(span("it has no stream, and the profile names none", Tone.DIM))
    return (line(span("– none", Tone.DIM)), (name,), *empty, none)


def needs_row(view: ServerView, streams: Streams | None) -> bool:
    """Tell whether a server has a row of its own: in trouble, or without any stream."""
    return view.trouble is not None or streams is None or not streams.rows


def streams_summary(redis: RedisPicture | None, width: int) -> Line:
    """Return how many streams there are by verdict, and which servers cannot be read."""
    if redis is None or not (redis.servers or redis.is_read):
        return line(span("streams: loading…", Tone.DIM))
    if redis.is_broken:
        return line(span("✖ nobody reads Redis any more: a bug, written down", Tone.DOWN))
    rows = [stream for one in redis.streams for stream in one.rows]
    discovery = [one.discovery for one in redis.streams]
    is_partial = any(one is None or not one.is_complete for one in discovery)
    counts = [(verdict, sum(one.verdict is verdict for one in rows)) for verdict in _WORST_FIRST]
    about = "≈" if is_partial else ""
    head: Line = (
        span(f"{about}{plural(len(rows), 'stream')}  "),
        *counts_line([one for one in counts if one[1]]),
    )
    unreachable = sum(one.trouble is not None for one in redis.servers)
    if unreachable:
        said = f"   ✖ {plural(unreachable, 'server')} cannot be read"
        head = (*head, span(said, Tone.DOWN, bold=True))
    running = next((one for one in discovery if one is not None and not one.is_complete), None)
    if running is not None:
        head = (*head, span(f"   looking for streams: {progress_text(running)}", Tone.ACCENT))
    return cut(head, width)


def load_line(load: OwnLoad | None) -> Line:
    """Return what we cost the server: `our load 3 of 200 cmd/s`."""
    if load is None:
        return BLANK
    tone = Tone.DEGRADED if load.waited_s >= 1 else Tone.DIM
    waited = f", held back {short_duration(load.waited_s)}" if load.waited_s >= 1 else ""
    return line(span(f"our load {load.per_s:,.0f} of {load.cap_per_s:,.0f} cmd/s{waited} ", tone))


def looked_line(view: ServerView | None, now_s: float) -> Line:
    """Return how old a server's last answer is, once that is worth saying."""
    if view is None or view.looked_at_s is None or now_s - view.looked_at_s < _STALE_S:
        return BLANK
    return line(span(f"as of {age_text(now_s - view.looked_at_s)} ago  ", Tone.DEGRADED))


def lag_text(group: Group) -> str:
    """Return a group's lag in words: `12 entries, 3 m 04 s`, `? (entries were deleted)`."""
    if group.lag_entries is None:
        return f"{UNKNOWN_LAG}  {group.lag_reason or 'the server does not tell'}"
    counted = "  counted by us" if group.is_lag_counted else ""
    behind = "" if group.lag_s is None else f", {age_text(group.lag_s)} behind"
    return f"{count_text(group.lag_entries)} entries{behind}{counted}"
