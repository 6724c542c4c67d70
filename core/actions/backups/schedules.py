"""Whether cron makes a backup: the line wanted, those that are there, its last run. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.actions.verdicts.cron import CronEntry, cron_row, parse_crontab
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Crontab:
    """One table of cron."""

    path: str
    entries: tuple[CronEntry, ...]


@dataclass(frozen=True, slots=True)
class Crontabs:
    """The tables of a machine, as far as they can be read."""

    tables: tuple[Crontab, ...]
    unread: tuple[SafeText, ...]
    """Paths that we may not read, with the reason."""


NO_TABLES = Crontabs((), ())


@dataclass(frozen=True, slots=True)
class ScheduleView:
    """Whether cron makes a set."""

    wanted: SafeText
    """The whole line, with what looks like a secret masked."""
    verdict: Verdict
    state: SafeText
    """Where it is, or what is there in its place."""
    last_s: float | None
    """Age of the newest backup; None: there is none."""
    is_late: bool
    """It is older than the schedule allows."""


def schedule_of(spec: BackupSpec, tables: Crontabs, newest_s: float | None) -> ScheduleView | None:
    """Return whether cron makes a set; None: nothing is said of cron.

    Args:
        spec: The set.
        tables: What cron does on this machine.
        newest_s: The age of its newest backup; None: there is none.
    """
    text = spec.schedule_line or (f"{spec.schedule} …" if spec.schedule else "")
    found = parse_crontab((text,), has_user=False)
    if not found:
        return None
    [wanted] = found
    row = cron_row(wanted, newest_s)
    verdict, state = _judge(wanted, tables, has_command=bool(spec.schedule_line))
    shown = clean(f"{wanted.schedule} {wanted.command}", 500)
    return ScheduleView(shown, verdict, state, newest_s, row.is_late)


def _judge(wanted: CronEntry, tables: Crontabs, *, has_command: bool) -> tuple[Verdict, SafeText]:
    if not has_command:
        return Verdict.UNKNOWN, SafeText("which line it is is not configured (schedule_line)")
    entries = [(table.path, one) for table in tables.tables for one in table.entries]
    for path, one in entries:
        if one.command == wanted.command and one.schedule == wanted.schedule:
            return Verdict.OK, clean(f"in {path}, line {one.line}")
    for path, one in entries:
        if one.command == wanted.command:
            return Verdict.DEGRADED, clean(f"{path}, line {one.line} runs it at {one.schedule}")
    like = _likest(wanted, entries)
    if tables.unread:
        why = clean(f"not in those that can be read; not read: {'; '.join(tables.unread)}{like}")
        return Verdict.UNKNOWN, why
    return Verdict.DEGRADED, clean(f"in no crontab of this machine{like}")


def _likest(wanted: CronEntry, entries: Sequence[tuple[str, CronEntry]]) -> SafeText:
    """Return words for an entry that has the schedule and the program, and another command."""
    program = wanted.command.split(" ")[0].rpartition("/")[2]
    for path, one in entries:
        is_program = one.command.split(" ")[0].rpartition("/")[2] == program
        if is_program and one.schedule == wanted.schedule:
            return clean(f"; {path}, line {one.line} is like it: {one.command}")
    return EMPTY
