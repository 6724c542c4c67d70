"""What is shown of the logs, in one line: query, window, following, what is being done. Pure."""

from collections.abc import Sequence
from datetime import UTC, datetime

from core.model.log_view import LogMatches, LogPicture, LogStatus
from core.model.text import clean
from widgets.present.durations import duration_text
from widgets.present.fitting import cut_text, spread
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.log_personal import hide_personal
from widgets.present.log_rows import wrapped
from widgets.present.numbers import bytes_text, plural

_STATE_TONES = {
    "following": Tone.OK,
    "waiting": Tone.UNKNOWN,
    "gone": Tone.DEGRADED,
    "refused": Tone.DOWN,
    "ended": Tone.DIM,
    "not opened": Tone.DIM,
}


def status_line(
    picture: LogPicture,
    width: int,
    *,
    follows: bool,
    search_text: str = "",
    saved_title: str = "",
    looks: Sequence[str] = (),
    said: str = "",
    since_s: float | None = None,
) -> Line:
    """Return one line.

    Args:
        picture: What is known.
        width: Cells of the line.
        follows: The newest row stays in sight.
        search_text: What is searched for.
        saved_title: Of the saved query that is asked.
        looks: What is unusual in how rows look.
        said: What the screen has to say just now; goes before all else at the right.
        since_s: Since when times count, seconds since 1970; None: they do not.
    """
    parts: list[Span] = []
    chosen = [one for one in picture.logs if one.is_chosen]
    if not chosen:
        return line(span(" no log is chosen: tab to the list, space chooses", Tone.LABEL))
    parts += _following(picture, follows=follows)
    if saved_title:
        parts += [span("  Q ", Tone.KEY, bold=True), span(saved_title, Tone.TITLE)]
    if picture.window_s is not None:
        parts.append(span(f"  last {window_text(picture.window_s)}", Tone.ACCENT, bold=True))
    if picture.last is not None:
        parts.append(span(f"  last {plural(picture.last, 'record')}", Tone.ACCENT, bold=True))
    if picture.query_text:
        parts += [span("  & ", Tone.KEY, bold=True), span(picture.query_text, Tone.TITLE)]
    if search_text:
        parts += [span("  / ", Tone.KEY, bold=True), span(search_text, Tone.MATCH)]
        parts += _matches(picture.matches, search_text)
    if since_s is not None:
        parts += [span("  T ", Tone.KEY, bold=True), span(_since_text(since_s), Tone.ACCENT)]
    parts += [span(f"  {one}", Tone.DIM) for one in looks]
    right = line(span(f"{said} ", Tone.ACCENT)) if said else _right(picture)
    return spread(hide_personal(tuple(parts)), right, width)


def _matches(matches: LogMatches | None, search_text: str) -> Line:
    """Return how many records match what is searched for."""
    if matches is None or matches.text != search_text:
        return ()
    number = f"{matches.count:,} {'match' if matches.count == 1 else 'matches'}"
    return line(span(f"  {'' if matches.is_complete else '≈ '}{number}", Tone.ACCENT))


def _since_text(since_s: float) -> str:
    try:
        return f"since {datetime.fromtimestamp(since_s, UTC):%H:%M:%S.%f}"[:-3]
    except (OverflowError, ValueError, OSError):
        return "since a mark"


def window_text(window_s: float) -> str:
    """Return how long a window is: `1 h`, `15 m`, `90 s`."""
    text = duration_text(window_s)
    for nothing in (" 00 s", " 00 m", " 0 h", " 00 h"):
        text = text.removesuffix(nothing)
    return text


