"""Log records as lines: gutter of ours, then the record's own text. Pure.

Time, level and source come from the engine and stand in the gutter, so that a line that pretends to
have another level still bears its own (safety H9).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum

from rich.cells import cell_len

from core.model.log import FieldValue, LogLevel, LogRecord, TimeBasis
from core.model.log_view import LogRow
from core.model.text import SafeText, clean
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, cut_text
from widgets.present.line import Line, Span, Tone, span
from widgets.present.log_personal import hidden_text, hide_personal
from widgets.present.numbers import plural
from widgets.present.veiling import veiled

TAG_CELLS = 16
TIME_CELLS = 13
_LEAST_OWNER_CELLS = 4
DAY_CELLS = 6
_DAY_S = 86_400
_NEAR_S = 600.0
_SHOWN_CHARS = 2048
"""No line of a screen holds more; highlighting a megabyte would hold up the keys."""
_SHOWN_FIELDS = 20
_VALUE_CELLS = 60
_LOOKED_AT_LINES = 200
_SAID = frozenset(
    {
        *("timestamp", "ts", "time", "asctime", "@timestamp", "datetime", "date", "created"),
        *("level", "levelname", "severity", "lvl", "levelno", "name", "logger", "prefix"),
        *("message", "msg", "text", "exc_info", "exception", "traceback"),
    }
)
"""Fields that the gutter or the text shows already."""
_LEVEL_WORDS = {
    LogLevel.TRACE: "trace",
    LogLevel.DEBUG: "debug",
    LogLevel.INFO: "info ",
    LogLevel.WARN: "WARN ",
    LogLevel.ERROR: "ERROR",
    LogLevel.CRITICAL: "CRIT ",
}
_LEVEL_TONES = {
    LogLevel.WARN: Tone.DEGRADED,
    LogLevel.ERROR: Tone.DOWN,
    LogLevel.CRITICAL: Tone.DOWN,
}
_TAG_TONES = (Tone.ACCENT, Tone.KEY, Tone.UNKNOWN, Tone.LABEL, Tone.PRODUCTION, Tone.PLAIN)
_BASIS_SIGNS = {
    TimeBasis.ZONED: " ",
    TimeBasis.NAIVE: "?",
    TimeBasis.TRANSPORT: "t",
    TimeBasis.INHERITED: "~",
    TimeBasis.NONE: " ",
}
GUTTER_CELLS = 2
"""The sign of the cursor and that of a mark."""
_NO_CURSOR = span(" ")
_CURSOR = span("▌", Tone.KEY)
_CURSOR_BLURRED = span("▏", Tone.KEY)
Highlights = Callable[[str], Sequence[tuple[int, int]]]
"""Begin and end of what is looked for in a text, in order, none overlapping."""


class TimeStyle(StrEnum):
    """How times are written."""

    UTC = "utc"
    LOCAL = "local"
    AGO = "ago"


@dataclass(frozen=True, slots=True)
class RowStyle:
    """How the rows of one view are drawn."""

    times: TimeStyle = TimeStyle.UTC
    zone: tzinfo | None = None
    """Of `TimeStyle.LOCAL`; None: the machine's."""
    now_s: float = 0.0
    tags: Mapping[str, tuple[SafeText, Tone]] | None = None
    """By source: what to call it. None: no tags, one log is shown."""
    highlights: Highlights | None = None
    has_days: bool = False
    """Times bear their day: the rows are not all of today."""
    year: int = 0
    """Times of other years bear theirs; 0: none does."""
    since_s: float | None = None
    """Times are told from here on, seconds since 1970; None: as `times` says."""


def level_word(level: LogLevel | None) -> str:
    """Return a level in five cells."""
    return "     " if level is None else _LEVEL_WORDS[level]


def level_tone(level: LogLevel | None) -> Tone:
    """Return the tone of a level: only trouble is coloured."""
    return Tone.DIM if level is None else _LEVEL_TONES.get(level, Tone.DIM)


def tags_of(sources: Sequence[str]) -> Mapping[str, tuple[SafeText, Tone]]:
    """Return a short name and a tone for each source: the shortest that tells it from the others.

    All names are as wide as the widest, so that the texts behind them stand below each other.

    Tried in turn: the log, its service, both, its system with the log, everything.
    """
    names = {source: list(_names_of(source)) for source in sources}
    found: dict[str, SafeText] = {}
    for source, own in names.items():
        others = {name for other, each in names.items() if other != source for name in each}
        name = next((one for one in own if one not in others), own[-1])
        found[source] = _cut_tag(name)
    cells = max(map(cell_len, found.values()), default=0)
    return {
        source: (_padded(found[source], cells), _TAG_TONES[number % len(_TAG_TONES)])
        for number, source in enumerate(sources)
    }


