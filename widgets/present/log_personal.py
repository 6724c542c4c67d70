"""What looks personal in the logs, as a heading and rows; and lines without it. Pure."""

from collections.abc import Sequence

from core.model.log_view import LogCount, LogPersonal, LogPersonalFind
from core.model.masking import merged
from core.model.personal import DEFAULT_KINDS, PersonalKind
from core.model.text import SafeText, clean
from core.model.veil import VEIL
from widgets.present.fitting import cut, rule
from widgets.present.line import Line, Tone, line, span
from widgets.present.log_progress import progress_text
from widgets.present.numbers import plural
from widgets.present.table import Column
from widgets.present.veiling import masked_line

PERSONAL_COLUMNS = (
    Column("count", "COUNT", 9, justify="right", is_frozen=True),
    Column("kind", "KIND", 8, is_frozen=True),
    Column("samples", "SAMPLES (MASKED)", 26, weight=2),
    Column("file", "FILE", 16, weight=1),
    Column("field", "FIELD", 12, weight=1, priority=1),
    Column("log", "LOG", 18, priority=2),
)
_UNSEEN = "names of people and national phone numbers are not looked for"
_MASKED = DEFAULT_KINDS - {PersonalKind.SECRET}
"""What is personal; secrets are hidden by what hides them everywhere."""


def hide_personal(whole: Line) -> Line:
    """Return a line of a log as those who look may see it: nothing personal while presenting."""
    if not VEIL.is_presenting or not whole:
        return whole
    from core.logs.keeping.personal_kinds import find_personal

    text = "".join(part.text for part in whole)
    hits = find_personal(text, _MASKED)
    return (
        masked_line(whole, merged(((hit.begin, hit.end) for hit in hits), text)) if hits else whole
    )


def hidden_text(text: str) -> SafeText:
    """Return a text of a log as `hide_personal` has it: before it is cut, for a part says a lot."""
    return clean("".join(part.text for part in hide_personal((span(text),))))


def personal_heading(personal: LogPersonal, count: LogCount, width: int) -> tuple[Line, ...]:
    """Return three lines: how much there is, by kind, and how far the scan has come.

    Args:
        personal: What was found.
        count: How far it has come.
        width: Cells of a line.
    """
    total = "" if personal.is_complete else "≈ "
    hits = f"{total}{personal.records_with_hits:,} of {plural(personal.records, 'record')}"
    found = span(f"{hits} hold what looks personal  ", Tone.TITLE, bold=True)
    left: Line = (span(" "), found, *_kinds(personal.finds))
    return (
        rule("Personal data", width, "enter goes to the record, esc closes"),
        cut(left, width),
        cut(_reach(personal, count), width),
    )


def _kinds(finds: Sequence[LogPersonalFind]) -> Line:
    totals: dict[str, int] = {}
    for one in finds:
        totals[one.kind] = totals.get(one.kind, 0) + one.count
    ordered = sorted(totals.items(), key=lambda pair: -pair[1])
    return tuple(span(f" {number:,} {kind}", Tone.DEGRADED) for kind, number in ordered)


def _reach(personal: LogPersonal, count: LogCount) -> Line:
    if not personal.is_complete:
        return line(span(f" {progress_text(count)}, esc stops it", Tone.ACCENT, bold=True))
    parts = [span(f" {_UNSEEN}", Tone.DIM)]
    if personal.unread:
        first, *others = personal.unread
        more = f" and {len(others)} more" if others else ""
        return line(span(f" ▲ not all was read: {first}{more}", Tone.DEGRADED))
    if personal.cut_records:
        cut_ones = plural(personal.cut_records, "long record")
        parts.append(span(f"; of {cut_ones} only the beginning was", Tone.DEGRADED))
    return tuple(parts)


def personal_key(find: LogPersonalFind) -> str:
    """Return what tells a row from the others."""
    return "\n".join((find.source, find.file, find.field, find.kind))


def personal_cells(find: LogPersonalFind) -> tuple[Line, ...]:
    """Return a row: count, kind, samples, file, field, log."""
    tone = Tone.DOWN if find.kind == PersonalKind.SECRET else Tone.DEGRADED
    return (
        line(span(f"{find.count:,}")),
        line(span(find.kind, tone)),
        line(span(", ".join(find.samples))),
        line(span(find.file.rpartition("/")[2] or find.file, Tone.LABEL)),
        line(span(find.field, Tone.DIM)),
        line(span(clean(find.source), Tone.DIM)),
    )
