"""The files of logs against their rules, as a heading, rows of classes and rows of files. Pure."""

from datetime import UTC, datetime

from core.model.log_keeping import KeepingNeed, KeptClass, KeptFile, KeptSum, LogKeeping
from core.model.text import SafeText, clean
from widgets.present.durations import clock_text, short_duration
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import Line, Tone, line, span
from widgets.present.numbers import MISSING, bytes_text, plural
from widgets.present.table import Column, SortValue

CLASS_COLUMNS = (
    Column("class", "CLASS", 12, is_frozen=True),
    Column("system", "SYSTEM", 16),
    Column("kept", "KEPT", 7, justify="right"),
    Column("packs", "PACKED", 7, justify="right", priority=3),
    Column("files", "FILES", 6, justify="right"),
    Column("size", "SIZE", 9, justify="right"),
    Column("oldest", "OLDEST", 6, justify="right", priority=2),
    Column("overdue", "OVERDUE", 7, justify="right"),
    Column("to_pack", "TO PACK", 7, justify="right", priority=1),
    Column("note", "NOTE", 20, weight=1, priority=4),
)
FILE_COLUMNS = (
    Column("need", "NEED", 9, is_frozen=True),
    Column("file", "FILE", 26, weight=2, is_frozen=True),
    Column("size", "SIZE", 9, justify="right"),
    Column("age", "AGE", 5, justify="right"),
    Column("kept", "KEPT", 7, justify="right"),
    Column("frees", "FREES", 10, justify="right", priority=1),
    Column("class", "CLASS", 11, priority=2),
    Column("why", "WHY", 24, weight=3, priority=3),
    Column("log", "LOG", 22, weight=1, priority=4),
)
HEADING_LINES = 4
_SIGNS = {
    KeepingNeed.UNREAD: ("✖", Tone.DOWN),
    KeepingNeed.OVERDUE: ("▲", Tone.DEGRADED),
    KeepingNeed.HELD: ("▲", Tone.DEGRADED),
    KeepingNeed.PACK: ("●", Tone.ACCENT),
    KeepingNeed.TRAP: ("■", Tone.UNKNOWN),
    KeepingNeed.NO_RULE: ("○", Tone.UNKNOWN),
    KeepingNeed.KEPT: ("●", Tone.OK),
    KeepingNeed.IN_USE: ("●", Tone.DIM),
}
FAULTS = frozenset({KeepingNeed.UNREAD, KeepingNeed.OVERDUE, KeepingNeed.HELD, KeepingNeed.PACK})
"""What somebody has to do something about."""


def keeping_heading(keeping: LogKeeping, width: int, now_s: float) -> tuple[Line, ...]:
    """Return four lines: what is to be done, what is never touched, and when it was looked at.

    Args:
        keeping: What was found.
        width: Cells of a line.
        now_s: The present moment, seconds since 1970.
    """
    head = rule("Housekeeping", width, "x offers actions, H looks again, esc closes")
    if keeping.at_s is None:
        return (head, line(span(" looking at the files of logs…", Tone.ACCENT)), (), ())
    return (
        head,
        cut(_to_do(keeping), width),
        *_untouched(keeping, width),
        _looked(keeping, width, now_s),
    )


def _to_do(keeping: LogKeeping) -> Line:
    overdue, to_pack = keeping.overdue, keeping.to_pack
    tone = Tone.DEGRADED if overdue.files else Tone.OK
    parts = [span(f" {overdue.files:,} overdue", tone, bold=True)]
    if overdue.files:
        parts.append(span(f", deleting frees {bytes_text(overdue.freed_bytes)}", Tone.LABEL))
    parts.append(span(f"   {to_pack.files:,} to pack", Tone.TITLE, bold=True))
    if to_pack.files:
        parts.append(span(f", packing frees ≈ {bytes_text(to_pack.freed_bytes)}", Tone.LABEL))
    if held := sum(one.need is KeepingNeed.HELD for one in keeping.files):
        # By its name it is due, so the classes count it; no action would take it now.
        parts.append(span(f"   ▲ {held:,} due and held back", Tone.DEGRADED))
    total = keeping.total
    of = f"   of {plural(total.files, 'file')}, {bytes_text(total.size_bytes)}"
    return (*parts, span(of, Tone.DIM))


def _untouched(keeping: LogKeeping, width: int) -> tuple[Line, ...]:
    """Return what no action takes, by reason, in one line."""
    told = ", ".join(f"{word} ({one.files:,})" for word, one in _largest(keeping.untouched))
    return (cut(line(span(" never touched: ", Tone.LABEL), span(told or "nothing")), width),)


def _largest(found: tuple[tuple[SafeText, KeptSum], ...]) -> list[tuple[SafeText, KeptSum]]:
    return sorted(found, key=lambda pair: -pair[1].files)


