"""What the console shows of actions: one frozen picture, made in the thread that reads them."""

from dataclasses import dataclass, field

from core.model.action import Offer, Plan
from core.model.action_pages import ActionPages
from core.model.action_state import ActionState
from core.model.procedure import ProcedureRun
from core.model.secret import Secret
from core.model.text import EMPTY, SafeText


@dataclass(frozen=True, slots=True)
class Difference:
    """A check whose verdict or reason is another after the action than before."""

    check: SafeText
    before: SafeText
    after: SafeText


@dataclass(frozen=True, slots=True)
class LookedAt:
    """The action that somebody looks at, with what only its folder has."""

    action_id: str
    output: tuple[SafeText, ...]
    """The newest lines of what it says."""
    differences: tuple[Difference, ...] = ()
    is_compared: bool = False
    """Whether both halves of the capsule are there; only then no difference means none."""
    found: SafeText = EMPTY
    """Of an unfinished one: what was found."""
    will: SafeText = EMPTY
    """And what finishing it would do."""


@dataclass(frozen=True, slots=True)
class OddFolder:
    """A folder among the actions that this version cannot read."""

    name: SafeText
    problem: SafeText


@dataclass(frozen=True, slots=True)
class AuditState:
    """How the audit log does."""

    problem: SafeText = EMPTY
    """Why no record can be written; empty: it takes them."""
    tail: SafeText = EMPTY
    """The last eight digits of the last record's hash, for recordings and witnesses."""


@dataclass(frozen=True, slots=True)
class WaitingKey:
    """A new key that an action left for the screen: one person sees it, once."""

    action_id: str
    target: str
    """The store, as actions know it."""
    title: SafeText
    """What the action was."""
    made_s: float
    """When it ended, seconds since 1970."""
    chars: int
    """How long it is: whether it fits is known before it is taken."""


@dataclass(frozen=True, slots=True)
class ActionsPicture:
    """Everything about actions at one moment."""

    is_read: bool = False
    """Whether the folders have been read at all."""
    states: tuple[ActionState, ...] = ()
    """Those that were begun, the newest first."""
    odd: tuple[OddFolder, ...] = ()
    offers: tuple[Offer, ...] | None = None
    """Everything that can be done; None: not known yet, it is looked up once somebody asks."""
    looked_at: LookedAt | None = None
    waiting: tuple[WaitingKey, ...] = ()
    """New keys that nobody has been shown, the newest first."""
    audit: AuditState = AuditState()
    pages: ActionPages = field(default_factory=ActionPages)
    problem: SafeText = EMPTY
    """Why actions cannot be read or done at all."""

    @property
    def running(self) -> tuple[ActionState, ...]:
        """Actions whose executor lives."""
        return tuple(one for one in self.states if one.is_alive)

    @property
    def blocking(self) -> tuple[ActionState, ...]:
        """Actions that somebody has to deal with."""
        return tuple(one for one in self.states if one.is_blocking)


@dataclass(frozen=True, slots=True)
class PlanAnswer:
    """What planning came to: a plan, or why there is none."""

    plan: Plan | None
    code: str = ""
    """The four letters that stand for this plan."""
    phrase: str = ""
    """What has to be typed where typing is asked for."""
    waits_for: SafeText = EMPTY
    """What somebody else has to do before it may start; empty: nothing."""
    problem: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class RevealAnswer:
    """A new key that was taken to be shown, or why there is none."""

    secret: Secret | None
    problem: SafeText = EMPTY


ENTERED = {"secret.set": "value"}
"""Actions, and the input of theirs that is entered without being shown."""


@dataclass(frozen=True, slots=True)
class RunAnswer:
    """Where a run of a procedure stands once nobody moves it on, or why it was not moved."""

    run_id: str = ""
    run: ProcedureRun | None = None
    plan: PlanAnswer | None = None
    """What somebody has to say yes to before it goes on; None: nothing."""
    problem: SafeText = EMPTY


EDITED = frozenset({"env.edit", "config.edit"})
"""Actions whose input `text` is written in the console's editor."""


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One commit that a repository may go to."""

    commit: str
    made_s: float
    """Committed at, seconds since 1970."""
    subject: SafeText
    tags: tuple[SafeText, ...] = ()
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class ReleasesAnswer:
    """What a repository may go to, newest first, or why nobody knows."""

    target: str
    """`system/repo`."""
    releases: tuple[ReleaseRow, ...] = ()
    problem: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """A file's text for the editor, or why there is none."""

    path: str = ""
    text: str = ""
    """With masks in the place of secrets."""
    hidden: int = 0
    """Lines that hold a mask."""
    problem: SafeText = EMPTY
