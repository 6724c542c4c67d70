"""What the screen of actions shows beside actions: the audit trail, backups, procedures. Values."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.action import Input
from core.model.operation import ProcedureSpec
from core.model.procedure import ProcedureRun, RunStep
from core.model.text import EMPTY, SafeText
from core.model.verdict import Verdict


class Page(StrEnum):
    """What the screen of actions shows, in the order in which it turns."""

    ACTIONS = "actions"
    POSSIBLE = "possible"
    AUDIT = "audit"
    BACKUPS = "backups"
    PROCEDURES = "procedures"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One record of the audit log."""

    seq: int
    at: datetime | None
    """None: what stands there is no moment."""
    event: SafeText
    who: SafeText
    """The user, and the login behind it where that is another."""
    what: SafeText
    """Verb and target, or the action's id."""
    result: SafeText
    action_id: SafeText = EMPTY
    env: SafeText = EMPTY
    facts: tuple[tuple[str, SafeText], ...] = ()
    """The rest of it, for whoever looks at one record."""
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class AuditVerdict:
    """What reading the whole log came to."""

    records: int
    unanchored: int
    """Records behind the last anchor: the loss of these alone would not be seen."""
    breaks: tuple[SafeText, ...]
    """Where it is not what was written, the first one first; none: it is whole."""
    is_answered: bool
    """Somebody has answered for every break by name."""
    at: datetime


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The newest records, and whether the log is whole."""

    rows: tuple[AuditRow, ...]
    """The newest first."""
    is_cut: bool
    """There are older ones."""
    verdict: AuditVerdict | None = None
    """None: it is being read."""
    problem: SafeText = EMPTY
    """Why it could not be verified."""
    weaker: tuple[SafeText, ...] = ()
    """Why it proves less than it could; empty: it does not."""


@dataclass(frozen=True, slots=True)
class BackupRow:
    """One backup of a set; a set without any has one row without a path."""

    system: str
    name: str
    """Of the set."""
    title: SafeText
    kind: str
    verdict: Verdict
    """Of the set."""
    reason: SafeText
    path: SafeText = EMPTY
    made_at: datetime | None = None
    size_bytes: int | None = None
    validity: str = ""
    """`good`, `unverified`, `bad`."""
    why: SafeText = EMPTY
    members: int | None = None
    is_newest: bool = True
    max_age_s: float | None = None
    note: SafeText = EMPTY
    cron: SafeText = EMPTY
    """The line of cron that makes it; empty: nothing is said of cron."""
    cron_state: SafeText = EMPTY
    """Where that line is, or what is there in its place."""
    cron_last: datetime | None = None
    """When the newest backup was made; None: there is none."""
    is_cron_late: bool = False
    """That is longer ago than the schedule allows."""


@dataclass(frozen=True, slots=True)
class ProcedureEntry:
    """A procedure and the last time it was carried out."""

    system: str
    spec: ProcedureSpec
    steps: tuple[RunStep, ...]
    last: ProcedureRun | None = None
    holder: SafeText = EMPTY
    """Who moves the run on now; empty: nobody."""
    is_moved_here: bool = False
    """Whether it is this console that does."""
    inputs: tuple[Input, ...] = ()
    """What it asks for before it begins, each named `STEP.NAME`."""
    problem: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class ActionPages:
    """What was read of each; None: not yet."""

    trail: AuditTrail | None = None
    backups: tuple[BackupRow, ...] | None = None
    procedures: tuple[ProcedureEntry, ...] | None = None
    problem: SafeText = EMPTY
    """Why the page that is looked at cannot be read."""
