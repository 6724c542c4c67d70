"""All systems' log files against their rules, what needs action first: for a screen. Pure.

What is overdue or to be packed is asked of the very plans that the actions make, so that a row says
what an action on it would do.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.logs.keeping.ages import is_live
from core.logs.keeping.facts import LogFileFacts, LogListing, SkippedEntry
from core.logs.keeping.plan import KeepingPlan, LeftOut, LeftOutReason, PlannedFile
from core.logs.keeping.plan_files import plan_compress, plan_delete
from core.logs.keeping.report import ClassTotal, KeepingRow, KeepingState, list_report
from core.logs.keeping.rules import Rules, span_words
from core.model.log_keeping import KeepingNeed, KeptClass, KeptFile, KeptSum, LogKeeping
from core.model.text import EMPTY, SafeText, clean

MOST_FILES = 5_000
"""Rows of a table that somebody may look through; the totals are of all files."""
_IN_USE = frozenset(
    {LeftOutReason.TODAY, LeftOutReason.LIVE, LeftOutReason.OPEN, LeftOutReason.FRESH}
)
_RULELESS = frozenset({LeftOutReason.NO_CLASS, LeftOutReason.NO_RULE})
_NEVER = {
    LeftOutReason.TODAY: "today's file",
    LeftOutReason.LIVE: "live",
    LeftOutReason.AUDIT_TRAP: "another class's pattern takes it",
    LeftOutReason.NO_CLASS: "no class",
    LeftOutReason.NO_RULE: "no rule",
    LeftOutReason.OPEN: "open",
    LeftOutReason.FRESH: "just written to",
    LeftOutReason.LINKED: "hard link",
    LeftOutReason.CONFLICT: "its name contradicts it",
    LeftOutReason.NOT_REGULAR: "no regular file",
}
"""What no action touches, in a few words."""
_ORDER = {need: place for place, need in enumerate(KeepingNeed)}


@dataclass(frozen=True, slots=True)
class SystemFiles:
    """What was found of one system's logs."""

    system: str
    listing: LogListing
    rules: Rules


@dataclass(frozen=True, slots=True)
class _Plans:
    """What the actions would do, and what they leave alone, by path."""

    delete: dict[bytes, PlannedFile]
    pack: dict[bytes, PlannedFile]
    against_delete: dict[bytes, LeftOut]
    against_pack: dict[bytes, LeftOut]
    """Also where it is named."""


def overview(systems: Sequence[SystemFiles], now_s: float) -> LogKeeping:
    """Return files, classes and totals of all systems."""
    files: list[KeptFile] = []
    classes: list[KeptClass] = []
    untouched: dict[str, list[int]] = {}
    for one, listing in zip(systems, _apart(systems), strict=True):
        report, plans = list_report(listing, one.rules, now_s), _plans(one, now_s)
        files += (_file(one.system, row, plans, now_s) for row in report.rows)
        files += (_unread(one.system, entry) for entry in listing.skipped if entry.is_failure)
        classes += (_class(one.system, total) for total in report.classes)
        for word, size_bytes in _left_alone(listing, plans):
            untouched.setdefault(word, []).append(size_bytes)
    files.sort(key=_urgency)
    classes.sort(key=lambda one: (not one.overdue, not one.to_pack, not one.files))
    notes = [f"{one.system}: {one.listing.note}" for one in systems if not one.listing.is_complete]
    known = [one for one in files if one.size_bytes is not None]
    return LogKeeping(
        at_s=now_s,
        files=tuple(files[:MOST_FILES]),
        more_files=len(files[MOST_FILES:]),
        classes=tuple(classes),
        total=_sum(known),
        overdue=_sum(one for one in files if one.need is KeepingNeed.OVERDUE),
        to_pack=_sum(one for one in files if one.need is KeepingNeed.PACK),
        untouched=tuple(
            (clean(word), KeptSum(len(sizes), sum(sizes))) for word, sizes in untouched.items()
        ),
        is_complete=not notes,
        note=clean("; ".join(notes), 300) if notes else EMPTY,
    )


def _apart(systems: Sequence[SystemFiles]) -> Iterator[LogListing]:
    """Yield each system's listing, without what stands in a folder of several and is another's."""
    listings = [one.listing for one in systems]
    claimed = {one.raw_path for found in listings for one in found.files if one.log_class.name}
    seen = set[bytes]()
    for found in listings:
        files = tuple(
            one
            for one in found.files
            if one.log_class.name or (one.raw_path not in claimed and one.raw_path not in seen)
        )
        skipped = tuple(one for one in found.skipped if one.raw_path not in seen)
        seen |= found.paths()
        yield replace(found, files=files, skipped=skipped)


