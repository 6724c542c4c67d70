"""Backups as lines and as JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime

from cli.as_json import moment
from cli.output import GLYPHS, aligned
from core.actions.backups.listing import BackupSetView, CopyView
from core.actions.backups.schedules import ScheduleView
from core.model.text import clean

_FORMAT = 1
_SHOWN = 10
_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def list_lines(views: Sequence[BackupSetView]) -> list[str]:
    """Return sets with their newest copies, as a person reads them."""
    if not views:
        return ["no backup set is configured"]
    lines: list[str] = []
    for one in views:
        head = f"{GLYPHS[one.verdict]} {one.system}/{one.name}  {one.title} ({one.kind})"
        lines.append(f"{head}: {one.reason}")
        rows = [_row(copy) for copy in one.copies[:_SHOWN]]
        lines += [f"    {line}" for line in aligned(rows)]
        if len(one.copies) > _SHOWN:
            lines.append(f"    and {len(one.copies) - _SHOWN} older ones")
        if one.schedule is not None:
            lines += [f"    {line}" for line in schedule_lines(one.schedule)]
        if one.note:
            lines.append(f"    note: {one.note}")
    return lines


def schedule_lines(one: ScheduleView) -> list[str]:
    """Return the line of cron that is wanted, whether it is there, and its last run."""
    last = "no backup shows that it ever ran"
    if one.last_s is not None:
        late = ", later than it should be" if one.is_late else ""
        last = f"last run {age_text(one.last_s)} ago, by its newest backup{late}"
    return [f"cron: {one.wanted}", f"{GLYPHS[one.verdict]} {one.state}; {last}"]


def _row(copy: CopyView) -> tuple[str, ...]:
    size, age = size_text(copy.size_bytes), age_text(copy.age_s)
    return (copy.validity.value, age, size, copy.path, copy.why)


def check_lines(path: str, problem: str) -> list[str]:
    """Return what a verification found."""
    name = clean(path)
    return [f"{name}: {'bad: ' + clean(problem) if problem else 'good, read as a whole'}"]


def list_document(views: Sequence[BackupSetView], now: datetime) -> dict[str, object]:
    """Return sets and copies with stable names."""
    return {
        "format": _FORMAT,
        "at": moment(now),
        "sets": [
            {
                "system": one.system,
                "set": one.name,
                "title": one.title,
                "kind": one.kind,
                "verdict": one.verdict.value,
                "reason": one.reason,
                "max_age_s": one.max_age_s,
                "total_bytes": one.total_bytes,
                "schedule": schedule_document(one.schedule),
                "copies": [_copy_document(copy) for copy in one.copies],
            }
            for one in views
        ],
    }


def cron_lines(views: Sequence[BackupSetView]) -> list[str]:
    """Return what cron does for sets, beside other things."""
    lines: list[str] = []
    for one in views:
        if one.schedule is not None:
            wanted, state = schedule_lines(one.schedule)
            lines += [f"{one.system}/{one.name}  {wanted}", f"    {state}"]
    return lines


def schedules_json(views: Sequence[BackupSetView]) -> list[dict[str, object]]:
    """Return the same with stable names."""
    return [
        {"system": one.system, "set": one.name, **found}
        for one in views
        if (found := schedule_document(one.schedule)) is not None
    ]


def schedule_document(one: ScheduleView | None) -> dict[str, object] | None:
    """Return what cron does for a set; None: nothing is said of cron."""
    if one is None:
        return None
    return {
        "line": one.wanted,
        "verdict": one.verdict.value,
        "state": one.state,
        "last_run_age_s": None if one.last_s is None else round(one.last_s, 1),
        "is_late": one.is_late,
    }


def _copy_document(copy: CopyView) -> dict[str, object]:
    return {
        "path": copy.path,
        "made_at": moment(datetime.fromtimestamp(copy.made_at_s, UTC)),
        "age_s": round(copy.age_s, 1),
        "size_bytes": copy.size_bytes,
        "validity": copy.validity.value,
        "why": copy.why,
        "members": copy.members,
    }


def size_text(size_bytes: float) -> str:
    """Return bytes in the largest unit of which there is at least one."""
    unit = 0
    while size_bytes >= 1024 and unit < len(_UNITS) - 1:
        size_bytes, unit = size_bytes / 1024, unit + 1
    return f"{size_bytes:.0f} {_UNITS[unit]}" if unit == 0 else f"{size_bytes:.1f} {_UNITS[unit]}"


def age_text(age_s: float) -> str:
    """Return an age in its largest unit."""
    for unit, length_s in (("d", 86_400), ("h", 3600), ("min", 60)):
        if age_s >= length_s:
            return f"{age_s / length_s:.0f} {unit}"
    return f"{age_s:.0f} s"