def _cut_tag(name: str) -> SafeText:
    """Return a name in `TAG_CELLS`: the log itself stays whole, what it is of is cut."""
    owner, _, log = clean(name).rpartition("/")
    room = TAG_CELLS - cell_len(log) - 1
    if cell_len(name) <= TAG_CELLS or not owner or room < _LEAST_OWNER_CELLS:
        return cut_text(clean(name), TAG_CELLS)
    return clean(f"{cut_text(owner, room)}/{log}")


def _padded(text: SafeText, cells: int) -> SafeText:
    return clean(text + " " * (cells - cell_len(text)))


def _names_of(source: str) -> Iterator[str]:
    parts = source.rsplit("/", 2)
    log, service, system = parts[-1], parts[-2] if len(parts) > 1 else "", parts[0]
    yield log
    if service:
        yield service
        yield f"{service}/{log}"
        yield f"{system}/{log}"
    yield source


def row_line(row: LogRow, style: RowStyle, *, is_marked: bool = False) -> Line:
    """Return one row as one line, as long as it is; the pane cuts or wraps it.

    Its first cell is left to the cursor (`with_cursor`), the second to the mark.
    """
    gutter = (_NO_CURSOR, span("*", Tone.KEY, bold=True) if is_marked else span(" "))
    if row.seam is not None:
        note = span(f"──── {row.seam.kind}: {row.seam.note} ", Tone.UNKNOWN, bold=True)
        at = span(_moment_text(row.seam.at_s, " ", style), Tone.UNKNOWN)
        blank = span(f" {level_word(None)} ")
        return (*gutter, at, blank, *_tag(row, style), note, span("─" * 40, Tone.UNKNOWN))
    record = row.record
    if record is None:
        return gutter
    level = record.level
    return (
        *gutter,
        span(time_text(record, style), _time_tone(record)),
        span(" "),
        span(level_word(level), level_tone(level), bold=level is not None and level >= 30),
        span(" "),
        *_tag(row, style),
        *hide_personal((*_message(record, style.highlights), *_rest(record, style.highlights))),
    )


def with_cursor(line: Line, *, has_keys: bool) -> Line:
    """Return the line of a row that has the cursor: seen without any colour."""
    if line[:1] != (_NO_CURSOR,):
        return line
    return (_CURSOR if has_keys else _CURSOR_BLURRED, *line[1:])


def _tag(row: LogRow, style: RowStyle) -> Line:
    if style.tags is None:
        return ()
    name, tone = style.tags.get(row.source, (cut_text(row.source, TAG_CELLS), Tone.DIM))
    return (span(name, tone), span(" "))


def time_text(record: LogRecord, style: RowStyle) -> str:
    """Return a record's time, all as wide; its last cell says how well it is known."""
    return _moment_text(record.time_s, _BASIS_SIGNS[record.time_basis], style)


