"""What `quarterdeck streams` prints: streams, groups, consumers, entries. Pure."""

from collections.abc import Sequence

from cli import exits
from cli.output import aligned, verdict_word
from cli.redis_reading import Reading
from cli.stream_reading import are_unreached, unread
from core.model.redis_server import Trouble
from core.model.redis_view import Streams
from core.model.stream import (
    Consumer,
    EntriesPage,
    Group,
    Presence,
    Progress,
    Stream,
    StreamEntry,
)
from core.model.verdict import Verdict
from core.redis.streams.words import entries_text, span_words

FORMAT = 1
"""Version of the JSON documents: grows when a name changes its meaning or goes away."""


def exit_code(readings: tuple[Reading, ...], rows: Sequence[Stream]) -> int:
    """Return 0 when every named stream is ok, 3 when no server answered, else 1.

    A stream that the profile does not name counts only where it is in trouble.
    """
    if are_unreached(readings):
        return exits.UNREACHED
    if any(one.trouble is not None for one in readings):
        return exits.TROUBLE
    return exits.TROUBLE if any(map(_is_bad, rows)) else exits.OK


def _is_bad(row: Stream) -> bool:
    is_unnamed = row.presence is Presence.UNNAMED
    return row.verdict is not Verdict.OK and not (is_unnamed and row.verdict is Verdict.UNKNOWN)


def as_document(
    readings: tuple[Reading, ...], rows: Sequence[Stream], code: int
) -> dict[str, object]:
    """Return the JSON document of `streams --json`."""
    return {
        "format": FORMAT,
        "exit_code": code,
        "servers": [_server_json(one) for one in readings],
        "streams": [stream_json(row) for row in rows],
    }


def _server_json(reading: Reading) -> dict[str, object]:
    view = reading.view if isinstance(reading.view, Streams) else None
    return {
        "server": reading.spec.server,
        "trouble": trouble_json(reading.trouble),
        "discovery": progress_json(view.discovery) if view else None,
        "unread": max(unread(view), 0) if view else None,
    }


def trouble_json(trouble: Trouble | None) -> dict[str, str] | None:
    """Return what is wrong, or null."""
    if trouble is None:
        return None
    return {"word": trouble.word, "text": trouble.text, "remedy": trouble.remedy}


def progress_json(progress: Progress | None) -> dict[str, object] | None:
    """Return how far a search came, or null."""
    if progress is None:
        return None
    return {
        "examined": progress.examined,
        "total": progress.total,
        "is_complete": progress.is_complete,
        "elapsed_s": seconds(progress.elapsed_s),
        "stopped": progress.stopped or None,
    }


def stream_json(row: Stream) -> dict[str, object]:
    """Return one stream."""
    is_there = row.presence in {Presence.BOTH, Presence.UNNAMED}
    return {
        "server": row.server,
        "stream": row.key.spelled,
        "configured_as": row.spec_name or None,
        "presence": str(row.presence),
        "is_dead_letters": row.is_dead_letters,
        "verdict": str(row.verdict),
        "reason": row.reason,
        "length": row.length if is_there else None,
        "first_id": str(row.first) if row.first else None,
        "last_id": str(row.last) if row.last else None,
        "first_age_s": seconds(row.first_age_s),
        "last_age_s": seconds(row.last_age_s),
        "rate_in_per_s": _rate(row.rate_in_per_s),
        "rate_out_per_s": _rate(row.rate_out_per_s),
        "memory_bytes": row.memory_bytes,
        "group_count": row.group_count if is_there else None,
        "groups": [_group_json(group) for group in row.groups],
        "service": row.service or None,
        "note": row.note,
    }


def _group_json(group: Group) -> dict[str, object]:
    return {
        "group": group.name.spelled,
        "is_configured": group.is_configured,
        "verdict": str(group.verdict),
        "reason": group.reason,
        "pending": group.pending,
        "pending_examined": group.pending_examined,
        "stuck": group.stuck_count,
        "max_deliveries": group.max_deliveries if group.pending_examined else None,
        "oldest_pending_id": str(group.oldest_pending) if group.oldest_pending else None,
        "oldest_idle_s": seconds(group.oldest_idle_s),
        "last_delivered_id": str(group.last_delivered),
        "entries_read": group.entries_read,
        "lag_entries": group.lag_entries,
        "is_lag_counted": group.is_lag_counted,
        "lag_s": seconds(group.lag_s),
        "lag_reason": group.lag_reason,
        "consumer_count": group.consumer_count,
        "consumers": [_consumer_json(one) for one in group.consumers],
    }


def _consumer_json(consumer: Consumer) -> dict[str, object]:
    return {
        "consumer": consumer.name.spelled,
        "state": str(consumer.state),
        "reason": consumer.reason,
        "pending": consumer.pending,
        "idle_s": seconds(consumer.idle_s),
        "inactive_s": seconds(consumer.inactive_s),
    }


def entries_document(page: EntriesPage) -> dict[str, object]:
    """Return the JSON document of `streams STREAM --entries N --json`."""
    return {
        "format": FORMAT,
        "server": page.server,
        "stream": page.stream.spelled,
        "length": page.length,
        "entries": [entry_json(one) for one in page.rows],
        "is_at_start": page.is_at_start,
        "is_at_end": page.is_at_end,
        "search": progress_json(page.progress),
    }


def entry_json(entry: StreamEntry) -> dict[str, object]:
    """Return one entry."""
    return {
        "id": str(entry.id),
        "age_s": seconds(entry.age_s),
        "is_json": entry.is_json,
        "preview": entry.preview,
        "fields": [
            {"name": one.name, "value": one.value, "size_bytes": one.size_bytes}
            for one in entry.fields
        ],
    }


def entries_lines(page: EntriesPage) -> list[str]:
    """Return a line per entry: id, age, what matters."""
    lines = aligned([(str(one.id), age(one.age_s), one.preview) for one in page.rows])
    found = page.progress
    if found is not None and not found.is_complete:
        lines.append(f"searched {found.examined:,} of {page.length:,} entries")
    return lines or ["no entries"]


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


def trouble_lines(reading: Reading) -> list[str]:
    """Return why a server could not be read, and what helps."""
    trouble = reading.trouble
    if trouble is None:
        return []
    remedy = f"; {trouble.remedy}" if trouble.remedy else ""
    return [f"could not look: {reading.spec.server}: {trouble.text}{remedy}"]


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


def age(age_s: float | None) -> str:
    """Return an age in words; a stamp ahead of the server's clock says so."""
    if age_s is None:
        return "-"
    return f"{span_words(-age_s)} ahead" if age_s <= -1 else span_words(max(age_s, 0.0))


def seconds(value: float | None) -> float | None:
    """Return seconds with three decimals, or null."""
    return None if value is None else round(value, 3)


def _rate(per_s: float | None) -> float | None:
    return None if per_s is None else round(per_s, 3)