def _plans(one: SystemFiles, now_s: float) -> _Plans:
    every = frozenset(file.raw_path for file in one.listing.files)
    delete = plan_delete(one.listing, one.rules, now_s)
    by_rule = plan_compress(one.listing, one.rules, now_s)
    by_name = plan_compress(one.listing, one.rules, now_s, chosen=every)
    return _Plans(_planned(delete), _planned(by_rule), _left_out(delete), _left_out(by_name))


def _planned(plan: KeepingPlan) -> dict[bytes, PlannedFile]:
    return {one.file.raw_path: one for one in plan.files}


def _left_out(plan: KeepingPlan) -> dict[bytes, LeftOut]:
    return {one.raw_path: one for one in plan.left_out}


def _left_alone(listing: LogListing, plans: _Plans) -> Iterator[tuple[str, int]]:
    """Yield why a file is never touched, with its size."""
    for file in listing.files:
        left = plans.against_delete.get(file.raw_path)
        if left is not None and left.reason in _NEVER:
            yield _NEVER[left.reason], file.size_bytes
    for entry in listing.skipped:
        if not entry.is_failure:
            yield _NEVER[LeftOutReason.NOT_REGULAR], 0


def _file(system: str, row: KeepingRow, plans: _Plans, now_s: float) -> KeptFile:
    file, path = row.file, row.file.raw_path
    left, packed = plans.against_delete.get(path), plans.pack.get(path)
    need = _need(row, left, packed)
    planned = packed if need is KeepingNeed.PACK else plans.delete.get(path)
    against_pack = plans.against_pack.get(path)
    return KeptFile(
        system=clean(system),
        path=file.path,
        name=_as_input(file),
        log=file.log_class.log,
        class_name=row.class_name,
        size_bytes=file.size_bytes,
        age_s=row.age.age_s,
        term_s=row.term_s,
        need=need,
        why=_why(row, need, left, packed),
        freed_bytes=planned.freed_bytes if planned is not None else 0,
        against_delete=left.note if left is not None else EMPTY,
        against_pack=against_pack.note if against_pack is not None else EMPTY,
        is_live=is_live(file, now_s),
    )


def _need(row: KeepingRow, left: LeftOut | None, packed: PlannedFile | None) -> KeepingNeed:
    if left is None:
        return KeepingNeed.OVERDUE
    if row.state is KeepingState.OVERDUE:
        return KeepingNeed.HELD
    if packed is not None:
        return KeepingNeed.PACK
    if left.reason in _IN_USE:
        return KeepingNeed.IN_USE
    if left.reason in _RULELESS:
        return KeepingNeed.NO_RULE
    return KeepingNeed.TRAP if left.reason is LeftOutReason.AUDIT_TRAP else KeepingNeed.KEPT


def _why(
    row: KeepingRow, need: KeepingNeed, left: LeftOut | None, packed: PlannedFile | None
) -> SafeText:
    parts: list[str] = []
    if need is KeepingNeed.OVERDUE:
        parts.append(f"{span_words(row.overdue_s)} past its term")
    elif packed is not None and need is KeepingNeed.PACK:
        parts.append(packed.why or "")
    elif left is not None:
        parts.append(left.note)
    if row.note and need is not KeepingNeed.NO_RULE:
        parts.append(row.note)
    return clean("; ".join(parts), 300) if parts else EMPTY


def _as_input(file: LogFileFacts) -> str:
    """Return a path that means this file where paths are given with commas; empty: none does."""
    path = os.fsdecode(file.raw_path)
    is_plain = path == file.path and path == path.strip() and "," not in path
    return path if is_plain else ""


def _unread(system: str, entry: SkippedEntry) -> KeptFile:
    need = KeepingNeed.UNREAD
    none = EMPTY
    return KeptFile(clean(system), entry.path, "", "", none, None, None, None, need, entry.why)


def _class(system: str, total: ClassTotal) -> KeptClass:
    rule = total.rule
    return KeptClass(
        system=clean(system),
        class_name=total.class_name,
        has_rule=rule is not None,
        keep_s=rule.keep_s if rule is not None else None,
        compress_after_s=rule.compress_after_s if rule is not None else None,
        files=total.files,
        size_bytes=total.size_bytes,
        oldest_s=total.oldest_s,
        overdue=total.overdue_files,
        overdue_bytes=total.overdue_bytes,
        to_pack=total.to_compress_files,
        note=clean("; ".join(total.notes), 300) if total.notes else EMPTY,
    )


def _urgency(one: KeptFile) -> tuple[int, int, str]:
    return _ORDER[one.need], -(one.freed_bytes or one.size_bytes or 0), one.path


def _sum(files: Iterable[KeptFile]) -> KeptSum:
    found = tuple(files)
    size_bytes = sum(one.size_bytes or 0 for one in found)
    return KeptSum(len(found), size_bytes, sum(one.freed_bytes for one in found))
