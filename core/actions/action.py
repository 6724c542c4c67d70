"""One kind of action: where it is possible, and how a request becomes a draft of a plan."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from core.actions.part import Evidence, Step, Trait
from core.actions.ports import Ports
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Input, Offer, Preflight, Target
from core.model.operation import OperationsSpec
from core.model.text import EMPTY, SafeText
from core.model.topology import ServiceSpec, SystemSpec, Topology

_NO_OPERATIONS = OperationsSpec("")


@dataclass(frozen=True, slots=True)
class Site:
    """What plans are made from: what is configured, and ports to look with."""

    topology: Topology
    operations: Mapping[str, OperationsSpec]
    ports: Ports

    def system(self, name: str) -> SystemSpec:
        """Return a system.

        Raises:
            ActionError: there is none of this name.
        """
        for one in self.topology.systems:
            if one.name == name:
                return one
        known = ", ".join(one.name for one in self.topology.systems)
        raise ActionError(f"there is no system {name!r}; there are: {known}")

    def service(self, target: str) -> ServiceSpec:
        """Return the service that `system/service` names.

        Raises:
            ActionError: there is none of this name.
        """
        name, _, service = target.partition("/")
        system = self.system(name)
        for one in system.services:
            if one.id.service == service:
                return one
        known = ", ".join(one.id.service for one in system.services)
        raise ActionError(f"{name} has no service {service!r}; it has: {known}")

    def operations_of(self, system: str) -> OperationsSpec:
        """Return what may be done to a system; empty where nothing is configured."""
        return self.operations.get(system, _NO_OPERATIONS)


@dataclass(frozen=True, slots=True)
class DraftStep:
    """A step with its words."""

    title: SafeText
    step: Step
    deadline_s: float = 60.0
    is_irreversible: bool = False
    undo: SafeText = EMPTY
    is_after_proof: bool = False
    """Done only once everything was proven: what was kept for the way back goes."""


@dataclass(frozen=True, slots=True)
class DraftTrait:
    """A trait with its words; its value is read when the plan is made."""

    title: SafeText
    trait: Trait


@dataclass(frozen=True, slots=True)
class DraftProof:
    """A proof with its words."""

    title: SafeText
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Draft:
    """What a family makes of a request; the engine adds host, actor, rung, values and code."""

    title: SafeText
    """A sentence without its full stop: `restart unit ai-diy.service`."""
    targets: tuple[Target, ...]
    steps: tuple[DraftStep, ...]
    traits: tuple[DraftTrait, ...] = ()
    proofs: tuple[DraftProof, ...] = ()
    """None: the steps' own second look is all there is, and the end says `ran but unverified`
    unless every step was seen done."""
    radius: tuple[SafeText, ...] = ()
    preflight: tuple[Preflight, ...] = ()
    preview: tuple[SafeText, ...] = ()
    locks: tuple[str, ...] = ()
    """Beyond the targets themselves."""
    is_locked_whole: bool = False
    """All targets lie in what `locks` names, which stands for them: they get no lock each."""
    downtime: SafeText = EMPTY
    way_back: SafeText = EMPTY
    danger: Danger | None = None
    """Where the request makes it more or less than the action usually is."""
    backup_bytes: int = 0
    estimate_s: float | None = None
    system: str = ""
    """Where it is not the first word of the request's target."""
    called: str = ""
    """What a person types for the target; empty: the last word of the request's target."""


@dataclass(frozen=True, slots=True)
class Action:
    """One kind of action."""

    id: str
    """Such as `service.restart`."""
    title: str
    verb: str
    """One lower-case word; begins the phrase that is typed."""
    danger: Danger
    offers: Callable[[Site], tuple[Offer, ...]]
    """Where it is possible, from the configuration alone: no look at the world."""
    draft: Callable[[Site, ActionRequest], Awaitable[Draft]]
    """Looks, changes nothing.

    Raises `ActionError` for a request that makes no sense, `ClientError` where the target
    cannot be looked at; what forbids a sound request is a preflight `STOP`.
    """
    inputs: tuple[Input, ...] = ()
    look_s: float | None = None
    """How long its draft may take: what is looked at may be large. None: as long as others."""


__all__ = ["Action", "Draft", "DraftProof", "DraftStep", "DraftTrait", "Input", "Offer", "Site"]
