"""An entry of a stream as a row and in full: its JSON decoded, or every field as written. Pure."""

import json
from typing import cast

from core.model.stream import EntryField, EntryId, StreamEntry
from core.model.text import SafeText, clean, clean_lines
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.log_rows import wrapped
from widgets.present.numbers import bytes_text, plural
from widgets.present.stream_words import age_cell, age_text, moment_text, pair

_MAX_LINES = 400
"""Of one value; what is longer is told by its size."""
_NEWLINES = str.maketrans({"␊": "\n", "␍": "\n"})


def entry_cells(entry: StreamEntry) -> tuple[Line, ...]:
    """Return an entry's cells: id, age, size, what matters of it."""
    size_bytes = sum(one.size_bytes for one in entry.fields)
    return (
        line(span(str(entry.id))),
        age_cell(entry.age_s, Tone.DEGRADED if entry.age_s <= -1 else Tone.PLAIN),
        line(span(bytes_text(size_bytes), Tone.DIM)),
        line(span("json" if entry.is_json else "fields", Tone.DIM)),
        line(span(entry.preview)),
    )


def entry_sort(entry: StreamEntry) -> tuple[float | str | None, ...]:
    """Return what each cell sorts by."""
    size_bytes = sum(one.size_bytes for one in entry.fields)
    return (float(entry.id.ms), entry.age_s, float(size_bytes), None, str(entry.preview))


def entry_search(entry: StreamEntry) -> SafeText:
    """Return what a filter looks at: id, names and values as far as they were read."""
    fields = " ".join(f"{one.name} {one.value}" for one in entry.fields)
    return clean(f"{entry.id} {entry.preview} {fields}")


def about_id(entry_id: EntryId, age_s: float) -> Line:
    """Return an id with the moment and the age that it tells."""
    moment = moment_text(entry_id)
    if age_s <= -1:
        ahead = f"{age_text(-age_s)} ahead of the server's clock"
        return line(span(str(entry_id)), span(f"  {moment}  {ahead}", Tone.DEGRADED))
    ago = f"  {moment}, {age_text(age_s)} ago by the server's clock" if moment else ""
    return line(span(str(entry_id)), span(ago or "  its id tells no moment", Tone.DIM))


def entry_lines(entry: StreamEntry, width: int, *, is_raw: bool) -> tuple[Line, ...]:
    """Return an entry in full.

    Args:
        entry: The entry.
        width: Cells.
        is_raw: Every field as it is written; else JSON is decoded and laid out.
    """
    lines = [cut(pair("Id", about_id(entry.id, entry.age_s)), width)]
    if not entry.fields:
        return (*lines, BLANK, line(span("it has no field that was read", Tone.DIM)))
    for one in entry.fields:
        lines += [BLANK, _heading(one, width), *_value(one, width, is_raw=is_raw)]
    return tuple(lines)


def _heading(field: EntryField, width: int) -> Line:
    size = bytes_text(field.size_bytes)
    return cut(rule(field.name or "(a field without a name)", width, size), width)


def _value(field: EntryField, width: int, *, is_raw: bool) -> list[Line]:
    if not field.value:
        return [line(span("empty", Tone.DIM))]
    decoded = None if is_raw else _decoded(field.value)
    if decoded is not None:
        texts = clean_lines(decoded)
        shown = [row for text in texts[:_MAX_LINES] for row in _broken(text, width)]
        more = len(texts) - _MAX_LINES
        if more > 0:
            shown.append(line(span(f"… and {plural(more, 'line')} more", Tone.DIM)))
        return shown
    shown = list(_broken(field.value, width)[:_MAX_LINES])
    # What is made visible becomes longer, never shorter: what is shorter was cut.
    if len(field.value.encode("utf-8", "replace")) < field.size_bytes:
        shown += wrap(f"cut: {bytes_text(field.size_bytes)} in all", width, 1, Tone.DEGRADED)
    return shown


def _broken(text: str, width: int) -> tuple[Line, ...]:
    return wrapped(line(span(text)), max(9, width), 0)


def _decoded(value: SafeText) -> str | None:
    """Return a JSON object or list laid out; None: it is none, or not all of it was read."""
    if not value.lstrip().startswith(("{", "[")):
        return None
    for text in (str(value), value.translate(_NEWLINES)):
        try:
            found = cast("object", json.loads(text, strict=False))
        except (ValueError, RecursionError):
            continue
        return json.dumps(found, indent=2, ensure_ascii=False)
    return None
