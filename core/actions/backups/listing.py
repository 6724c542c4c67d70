"""Backups as lists show them: sets, their copies, and whether the newest is young enough. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.backups.pruning import newest_first
from core.actions.backups.schedules import NO_TABLES, Crontabs, ScheduleView, schedule_of
from core.actions.backups.validity import Judged, Validity
from core.model.operation import BackupSpec
from core.model.text import SafeText, clean
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class CopyView:
    """One backup."""

    path: SafeText
    made_at_s: float
    age_s: float
    size_bytes: int
    validity: Validity
    why: SafeText
    members: int | None
    """Files in it; None: not known."""


@dataclass(frozen=True, slots=True)
class BackupSetView:
    """A set and its backups, the newest first."""

    system: str
    name: str
    title: SafeText
    kind: str
    verdict: Verdict
    reason: SafeText
    copies: tuple[CopyView, ...]
    total_bytes: int
    max_age_s: float | None
    note: SafeText
    schedule: ScheduleView | None = None
    """Whether cron makes it; None: nothing is said of cron."""


def view_of(
    system: str,
    spec: BackupSpec,
    copies: Sequence[Judged],
    now_s: float,
    tables: Crontabs = NO_TABLES,
) -> BackupSetView:
    """Return a set as it is shown."""
    ordered = newest_first(copies)
    ages = (now_s - one.copy.made_at_s for one in ordered if not one.copy.is_before_restore)
    verdict, reason = _judge_set(spec, ordered, now_s)
    return BackupSetView(
        system,
        spec.name,
        clean(spec.title or spec.name, 120),
        spec.kind,
        verdict,
        reason,
        tuple(_copy_view(one, now_s) for one in ordered),
        sum(one.copy.size_bytes for one in ordered),
        spec.max_age_s,
        clean(spec.note),
        schedule_of(spec, tables, next(ages, None)),
    )


def _copy_view(one: Judged, now_s: float) -> CopyView:
    copy = one.copy
    return CopyView(
        clean(copy.path),
        copy.made_at_s,
        max(0.0, now_s - copy.made_at_s),
        copy.size_bytes,
        one.validity,
        one.why,
        copy.members,
    )


def _judge_set(
    spec: BackupSpec, ordered: Sequence[Judged], now_s: float
) -> tuple[Verdict, SafeText]:
    if not ordered:
        return Verdict.DEGRADED, SafeText("there is no backup")
    usual = [one for one in ordered if not one.copy.is_before_restore]
    good = next((one for one in usual if one.validity is Validity.GOOD), None)
    if good is None:
        why = f"; the newest: {usual[0].why}" if usual else ""
        return Verdict.UNKNOWN, clean(f"none is proven{why}")
    age_s = now_s - good.copy.made_at_s
    if spec.max_age_s is not None and age_s > spec.max_age_s:
        return Verdict.DEGRADED, SafeText("the newest good one is older than it should be")
    return Verdict.OK, SafeText("the newest good one is young enough")
