"""Small words of the Streams screen that several of its panes use. Pure."""

from datetime import UTC, datetime

from core.model.redis_server import Trouble
from core.model.stream import ConsumerState, EntryId, Presence, Progress, Stream
from core.model.verdict import Verdict
from widgets.present.durations import duration_text, short_duration
from widgets.present.line import Line, Span, Tone, glyph_of, line, span, tone_of
from widgets.present.numbers import MISSING, count_text
from widgets.present.verdicts import verdict_line

UNKNOWN_LAG = "?"
"""Nobody can know it; the reason stands in the group's row."""
_LAST_YEAR = 9999
_CONSUMERS = {
    ConsumerState.WORKING: ("●", Tone.OK),
    ConsumerState.IDLE: ("○", Tone.DIM),
    ConsumerState.STUCK: ("▲", Tone.DEGRADED),
    ConsumerState.GONE: ("✖", Tone.DOWN),
}


def presence_line(stream: Stream) -> Line:
    """Return a stream's state: a shape and words."""
    match stream.presence:
        case Presence.MISSING:
            tone = tone_of(stream.verdict)
            return line(span(f"{glyph_of(stream.verdict)} not there", tone, bold=True))
        case Presence.WRONG_TYPE:
            return line(span("✖ wrong type", Tone.DOWN, bold=True))
        case Presence.UNNAMED if stream.verdict is Verdict.UNKNOWN:
            return line(span("○ not named", Tone.DIM))
        case _:
            return verdict_line(stream.verdict)


def is_trouble(stream: Stream) -> bool:
    """Tell whether a person should look at a stream."""
    is_odd = stream.presence in {Presence.MISSING, Presence.WRONG_TYPE}
    return is_odd or stream.verdict in {Verdict.DEGRADED, Verdict.DOWN}


def why_text(stream: Stream) -> str:
    """Return why a stream is as it is; what the profile has to do with it where nothing else is."""
    if stream.reason:
        return stream.reason
    if stream.presence is Presence.MISSING:
        return "the profile names it, the server has no such key"
    if stream.presence is Presence.UNNAMED:
        return "the profile does not name it"
    return "dead letters" if stream.is_dead_letters else ""


def consumer_line(state: ConsumerState) -> Line:
    """Return what a consumer seems to do: a shape and a word."""
    glyph, tone = _CONSUMERS[state]
    return line(span(f"{glyph} {state.value}", tone, bold=tone is Tone.DOWN))


def trouble_text(trouble: Trouble) -> str:
    """Return what is wrong with a server and what helps: `NOAUTH: it wants a password; …`."""
    remedy = f"; {trouble.remedy}" if trouble.remedy else ""
    return f"{trouble.word}: {trouble.text}{remedy}"


def age_text(age_s: float | None) -> str:
    """Return an age in its largest unit; what is stamped ahead of the server's clock says so."""
    if age_s is not None and age_s <= -1:
        return f"+{short_duration(-age_s)}"
    return short_duration(age_s)


def id_text(entry_id: EntryId | None) -> str:
    """Return an id; `–` where there is none."""
    return MISSING if entry_id is None else str(entry_id)


def moment_text(entry_id: EntryId) -> str:
    """Return the moment that an id tells, UTC; empty: it tells none that a calendar has."""
    try:
        moment = datetime.fromtimestamp(entry_id.ms / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{moment:%Y-%m-%d %H:%M:%S}Z" if moment.year <= _LAST_YEAR and entry_id.ms else ""


def rate_cell(per_s: float | None) -> Line:
    """Return entries a second: `12.3`, `0`, `–`."""
    if per_s is None:
        return line(span(MISSING, Tone.DIM))
    text = f"{per_s:,.0f}" if per_s >= 100 or per_s == int(per_s) else f"{per_s:.1f}"
    return line(span("<0.1" if text == "0.0" else text, Tone.PLAIN if per_s else Tone.DIM))


def count_cell(count: int | None) -> Line:
    """Return a count; a zero is there and quiet."""
    return line(span(count_text(count), Tone.PLAIN if count else Tone.DIM))


def age_cell(age_s: float | None, tone: Tone = Tone.PLAIN) -> Line:
    """Return an age; `–` where there is none."""
    return line(span(age_text(age_s), Tone.DIM if age_s is None else tone))


def progress_text(progress: Progress) -> str:
    """Return how far something came: `12,000 of 2,000,000 in 4 s`."""
    of_all = "" if progress.total is None else f" of {count_text(progress.total)}"
    stopped = f", ended: {progress.stopped}" if progress.stopped else ""
    return (
        f"{count_text(progress.examined)}{of_all} in {duration_text(progress.elapsed_s)}{stopped}"
    )


def reading_spans(progress: Progress, busy: str, *, is_narrowed: bool) -> tuple[Span, ...]:
    """Return how far reading has come: while it goes on, where it ended early, where it can go on.

    `busy` is what is being read now; empty: nothing is, and what is not complete waits to be
    read on.
    """
    if busy:
        return (
            span(f"   {busy}: {progress_text(progress)}", Tone.ACCENT, bold=True),
            span("  esc", Tone.KEY, bold=True),
            span(" ends it", Tone.DIM),
        )
    if progress.is_complete or not (is_narrowed or progress.stopped):
        return ()
    said = f"   looked at {progress_text(progress)}"
    return (
        span(said, Tone.DEGRADED),
        span("  m", Tone.KEY, bold=True),
        span(" goes on", Tone.DIM),
    )


def pair(name: str, value: str | Line, cells: int = 12) -> Line:
    """Return a labelled value."""
    head = span(f"{name:<{cells}}", Tone.LABEL)
    return (head, span(value)) if isinstance(value, str) else (head, *value)


def key_hint(key: str, what: str) -> tuple[Span, Span]:
    """Return a key with what it does, for a line of hints."""
    return span(key, Tone.KEY, bold=True), span(f" {what}   ", Tone.DIM)
