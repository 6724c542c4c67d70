"""Reads what the screen of actions shows beside actions; looks only, and at one page at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from core.actions.audit.folder import AuditFolder
from core.actions.audit.opening import key_of
from core.actions.audit.place import weaknesses
from core.actions.audit.reading import read_newest
from core.actions.audit.record import AuditRecord, Event
from core.actions.audit.verify import Break, verify
from core.actions.audit.weaker import sink_trouble
from core.actions.backups.schedules import ScheduleView
from core.actions.desk import ActionDesk
from core.actions.procedure.inputs import open_inputs
from core.actions.procedure.steps import steps_of
from core.actions.procedure.store import RunStore
from core.errors import ActionError, ConsoleError
from core.model.action import Offer
from core.model.action_pages import (
    ActionPages,
    AuditRow,
    AuditTrail,
    AuditVerdict,
    BackupRow,
    Page,
    ProcedureEntry,
)
from core.model.operation import ProcedureSpec
from core.model.procedure import ProcedureRun
from core.model.state import StateFolders
from core.model.text import EMPTY, SafeText, clean

MOST_RECORDS = 1000
VERIFY_EVERY_S = 60.0
"""How often the whole log is read at most while somebody looks at it."""
BACKUPS_EVERY_S = 30.0
_MOST_RUNS = 200
_TROUBLES = frozenset(
    {Event.DENIED, Event.ABORTED, Event.NEEDS_HUMAN, Event.ROLLED_BACK}
    | {Event.SINK_DOWN, Event.VERIFY_BAD}
)
_FACTS = ("env", "action_id", "plan_hash", "session", "code", "before", "after", "reason")


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest records as they were read: many looks find nothing new."""

    stand: object = None
    """What the log's files were then."""
    rows: tuple[AuditRow, ...] = ()
    is_cut: bool = False
    trouble: SafeText = EMPTY
    """Of the second place of anchors, as the records tell it."""