def _following(picture: LogPicture, *, follows: bool) -> Line:
    if picture.is_broken:
        return (span(" STOPPED", Tone.DOWN, bold=True),)
    states = {one.state for one in picture.logs if one.is_chosen}
    if follows and picture.is_at_end and "following" not in states:
        # Nothing is there that could be followed; the list says it log by log.
        state = "waiting" if "waiting" in states else min(states, default="waiting")
        return (span(f" {state.upper()}", _STATE_TONES.get(state, Tone.UNKNOWN), bold=True),)
    missing = _missing(picture)
    if follows and picture.is_at_end:
        return (span(" FOLLOWING", Tone.OK, bold=True), *missing)
    newer = f", {picture.newer:,} newer" if picture.newer else ""
    held = span(f" HELD{newer}", Tone.DEGRADED, bold=True)
    return (held, span("  G follows", Tone.DIM), *missing)


def _missing(picture: LogPicture) -> Line:
    """Return how many of the chosen logs are not followed: their lines are not among the rows."""
    states = [one.state for one in picture.logs if one.is_chosen]
    return tuple(
        span(f"  {plural(states.count(state), 'log')} {state}", _STATE_TONES[state])
        for state in ("refused", "gone", "waiting")
        if state in states
    )


def _right(picture: LogPicture) -> Line:
    if picture.problem:
        return line(span(f"{picture.problem} ", Tone.DEGRADED, bold=True))
    if picture.busy:
        return line(span(f"{picture.busy}… ", Tone.ACCENT, bold=True))
    if picture.notice:
        return line(span(f"{picture.notice} ", Tone.OK))
    return ()


def nothing_line(picture: LogPicture) -> Line:
    """Return why there are no rows: loading, none, filtered away, not there, not allowed."""
    chosen = [one for one in picture.logs if one.is_chosen]
    if not chosen:
        return line(span(" no log is chosen", Tone.LABEL))
    if picture.is_broken:
        return line(span(f" {picture.problem}", Tone.DOWN, bold=True))
    if picture.busy:
        return line(span(f" {picture.busy}…", Tone.ACCENT))
    if picture.unknown_fields:
        return line(span(" no record has ", Tone.DEGRADED), *map(span, picture.unknown_fields))
    if picture.query_text or picture.window_s is not None:
        if not picture.count.is_complete:
            return line(span(" searching…", Tone.ACCENT))
        what = " no record matches" if picture.query_text else " no record"
        if picture.window_s is not None:
            what += f" in the last {window_text(picture.window_s)}"
        return line(span(what, Tone.LABEL), span("   esc shows all", Tone.DIM))
    notes = [one.note or clean(one.state) for one in chosen if one.state != "following"]
    if notes:
        return line(span(f" {notes[0]}", Tone.UNKNOWN))
    return line(span(" empty", Tone.LABEL))


def log_cells(status: LogStatus) -> tuple[Line, ...]:
    """Return the cells of a log in the list: chosen, name, state, size."""
    sign = span("●" if status.is_chosen else "○", Tone.ACCENT if status.is_chosen else Tone.DIM)
    tone = _STATE_TONES.get(status.state, Tone.DIM)
    size = "" if status.size_bytes is None else bytes_text(status.size_bytes)
    state = status.state if status.is_chosen else ""
    system, _, name = status.title.partition("/")
    # What tells logs apart comes first: a narrow list cuts the end.
    title = line(span(name), span(f"  {system}", Tone.DIM)) if name else line(span(system))
    return (line(sign), title, line(span(cut_text(state, 9), tone)), line(span(size)))


def note_lines(status: LogStatus | None, width: int, rows: int) -> tuple[Line, ...]:
    """Return what is to be said of a log of the list: why it is not followed, what is missing."""
    if status is None or width <= 0 or not (status.note or status.lost_bytes):
        return ()
    parts = [part for part in (status.state if status.is_chosen else "", status.note) if part]
    if status.lost_bytes:
        parts.append(f"{bytes_text(status.lost_bytes)} came and could not be shown")
    tone = _STATE_TONES.get(status.state, Tone.DIM)
    text = "; ".join(parts)
    # Broken anywhere: of a path the end says the most.
    return wrapped(line(span(text, tone)), width, 0)[:rows]
