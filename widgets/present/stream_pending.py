"""Pending entries as rows and in full, with what is shown of how many. Pure."""

from core.model.stream import PendingEntry, PendingPage
from core.model.text import SafeText, clean
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import count_text, plural
from widgets.present.pending_query import pending_query_text
from widgets.present.stream_entry import about_id, entry_lines
from widgets.present.stream_words import age_cell, age_text, pair, reading_spans


def pending_cells(one: PendingEntry) -> tuple[Line, ...]:
    """Return the cells in the order of `PENDING_COLUMNS` (the pane's)."""
    tone = Tone.DEGRADED if one.why else Tone.PLAIN
    return (
        line(span(str(one.id))),
        age_cell(one.age_s),
        line(span(one.consumer.shown)),
        age_cell(one.idle_s, tone),
        line(span(count_text(one.deliveries), Tone.PLAIN if one.deliveries > 1 else Tone.DIM)),
        why_line(one),
        _preview(one),
    )


def why_line(one: PendingEntry) -> Line:
    """Return why an entry is stuck: a shape and words; or that it is not."""
    if one.is_gone:
        return line(span(f"✖ {one.why or 'gone from the stream'}", Tone.DOWN))
    if one.why:
        return line(span(f"▲ {one.why}", Tone.DEGRADED))
    return line(span("being worked on", Tone.DIM))


def _preview(one: PendingEntry) -> Line:
    if one.is_gone:
        return line(span("no longer in the stream", Tone.DIM))
    if one.entry is None:
        return line(span("not read", Tone.DIM))
    return line(span(one.entry.preview))


def pending_sort(one: PendingEntry) -> tuple[float | str | None, ...]:
    """Return what each cell sorts by."""
    preview = str(one.entry.preview) if one.entry is not None else None
    return (
        float(one.id.ms),
        one.age_s,
        one.consumer.spelled,
        one.idle_s,
        float(one.deliveries),
        str(one.why) or None,
        preview,
    )


def pending_search(one: PendingEntry) -> SafeText:
    """Return what a filter looks at."""
    preview = one.entry.preview if one.entry is not None else ""
    return clean(f"{one.id} {one.consumer.shown} {one.why} {preview}")


def pending_lines(one: PendingEntry, width: int, *, is_raw: bool) -> tuple[Line, ...]:
    """Return a pending entry in full: why it is stuck first, then what it is."""
    lines = [*wrap(_because(one), width, 4, _tone(one)), BLANK]
    deliveries = f"{count_text(one.deliveries)}, the last {age_text(one.idle_s)} ago"
    lines.append(cut(pair("Consumer", str(one.consumer.shown)), width))
    lines.append(cut(pair("Delivered", deliveries), width))
    if one.entry is not None and not one.is_gone:
        return (*lines, *entry_lines(one.entry, width, is_raw=is_raw))
    lines.append(cut(pair("Id", about_id(one.id, one.age_s)), width))
    if one.is_gone:
        said = (
            "The entry was deleted or trimmed from the stream while it was pending. "
            "Nobody can work on it any more: a claim drops it, an acknowledgement removes it."
        )
    else:
        said = "Its payload was not read yet."
    return (*lines, BLANK, rule("Payload", width), *wrap(said, width, 4, Tone.DIM))


def _because(one: PendingEntry) -> str:
    if one.is_gone:
        return f"✖ {one.why or 'gone from the stream'}"
    return f"▲ {one.why}" if one.why else "It is being worked on: nothing says that it is stuck."


def _tone(one: PendingEntry) -> Tone:
    return Tone.DOWN if one.is_gone else (Tone.DEGRADED if one.why else Tone.DIM)


def pending_status(page: PendingPage, marked: int, busy: str, width: int) -> Line:
    """Return what is shown of how many, which were asked for, and how far the search is.

    `busy` is what is being read now; empty: nothing is.
    """
    asked = pending_query_text(page.filter)
    where = f"{page.stream.shown} › {page.group.shown}"
    parts = [span(where, Tone.TITLE, bold=True), span(f"   {count_text(page.total)} pending")]
    if asked:
        found = plural(len(page.rows), "match", "matches")
        least = "" if page.is_at_end else "≥"
        parts.append(span(f"   {least}{found}: {asked}", Tone.DEGRADED))
    elif not page.is_at_end:
        parts.append(span(f"   the oldest {count_text(len(page.rows))}", Tone.DIM))
    else:
        parts.append(span("   oldest first", Tone.DIM))
    if marked:
        parts.append(span(f"   {marked} marked", Tone.ACCENT, bold=True))
    parts += reading_spans(page.progress, busy, is_narrowed=bool(asked))
    return cut(tuple(parts), width)
