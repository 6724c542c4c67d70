"""Marks of what was done beside the logs, such as a restart, put where their time is. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from core.model.log import LogMark, LogPosition, Seam, SeamKind
from core.model.log_view import LogRow
from core.model.text import join


def marked(
    rows: tuple[LogRow, ...], sources: Iterable[str], mark: LogMark, *, is_at_end: bool
) -> tuple[tuple[LogRow, ...], Seam | None]:
    """Return the rows with a mark in its place, and the seam that it became.

    It stands in one log of its system: before the first record that is younger, or, where the rows
    go on to the end, behind the last. None: its place is not among these rows, or it is there.

    Args:
        rows: What is shown, in time order.
        sources: The logs that are open, `system/…`.
        mark: What was done.
        is_at_end: Whether nothing comes after the last row yet.
    """
    own = {one for one in sources if one.partition("/")[0] == mark.system}
    records = [(at, one.record) for at, one in enumerate(rows) if one.record and one.source in own]
    timed = [(at, record) for at, record in records if record.time_s is not None]
    if not timed or (timed[0][1].time_s or 0.0) > mark.at_s:
        return rows, None
    younger = next(((at, one) for at, one in timed if (one.time_s or 0.0) > mark.at_s), None)
    if younger is None and not is_at_end:
        return rows, None
    if younger is not None:
        place, (source, position) = younger[0], (younger[1].source, younger[1].position)
    else:
        last = records[-1][1]
        # Behind where the last one begins, and before whatever comes.
        behind = LogPosition(last.position.segment, last.position.offset + 1)
        place, (source, position) = len(rows), (last.source, behind)
    return _placed(rows, place, Seam(source, position, SeamKind.ACTION, mark.text, mark.at_s))


def _placed(
    rows: tuple[LogRow, ...], place: int, seam: Seam
) -> tuple[tuple[LogRow, ...], Seam | None]:
    """Put a seam before a row; where there is one already, both are said by one."""
    row = LogRow(seam=seam)
    for at, one in enumerate(rows):
        if one.seam is None or one.key != row.key:
            continue
        if seam.note in one.seam.note:
            return rows, None
        both = replace(seam, note=join("; ", [one.seam.note, seam.note]))
        return (*rows[:at], LogRow(seam=both), *rows[at + 1 :]), both
    return (*rows[:place], row, *rows[place:]), seam
