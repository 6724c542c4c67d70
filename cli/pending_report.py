"""What `quarterdeck pending` prints: entries that were delivered and not acknowledged. Pure."""

from cli.output import aligned
from cli.record_values import seconds
from cli.stream_report import FORMAT, age, entry_json, progress_json
from core.model.stream import PendingEntry, PendingFilter, PendingPage
from core.redis.streams.words import counted, entries_text


def as_document(page: PendingPage) -> dict[str, object]:
    """Return the JSON document of `pending --json`."""
    return {
        "format": FORMAT,
        "server": page.server,
        "stream": page.stream.spelled,
        "group": page.group.spelled,
        "filter": {
            "min_idle_s": seconds(page.filter.min_idle_s),
            "min_deliveries": page.filter.min_deliveries,
            "consumer": page.filter.consumer or None,
            "text": page.filter.text or None,
        },
        "total": page.total,
        "pending": [_entry_json(one) for one in page.rows],
        "is_at_end": page.is_at_end,
        "search": progress_json(page.progress),
    }


def _entry_json(one: PendingEntry) -> dict[str, object]:
    return {
        "id": str(one.id),
        "age_s": seconds(one.age_s),
        "consumer": one.consumer.spelled,
        "idle_s": seconds(one.idle_s),
        "deliveries": one.deliveries,
        "is_gone": one.is_gone,
        "why": one.why,
        "entry": entry_json(one.entry) if one.entry is not None else None,
    }


def as_lines(page: PendingPage) -> list[str]:
    """Return a line per entry, oldest first: id, consumer, idle, deliveries, why, what it is."""
    rows = [
        (
            str(one.id),
            one.consumer.shown,
            f"idle {age(one.idle_s)}",
            counted(one.deliveries, "delivery", "deliveries"),
            one.why or "-",
            one.entry.preview if one.entry is not None else "-",
        )
        for one in page.rows
    ]
    return [_head(page), *(f"  {line}" for line in aligned(rows))]


def _head(page: PendingPage) -> str:
    head = f"{page.stream.shown} {page.group.shown}: {page.total:,} pending"
    if page.filter != PendingFilter():
        head += f", {entries_text(len(page.rows))} of {page.progress.examined:,} match"
    if not page.is_at_end:
        head += f"; {page.progress.stopped or 'not read to the end'}"
    return head
