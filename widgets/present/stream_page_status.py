"""The line above the entries of a stream, and why a page has no rows. Pure."""

from core.model.dead_letter import DeadLetter
from core.model.redis_server import ServerView, Trouble
from core.model.redis_view import Streams
from core.model.stream import (
    Consumer,
    EntriesPage,
    Group,
    PendingEntry,
    Presence,
    Stream,
    StreamEntry,
)
from core.model.text import clean
from widgets.present.absence import Absence, absence_line
from widgets.present.fitting import cut
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import count_text, plural
from widgets.present.stream_entry import about_id
from widgets.present.stream_letters import requeue_line
from widgets.present.stream_pending import why_line
from widgets.present.stream_words import (
    consumer_line,
    presence_line,
    reading_spans,
    trouble_text,
    why_text,
)
from widgets.present.verdicts import verdict_line


def entries_status(page: EntriesPage, marked: int, busy: str, width: int) -> Line:
    """Return what is shown of how many, and how far a search is.

    `busy` is what is being read now; empty: nothing is.
    """
    parts = [
        span(page.stream.shown, Tone.TITLE, bold=True),
        span(f"   {plural(page.length, 'entry', 'entries')}"),
    ]
    if page.is_tailing:
        parts.append(span("   ▶ following", Tone.ACCENT, bold=True))
    if page.has_gap:
        parts.append(span("   ▲ more came than was read: some are not shown", Tone.DEGRADED))
    if page.search:
        least = "" if page.is_at_start and page.is_at_end else "≥"
        found = f"   {least}{plural(len(page.rows), 'match', 'matches')}: {page.search}"
        parts.append(span(found, Tone.DEGRADED))
    else:
        parts.append(span(f"   {_where(page)}", Tone.DIM))
    if marked:
        parts.append(span(f"   {marked} marked", Tone.ACCENT, bold=True))
    if page.progress is not None:
        parts += reading_spans(page.progress, busy, is_narrowed=True)
    return cut(tuple(parts), width)


def _where(page: EntriesPage) -> str:
    count = count_text(len(page.rows))
    if page.is_at_start and page.is_at_end:
        return "all, newest first"
    if page.is_at_end:
        return f"the newest {count}"
    return f"the oldest {count}" if page.is_at_start else f"{count} in between"


def row_line(
    stream: Stream | None, group: Group | None, consumer: Consumer | None, view: ServerView | None
) -> Line:
    """Return why a row of the page of streams is as it is, in one line."""
    if consumer is not None:
        return (*consumer_line(consumer.state), span(f"  {consumer.name.shown}: {consumer.reason}"))
    if group is not None:
        said = group.reason
        if group.lag_entries is None:
            said = clean(f"{said or ''}{'; ' if said else ''}lag ?: {group.lag_reason}")
        return (*verdict_line(group.verdict), span(f"  {group.name.shown}: {said or 'well'}"))
    if stream is not None:
        said = why_text(stream) or "nothing is wrong with it"
        return (*presence_line(stream), span(f"  {stream.key.shown}: {said}"))
    if view is not None and view.trouble is not None:
        return line(span(f"✖ {view.server}: {trouble_text(view.trouble)}", Tone.DOWN))
    return line(span(f"{view.server}: no stream", Tone.DIM)) if view is not None else BLANK


def entry_line(subject: PendingEntry | StreamEntry | DeadLetter | None) -> Line:
    """Return what matters of an entry in one line."""
    match subject:
        case PendingEntry() as one:
            return (*why_line(one), span(f"  {one.entry.preview if one.entry else ''}", Tone.DIM))
        case DeadLetter() as one:
            why = f"  {one.why_not}" if one.why_not else ""
            return (*requeue_line(one), span(f"{why}  {one.error}", Tone.DIM))
        case StreamEntry() as one:
            return about_id(one.id, one.age_s)
        case None:
            return BLANK


def nothing_line(
    what: str,
    stream: Stream | None,
    trouble: Trouble | None,
    view: Streams | None,
    *,
    is_wished: bool,
    has_come: bool,
    query: str,
) -> Line:
    """Return why a page has no rows.

    Args:
        what: What there would be.
        stream: What it is about; None: no stream was selected.
        trouble: Why its server cannot be read.
        view: What is known of its server.
        is_wished: Whether it was asked for.
        has_come: Whether an answer came.
        query: What the page is narrowed by.
    """
    if has_come:
        if query:
            return line(span(f"no {what} match {query}", Tone.DIM), span("   esc shows all"))
        return absence_line(Absence.NONE, what)
    if trouble is not None:
        return absence_line(Absence.UNREACHABLE, what, trouble_text(trouble))
    if stream is None:
        return line(span("no stream is selected: choose one on the page Streams", Tone.DIM))
    if not is_wished:
        return _never(what, stream)
    if view is not None and view.problem is not None:
        return line(span(f"{what}: {trouble_text(view.problem)}", Tone.DEGRADED))
    busy = f": {view.busy}" if view is not None and view.busy else ""
    return line(span(f"{what}: {Absence.LOADING.value}{busy}", Tone.DIM))


def _never(what: str, stream: Stream) -> Line:
    name = stream.key.shown
    if stream.presence is Presence.MISSING:
        return line(span(f"{what}: none, there is no stream {name}", Tone.DIM))
    if stream.presence is Presence.WRONG_TYPE:
        return line(span(f"{what}: none, {name} is no stream", Tone.DIM))
    if what == "pending entries":
        return line(span(f"{what}: none, no group reads {name}", Tone.DIM))
    said = "this server has no dead-letter stream" if what == "dead letters" else "not asked for"
    return line(span(f"{what}: none, {said}", Tone.DIM))
