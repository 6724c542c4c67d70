"""What plans are made of: steps, traits and proofs, each a frozen dataclass known by its kind.

A part is data and code in one: its fields are the arguments, stored in the plan as canonical JSON,
and its methods look at the world and change it, through `Ports` only.
"""

import dataclasses
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar, cast, runtime_checkable

from core.actions.ports import Ports
from core.actions.work import Work
from core.errors import ActionError
from core.model.action import Part, Proof
from core.model.text import EMPTY, SafeText


class Sight(StrEnum):
    """Where a step's target stands."""

    BEFORE = "before"
    """As it was when the plan was made: the step has not been done, or has been undone."""
    AFTER = "after"
    """As the step leaves it."""
    NEITHER = "neither"
    """Something else: a person has to look."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look at a step's target."""

    sight: Sight
    text: SafeText
    """What was seen, for a person."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What one proof said."""

    proof: Proof
    text: SafeText


class Step(Protocol):
    """One change of the world. A frozen dataclass of JSON values."""

    kind: ClassVar[str]
    can_undo: ClassVar[bool]

    async def observe(self, ports: Ports) -> Seen:
        """Look, change nothing. Called before, after, and by a recovery."""
        ...

    async def save(self, ports: Ports, work: Work) -> None:
        """Copy what undo needs into the action's folder, through `work.keep`; proven there."""
        ...

    async def apply(self, ports: Ports, work: Work) -> None:
        """Make the change. Raises `StepFailedError` with what a person should read."""
        ...

    async def undo(self, ports: Ports, work: Work) -> None:
        """Take it back; harmless where there is nothing to take back."""
        ...


@runtime_checkable
class Outliving(Protocol):
    """A step whose work others do: an engine, systemd. It goes on without us, forth or back.

    Programs that a step runs are known without it (`ProcessControl.of_action`).
    """

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether what was begun `since_s` ago by a process that is dead may be going on."""
        ...


@runtime_checkable
class Mending(Protocol):
    """A step that can have done its work and still leave something to be finished, cut off."""

    async def mend(self, ports: Ports, work: Work) -> None:
        """Finish that where there is any; harmless where there is none."""
        ...


class Trait(Protocol):
    """Something that must not have changed between plan and first step."""

    kind: ClassVar[str]

    async def read(self, ports: Ports) -> SafeText:
        """Return what it is now; the text differs when it differs."""
        ...


class Evidence(Protocol):
    """A second look at the target, after the steps."""

    kind: ClassVar[str]

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Look until it is sure, within its own deadline."""
        ...


class BareStep:
    """What a step without copies and without a way back need not say."""

    __slots__ = ()
    can_undo: ClassVar[bool] = False

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing is needed for a way back."""

    async def undo(self, ports: Ports, work: Work) -> None:
        """There is no way back."""
        raise ActionError("this step cannot be undone")


_PARTS: dict[str, type[Any]] = {}
_T = TypeVar("_T", bound=type[Any])


def part(cls: _T) -> _T:
    """Make a frozen dataclass known under its `kind`."""
    kind = cls.kind
    if _PARTS.setdefault(kind, cls) is not cls:
        raise TypeError(f"two parts are called {kind!r}")
    return cls


def freeze(one: Step | Trait | Evidence) -> Part:
    """Return a part as plans hold it."""
    fields = dataclasses.asdict(cast(Any, one))
    return Part(one.kind, json.dumps(fields, sort_keys=True, separators=(",", ":")))


def thaw(frozen: Part) -> Any:
    """Return the part again.

    Raises:
        ActionError: this build does not know it, or its arguments are not its own.
    """
    cls = _PARTS.get(frozen.kind)
    if cls is None:
        raise ActionError(f"this build knows no {frozen.kind!r}: the plan is of another version")
    try:
        fields = {name: _tupled(value) for name, value in json.loads(frozen.arguments).items()}
        return cls(**fields)
    except (ValueError, TypeError, AttributeError) as error:
        raise ActionError(
            f"the arguments of {frozen.kind!r} are not as this build has them"
        ) from error


def _tupled(value: Any) -> Any:
    """Return lists as tuples, all the way down."""
    return tuple(map(_tupled, cast("list[Any]", value))) if isinstance(value, list) else value


NOTHING_SEEN = Seen(Sight.NEITHER, EMPTY)
