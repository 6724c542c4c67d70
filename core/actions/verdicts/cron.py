"""Cron entries as they stand in a table, with the age of what they last wrote: rows to show."""

import re
from dataclasses import dataclass

from core.model.masking import mask_text
from core.model.text import SafeText, clean

_VARIABLE = re.compile(r"^\s*[A-Za-z_]\w*\s*=")
_TIMES = re.compile(r"^(@\w+|(?:\S+\s+){4}\S+)\s+(.+)$")
_NICKNAMES = {
    "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}  # fmt: skip
_HOUR_S, _DAY_S = 3600.0, 86400.0
_SLACK = 1.1
_NUMBERS = re.compile(r"^[\d*,/-]+$")
_NAMES = re.compile(r"^(?:[\d*,/?#L-]|[A-Za-z]{3}(?![A-Za-z]))+$")
"""Months and weekdays may be named by three letters."""


@dataclass(frozen=True, slots=True)
class CronEntry:
    """One line of a table of cron."""

    line: int
    """From 1."""
    schedule: SafeText
    """Five fields; `@reboot` as it is."""
    user: SafeText
    """Empty in a table of one user."""
    command: SafeText
    """With what looks like a secret masked."""
    every_s: float | None = None
    """The longest pause that its schedule means; None: it is not that regular."""


@dataclass(frozen=True, slots=True)
class CronRow:
    """An entry with when it last did something."""

    entry: CronEntry
    last_s: float | None
    """Age of what it last wrote, in s; None: nothing was found."""
    is_late: bool
    """Its last run is older than its schedule allows."""


def parse_crontab(lines: tuple[str, ...], *, has_user: bool) -> tuple[CronEntry, ...]:
    """Return the entries of a table; `has_user` for those of the system (/etc/crontab)."""
    found: list[CronEntry] = []
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#") or _VARIABLE.match(text):
            continue
        match = _TIMES.match(text)
        if not match or not _is_schedule(match.group(1)):
            continue
        schedule = " ".join(_NICKNAMES.get(match.group(1), match.group(1)).split())
        user, command = "", match.group(2)
        if has_user:
            user, _, command = command.partition(" ")
        found.append(
            CronEntry(
                number, clean(schedule), clean(user), clean(mask_text(command.strip())),
                every_s(schedule),
            )
        )  # fmt: skip
    return tuple(found)


def _is_schedule(text: str) -> bool:
    if text.startswith("@"):
        return True
    words = text.split()
    return all(map(_NUMBERS.match, words[:2])) and all(map(_NAMES.match, words[2:]))


def every_s(schedule: str) -> float | None:
    """Return the longest pause between two runs, where the schedule is regular; else None."""
    words = _NICKNAMES.get(schedule, schedule).split()
    if len(words) != 5:
        return None
    minute, hour, day, month, weekday = words
    if month != "*":
        return None
    if day != "*":
        return 31 * _DAY_S if day.isdigit() and weekday == "*" else None
    if weekday != "*":
        return 7 * _DAY_S if re.fullmatch(r"[0-7]|[A-Za-z]{3}", weekday) else None
    if hour == "*":
        return _step_s(minute, 60.0, _HOUR_S)
    return _step_s(hour, _HOUR_S, _DAY_S) if minute.isdigit() else None


def _step_s(field: str, unit_s: float, whole_s: float) -> float | None:
    if field == "*":
        return unit_s
    if field.isdigit():
        return whole_s
    match = re.fullmatch(r"\*/(\d+)", field)
    return min(whole_s, int(match.group(1)) * unit_s) if match and int(match.group(1)) else None


def cron_row(entry: CronEntry, last_s: float | None) -> CronRow:
    """Return an entry with the age of its last run; late: over its schedule and a tenth more."""
    is_late = last_s is not None and entry.every_s is not None and last_s > entry.every_s * _SLACK
    return CronRow(entry, last_s, is_late)
