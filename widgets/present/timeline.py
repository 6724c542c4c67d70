"""What happened, newest first, one line each. Pure."""

from collections.abc import Iterable
from datetime import datetime

from core.model.events import Noted
from core.model.ids import ServiceId
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import clock_text, short_duration
from widgets.present.fitting import cut
from widgets.present.line import Line, Span, Tone, span
from widgets.present.verdicts import sign

_WIDE_CELLS = 60


def change_line(note: Noted, width: int, now: datetime, *, with_name: bool = True) -> Line:
    """Return one entry: how long ago, shape, who, what. Wide lines add the moment."""
    age = short_duration((now - note.at).total_seconds())
    parts: list[Span] = [span(f"{age:>4} ", Tone.DIM)]
    if width >= _WIDE_CELLS:
        parts.append(span(f"{clock_text(note.at, now):<9} ", Tone.DIM))
    parts.append(sign(note.verdict) if note.verdict else span("·", Tone.DIM))
    if with_name and note.service is not None:
        parts.append(span(f" {note.service.system}/", Tone.DIM))
        parts.append(span(note.service.service))
    parts.append(span(f" {note.text}", Tone.PLAIN if note.verdict else Tone.DIM))
    return cut(tuple(parts), width)


def changes(
    notes: Iterable[Noted], width: int, rows: int, now: datetime, *, with_name: bool = True
) -> tuple[Line, ...]:
    """Return the newest entries; says so when there is none."""
    lines: list[Line] = []
    for note in notes:
        if len(lines) == rows:
            break
        lines.append(change_line(note, width, now, with_name=with_name))
    return tuple(lines) or (absence_line(Absence.NONE, "changes since the console opened"),)


def notes_of(notes: Iterable[Noted], service: ServiceId) -> tuple[Noted, ...]:
    """Return the entries of one service."""
    return tuple(note for note in notes if note.service == service)
