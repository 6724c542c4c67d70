"""What a wish about logs means: the files of a system, listed and judged by its rules."""

import asyncio
import os
from dataclasses import dataclass, replace

from core.actions.action import Site
from core.errors import ActionError
from core.logs.keeping.claims import claims_of, logs_of, rules_of
from core.logs.keeping.facts import LogFileFacts, LogListing
from core.logs.keeping.listing import folders_of, read_log_files
from core.logs.keeping.plan import KeepingPlan, LeftOut, LeftOutReason, PlannedFile
from core.logs.keeping.rules import Rules
from core.model.text import SafeText, clean
from core.model.topology import SystemSpec

ALL = "all"
MOST_FILES = 500
"""More in one plan is nothing that a person can look through."""
_SHOWN = 60


@dataclass(frozen=True, slots=True)
class LogGround:
    """A system's logs now, and which of them a request means."""

    system: SystemSpec
    rules: Rules
    listing: LogListing
    wanted: str
    """A class, a whole name of a log, or `all`."""
    is_class: bool
    now_s: float

    def means(self, file: LogFileFacts) -> bool:
        """Say whether the request is about this file."""
        if self.wanted == ALL:
            return True
        found = file.log_class.name if self.is_class else file.log_class.log
        return found == self.wanted


async def read_ground(site: Site, target: str) -> LogGround:
    """List the logs of a system; `system/name` names a class of retention or a log.

    Raises:
        ActionError: there is no such system, class or log.
        ClientError: what processes have open cannot be looked at.
    """
    name, _, wanted = target.partition("/")
    system = site.system(name)
    rules, claims = rules_of(system), claims_of(system)
    word, is_class = _meant(system, rules, wanted or ALL)
    now_s = site.ports.clock.now().timestamp()
    is_over = False

    def read(open_files: frozenset[tuple[int, int]] | None) -> LogListing:
        folders = folders_of(claims)
        return read_log_files(
            folders, claims, rules, cancelled=lambda: is_over, open_files=open_files
        )

    try:
        listing = await asyncio.to_thread(read, await site.ports.files.written_files())
    finally:
        is_over = True
    return LogGround(system, rules, listing, word, is_class, now_s)


def _meant(system: SystemSpec, rules: Rules, wanted: str) -> tuple[str, bool]:
    if wanted == ALL or wanted in rules:
        return wanted, True
    names = [name for name, _ in logs_of(system)]
    found = [name for name in names if name.endswith(f"/{wanted}") or f"/{wanted}/" in name]
    if len(found) == 1:
        return found[0], False
    what = "means several logs" if found else "is no class and no log"
    known = ", ".join((ALL, *rules, *(name.partition("/")[2] for name in found or names)))
    raise ActionError(f"{clean(wanted)!r} {what} of {system.name}; there are: {known}")


def narrowed(plan: KeepingPlan, ground: LogGround) -> KeepingPlan:
    """Return the plan for the meant files only, the oldest first, and no more than fit one plan."""
    meant = [one for one in plan.files if ground.means(one.file)]
    meant.sort(key=lambda one: (one.file.modified_s, one.file.raw_path))
    kept = tuple(meant[:MOST_FILES])
    notes = plan.warnings
    if len(meant) > MOST_FILES:
        more = len(meant) - MOST_FILES
        notes = (*notes, clean(f"the oldest {MOST_FILES} now; plan again for {more} more"))
    by_path = {file.raw_path: file for file in ground.listing.files}
    left_out = tuple(
        one
        for one in plan.left_out
        if one.raw_path not in by_path or ground.means(by_path[one.raw_path])
    )
    return replace(plan, files=kept, left_out=left_out, warnings=notes)


def path_of(file: LogFileFacts) -> str:
    """Return a file's path as parts and ports take it."""
    return os.fsdecode(file.raw_path)


def chosen_of(text: str) -> frozenset[bytes] | None:
    """Return the paths that an input names, with commas; None: none."""
    names = tuple(filter(None, (name.strip() for name in text.split(","))))
    for name in names:
        if not name.startswith("/"):
            raise ActionError(f"a log is named from / on, not {clean(name)!r}")
    return frozenset(map(os.fsencode, names)) if names else None


def preview_of(plan: KeepingPlan) -> tuple[SafeText, ...]:
    """Return the files that are touched, then those that are not and why."""
    touched = [_touched(one) for one in plan.files]
    reasons = [
        clean(f"not: {one.path}: {one.note}")
        for one in sorted(plan.left_out, key=lambda one: (_rank(one), one.path))
    ]
    return (*_cut(touched, "files"), *_cut(reasons, "not touched"))


def _touched(one: PlannedFile) -> SafeText:
    to = f" -> {one.target}" if one.target else ""
    why = f" ({one.why})" if one.why else ""
    return clean(f"{one.file.size_bytes:>13} B  {one.file.path}{to}{why}")


def _rank(one: LeftOut) -> int:
    """Return the place of a reason: what a runbook would have done wrongly comes first."""
    telling = (LeftOutReason.AUDIT_TRAP, LeftOutReason.CONFLICT, LeftOutReason.OPEN)
    return telling.index(one.reason) if one.reason in telling else len(telling)


def _cut(lines: list[SafeText], what: str) -> tuple[SafeText, ...]:
    if len(lines) <= _SHOWN:
        return tuple(lines)
    return (*lines[:_SHOWN], clean(f"and {len(lines) - _SHOWN} more {what}"))
