"""What `quarterdeck streams` amounts to: exit code and JSON documents. Pure."""

from collections.abc import Sequence

from cli import exits
from cli.record_values import seconds
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
from core.redis.streams.words import span_words

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


def trouble_lines(reading: Reading) -> list[str]:
    """Return why a server could not be read, and what helps."""
    trouble = reading.trouble
    if trouble is None:
        return []
    remedy = f"; {trouble.remedy}" if trouble.remedy else ""
    return [f"could not look: {reading.spec.server}: {trouble.text}{remedy}"]


def age(age_s: float | None) -> str:
    """Return an age in words; a stamp ahead of the server's clock says so."""
    if age_s is None:
        return "-"
    return f"{span_words(-age_s)} ahead" if age_s <= -1 else span_words(max(age_s, 0.0))


def _rate(per_s: float | None) -> float | None:
    return None if per_s is None else round(per_s, 3)
