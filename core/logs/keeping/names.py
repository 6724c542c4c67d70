"""What a log file's name tells: its day, its rotation number, how it is packed."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime

_PACKED = re.compile(r"\.(gz|tgz|xz|zst|bz2|lz4|zip)$", re.IGNORECASE)
_CLOCK = r"(?:[-_T.]?\d\d(?:[-_:.]?\d\d){0,2}(?:[-_.]\d{1,6})?)?"
_DAY = re.compile(rf"(?<!\d)(20\d\d)([-_.]?)(\d\d)\2(\d\d)(?={_CLOCK}(?!\d))")
_EPOCH = re.compile(r"[.-](1\d{9})$")
_NUMBER = re.compile(r"\.(\d{1,4})$|\.(\d{1,4})(?=\.[A-Za-z][A-Za-z0-9]*$)")
_DATE = rf"[._-]20\d\d[-_.]?\d\d[-_.]?\d\d{_CLOCK}"
_ROTATED = re.compile(
    rf"(?:{_DATE}|[.-]1\d{{9}}|\.\d{{1,4}}|\.old|\.bak|\.backup|~)$"
    rf"|(?:{_DATE}|\.\d{{1,4}}|_pre_restart{_CLOCK}|-\d{{6}})(?=\.[A-Za-z][A-Za-z0-9]*$)"
)
"""What a rotation (logrotate, Python's handlers, loguru) or a copy puts onto or into a name."""
_MAX_MARKS = 4


@dataclass(frozen=True, slots=True)
class LogName:
    """A file's name, taken apart."""

    stem: str
    """The name before it was packed; for comparing names, never for a screen."""
    packing: str = ""
    """`gz`, `xz`, `zst`…; empty for plain files."""
    day: date | None = None
    """The day it names; of a rotated file the last day it can be about."""
    number: int | None = None
    """`app.log.1`: counts up at each rotation, so that the name moves to another file."""


def parse_log_name(name: str) -> LogName:
    """Take a base name apart; a name that tells nothing comes back as its own stem."""
    packed = _PACKED.search(name)
    stem = name[: packed.start()] if packed else name
    number = _NUMBER.search(stem)
    return LogName(
        stem=stem,
        packing=packed[1].lower() if packed else "",
        day=_day(stem),
        number=int(number[1] or number[2]) if number else None,
    )


def _day(stem: str) -> date | None:
    days: list[date] = []
    for found in _DAY.finditer(stem):
        try:
            days.append(date(int(found[1]), int(found[3]), int(found[4])))
        except ValueError:  # 20261399 is a number, not a day
            continue
    if days:
        return max(days)
    epoch = _EPOCH.search(stem)
    return datetime.fromtimestamp(int(epoch[1]), UTC).date() if epoch else None


def origins(stem: str) -> tuple[str, ...]:
    """Return the names that a rotated file may have had, itself first: `a.log.1` gives `a.log`."""
    names = [stem]
    for _ in range(_MAX_MARKS):
        shorter = _ROTATED.sub("", names[-1], count=1)
        if shorter in ("", names[-1]):
            break
        names.append(shorter)
    return tuple(names)
