"""Holds a runbook's `find … -mtime +N -delete` against the rules: what it hits, what it misses."""

from dataclasses import dataclass
from fnmatch import fnmatchcase

from core.logs.keeping.ages import is_live, is_todays
from core.logs.keeping.facts import LogListing
from core.logs.keeping.report import KeepingRow, KeepingState, keeping_row
from core.logs.keeping.rules import DAY_S, Rules
from core.model.text import SafeText, clean


@dataclass(frozen=True, slots=True)
class FindSweep:
    """A cleanup as the runbook has it."""

    pattern: str
    """Of `-name`: a glob on the base name."""
    older_than_days: int
    """Of `-mtime +N`: more than so many whole days since the last change."""


@dataclass(frozen=True, slots=True)
class SweptFile:
    """A file on which runbook and rule disagree."""

    row: KeepingRow
    why: SafeText


@dataclass(frozen=True, slots=True)
class SweepReport:
    """What the runbook's command would do, file by file."""

    takes: tuple[KeepingRow, ...]
    wrongly: tuple[SweptFile, ...]
    """Of what it takes: files that their rule keeps."""
    misses: tuple[SweptFile, ...]
    """Files past their term that it never reaches."""


def judge_sweep(sweep: FindSweep, listing: LogListing, rules: Rules, now_s: float) -> SweepReport:
    """Return what the command would delete now, and where the rules say otherwise."""
    takes: list[KeepingRow] = []
    wrongly: list[SweptFile] = []
    misses: list[SweptFile] = []
    for file in listing.files:
        row = keeping_row(file, rules, now_s)
        is_named = fnmatchcase(_base(file.path), sweep.pattern)
        is_old = (now_s - file.modified_s) // DAY_S > sweep.older_than_days
        is_overdue = row.state is KeepingState.OVERDUE
        if is_named and is_old:
            takes.append(row)
            if not is_overdue:
                wrongly.append(SweptFile(row, _why_kept(row, now_s)))
        elif is_overdue:
            days = int((now_s - file.modified_s) // DAY_S)
            by_change = f"by its last change it is {days} whole days old"
            missed = by_change if is_named else f"its name does not fit {sweep.pattern}"
            misses.append(SweptFile(row, clean(missed)))
    return SweepReport(tuple(takes), tuple(wrongly), tuple(misses))


def _base(path: SafeText) -> str:
    return path.rpartition("/")[2]


def _why_kept(row: KeepingRow, now_s: float) -> SafeText:
    if is_todays(row.file, now_s) or is_live(row.file, now_s):
        return SafeText("the application may write to it")
    if row.term_s is None:
        return SafeText("no rule asks for it")
    return clean(f"{row.class_name} is kept {row.term_s / DAY_S:g} d, it is {row.age.days} d old")
