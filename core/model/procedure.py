"""One run of a procedure: its steps as they were when it began, and how each came out. Values."""

from dataclasses import dataclass
from enum import StrEnum

from core.model.operation import ProcedureStep
from core.model.text import EMPTY, SafeText


class StepStatus(StrEnum):
    """How a step stands."""

    PENDING = "pending"
    RUNNING = "running"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """A person went past it."""
    TICKED = "ticked"
    """A person did it, or looked."""
    UNDONE = "undone"


SETTLED = frozenset(StepStatus) - {StepStatus.PENDING, StepStatus.RUNNING}


class RunPhase(StrEnum):
    """How a run stands."""

    GOING = "going"
    STOPPED = "stopped"
    """A step failed: a person tries it again, skips it where it is no gate, or gives up."""
    ROLLING_BACK = "rolling_back"
    ROLLED_BACK = "rolled_back"
    FINISHED = "finished"
    ABANDONED = "abandoned"


OVER = frozenset({RunPhase.ROLLED_BACK, RunPhase.FINISHED, RunPhase.ABANDONED})


@dataclass(frozen=True, slots=True)
class Part:
    """A procedure within another: the steps that its step stands for."""

    number: str
    """Of the step that it is; those of its steps begin with it."""
    title: SafeText
    is_optional: bool = False
    """Whether a person says if it is needed; it can be skipped as a whole, gates and all."""
    note: SafeText = EMPTY


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step, those of procedures within written out in their place."""

    number: str
    """`4`, or `4.2` for the second step of the procedure that is step 4."""
    step: ProcedureStep
    within: tuple[Part, ...] = ()
    """The parts it belongs to, the outermost first."""


@dataclass(frozen=True, slots=True)
class StepRecord:
    """How one step came out."""

    status: StepStatus = StepStatus.PENDING
    at_s: float | None = None
    """When it came to this, seconds since 1970."""
    who: SafeText = EMPTY
    text: SafeText = EMPTY
    action_id: str = ""
    """The action that it started."""
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ProcedureRun:
    """One run; `core.actions.procedure.engine` moves it on."""

    id: str
    """A ULID, also the name of its folder."""
    system: str
    procedure: str
    title: SafeText
    steps: tuple[RunStep, ...]
    records: tuple[StepRecord, ...]
    """One per step."""
    phase: RunPhase
    started_s: float
    """Seconds since 1970."""
    started_by: SafeText
    changed_s: float
    config: str = ""
    """Path of the configuration that it was started from."""
    entered: frozenset[str] = frozenset()
    """Numbers of the optional parts that somebody wanted done."""

    @property
    def is_over(self) -> bool:
        """Whether nothing follows."""
        return self.phase in OVER

    @property
    def counts(self) -> dict[StepStatus, int]:
        """Return how many steps stand how."""
        return {
            status: count
            for status in StepStatus
            if (count := sum(one.status is status for one in self.records))
        }
