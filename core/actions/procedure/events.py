"""What happens to a run, as its journal has it: one JSON line each."""

import json
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, cast

from core.errors import ActionError
from core.model.operation import ProcedureStep
from core.model.procedure import Part, RunStep
from core.model.text import clean


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, when, and through whom."""

    ev: ClassVar[str]
    at_s: float
    """Seconds since 1970."""
    who: str


@dataclass(frozen=True, slots=True)
class Started(Event):
    """The run began, with the steps as the configuration had them."""

    ev = "started"
    id: str
    system: str
    procedure: str
    title: str
    steps: tuple[RunStep, ...]
    config: str = ""


@dataclass(frozen=True, slots=True)
class Began(Event):
    """A step is being carried out; with the action's id where it is one."""

    ev = "began"
    step: int
    action_id: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """A step that had begun did nothing, and may begin anew."""

    ev = "withdrawn"
    step: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ended(Event):
    """A step came out."""

    ev = "ended"
    step: int
    is_ok: bool
    text: str = ""


@dataclass(frozen=True, slots=True)
class Ticked(Event):
    """A person did a step, or looked, and says how it came out."""

    ev = "ticked"
    step: int
    is_ok: bool = True
    text: str = ""


@dataclass(frozen=True, slots=True)
class Skipped(Event):
    """A person goes past a step."""

    ev = "skipped"
    step: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entered(Event):
    """A person says that an optional part is needed."""

    ev = "entered"
    part: str
    """Its number."""


@dataclass(frozen=True, slots=True)
class PartSkipped(Event):
    """A person leaves out what is left of an optional part, its gates too."""

    ev = "part_skipped"
    part: str
    """Its number."""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Given(Event):
    """A person says what a later step is done with: each as `STEP.NAME` and its value."""

    ev = "given"
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Resumed(Event):
    """A person wants the failed step tried again."""

    ev = "resumed"


@dataclass(frozen=True, slots=True)
class TurnedBack(Event):
    """A person wants what the run did taken back."""

    ev = "turned_back"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Undone(Event):
    """What a step did was taken back, by its action's undo or by a person."""

    ev = "undone"
    step: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Abandoned(Event):
    """A person gave up; what was done stays done."""

    ev = "abandoned"
    text: str = ""


_KINDS: dict[str, type[Event]] = {
    one.ev: one
    for one in (
        Started, Began, Withdrawn, Ended, Ticked, Skipped, Entered, PartSkipped, Given, Resumed,
        TurnedBack, Undone, Abandoned,
    )
}  # fmt: skip


def to_line(event: Event) -> bytes:
    """Return an event as a line with its line feed."""
    row = {"ev": event.ev, **asdict(event)}
    return json.dumps(row, separators=(",", ":")).encode() + b"\n"


def from_line(line: bytes) -> Event:
    """Return the event of a line.

    Raises:
        ActionError: the line is not one of ours.
    """
    try:
        row = cast("dict[str, Any]", json.loads(line))
        kind = _KINDS[row.pop("ev")]
        if kind is Started:
            row["steps"] = tuple(_step(one) for one in row["steps"])
        elif kind is Given:
            row["inputs"] = tuple((name, value) for name, value in row["inputs"])
        return kind(**row)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ActionError("a line of the journal is damaged, or of another version") from error


def _step(row: dict[str, Any]) -> RunStep:
    step = row["step"]
    step["inputs"] = tuple((name, value) for name, value in step["inputs"])
    step["operations"] = tuple(step["operations"])
    number = str(row["number"])
    within = tuple(_part(one, number, depth) for depth, one in enumerate(row["within"], 1))
    return RunStep(number, ProcedureStep(**step), within)


def _part(row: dict[str, Any] | str, number: str, depth: int) -> Part:
    """Return a part; runs from before there were optional ones have its title alone."""
    if isinstance(row, str):
        return Part(".".join(number.split(".")[:depth]), clean(row))
    own = str(row["number"])
    return Part(own, clean(row["title"]), row["is_optional"] is True, clean(row["note"]))
