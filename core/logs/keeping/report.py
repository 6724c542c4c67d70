"""The list of log files against the rules, and the retention report. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.logs.keeping.ages import FileAge, is_live, is_todays, judge_age
from core.logs.keeping.facts import LogFileFacts, LogListing, SkippedEntry
from core.logs.keeping.rules import RetentionRule, Rules, span_words
from core.model.text import EMPTY, SafeText, clean


class KeepingState(StrEnum):
    """What the rule says of a file at this moment."""

    LIVE = "live"
    TODAY = "today"
    KEPT = "kept"
    TO_COMPRESS = "to compress"
    OVERDUE = "overdue"
    NO_RULE = "no rule"


@dataclass(frozen=True, slots=True)
class KeepingRow:
    """One file and its rule."""

    file: LogFileFacts
    class_name: SafeText
    """`unknown` where nothing claims the file."""
    age: FileAge
    state: KeepingState
    term_s: float | None
    """How long it may stay; None: no rule."""
    due_s: float | None
    """When it may go, seconds since 1970."""
    note: SafeText = EMPTY

    @property
    def overdue_s(self) -> float:
        """How long past its term; 0 where it is not overdue."""
        is_overdue = self.state is KeepingState.OVERDUE and self.term_s is not None
        return self.age.age_s - self.term_s if is_overdue and self.term_s is not None else 0.0


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """One class: what the rule asks, and what there is."""

    class_name: SafeText
    rule: RetentionRule | None
    files: int
    size_bytes: int
    disk_bytes: int
    compressed_files: int
    compressed_bytes: int
    oldest_s: float | None
    """Age of the oldest file; None: no file."""
    newest_s: float | None
    overdue_files: int
    overdue_bytes: int
    to_compress_files: int
    to_compress_bytes: int
    notes: tuple[SafeText, ...]

    @property
    def is_kept(self) -> bool:
        """Nothing of the class is past its term."""
        return self.rule is not None and not self.overdue_files


@dataclass(frozen=True, slots=True)
class KeepingReport:
    """All files, and the classes; classes with a rule and no file are there too."""

    at_s: float
    rows: tuple[KeepingRow, ...]
    classes: tuple[ClassTotal, ...]
    skipped: tuple[SkippedEntry, ...]
    is_complete: bool
    note: SafeText

    @property
    def size_bytes(self) -> int:
        """Length of all files together."""
        return sum(row.file.size_bytes for row in self.rows)


def list_report(listing: LogListing, rules: Rules, now_s: float) -> KeepingReport:
    """Return every file with class, age, rule and due date, and the totals by class."""
    rows = tuple(keeping_row(file, rules, now_s) for file in listing.files)
    names = dict.fromkeys((*rules, *(row.file.log_class.name for row in rows)))
    return KeepingReport(
        at_s=now_s,
        rows=rows,
        classes=tuple(
            _total(name, rules.get(name), [row for row in rows if row.file.log_class.name == name])
            for name in names
        ),
        skipped=listing.skipped,
        is_complete=listing.is_complete,
        note=listing.note,
    )


def keeping_row(file: LogFileFacts, rules: Rules, now_s: float) -> KeepingRow:
    """Judge one file."""
    rule = rules.get(file.log_class.name)
    age = judge_age(file, now_s)
    term_s = rule.term_s(is_compressed=file.is_compressed) if rule else None
    return KeepingRow(
        file=file,
        class_name=_class_word(file.log_class.name),
        age=age,
        state=_state(file, rule, age, now_s),
        term_s=term_s,
        due_s=None if term_s is None else age.youngest_s + term_s,
        note=_note(file, rule, age),
    )


def _class_word(name: str) -> SafeText:
    return clean(name) if name else SafeText("unknown")


def _state(
    file: LogFileFacts, rule: RetentionRule | None, age: FileAge, now_s: float
) -> KeepingState:
    if is_todays(file, now_s):
        return KeepingState.TODAY
    if is_live(file, now_s):
        return KeepingState.LIVE
    if rule is None:
        return KeepingState.NO_RULE
    if age.age_s > rule.term_s(is_compressed=file.is_compressed):
        return KeepingState.OVERDUE
    is_packable = rule.compress_after_s is not None and not file.is_compressed
    if is_packable and age.age_s > (rule.compress_after_s or 0.0):
        return KeepingState.TO_COMPRESS
    return KeepingState.KEPT


def _note(file: LogFileFacts, rule: RetentionRule | None, age: FileAge) -> SafeText:
    parts: list[str] = []
    if not file.log_class.name:
        parts.append("no configured log claims it")
    elif rule is None:
        parts.append("its class has no rule")
    if file.log_class.others:
        parts.append(f"a pattern of {', '.join(file.log_class.others)} takes it along too")
    if age.conflict:
        parts.append(age.conflict)
    return clean("; ".join(parts)) if parts else EMPTY


def _total(name: str, rule: RetentionRule | None, rows: list[KeepingRow]) -> ClassTotal:
    packed = [row for row in rows if row.file.is_compressed]
    overdue = [row for row in rows if row.state is KeepingState.OVERDUE]
    waiting = [row for row in rows if row.state is KeepingState.TO_COMPRESS]
    ages = [row.age.age_s for row in rows]
    return ClassTotal(
        class_name=_class_word(name),
        rule=rule,
        files=len(rows),
        size_bytes=_size_bytes(rows),
        disk_bytes=sum(row.file.disk_bytes for row in rows),
        compressed_files=len(packed),
        compressed_bytes=_size_bytes(packed),
        oldest_s=max(ages, default=None),
        newest_s=min(ages, default=None),
        overdue_files=len(overdue),
        overdue_bytes=_size_bytes(overdue),
        to_compress_files=len(waiting),
        to_compress_bytes=_size_bytes(waiting),
        notes=tuple(_findings(rule, rows, overdue)),
    )


def _size_bytes(rows: Iterable[KeepingRow]) -> int:
    return sum(row.file.size_bytes for row in rows)


def _findings(
    rule: RetentionRule | None, rows: list[KeepingRow], overdue: list[KeepingRow]
) -> Iterable[SafeText]:
    if not rows:
        yield SafeText("no file of this class was found")
        return
    if rule is None:
        yield SafeText("no rule: nothing of it is ever deleted")
        return
    if packed := sum(row.file.is_compressed for row in overdue):
        yield clean(f"{packed} compressed files are past their term")
    reach_s = max(row.age.age_s for row in rows)
    if reach_s < rule.keep_s:
        # Not a violation by itself: the log may be young, or something deletes it too early.
        reach = span_words(max(reach_s, 0.0))
        yield clean(f"reaches back {reach} of {span_words(rule.keep_s)}")