def _looked(keeping: LogKeeping, width: int, now_s: float) -> Line:
    unread = sum(one.need is KeepingNeed.UNREAD for one in keeping.files)
    parts: list[tuple[str, Tone]] = []
    if unread:
        parts.append((f"✖ {unread} could not be looked at", Tone.DOWN))
    if not keeping.is_complete:
        parts.append((f"▲ not all of it was looked at: {keeping.note}", Tone.DEGRADED))
    if keeping.more_files:
        more = plural(keeping.more_files, "file")
        parts.append((f"{more} more that need the least are not in the list", Tone.DEGRADED))
    at = datetime.fromtimestamp(keeping.at_s or 0.0, UTC)
    looked = clock_text(at, datetime.fromtimestamp(now_s, UTC))
    parts.append((f"looked at {looked}", Tone.DIM))
    spans = [span(f"{'   ' if at else ' '}{text}", tone) for at, (text, tone) in enumerate(parts)]
    return cut(tuple(spans), width)


def term_text(term_s: float | None, *, has_rule: bool = True) -> str:
    """Return how long something stays: `30d`; no rule says so."""
    if term_s is None:
        return MISSING if has_rule else "no rule"
    return short_duration(term_s)


def file_key(one: KeptFile) -> str:
    """Return what tells a file's row from the others."""
    return f"{one.system}\n{one.path}"


def file_cells(one: KeptFile) -> tuple[Line, ...]:
    """Return a row of the list of files."""
    sign, tone = _SIGNS[one.need]
    name = one.path if one.need is KeepingNeed.UNREAD else one.path.rpartition("/")[2]
    freed = bytes_text(one.freed_bytes) if one.freed_bytes else ""
    packed = "≈ " if one.need is KeepingNeed.PACK else ""
    is_urgent = one.need in FAULTS
    return (
        line(span(f"{sign} {one.need}", tone)),
        line(span(name or one.path, bold=is_urgent)),
        line(span(bytes_text(one.size_bytes))),
        line(span(_age(one.age_s))),
        line(span(_term_of(one), Tone.DIM)),
        line(span(f"{packed}{freed}" if freed else "")),
        line(span(one.class_name, Tone.LABEL)),
        line(span(one.why, tone if is_urgent else Tone.DIM)),
        line(span(clean(one.log or one.system), Tone.DIM)),
    )


def _age(age_s: float | None) -> str:
    return MISSING if age_s is None else short_duration(max(0.0, age_s))


def _term_of(one: KeptFile) -> str:
    return "" if one.need is KeepingNeed.UNREAD else term_text(one.term_s, has_rule=False)


def file_sort(one: KeptFile) -> tuple[SortValue, ...]:
    """Return what each cell sorts by."""
    place = float(tuple(KeepingNeed).index(one.need))
    return (place, one.path, one.size_bytes, one.age_s, one.term_s, one.freed_bytes,
            one.class_name, one.why, one.log or one.system)  # fmt: skip


def file_search(one: KeptFile) -> SafeText:
    """Return what a filter looks at."""
    of = class_filter(f"{one.system}/{one.class_name}")
    return clean(f"{one.need} {of} {one.path} {one.log} {one.why}", 2_000)


def class_filter(key: str) -> str:
    """Return the filter that leaves only the files of a class, told by the key of its row.

    The key alone stands in paths, in names of logs and in those of longer classes, too.
    """
    return f"[{key}]"


def class_key(one: KeptClass) -> str:
    """Return a class as actions know it, which tells its row from the others."""
    return f"{one.system}/{one.class_name}"


def class_cells(one: KeptClass) -> tuple[Line, ...]:
    """Return a row of the retention report."""
    overdue = f"{one.overdue:,}" if one.overdue else ""
    return (
        line(span(one.class_name, bold=bool(one.overdue))),
        line(span(one.system, Tone.LABEL)),
        line(span(term_text(one.keep_s, has_rule=one.has_rule))),
        line(span(term_text(one.compress_after_s), Tone.DIM)),
        line(span(f"{one.files:,}")),
        line(span(bytes_text(one.size_bytes) if one.files else MISSING)),
        line(span(_age(one.oldest_s))),
        line(span(overdue, Tone.DEGRADED, bold=True)),
        line(span(f"{one.to_pack:,}" if one.to_pack else "", Tone.ACCENT)),
        line(span(one.note, Tone.DIM)),
    )


def class_sort(one: KeptClass) -> tuple[SortValue, ...]:
    """Return what each cell sorts by."""
    return (one.class_name, one.system, one.keep_s, one.compress_after_s, one.files,
            one.size_bytes, one.oldest_s, one.overdue, one.to_pack, one.note)  # fmt: skip


def nothing_kept(keeping: LogKeeping | None) -> Line:
    """Return why there are no rows: not looked at yet, or no log is kept in a file."""
    if keeping is None or keeping.at_s is None:
        return line(span(" looking…", Tone.ACCENT))
    if not keeping.is_complete:
        return line(span(f" {keeping.note}", Tone.DEGRADED))
    if not keeping.classes:
        return line(span(" no log of the configuration is kept in a file", Tone.LABEL))
    return line(span(" no file is in the folders of logs", Tone.LABEL))


def about_lines(one: KeptFile | None, width: int, rows: int) -> tuple[Line, ...]:
    """Return the whole path and the whole reason of the file under the cursor."""
    if one is None:
        return ()
    why = f"{one.path}: {one.need}{', ' if one.why else ''}{one.why}"
    return wrap(why, width, rows, Tone.LABEL)