class PageReader:
    """Reads pages of one desk.

    Args:
        desk: Whose systems and configuration.
        folders: Where the audit log and the runs of procedures are.
        offers: Tells everything that can be done.
        moving: Tells which runs this console moves on now.
    """

    def __init__(
        self,
        desk: ActionDesk,
        folders: StateFolders,
        offers: Callable[[], tuple[Offer, ...]] = tuple,
        moving: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._desk = desk
        self._audit = folders.audit
        self._folders = folders
        self._store = RunStore(folders.procedures)
        self._offers = offers
        self._moving = moving
        self._known: dict[str, tuple[int, ProcedureRun]] = {}
        """Runs as they were read, with the size that their journal had."""
        self._newest = _Newest()
        self._verified_seq = -1
        self._verified_s: float | None = None
        self._backups_s: float | None = None
        self._backups_after = 0

    async def read(self, page: Page, pages: ActionPages, ended: int) -> ActionPages:
        """Return the pages with this one as it is now.

        Args:
            page: Which one somebody looks at.
            pages: As they were read before.
            ended: How many actions have ended: after one backups may be others.
        """
        try:
            match page:
                case Page.AUDIT:
                    trail = await asyncio.to_thread(self._trail, pages.trail)
                    return replace(pages, trail=trail, problem=EMPTY)
                case Page.BACKUPS:
                    if self._is_too_soon(ended):
                        return pages
                    rows = await self._backups()
                    self._backups_s, self._backups_after = self._now_s(), ended
                    return replace(pages, backups=rows, problem=EMPTY)
                case Page.PROCEDURES:
                    entries = await asyncio.to_thread(self._procedures)
                    return replace(pages, procedures=entries, problem=EMPTY)
                case _:
                    return pages
        except ConsoleError as error:
            return replace(pages, problem=clean(str(error)))

    async def verified(self, pages: ActionPages) -> ActionPages:
        """Return the pages with the log verified anew, where that is due."""
        trail = pages.trail
        if trail is None or not trail.rows or not self._is_verifying_due(trail):
            return pages
        self._verified_s = self._now_s()
        self._verified_seq = trail.rows[0].seq
        try:
            verdict = await asyncio.to_thread(self._verdict)
        except ConsoleError as error:
            return replace(pages, trail=replace(trail, problem=clean(str(error))))
        return replace(pages, trail=replace(trail, verdict=verdict, problem=EMPTY))

    def _now_s(self) -> float:
        return self._desk.planner.site.ports.clock.monotonic()

    def _is_verifying_due(self, trail: AuditTrail) -> bool:
        if self._verified_s is None:
            return True
        is_old = self._now_s() - self._verified_s >= VERIFY_EVERY_S
        return is_old and trail.rows[0].seq != self._verified_seq

    def _trail(self, before: AuditTrail | None) -> AuditTrail:
        if not self._audit.exists():
            return AuditTrail((), is_cut=False)
        folder = AuditFolder(self._audit, is_for_reading=True)
        try:
            segments = folder.segments()
            newest = folder.look(segments[-1].name) if segments else None
            stand = (segments, newest and (newest.st_ino, newest.st_size, newest.st_mtime_ns))
            if stand != self._newest.stand:
                records, is_cut = read_newest(folder, MOST_RECORDS)
                rows = tuple(map(audit_row, records))
                self._newest = _Newest(stand, rows, is_cut, sink_trouble(records))
        finally:
            folder.close()
        read = self._newest
        trouble = clean(self._desk.sink_trouble()) or read.trouble
        weaker = (*weaknesses(self._audit), *((trouble,) if trouble else ()))
        known = before or AuditTrail((), is_cut=False)
        return AuditTrail(read.rows, read.is_cut, known.verdict, known.problem, weaker)

    def _verdict(self) -> AuditVerdict:
        result = verify(self._audit, key=key_of(self._folders))
        return AuditVerdict(
            result.records,
            result.unanchored,
            tuple(map(_break_text, result.breaks)),
            all(one.is_overridden for one in result.breaks),
            self._desk.planner.site.ports.clock.now(),
        )

    def _is_too_soon(self, ended: int) -> bool:
        is_young = self._backups_s is not None and self._now_s() - self._backups_s < BACKUPS_EVERY_S
        return is_young and ended == self._backups_after

    async def _backups(self) -> tuple[BackupRow, ...]:
        # Only who looks at backups pays for the family that makes them.
        from core.actions.families.backups import backup_views  # noqa: PLC0415

        views = await backup_views(self._desk.planner.site)
        rows: list[BackupRow] = []
        now = self._desk.planner.site.ports.clock.now()
        for one in views:
            empty = BackupRow(
                one.system, one.name, one.title, one.kind, one.verdict, one.reason,
                max_age_s=one.max_age_s, note=one.note,
            )  # fmt: skip
            empty = _with_cron(empty, one.schedule, now)
            rows += [
                replace(
                    empty,
                    path=copy.path,
                    made_at=datetime.fromtimestamp(copy.made_at_s, UTC),
                    size_bytes=copy.size_bytes,
                    validity=copy.validity.value,
                    why=copy.why,
                    members=copy.members,
                    is_newest=index == 0,
                )
                for index, copy in enumerate(one.copies)
            ] or [empty]
        return tuple(rows)

    def _procedures(self) -> tuple[ProcedureEntry, ...]:
        last: dict[tuple[str, str], ProcedureRun] = {}
        for run_id in self._store.ids()[:_MOST_RUNS]:
            run = self._run(run_id)
            if run is None:
                continue
            newer = last.setdefault((run.system, run.procedure), run)
            # One that waits for somebody is not hidden by a newer one that is over.
            if newer.is_over and not run.is_over:
                last[run.system, run.procedure] = run
        operations = self._desk.planner.site.operations
        return tuple(
            self._entry(system, spec, last.get((system, spec.name)))
            for system, own in operations.items()
            for spec in own.procedures
        )

    def _run(self, run_id: str) -> ProcedureRun | None:
        """Return a run; None: it cannot be read. A journal only grows."""
        try:
            size = self._store.size_bytes(run_id)
            known = self._known.get(run_id)
            if known is None or known[0] != size:
                self._known[run_id] = known = (size, self._store.read(run_id))
        except ActionError:
            return None
        return known[1]

    def _entry(self, system: str, spec: ProcedureSpec, last: ProcedureRun | None) -> ProcedureEntry:
        own = self._desk.planner.site.operations_of(system)
        is_open = last is not None and not last.is_over
        holder = self._store.holder(last.id) if last is not None and is_open else None
        is_here = last is not None and last.id in self._moving()
        entry = ProcedureEntry(system, spec, (), last, holder or EMPTY, is_here)
        try:
            steps = steps_of(own, spec.name)
        except ActionError as error:
            return replace(entry, problem=clean(str(error)))
        return replace(entry, steps=steps, inputs=open_inputs(system, steps, self._offers()))


def _with_cron(row: BackupRow, view: ScheduleView | None, now: datetime) -> BackupRow:
    """Return a row that says what cron does for its set."""
    if view is None:
        return row
    last = None if view.last_s is None else now - timedelta(seconds=view.last_s)
    return replace(
        row, cron=view.wanted, cron_state=view.state, cron_last=last, is_cron_late=view.is_late
    )


def audit_row(record: AuditRecord) -> AuditRow:
    """Return a record as it is shown. Pure."""
    step = f"step {record.step + 1}" if record.step is not None else ""
    took = f"{record.dur_ms / 1000:.1f} s" if record.dur_ms is not None else ""
    said = filter(None, (step, record.result, record.reason, took))
    facts = [(name, clean(str(getattr(record, name)), 400)) for name in _FACTS]
    return AuditRow(
        record.seq,
        _moment(record.at),
        clean(record.ev, 40),
        _who(record),
        clean(" ".join(filter(None, (record.verb, record.target))) or record.action_id, 160),
        clean("; ".join(said), 800),
        clean(record.action_id, 40),
        clean(record.env, 40),
        tuple((name, text) for name, text in facts if text),
        is_trouble=record.ev in _TROUBLES,
    )


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _who(record: AuditRecord) -> SafeText:
    actor = record.actor
    name = actor.user or f"uid {actor.uid}"
    is_other = actor.loginuid is not None and actor.loginuid != actor.uid
    login = f" (login uid {actor.loginuid})" if is_other else ""
    return clean(f"{name}{login}{' shared' if actor.is_shared else ''}", 80)


def _break_text(one: Break) -> SafeText:
    line = f" line {one.line}" if one.line else ""
    answered = " (answered for by name)" if one.is_overridden else ""
    return clean(f"at record {one.seq}, {one.file}{line}: {one.why}{answered}", 300)
