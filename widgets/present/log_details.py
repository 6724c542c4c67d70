"""One record in full: where it comes from, its fields, all its lines. Pure."""

import json
import re
from datetime import UTC, datetime

from core.model.log import FieldValue, LogRecord, TimeBasis
from core.model.log_view import LogRow
from core.model.text import SafeText, clean, clean_lines
from widgets.present.fitting import cut_text, rule, wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.log_personal import hidden_text, hide_personal
from widgets.present.log_rows import level_tone, value_text, wrapped
from widgets.present.numbers import bytes_text

_REQUEST_FIELDS = frozenset(
    {"request_id", "req_id", "requestid", "correlation_id", "correlationid", "trace_id", "traceid"}
)
_CLIENT_FIELDS = frozenset({"client_ip", "ip", "client", "remote_addr", "remote_ip", "client_host"})
_MOMENTS = frozenset({"ts", "time", "timestamp", "created", "at", "levelno", "lineno"})
"""Numbers that nobody measures."""
_NUMBER = re.compile(r"[-+]?\d{1,18}(?:\.\d{1,18})?(?:e[-+]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_MAX_LINES = 2000
_MAX_PARTS = 40
"""Lines that one long line is broken into."""
_MESSAGE_LINES = 2
"""Of the heading; the whole text is below."""
_BASES = {
    TimeBasis.ZONED: "as written",
    TimeBasis.NAIVE: "no zone in the line: read as configured",
    TimeBasis.TRANSPORT: "from the carrier: the line itself has none",
    TimeBasis.INHERITED: "of the record before it: the line itself has none",
    TimeBasis.NONE: "",
}


def facts_of(row: LogRow) -> tuple[tuple[SafeText, str], ...]:
    """Return what can be filtered by: names of the query language with their values."""
    record = row.record
    if record is None:
        return ()
    facts: list[tuple[SafeText, str]] = []
    if record.level is not None:
        facts.append((SafeText("level"), record.level.word))
    if record.logger:
        facts.append((SafeText("logger"), record.logger))
    told = {name for name, _ in facts}
    facts += [
        (clean(name), value_text(value))
        for name, value in record.fields.items()
        if name not in told
    ]
    return tuple(facts)


def numbers_of(record: LogRecord) -> tuple[str, ...]:
    """Return the names of the fields that hold a number, and not a moment."""
    return tuple(
        name
        for name, value in record.fields.items()
        if is_number(value) and name.rpartition(".")[2].lower() not in _MOMENTS
    )


def is_number(value: "FieldValue | str") -> bool:
    """Return whether a value can be measured; a text that is a number can."""
    if isinstance(value, str):
        return bool(_NUMBER.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool)


def term_of(field: str, value: str) -> str:
    """Return the query for exactly this value of a field."""
    return f"{field}={quoted(value)}"


def quoted(value: str) -> str:
    """Return a text as the query language quotes it."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def kinship(record: LogRecord) -> str:
    """Return the query for what belongs to a record's request, else to its client; empty: neither.

    A request is looked for by its id anywhere, for every log calls the field by another name.
    """
    for names in (_REQUEST_FIELDS, _CLIENT_FIELDS):
        for name, value in record.fields.items():
            if name.rpartition(".")[2].lower() in names and isinstance(value, (str, int)) and value:
                text = str(value)
                return quoted(text) if names is _REQUEST_FIELDS else term_of(name, text)
    return ""


def heading_lines(row: LogRow, width: int) -> tuple[Line, ...]:
    """Return a rule, then level, time with how it is known, source and place."""
    record = row.record
    if record is None:
        note = row.seam.note if row.seam is not None else SafeText("")
        above = rule("A line of the console", width, "esc closes")
        return (above, line(span(note, Tone.UNKNOWN, bold=True)))
    word = record.level.word.upper() if record.level is not None else "no level"
    lines: list[Line] = [
        rule("The record", width, "enter its fields, esc closes"),
        line(
            span(f"{word}  ", level_tone(record.level), bold=True),
            span(time_in_full(record), Tone.TITLE),
            span(f"  {_BASES[record.time_basis]}", Tone.DIM),
        ),
        line(
            span(f"{record.source}  ", Tone.LABEL),
            span(f"{record.format}, {bytes_text(len(record.raw))} at byte ", Tone.DIM),
            span(f"{record.position.offset:,}", Tone.DIM),
        ),
    ]
    return (*lines, *wrap(hidden_text(record.message), max(20, width), _MESSAGE_LINES))


def time_in_full(record: LogRecord) -> str:
    """Return the time with its day and its microseconds, in UTC."""
    if record.time_s is None:
        return "no time"
    try:
        return f"{datetime.fromtimestamp(record.time_s, UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    except (OverflowError, ValueError, OSError):
        return "time out of range"


def body_lines(row: LogRow, width: int, *, is_raw: bool) -> tuple[Line, ...]:
    """Return the further lines (a traceback), or the bytes as written; JSON is laid out.

    The first line says which of them it is.
    """
    record = row.record
    if record is None:
        return ()
    laid_out = () if is_raw or record.details else _laid_out(record)
    texts = (() if is_raw else record.details) or laid_out or clean_lines(record.raw)
    is_other = bool(laid_out) or (bool(record.details) and not is_raw)
    title = "Laid out" if laid_out else "Further lines" if is_other else "As written"
    lines: list[Line] = [rule(title, width, "y as written" if is_other else "")]
    for text in texts[:_MAX_LINES]:
        lines += _broken(text, max(20, width))
    if len(texts) > _MAX_LINES:
        lines.append(line(span(f"… {len(texts) - _MAX_LINES} more lines", Tone.DEGRADED)))
    return tuple(lines)


def _broken(text: SafeText, width: int) -> tuple[Line, ...]:
    """Return a line broken where it must be; its blanks stay, for indentation says a lot."""
    if not text:
        return (BLANK,)
    shown = cut_text(text, width * _MAX_PARTS)
    return wrapped(hide_personal((Span(shown, Tone.PLAIN),)), width, 0)[:_MAX_PARTS]


def _laid_out(record: LogRecord) -> tuple[SafeText, ...]:
    """Return a record that is one JSON object, indented; nothing for any other."""
    text = record.raw.decode("utf-8", "replace")
    begin = text.find("{")
    if begin < 0 or len(text) >= 64 * 1024:
        return ()
    try:
        value = json.loads(text[begin:])
    except (ValueError, RecursionError):
        return ()
    return clean_lines(json.dumps(value, indent=2, ensure_ascii=False))