def _moment_text(time_s: float | None, sign: str, style: RowStyle) -> str:
    cells = TIME_CELLS - 1 + (DAY_CELLS if has_day_column(style) else 0)
    if time_s is None:
        return "no time".rjust(cells) + " "
    if style.since_s is not None:
        return _apart_text(time_s - style.since_s).rjust(cells) + sign
    if style.times is TimeStyle.AGO:
        return _age_text(max(0.0, style.now_s - time_s), cells) + sign
    try:
        zone = UTC if style.times is TimeStyle.UTC else style.zone
        moment = datetime.fromtimestamp(time_s, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return "out of range".rjust(cells) + sign
    if style.year and moment.year != style.year and has_day_column(style):
        return f"{moment:%Y-%m-%d %H:%M}".rjust(cells) + sign
    day = f"{moment:%m-%d} " if has_day_column(style) else ""
    return f"{day}{moment:%H:%M:%S}.{moment.microsecond // 1000:03d}{sign}"


def _apart_text(apart_s: float) -> str:
    """Return how far two moments lie apart: to the millisecond where they are near."""
    sign = "-" if apart_s < 0 else "+"
    if abs(apart_s) < _NEAR_S:
        return f"{sign}{abs(apart_s):.3f} s"
    return f"{sign}{duration_text(abs(apart_s))}"


def _age_text(age_s: float, cells: int) -> str:
    """Return an age in so many cells; of a long one only the first unit, of no use otherwise."""
    text = duration_text(age_s)
    if len(text) > cells - 4:
        text = " ".join(text.split(" ")[:2])
    return f"{text} ago".rjust(cells) if len(text) <= cells - 4 else "long ago".rjust(cells)


def has_day_column(style: RowStyle) -> bool:
    """Tell whether times bear their day. Ages need none."""
    return style.has_days and style.times is not TimeStyle.AGO


def has_other_days(rows: Sequence[LogRow], now_s: float) -> bool:
    """Tell whether rows that stand in time order are not all of the present UTC day."""
    ends = (*rows[:1], *rows[-1:])
    times = [row.time_s for row in ends if row.record is not None and row.time_s is not None]
    return any(time_s // _DAY_S != now_s // _DAY_S for time_s in times)


def _time_tone(record: LogRecord) -> Tone:
    is_own = record.time_basis in {TimeBasis.ZONED, TimeBasis.NAIVE, TimeBasis.TRANSPORT}
    return Tone.LABEL if is_own else Tone.DIM


def _message(record: LogRecord, highlights: Highlights | None) -> Line:
    """Return the text with what is looked for in another tone."""
    return _marked(message_text(record)[:_SHOWN_CHARS], highlights, _text_tone(record))


def _marked(text: str, highlights: Highlights | None, tone: Tone) -> Line:
    if highlights is None:
        return (Span(clean(text), tone),)
    parts: list[Span] = []
    at = 0
    for begin, end in highlights(text):
        if begin > at:
            parts.append(Span(clean(text[at:begin]), tone))
        if end > begin:
            parts.append(Span(clean(text[begin:end]), Tone.MATCH, True, True))
        at = max(at, end)
    if at < len(text):
        parts.append(Span(clean(text[at:]), tone))
    return tuple(parts)


def _text_tone(record: LogRecord) -> Tone:
    if record.level is None or record.level > LogLevel.DEBUG:
        return Tone.PLAIN
    return Tone.DIM


def message_text(record: LogRecord) -> SafeText:
    """Return the text without an object whose fields are shown after it anyway."""
    prefix = record.fields.get("prefix")
    if isinstance(prefix, str) and record.message.startswith(f"{prefix}: {{"):
        return clean(f"{prefix}:")
    return record.message


def _rest(record: LogRecord, highlights: Highlights | None) -> Line:
    """Return the fields that the text does not tell, and how many lines are folded away."""
    told = message_text(record)[:_SHOWN_CHARS]
    parts: list[Span] = []
    for number, (name, text) in enumerate(
        (name, text)
        for name, value in shown_fields(record)
        if (text := value_text(value)) and not _is_told(text, told)
    ):
        if number >= _SHOWN_FIELDS:
            break
        shown = cut_text(hidden_text(text), _VALUE_CELLS)
        parts += [span(f" {name}=", Tone.DIM), *_marked(shown, highlights, Tone.LABEL)]
    if record.details:
        more = span(f"▸ {plural(len(record.details), 'more line')}").text
        has_hit = highlights is not None and any(
            highlights(one[:_SHOWN_CHARS]) for one in record.details[:_LOOKED_AT_LINES]
        )
        parts.append(span("  "))
        parts.append(Span(more, Tone.MATCH, True, True) if has_hit else span(more, Tone.ACCENT))
    if record.is_cut:
        parts.append(span("  … cut: too long to keep", Tone.DEGRADED))
    return tuple(parts)


def _is_told(value: str, text: str) -> bool:
    """Return whether a text says a value, as words of its own: `/a/2` is not in `/a/20`."""
    at = text.find(value)
    while at >= 0:
        before, after = text[max(0, at - 1) : at], text[at + len(value) :][:1]
        is_begin = not (before.isalnum() and value[0].isalnum())
        if is_begin and not (after.isalnum() and value[-1].isalnum()):
            return True
        at = text.find(value, at + 1)
    return False


def shown_fields(record: LogRecord) -> list[tuple[str, FieldValue]]:
    """Return the fields worth showing beside the text."""
    if record.format.rpartition("/")[2] in {"access", "uvicorn-access"}:
        return []
    return [
        (name, value)
        for name, value in record.fields.items()
        if name not in _SAID and not name.startswith("transport.") and value is not None
    ]


def value_text(value: FieldValue) -> str:
    """Return a field's value as one line of text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, tuple):
        return ", ".join(value_text(part) for part in value)
    return str(value)


def wrapped(line: Line, width: int, indent: int) -> tuple[Line, ...]:
    """Return a line broken into lines of `width` cells; the following ones are indented.

    A secret is masked before: of one that goes over two lines either would show a part.
    """
    line = veiled(line)
    if width <= indent + 8:
        return (cut(line, width),)
    lines: list[Line] = []
    current: list[Span] = []
    room = width
    for part in line:
        text = part.text
        while text:
            head = _head(text, room)
            if not head:
                lines.append(tuple(current))
                current, room = [span(" " * indent)], width - indent
                continue
            current.append(Span(clean(head), part.tone, part.is_bold, part.is_reversed))
            room -= _cells(head)
            text = clean(text[len(head) :])
    lines.append(tuple(current))
    return tuple(lines)


def _head(text: str, room: int) -> str:
    """Return as much of a text as fits into `room` cells."""
    if text.isascii():
        return text[:room]
    used = 0
    for place, char in enumerate(text):
        used += _cells(char)
        if used > room:
            return text[:place]
    return text


def _cells(text: str) -> int:
    return len(text) if text.isascii() else cell_len(text)
