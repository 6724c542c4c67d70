"""Releases of a repository as rows: which commit, when, what, and which runs now. Pure."""

from datetime import datetime

from core.model.action_view import ReleaseRow
from core.model.moment import moment_at
from core.model.text import SafeText, clean, join
from widgets.present.durations import ago_text
from widgets.present.line import Line, Tone, line, span
from widgets.present.numbers import MISSING

_HASH_CHARS = 10


def release_cells(one: ReleaseRow, now: datetime) -> tuple[Line, ...]:
    """Return a release's cells: commit, when, what."""
    tags = join(" ", one.tags)
    return (
        line(span(clean(one.commit[:_HASH_CHARS]), Tone.KEY if one.is_now else Tone.DIM)),
        _made(one, now),
        line(
            *([span("◀ now  ", Tone.OK, bold=True)] if one.is_now else []),
            *([span(f"{tags}  ", Tone.LABEL)] if tags else []),
            span(one.subject),
        ),
    )


def _made(one: ReleaseRow, now: datetime) -> Line:
    made = moment_at(one.made_s)
    if made is None:
        return line(span(MISSING, Tone.DIM))
    return line(span(f"{made:%Y-%m-%d %H:%M}"), span(f"  {ago_text(made, now)}", Tone.DIM))


def release_search(one: ReleaseRow) -> SafeText:
    """Return what typed text is looked for in."""
    return join(" ", [clean(one.commit), *one.tags, one.subject])
