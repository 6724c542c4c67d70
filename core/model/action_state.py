"""Where an action stands, for whoever looks at it. Values only."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.action import ENDED, Phase, Plan, Proof
from core.model.text import EMPTY, SafeText


class StepState(StrEnum):
    """Where one step stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step as the journal has it."""

    state: StepState = StepState.WAITING
    begun_s: float | None = None
    """Seconds since 1970."""
    took_s: float | None = None
    text: SafeText = EMPTY
    undo_begun_s: float | None = None
    """When somebody last began to take it back."""


@dataclass(frozen=True, slots=True)
class ProcessRun:
    """One run of the process that carries an action out."""

    pid: int
    start_ticks: int
    boot_id: str


@dataclass(frozen=True, slots=True)
class ProofSaid:
    """What one proof said."""

    proof: Proof
    text: SafeText


@dataclass(frozen=True, slots=True)
class ActionState:
    """One action: its plan and what its journal says."""

    plan: Plan
    code: str
    phase: Phase
    steps: tuple[StepProgress, ...]
    begun_s: float | None = None
    """When it was started, seconds since 1970."""
    ended_s: float | None = None
    proof: Proof | None = None
    text: SafeText = EMPTY
    """Why it ended as it did, or what it waits for."""
    proofs: tuple[ProofSaid, ...] = ()
    executor: ProcessRun | None = None
    is_alive: bool = False
    """Its executor runs now."""
    is_recovered: bool = False
    """Another process finished what a dead one left."""
    is_audited: bool = False
    has_intent: bool = False
    is_proven: bool = False
    """The second look is over and was good: only what was kept for the way back is left to go."""
    is_resolved: bool = False
    """It needed a person, and one has dealt with it."""

    @property
    def is_ended(self) -> bool:
        """Whether it is over for good."""
        return self.phase in ENDED

    @property
    def is_left_over(self) -> bool:
        """Whether it was begun, is not over, and nobody is at it."""
        return (
            self.begun_s is not None
            and not self.is_alive
            and not (self.is_ended and self.is_audited)
        )

    @property
    def is_blocking(self) -> bool:
        """Whether its targets have to be left alone until somebody has dealt with it."""
        return self.is_left_over or (self.phase is Phase.NEEDS_HUMAN and not self.is_resolved)

    @property
    def current_step(self) -> int | None:
        """Return the index of the step that runs, or failed."""
        for index, step in enumerate(self.steps):
            if step.state in {StepState.RUNNING, StepState.FAILED}:
                return index
        return None
