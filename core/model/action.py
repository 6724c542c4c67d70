"""Actions: what is asked for, what would be done, and what came of it. Values only."""

from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum

from core.model.text import EMPTY, SafeText


class Danger(StrEnum):
    """What an action may do, as the runbooks' operations are marked."""

    READ = "R"
    COPY = "L"
    """Leaves a copy."""
    CHANGE = "M"
    """Changes state, easily undone."""
    INTERRUPT = "H"
    """Interrupts a service."""
    DESTROY = "D"
    """Destroys or exposes something."""


class Rung(IntEnum):
    """How a person says yes; decided by effect and environment, never by the key."""

    NONE = 0
    ENTER = 1
    """Enter, on a dialog that starts on Cancel."""
    LIST = 2
    """The same, below the list of everything that is meant, with counts."""
    PHRASE = 3
    """`<verb> <target> <CODE>` is typed."""


class Grade(StrEnum):
    """How a preflight check came out."""

    PASS = "pass"  # noqa: S105
    WARN = "warn"
    STOP = "stop"


class Phase(StrEnum):
    """Where an action stands. Those of `ENDED` are for good."""

    PLANNED = "planned"
    CONFIRMED = "confirmed"
    LOCKED = "locked"
    REVALIDATED = "revalidated"
    BACKED_UP = "backed_up"
    RUNNING = "running"
    VERIFYING = "verifying"
    ROLLING_BACK = "rolling_back"
    COMMITTED = "committed"
    ROLLED_BACK = "rolled_back"
    ABORTED = "aborted_before_start"
    NEEDS_HUMAN = "needs_human"


ENDED = frozenset({Phase.COMMITTED, Phase.ROLLED_BACK, Phase.ABORTED, Phase.NEEDS_HUMAN})


class Proof(StrEnum):
    """What a second look at the target said of a committed action."""

    VERIFIED = "verified"
    UNVERIFIED = "ran but unverified"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """What somebody wants: an action's id, a target as it is named there, and inputs."""

    action: str
    """Such as `service.restart`."""
    target: str
    """`system/name`, such as `api-gateway/proxy-service`."""
    inputs: tuple[tuple[str, str], ...] = ()
    """Never a secret: those are given as `file:/path` or asked for without echo."""

    def input(self, name: str, default: str = "") -> str:
        """Return an input's value."""
        return dict(self.inputs).get(name, default)


@dataclass(frozen=True, slots=True)
class Input:
    """Something that an action asks for."""

    name: str
    title: str
    default: str = ""
    is_required: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """One action on one target, as lists and palettes show it."""

    action: str
    target: str
    title: SafeText
    reason_against: SafeText = EMPTY
    """Why it is not possible, as far as the configuration tells."""
    inputs: tuple[Input, ...] = ()
    """What it asks for; where the family says nothing, what the action asks for."""
    danger: Danger = Danger.READ
    """Likewise, where the family says more than that it reads."""


def prefilled(offer: Offer, given: tuple[tuple[str, str], ...]) -> Offer:
    """Return an offer whose inputs begin with what is given for them, where they choose freely."""
    known = dict(given)
    inputs = tuple(replace(one, default=known.get(one.name, one.default)) for one in offer.inputs)
    return replace(offer, inputs=inputs)


@dataclass(frozen=True, slots=True)
class Target:
    """One thing that is acted on."""

    kind: str
    """`unit`, `container`, `process`, `file`, `release`, `backup`, …"""
    id: str
    """Exact and host-qualified: a person may see it shortened, never a program."""
    title: SafeText

    @property
    def shown(self) -> str:
        """Its kind and title, without saying the same word twice."""
        return self.title if self.title.startswith(self.kind) else f"{self.kind} {self.title}"


@dataclass(frozen=True, slots=True)
class Preflight:
    """One check before the plan."""

    name: str
    grade: Grade
    text: SafeText
    remedy: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class Part:
    """A step, a trait or a proof, frozen: its kind in the registry and its arguments.

    `arguments` is canonical JSON, so that a plan can be hashed and stored as it is.
    """

    kind: str
    arguments: str


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One change, in the order of the plan."""

    title: SafeText
    part: Part
    deadline_s: float
    is_irreversible: bool = False
    """There is no way back from here on."""
    undo: SafeText = EMPTY
    """How it is undone, in words; empty: it is not."""
    is_after_proof: bool = False
    """Done only after everything was proven, such as removing what was kept for the way back; when
    it fails, nothing is undone for it."""

    @property
    def has_way_back(self) -> bool:
        """Whether it can be undone once all was done and proven."""
        return bool(self.undo) and not self.is_irreversible and not self.is_after_proof


@dataclass(frozen=True, slots=True)
class PlannedTrait:
    """A fingerprint: what something was when the plan was made."""

    title: SafeText
    """Such as `unit ai-diy.service, invocation`."""
    part: Part
    value: SafeText


@dataclass(frozen=True, slots=True)
class PlannedProof:
    """How success is seen afterwards."""

    title: SafeText
    part: Part


@dataclass(frozen=True, slots=True)
class Plan:
    """Exactly what would be done. Its hash is what is confirmed."""

    id: str
    """A ULID, also the name of the action's folder."""
    request: ActionRequest
    title: SafeText
    verb: str
    system: str
    """Empty for what belongs to the machine."""
    called: str
    """What the target is called in the phrase that is typed."""
    host: str
    environment: str
    danger: Danger
    rung: Rung
    targets: tuple[Target, ...]
    locks: tuple[str, ...]
    """Names of what nobody else may change meanwhile, sorted."""
    preflight: tuple[Preflight, ...]
    traits: tuple[PlannedTrait, ...]
    steps: tuple[PlannedStep, ...]
    proofs: tuple[PlannedProof, ...]
    radius: tuple[SafeText, ...]
    """What is touched and what it does to others, in nouns and counts, one line each."""
    downtime: SafeText
    """Such as `about 4 s`; empty: none."""
    way_back: SafeText
    """How it is undone, or that it cannot be."""
    preview: tuple[SafeText, ...] = ()
    """A diff, a list of files, … with secrets masked."""
    backup_bytes: int = 0
    """What is copied before the first step."""
    estimate_s: float | None = None
    made_at_s: float = 0.0
    """Seconds since 1970."""
    made_boot_s: float = 0.0
    """Seconds since the machine started: its age is judged by these."""
    boot_id: str = ""
    lives_s: float = 120.0
    """What was looked at longer ago than this is looked at again."""
    actor: str = ""
    actor_uid: int = -1
    """Of the login, as the kernel knows it."""
    config: str = ""
    """Path of the configuration that it was made from."""

    @property
    def is_stopped(self) -> bool:
        """Whether a preflight check forbids it."""
        return any(one.grade is Grade.STOP for one in self.preflight)
