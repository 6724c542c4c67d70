"""How old a log file is: by the day in its name if it has one, else by its last change."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from core.logs.keeping.facts import LogFileFacts
from core.logs.keeping.rules import DAY_S, span_words
from core.model.text import EMPTY, SafeText, clean

_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_WEST_S = 12 * 3600
"""In the westernmost zone (UTC-12) a day ends this much after it ended in UTC."""
_SLACK_S = DAY_S
"""Name and change may differ so much through zones and late rotations alone."""


class AgeBasis(StrEnum):
    """Where an age comes from."""

    NAME = "name"
    MODIFIED = "modified"


@dataclass(frozen=True, slots=True)
class FileAge:
    """The age of a file's youngest record."""

    youngest_s: float
    """When its youngest record is from, at the latest; seconds since 1970."""
    age_s: float
    """Negative where that is in the future."""
    basis: AgeBasis
    conflict: SafeText = EMPTY
    """How the name and the last change contradict each other."""

    @property
    def days(self) -> int:
        """Whole days, as `find -mtime` counts them: 30.9 days are 30."""
        return int(self.age_s // DAY_S)


def judge_age(file: LogFileFacts, now_s: float) -> FileAge:
    """Return the age. A day in the name counts to its end: records came in until then."""
    if file.name.day is None:
        return FileAge(file.modified_s, now_s - file.modified_s, AgeBasis.MODIFIED)
    begin_s = (file.name.day.toordinal() - _EPOCH_ORDINAL) * DAY_S
    end_s = begin_s + DAY_S
    conflict = ""
    if file.modified_s > end_s + _SLACK_S:
        later = span_words(file.modified_s - end_s)
        conflict = f"written to {later} after the day in its name"
    elif file.modified_s < begin_s - _SLACK_S:
        conflict = f"last written to {span_words(begin_s - file.modified_s)} before that day"
    return FileAge(end_s, now_s - end_s, AgeBasis.NAME, clean(conflict) if conflict else EMPTY)


def is_written_after_its_day(file: LogFileFacts) -> bool:
    """Say whether records younger than the day in the name may be inside."""
    if file.name.day is None:
        return False
    end_s = (file.name.day.toordinal() - _EPOCH_ORDINAL + 1) * DAY_S
    return file.modified_s > end_s + _SLACK_S


def is_todays(file: LogFileFacts, now_s: float) -> bool:
    """Say whether the day in the name may still go on where the writer lives, or is to come."""
    if file.name.day is None:
        return False
    return file.name.day.toordinal() - _EPOCH_ORDINAL >= (now_s - _WEST_S) // DAY_S


def is_live(file: LogFileFacts, now_s: float) -> bool:
    """Say whether the application may write to this very path next."""
    if not file.log_class.is_live_path:
        return False
    return file.name.day is None or is_todays(file, now_s)
