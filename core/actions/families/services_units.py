"""Restart, start and stop of systemd units."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import DraftProof, DraftStep, DraftTrait, Site
from core.actions.evidence import StaysStopped, UnitRuns
from core.actions.families.services_draft import (
    AT_ONCE,
    RESTART,
    START,
    STOP,
    Manner,
    ServiceDraft,
    actual_verb,
    counted,
    dependents_line,
    health,
    held_ports,
    no_loop,
    passed,
    ports_of_checks,
    refused,
    stop_flight,
    warning,
)
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.service_traits import UnitTrait, unit_text
from core.actions.work import Work
from core.clients.acting.units import unit_name
from core.clients.systemd import UnitFacts
from core.errors import ClientDenied, ClientMissing
from core.model.action import Preflight, Target
from core.model.text import SafeText, clean
from core.model.topology import ServiceSpec, SystemdUnit

_WAIT_S = 190.0
"""systemd gives a unit 90 s to stop and 90 s to start unless it says otherwise."""
_DEADLINE_S = _WAIT_S + 10.0
_STOPPED = frozenset({"inactive", "failed"})
_LOOP_RESTARTS = 3


def _is_stopped(facts: UnitFacts) -> bool:
    return facts.active_state in _STOPPED and not facts.has_job


def _is_up(facts: UnitFacts) -> bool:
    return facts.active_state == "active" and not facts.has_job


def _seen(facts: UnitFacts, *, is_before: bool, is_after: bool) -> Seen:
    sight = Sight.BEFORE if is_before else Sight.AFTER if is_after else Sight.NEITHER
    failed = "" if facts.result in {"", "success"} else f", {facts.result}"
    return Seen(sight, clean(f"{facts.name} is {unit_text(facts)}{failed}"))


@part
@dataclass(frozen=True, slots=True)
class RestartUnit(BareStep):
    """Restarts a running unit in one job of systemd's."""

    kind: ClassVar[str] = "unit.restart"
    unit: str
    was: str
    """Invocation id of the run that ends."""

    async def observe(self, ports: Ports) -> Seen:
        """Tell the old run from a new one by its invocation id."""
        facts = await ports.units.show(self.unit)
        is_old = facts.invocation_id == self.was
        return _seen(
            facts, is_before=_is_up(facts) and is_old, is_after=_is_up(facts) and not is_old
        )

    async def apply(self, ports: Ports, work: Work) -> None:
        """Restart, unless that has happened."""
        if (await self.observe(ports)).sight is not Sight.AFTER:
            await ports.units.restart(self.unit, _WAIT_S)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether systemd has a job of it: it needs nobody to wait for that."""
        return (await ports.units.show(self.unit)).has_job


@part
@dataclass(frozen=True, slots=True)
class StopUnit(BareStep):
    """Stops a unit."""

    kind: ClassVar[str] = "unit.stop"
    can_undo: ClassVar[bool] = True
    unit: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is stopped."""
        facts = await ports.units.show(self.unit)
        is_stopped = _is_stopped(facts)
        return _seen(facts, is_before=not is_stopped and not facts.has_job, is_after=is_stopped)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Stop it."""
        await ports.units.stop(self.unit, _WAIT_S)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Start it again."""
        await ports.units.start(self.unit, _WAIT_S)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether systemd has a job of it: it needs nobody to wait for that."""
        return (await ports.units.show(self.unit)).has_job


@part
@dataclass(frozen=True, slots=True)
class StartUnit(BareStep):
    """Starts a stopped unit."""

    kind: ClassVar[str] = "unit.start"
    can_undo: ClassVar[bool] = True
    unit: str
    is_reset: bool = False
    """Its failures are forgotten first, so that no start limit refuses it."""

    async def observe(self, ports: Ports) -> Seen:
        """See whether it runs."""
        facts = await ports.units.show(self.unit)
        return _seen(facts, is_before=_is_stopped(facts), is_after=_is_up(facts))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Start it."""
        if self.is_reset and (await ports.units.show(self.unit)).active_state == "failed":
            await ports.units.reset_failed(self.unit)
        await ports.units.start(self.unit, _WAIT_S)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Stop it again."""
        await ports.units.stop(self.unit, _WAIT_S)

    async def goes_on(self, ports: Ports, since_s: float) -> bool:
        """Tell whether systemd has a job of it: it needs nobody to wait for that."""
        return (await ports.units.show(self.unit)).has_job


async def unit_draft(
    site: Site, service: ServiceSpec, runs: SystemdUnit, verb: str, manner: Manner = AT_ONCE
) -> ServiceDraft:
    """Return what it takes to restart, start or stop a unit.

    Raises:
        ClientGarbled: it is no unit's name.
    """
    unit = unit_name(runs.unit)
    target = Target("unit", unit, clean(f"unit {unit}"))
    try:
        facts = await site.ports.units.show(unit)
    except (ClientMissing, ClientDenied) as error:
        return refused(target, verb, stop_flight("systemd", f"offline: {error}"))
    if (problem := _problem(facts)) is not None:
        return refused(target, verb, problem)
    is_looping = _is_looping(facts)
    verb, about = actual_verb(verb, is_running=facts.active_state not in _STOPPED)
    is_split = manner.is_split or is_looping
    steps = _steps(unit, facts, verb, manner, is_split=is_split)
    proofs, now = await health(site, service)
    flights = [*_flights(facts, about, is_looping=is_looping), *now]
    if verb == START:
        flights += await held_ports(site, ports_of_checks(service), is_certain=False)
    return ServiceDraft(
        title=clean(f"{verb} unit {unit}"),
        verb=verb,
        targets=(target,),
        steps=steps,
        traits=(DraftTrait(clean(f"unit {unit}"), UnitTrait(unit, is_looping)),),
        proofs=_proofs(unit, facts, verb, proofs),
        radius=await _radius(
            site, service, unit, verb, is_restart=verb == RESTART and not is_split
        ),
        preflight=tuple(flights),
        downtime=_downtime(verb),
        way_back=_way_back(verb),
        estimate_s=25.0 if verb != STOP else 8.0,
        stops=1 if verb == STOP or (verb == RESTART and is_split) else 0,
    )


def _problem(facts: UnitFacts) -> Preflight | None:
    """Return why nothing can be done with a unit."""
    if facts.load_state == "not-found":
        return stop_flight(
            "unit", f"systemd knows no {facts.name}",
            "install it, or set services.…runs_as.systemd.unit; then systemctl daemon-reload",
        )  # fmt: skip
    if facts.load_state == "masked":
        text = f"{facts.name} is masked: it cannot be started"
        return stop_flight("unit", text, f"systemctl unmask {facts.name}, if it is meant to run")
    if facts.load_state not in {"loaded", ""}:
        text = f"{facts.name} is {facts.load_state}: its file is not right"
        return stop_flight("unit", text, f"systemd-analyze verify {facts.name}")
    if facts.has_job:
        text = f"systemd has a job for {facts.name} already: it is {unit_text(facts)}"
        return stop_flight("job", text, "wait for it: systemctl list-jobs")
    return None


def _is_looping(facts: UnitFacts) -> bool:
    is_between = facts.active_state == "activating" and facts.sub_state == "auto-restart"
    return is_between or (facts.restarts or 0) >= _LOOP_RESTARTS


def _flights(
    facts: UnitFacts, about: Preflight | None, *, is_looping: bool
) -> tuple[Preflight, ...]:
    found = [passed("unit", unit_text(facts))]
    if about is not None:
        found.append(about)
    if is_looping:
        text = f"restart loop: systemd has restarted it {facts.restarts} times by itself"
        found.append(warning("restart loop", text, "read its log first: a restart mends no fault"))
    if facts.active_state == "failed":
        # The limit is not always told: after automatic restarts the result stays that of the run.
        text = f"it has failed ({facts.result}): a start limit may hold it back"
        found.append(warning("start limit", text, "they are forgotten first (reset-failed)"))
    return tuple(found)


def _steps(
    unit: str, facts: UnitFacts, verb: str, manner: Manner, *, is_split: bool
) -> tuple[DraftStep, ...]:
    # A run that keeps failing is nothing to go back to.
    is_final = verb == RESTART and not manner.is_split
    stop = DraftStep(
        clean(f"stop unit {unit}"), StopUnit(unit), _DEADLINE_S, is_final, SafeText("it is started")
    )
    has_failed = facts.active_state == "failed"
    forget = "forget the failures of and " if has_failed else ""
    start = DraftStep(
        clean(f"{forget}start unit {unit}"), StartUnit(unit, has_failed), _DEADLINE_S,
        undo=SafeText("it is stopped"),
    )  # fmt: skip
    if verb == STOP:
        return (stop,)
    if verb == RESTART and not is_split:
        one = RestartUnit(unit, facts.invocation_id)
        return (DraftStep(clean(f"restart unit {unit}"), one, _DEADLINE_S),)
    if verb == RESTART:
        return (stop, start)  # which run it is changes by itself: only stopped and running are sure
    return (start,)


def _proofs(
    unit: str, facts: UnitFacts, verb: str, checks: tuple[DraftProof, ...]
) -> tuple[DraftProof, ...]:
    if verb == STOP:
        return (DraftProof(SafeText("it stays stopped"), StaysStopped("unit", unit)),)
    return (
        DraftProof(SafeText("another run of it is active"), UnitRuns(unit, facts.invocation_id)),
        *checks,
        no_loop("unit", unit, checks),
    )


async def _radius(
    site: Site, service: ServiceSpec, unit: str, verb: str, *, is_restart: bool
) -> tuple[SafeText, ...]:
    lines = [clean(f"1 unit: {unit}")]
    if verb == START:
        return tuple(lines)
    needing = await site.ports.units.dependents(unit)
    if needing:
        does = "restart" if is_restart else "stop"
        names = clean(", ".join(needing), 300)
        lines.append(counted(len(needing), f"unit {does}s", f"units {does}", "with it", names))
    return (*lines, *dependents_line(site, service))


def _downtime(verb: str) -> SafeText:
    if verb == RESTART:
        return SafeText(
            "from its stop until it answers again, seconds as a rule; 90 s at most to stop"
        )
    return SafeText("until it is started again") if verb == STOP else SafeText("")


def _way_back(verb: str) -> SafeText:
    if verb == RESTART:
        return SafeText("none: the run that ends is gone; its configuration is untouched")
    if verb == STOP:
        return SafeText("it is started again")
    return SafeText("it is stopped again, when it does not prove to work")
