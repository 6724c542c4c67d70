"""What `quarterdeck streams` prints for a person: streams, groups, consumers, entries. Pure."""

from cli.output import aligned, verdict_word
from cli.redis_reading import Reading
from cli.stream_reading import unread
from cli.stream_report import age, trouble_lines
from core.model.redis_view import Streams
from core.model.stream import EntriesPage, Group, Presence, Stream
from core.redis.streams.words import entries_text


def as_lines(readings: tuple[Reading, ...], is_colour: bool) -> list[str]:
    """Return a line per server, below it one per stream."""
    lines: list[str] = []
    for one in readings:
        if isinstance(one.view, Streams):
            lines += [f"{one.spec.server}: {_found(one.view)}"]
            lines += [
                f"  {line}" for line in aligned([_row(row, is_colour) for row in one.view.rows])
            ]
        lines += trouble_lines(one)
        lines.append("")
    return lines[:-1]


def _found(view: Streams) -> str:
    there = sum(row.presence in {Presence.BOTH, Presence.UNNAMED} for row in view.rows)
    text = f"{there} stream{'' if there == 1 else 's'}"
    progress = view.discovery
    if progress is None or not progress.is_complete:
        seen = f"{progress.examined:,}" if progress else "0"
        of_all = f" of {progress.total:,}" if progress and progress.total is not None else ""
        text += f" so far (≈ {seen}{of_all} keys looked at)"
    return text + (f", {unread(view)} more not read" if unread(view) > 0 else "")


def _row(row: Stream, is_colour: bool) -> tuple[str, ...]:
    if row.presence in {Presence.MISSING, Presence.WRONG_TYPE}:
        state = "not there" if row.presence is Presence.MISSING else "wrong type"
        return _word(row, is_colour), row.key.shown, state, "-", "-", "-", _why(row)
    pending = sum(one.pending for one in row.groups)
    return (
        _word(row, is_colour),
        row.key.shown,
        entries_text(row.length),
        f"newest {age(row.last_age_s)}",
        f"{row.group_count} groups" if row.group_count != 1 else "1 group",
        f"{pending:,} pending",
        _why(row),
    )


def _word(row: Stream, is_colour: bool) -> str:
    return verdict_word(row.verdict, is_colour)


def _why(row: Stream) -> str:
    if row.presence is Presence.UNNAMED:
        unnamed = "not named in the configuration"
        return "; ".join(filter(None, (row.reason, unnamed, row.note)))
    return row.reason or "-"


def stream_lines(row: Stream, is_colour: bool) -> list[str]:
    """Return a stream with its groups and their consumers."""
    head = f"{_word(row, is_colour)}  {row.key.shown}: {entries_text(row.length)}"
    lines = [f"{head}; {_why(row)}" if _why(row) != "-" else head]
    if row.presence is not Presence.UNNAMED and row.note:
        lines.append(f"  {row.note}")
    if row.first and row.last:
        lines.append(f"  first {row.first}{_old(row.first_age_s)}")
        lines.append(f"  last  {row.last}{_old(row.last_age_s)}")
    rates = [("in", row.rate_in_per_s), ("out", row.rate_out_per_s)]
    known = [f"{name} {rate:.1f}/s" for name, rate in rates if rate is not None]
    if known:
        lines.append(f"  {', '.join(known)}")
    if row.memory_bytes is not None:
        lines.append(f"  takes {row.memory_bytes:,} bytes")
    for group in row.groups:
        lines.append("")
        lines += _group_lines(group, is_colour)
    if row.group_count > len(row.groups):
        lines.append(f"  and {row.group_count - len(row.groups)} more groups")
    if not row.group_count and row.presence in {Presence.BOTH, Presence.UNNAMED}:
        lines.append("  no groups")
    return lines


def _old(age_s: float | None) -> str:
    return "" if age_s is None else f" ({age(age_s)} old)"


def _group_lines(group: Group, is_colour: bool) -> list[str]:
    head = f"  {verdict_word(group.verdict, is_colour)}  group {group.name.shown}"
    lines = [f"{head}: {group.reason}" if group.reason else head]
    lag = "lag ?" if group.lag_entries is None else f"lag {entries_text(group.lag_entries)}"
    late = f", {age(group.lag_s)} behind" if group.lag_s else ""
    why = f" ({group.lag_reason})" if group.lag_reason else ""
    lines.append(f"    {lag}{late}{why}; {group.pending:,} pending")
    rows = [
        (str(one.state), one.name.shown, f"{one.pending:,} pending", one.reason)
        for one in group.consumers
    ]
    lines += [f"    {line}" for line in aligned(rows)] or ["    no consumers"]
    if group.consumer_count > len(group.consumers):
        lines.append(f"    and {group.consumer_count - len(group.consumers):,} more consumers")
    return lines


def entries_lines(page: EntriesPage) -> list[str]:
    """Return a line per entry: id, age, what matters."""
    lines = aligned([(str(one.id), age(one.age_s), one.preview) for one in page.rows])
    found = page.progress
    if found is not None and not found.is_complete:
        lines.append(f"searched {found.examined:,} of {page.length:,} entries")
    return lines or ["no entries"]
