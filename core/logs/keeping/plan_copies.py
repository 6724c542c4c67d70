"""Plans that copy and remove nothing: an archive of a folder, a snapshot before a restart. Pure."""

import os
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from core.logs.keeping.ages import is_live
from core.logs.keeping.facts import LogFileFacts, LogListing
from core.logs.keeping.guards import QUIET_S, guard_use, leave_out, not_regular, warnings_of
from core.logs.keeping.plan import (
    KeepingAction,
    KeepingPlan,
    LeftOut,
    LeftOutReason,
    PlannedFile,
)
from core.model.text import SafeText, clean


def plan_archive(
    listing: LogListing, target: str, now_s: float, *, quiet_s: float = QUIET_S
) -> KeepingPlan:
    """Plan to put every finished file into one new archive; whatever is written to stays out.

    `target` is an absolute path with strftime codes, filled in UTC. Where something stands there
    already, the plan is empty and says so: an archive is never written over or added to.
    """
    raw_target = _fill(target, now_s)
    files: list[PlannedFile] = []
    left_out: list[LeftOut] = []
    warnings = list(warnings_of(listing))
    is_taken = raw_target in listing.paths()
    if is_taken:
        warnings.append(clean(f"{LeftOutReason.TARGET_EXISTS.value}: {os.fsdecode(raw_target)}"))
    for file in listing.files:
        if file.raw_path == raw_target:
            left_out.append(leave_out(file, LeftOutReason.TARGET_ITSELF))
        elif is_taken:
            left_out.append(leave_out(file, LeftOutReason.TARGET_EXISTS))
        elif reason := guard_use(file, now_s, quiet_s):
            left_out.append(reason)
        else:
            files.append(_copy(file, raw_target))
    return KeepingPlan(
        KeepingAction.ARCHIVE,
        now_s,
        tuple(files),
        (*left_out, *not_regular(listing)),
        needed_bytes=sum(planned.read_bytes for planned in files),
        warnings=tuple(warnings),
    )


def plan_snapshot(listing: LogListing, log: str, target: str, now_s: float) -> KeepingPlan:
    """Plan to copy the files that `log` is written to now, before a restart.

    Only reads today's file. `target` is as for an archive; where a copy of that name is there (a
    second restart on one day), the time of day goes into the name, before its extension.
    """
    live = [file for file in listing.files if file.log_class.log == log and is_live(file, now_s)]
    newest = max((file.modified_s for file in live if file.name.day), default=None)
    taken = set(listing.paths())
    files: list[PlannedFile] = []
    left_out: list[LeftOut] = []
    for file in live:
        if file.name.day and newest is not None and file.modified_s < newest:
            left_out.append(leave_out(file, LeftOutReason.NOT_CHOSEN, "a newer day is there"))
            continue
        free = [name for name in _names(target, now_s) if name not in taken]
        if not free:
            left_out.append(leave_out(file, LeftOutReason.TARGET_EXISTS))
            continue
        taken.add(free[0])
        files.append(_copy(file, free[0]))
    return KeepingPlan(
        KeepingAction.SNAPSHOT,
        now_s,
        tuple(replace(planned, why=SafeText("may grow while it is copied")) for planned in files),
        tuple(left_out),
        needed_bytes=sum(planned.read_bytes for planned in files),
        warnings=(*warnings_of(listing), *_unwritten(live, log)),
    )


def _unwritten(live: Sequence[LogFileFacts], log: str) -> tuple[SafeText, ...]:
    return () if live else (clean(f"nothing to copy: {log} has no file that is written to now"),)


def _copy(file: LogFileFacts, raw_target: bytes) -> PlannedFile:
    return PlannedFile(file, file.size_bytes, 0, raw_target, clean(raw_target))


def _names(target: str, now_s: float) -> tuple[bytes, bytes]:
    stem, dot, extension = target.rpartition(".")
    timed = f"{stem}_%H%M%S{dot}{extension}" if dot and "/" not in extension else f"{target}_%H%M%S"
    return _fill(target, now_s), _fill(timed, now_s)


def _fill(template: str, now_s: float) -> bytes:
    return os.fsencode(datetime.fromtimestamp(now_s, UTC).strftime(template))
