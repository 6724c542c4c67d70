"""Restart, start and stop of services, however they run, in every state they may be in."""

from dataclasses import replace
from typing import Any

import pytest

from core.actions.action import Draft, DraftStep
from core.actions.families.services import ACTIONS
from core.actions.families.services_container_steps import (
    RestartContainer,
    StartContainer,
    StopContainer,
    started,
)
from core.actions.families.services_processes import EndProcesses, StartProcess
from core.actions.families.services_steps import restart_around
from core.actions.families.services_swarm import ForceSwarm, ScaleSwarm
from core.actions.families.services_units import RestartUnit, StartUnit, StopUnit
from core.actions.part import Sight
from core.clients.acting.engine import SwarmState
from core.errors import ActionError, ClientDenied, ClientMissing, ClientRefused
from core.model.action import Danger
from core.model.operation import OperationsSpec, ScaleSpec
from core.model.text import EMPTY, clean
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
)
from core.model.verdict import Verdict
from tests.fakes.acting_files import FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.acting_units import unit_facts
from tests.fakes.world import service

UNIT = "shop-api.service"
AS_UNIT = service("api", runs_as=SystemdUnit(UNIT))
AS_CONTAINER = service("api", runs_as=DockerContainer("api-1"))
AS_COMPOSE = service("api", runs_as=ComposeService("shop", "api", ("backend",)))
AS_SWARM = service("api", runs_as=SwarmService("web"))
SERVER = PlainProcess(("server", "run"), "/srv", "", "/srv/log", ("server", "run"))
AS_PROCESS = service("api", runs_as=SERVER)


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    made.units.put(unit_facts(UNIT))
    return made


async def draft_of(ground: Ground, verb: str, *services: ServiceSpec, **more: Any) -> Draft:
    site = ground.site(*services, **more)
    return await drafted(ACTIONS, site, f"service.{verb}", "shop/api")


# systemd units


async def test_a_restarted_unit_is_another_run_and_healthy(ground: Ground) -> None:
    draft = await draft_of(ground, "restart", AS_UNIT)
    assert [type(one.step) for one in draft.steps] == [RestartUnit]
    assert await carry_out(draft, ground.ports) == ("verified", "")
    assert ground.units.asked == [("restart", UNIT)]
    assert ground.clock.passed_s >= 10, "health held over ten seconds"


async def test_a_restart_of_a_stopped_unit_is_a_start_and_says_so(ground: Ground) -> None:
    ground.units.change(UNIT, active_state=clean("inactive"), sub_state=clean("dead"))
    draft = await draft_of(ground, "restart", AS_UNIT)
    assert "it is stopped: this starts it" in warnings(draft)
    assert draft.title == f"start unit {UNIT}"
    assert draft.danger is Danger.CHANGE
    assert (await carry_out(draft, ground.ports))[0] == "verified"


@pytest.mark.parametrize(("verb", "state"), [("stop", "inactive"), ("start", "active")])
async def test_what_is_so_already_is_refused(ground: Ground, verb: str, state: str) -> None:
    ground.units.change(UNIT, active_state=clean(state))
    assert "nothing to" in stops(await draft_of(ground, verb, AS_UNIT))[0]


async def test_a_stopped_unit_stays_stopped(ground: Ground) -> None:
    draft = await draft_of(ground, "stop", AS_UNIT)
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.units.units[UNIT].active_state == "inactive"


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"load_state": clean("not-found")}, "systemd knows no"),
        ({"load_state": clean("masked")}, "masked"),
        ({"load_state": clean("bad-setting")}, "bad-setting"),
        ({"has_job": True}, "has a job"),
    ],
)
async def test_a_unit_that_cannot_be_acted_on_is_refused(
    ground: Ground, facts: dict[str, object], words: str
) -> None:
    ground.units.change(UNIT, **facts)
    draft = await draft_of(ground, "restart", AS_UNIT)
    assert words in stops(draft)[0]
    assert draft.steps == ()


async def test_where_systemd_is_not_pid_1_units_are_offline(ground: Ground) -> None:
    ground.units.outage = ClientMissing("this machine was not booted with systemd")
    assert stops(await draft_of(ground, "restart", AS_UNIT)) == [
        "offline: this machine was not booted with systemd"
    ]


async def test_failures_are_forgotten_before_a_start_that_a_limit_would_refuse(
    ground: Ground,
) -> None:
    ground.units.change(UNIT, active_state=clean("failed"), result=clean("start-limit-hit"))
    draft = await draft_of(ground, "start", AS_UNIT)
    assert draft.steps[0].title == f"forget the failures of and start unit {UNIT}"
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.units.asked == [("reset-failed", UNIT), ("start", UNIT)]


async def test_a_unit_that_fails_on_start_is_not_called_restarted(ground: Ground) -> None:
    ground.units.broken.add(UNIT)
    end, why = await carry_out(await draft_of(ground, "restart", AS_UNIT), ground.ports)
    assert end == "needs_human"
    assert "failed because the control process exited" in why


async def test_a_unit_that_hangs_in_stop_is_told_as_such(ground: Ground) -> None:
    ground.units.stuck.add(UNIT)
    draft = await draft_of(ground, "restart", AS_UNIT)
    end, why = await carry_out(draft, ground.ports)
    assert (end, why) == ("needs_human", "systemctl did not end in time")
    seen = await stored(draft.steps[0].step).observe(ground.ports)
    assert seen.sight is Sight.NEITHER
    assert "deactivating" in seen.text


async def test_a_looping_unit_is_stopped_and_started_with_a_warning(ground: Ground) -> None:
    ground.units.change(
        UNIT, active_state=clean("activating"), sub_state=clean("auto-restart"), restarts=40
    )
    draft = await draft_of(ground, "restart", AS_UNIT)
    assert any("restart loop" in text for text in warnings(draft))
    assert [type(one.step) for one in draft.steps] == [StopUnit, StartUnit]
    before = await draft.traits[0].trait.read(ground.ports)
    ground.units.change(UNIT, invocation_id=clean("0077"))
    assert await draft.traits[0].trait.read(ground.ports) == before


async def test_an_unhealthy_start_is_taken_back(ground: Ground) -> None:
    ground.units.change(UNIT, active_state=clean("inactive"), sub_state=clean("dead"))
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    end, why = await carry_out(await draft_of(ground, "start", AS_UNIT), ground.ports)
    assert end == "rolled_back"
    assert "down" in why
    assert ground.units.units[UNIT].active_state == "inactive"


async def test_what_was_degraded_before_may_be_degraded_after(ground: Ground) -> None:
    ground.checks["shop/api/health"] = [Verdict.DEGRADED]
    assert (await carry_out(await draft_of(ground, "restart", AS_UNIT), ground.ports))[0] == (
        "verified"
    )
    ground.checks["shop/api/health"] = [Verdict.OK, Verdict.DEGRADED]
    assert (await carry_out(await draft_of(ground, "restart", AS_UNIT), ground.ports))[0] == (
        "needs_human"
    )


async def test_without_a_check_it_ran_but_is_unverified(ground: Ground) -> None:
    bare = replace(AS_UNIT, checks=())
    end, why = await carry_out(await draft_of(ground, "restart", bare), ground.ports)
    assert end == "ran but unverified"
    assert "no check is configured for api" in why


async def test_the_radius_names_dependent_units_and_services(ground: Ground) -> None:
    ground.units.needing[UNIT] = ("shop-web.service",)
    web = service("web", depends_on=("api",))
    shell = service("shell", depends_on=("web",))
    draft = await draft_of(ground, "stop", AS_UNIT, web, shell)
    assert draft.radius == (
        f"1 unit: {UNIT}",
        "1 unit stops with it: shop-web.service",
        "2 services depend on it: shop/web, shop/shell",
    )


@pytest.mark.parametrize("moment", ["before", "amid", "after"])
async def test_a_killed_restart_of_a_unit_is_seen_as_it_is(ground: Ground, moment: str) -> None:
    step = RestartUnit(UNIT, "0001")
    ground.units.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    truth = {"before": Sight.BEFORE, "amid": Sight.NEITHER, "after": Sight.AFTER}
    assert (await stored(step).observe(ground.ports)).sight is truth[moment]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", [StopUnit, StartUnit])
async def test_a_killed_change_of_a_unit_is_seen_and_undone(
    ground: Ground, moment: str, kind: type[StopUnit | StartUnit]
) -> None:
    state = "active" if kind is StopUnit else "inactive"
    ground.units.change(UNIT, active_state=clean(state))
    step = stored(kind(UNIT))
    ground.units.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await step.observe(ground.ports)).sight is expected
    await step.undo(ground.ports, FakeWork())
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    assert ground.units.units[UNIT].active_state == state


# containers


async def test_a_restarted_container_started_later_and_stays(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    draft = await draft_of(ground, "restart", AS_CONTAINER)
    assert await carry_out(draft, ground.ports) == ("verified", "")
    assert ground.engine.asked == [("restart", one)]
    assert draft.downtime.startswith("up to 10 s to stop")


async def test_each_container_of_a_compose_service_is_restarted(ground: Ground) -> None:
    ids = [ground.engine.put(f"shop-api-{number}", "api") for number in (1, 2)]
    draft = await draft_of(ground, "restart", AS_COMPOSE)
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.asked == [("restart", one) for one in sorted(ids)]
    assert "compose:shop" in draft.locks
    assert draft.radius[0] == "2 containers: shop-api-1, shop-api-2"


async def test_a_compose_service_is_found_by_its_other_name(ground: Ground) -> None:
    ground.engine.put("shop-backend-1", "backend")
    assert not stops(await draft_of(ground, "restart", AS_COMPOSE))


async def test_without_a_container_compose_up_is_named(ground: Ground) -> None:
    assert "compose.up makes it" in stops(await draft_of(ground, "start", AS_COMPOSE))[0]


@pytest.mark.parametrize(
    "outage",
    [
        ClientDenied("no right to use the Docker socket"),
        ClientRefused("the Docker daemon does not run"),
        ClientMissing("no Docker socket"),
    ],
)
async def test_an_engine_that_cannot_be_asked_forbids_it(
    ground: Ground, outage: ClientRefused
) -> None:
    ground.engine.put("api-1")
    ground.engine.outage = outage
    assert stops(await draft_of(ground, "restart", AS_CONTAINER)) == [str(outage)]


async def test_an_engine_that_stops_amid_a_restart_needs_a_person(ground: Ground) -> None:
    ground.engine.put("api-1")
    draft = await draft_of(ground, "restart", AS_CONTAINER)
    ports = ground.ports
    ground.engine.outage = ClientRefused("the Docker daemon does not run")
    step = draft.steps[0]
    with pytest.raises(ClientRefused):
        await stored(step.step).apply(ports, FakeWork())
    assert not step.step.can_undo


async def test_a_container_made_again_since_is_another_one(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    draft = await draft_of(ground, "restart", AS_CONTAINER)
    before = await draft.traits[0].trait.read(ground.ports)
    facts = ground.engine.containers.pop(one)
    ground.engine.containers["f" * 64] = replace(facts, id="f" * 64)
    assert await draft.traits[0].trait.read(ground.ports) != before
    ground.engine.containers.clear()
    assert await draft.traits[0].trait.read(ground.ports) == "not there"


async def test_what_is_removed_when_it_stops_is_not_stopped(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    ground.engine.remake(one, is_auto_removed=True)
    assert "--rm" in stops(await draft_of(ground, "restart", AS_CONTAINER))[0]


async def test_traps_of_a_container_are_said(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    ground.engine.remake(
        one, anonymous_volumes=("/data",), stop_timeout_s=1.0, restart_policy="always"
    )
    ground.engine.change(one, restarts=9)
    said = " ".join(warnings(await draft_of(ground, "stop", AS_CONTAINER)))
    for word in ("volumes without a name", "killed after 1 s", "policy always", "restart loop"):
        assert word in said


async def test_a_container_that_ends_again_is_not_called_restarted(ground: Ground) -> None:
    one = ground.engine.put("api-1")
    ground.engine.broken.add(ground.engine.makes[one].image_id)
    end, why = await carry_out(await draft_of(ground, "restart", AS_CONTAINER), ground.ports)
    assert end == "needs_human"
    assert "exited" in why
    assert "exit code 3" in why


async def test_ports_that_others_hold_forbid_a_start(ground: Ground) -> None:
    one = ground.engine.put("api-1", status="exited")
    ground.engine.remake(one, ports=(8000,))
    ground.processes.held[8000] = clean("pid 99, nginx")
    assert stops(await draft_of(ground, "start", AS_CONTAINER)) == ["held by pid 99, nginx"]


@pytest.mark.parametrize("moment", ["before", "amid", "after"])
async def test_a_killed_restart_of_a_container_is_seen_as_it_is(
    ground: Ground, moment: str
) -> None:
    one = ground.engine.put("api-1")
    step = RestartContainer(one, started(ground.engine.containers[one]), 10.0)
    ground.engine.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    truth = {"before": Sight.BEFORE, "amid": Sight.NEITHER, "after": Sight.AFTER}
    assert (await stored(step).observe(ground.ports)).sight is truth[moment]


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("kind", [StopContainer, StartContainer])
async def test_a_killed_change_of_a_container_is_seen_and_undone(
    ground: Ground, moment: str, kind: type[StopContainer | StartContainer]
) -> None:
    status = "running" if kind is StopContainer else "exited"
    one = ground.engine.put("api-1", status=status)
    step = stored(kind(one, 10.0))
    ground.engine.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await step.observe(ground.ports)).sight is expected
    await step.undo(ground.ports, FakeWork())
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE
    assert ground.engine.containers[one].status == status


# Swarm


SWARM = SwarmState("id", 7, clean("shop/web:2"), 3, EMPTY, True, running=3, spec_sha256="s")


async def test_a_restarted_swarm_service_has_its_tasks_replaced(ground: Ground) -> None:
    ground.engine.swarms["web"] = SWARM
    draft = await draft_of(ground, "restart", AS_SWARM)
    assert [type(one.step) for one in draft.steps] == [ForceSwarm]
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.swarms["web"].forced == 1


async def test_a_stopped_swarm_service_is_started_with_the_replicas_of_the_configuration(
    ground: Ground,
) -> None:
    ground.engine.swarms["web"] = replace(SWARM, replicas=0, running=0)
    scaling = (ScaleSpec("swarm", "swarm", "api", replicas=5),)
    draft = await draft_of(
        ground, "start", AS_SWARM, operations={"shop": OperationsSpec("shop", scaling=scaling)}
    )
    assert draft.steps[0].step == ScaleSwarm("web", 0, 5)
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.swarms["web"].replicas == 5


async def test_a_swarm_update_that_is_paused_is_a_failure_with_its_reason(ground: Ground) -> None:
    ground.engine.swarms["web"] = SWARM
    draft = await draft_of(ground, "restart", AS_SWARM)
    ground.engine.swarms["web"] = replace(
        SWARM, update_state=clean("paused"), error=clean("task: non-zero exit (3)")
    )
    proven = await stored(draft.proofs[0].evidence).prove(ground.ports, FakeWork())
    assert proven.proof == "failed"
    assert "non-zero exit (3)" in proven.text


async def test_replicas_that_somebody_else_set_are_not_overwritten(ground: Ground) -> None:
    ground.engine.swarms["web"] = replace(SWARM, replicas=9)
    with pytest.raises(ActionError, match="9 replicas, not 3"):
        await ScaleSwarm("web", 3, 0).apply(ground.ports, FakeWork())
    assert ground.engine.swarms["web"].replicas == 9


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_killed_scaling_is_seen_and_undone(ground: Ground, moment: str) -> None:
    ground.engine.swarms["web"] = SWARM
    step = stored(ScaleSwarm("web", 3, 0))
    ground.engine.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await step.observe(ground.ports)).sight is expected
    await step.undo(ground.ports, FakeWork())
    assert ground.engine.swarms["web"].replicas == 3


# plain processes


async def test_a_restarted_process_is_ended_and_started(ground: Ground) -> None:
    old = ground.processes.put("server", "run", ports=(8000,))
    bystander = ground.processes.put("vim", "server")
    draft = await draft_of(ground, "restart", AS_PROCESS)
    assert [type(one.step) for one in draft.steps] == [EndProcesses, StartProcess]
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert old not in ground.processes.running
    assert bystander in ground.processes.running, "never by a pattern of a name"
    assert ground.processes.started == [(("server", "run"), "/srv", (), "/srv/log")]
    assert f"pid {old.pid} of app: server run, listens on 8000" in draft.radius


async def test_a_process_that_is_not_healthy_after_its_restart_needs_a_person(
    ground: Ground,
) -> None:
    ground.processes.put("server", "run")
    draft = await draft_of(ground, "restart", AS_PROCESS)
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    assert (await carry_out(draft, ground.ports))[0] == "needs_human"
    assert len(ground.processes.started) == 1, "starting the same again mends nothing"


async def test_a_port_that_the_command_names_and_another_holds_forbids_a_start(
    ground: Ground,
) -> None:
    spec = replace(
        AS_PROCESS,
        runs_as=replace(SERVER, start=("server", "run", "--port", "9")),
    )
    ground.processes.held[9] = clean("pid 77, other")
    assert stops(await draft_of(ground, "start", spec)) == ["held by pid 77, other"]


async def test_a_process_that_nobody_can_start_is_not_started(ground: Ground) -> None:
    spec = replace(AS_PROCESS, runs_as=PlainProcess(pidfile="/run/api.pid"))
    assert stops(await draft_of(ground, "start", spec)) == ["how it is started is not configured"]


async def test_a_missing_program_is_said_before(ground: Ground) -> None:
    ground.commands.missing.add("server")
    assert stops(await draft_of(ground, "start", AS_PROCESS)) == ["server is not installed here"]


@pytest.mark.parametrize("moment", ["before", "amid", "after"])
async def test_a_killed_end_of_processes_is_seen_as_it_is(ground: Ground, moment: str) -> None:
    ids = [ground.processes.put("server", "run") for _ in range(2)]
    runs = tuple((one.pid, one.start_ticks) for one in ids)
    step = stored(EndProcesses(runs, ("server", "run"), "/srv", "", ("server", "run"), ""))
    ground.processes.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    truth = {"before": Sight.BEFORE, "amid": Sight.NEITHER, "after": Sight.AFTER}
    assert (await step.observe(ground.ports)).sight is truth[moment]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_killed_start_of_a_process_is_seen_and_undone(ground: Ground, moment: str) -> None:
    step = stored(StartProcess(("server", "run"), "/srv", "", ("server", "run"), ""))
    ground.processes.kill = Kill(1, moment)
    with pytest.raises(Killed):
        await step.apply(ground.ports, FakeWork())
    expected = Sight.BEFORE if moment == "before" else Sight.AFTER
    assert (await step.observe(ground.ports)).sight is expected
    await step.undo(ground.ports, FakeWork())
    assert (await step.observe(ground.ports)).sight is Sight.BEFORE


# several, and none


async def test_several_services_are_one_plan_in_the_order_that_was_given(ground: Ground) -> None:
    ground.engine.put("web-1")
    web = service("web", runs_as=DockerContainer("web-1"))
    site = ground.site(AS_UNIT, web)
    draft = await drafted(ACTIONS, site, "service.restart", "shop/web,api")
    assert [one.id for one in draft.targets] == ["web-1", UNIT]
    assert (await carry_out(draft, ground.ports))[0] == "verified"


async def test_a_service_that_runs_nobody_knows_how_is_offered_with_the_reason(
    ground: Ground,
) -> None:
    site = ground.site(service("api"), service("aws", is_outside=True))
    offers = [offer for one in ACTIONS for offer in one.offers(site)]
    assert {one.target for one in offers} == {"shop/api"}
    assert offers[0].reason_against == "the configuration does not say how it runs"
    assert (
        "does not say how shop/api runs" in stops(await draft_of(ground, "stop", service("api")))[0]
    )


async def test_an_unknown_service_is_told_with_those_that_are_there(ground: Ground) -> None:
    with pytest.raises(ActionError, match="no service 'nope'; it has: api"):
        await drafted(ACTIONS, ground.site(AS_UNIT), "service.stop", "shop/nope")


# around steps of others


def settings(was: int, to: int) -> DraftStep:
    """Return a step of another family: it changes what a service reads when it starts."""
    return DraftStep(clean("edit"), ScaleSwarm("settings", was, to), undo=clean("as before"))


@pytest.mark.parametrize("spec", [AS_UNIT, AS_CONTAINER, AS_PROCESS, AS_SWARM])
async def test_what_is_done_between_stop_and_start_is_taken_back_while_it_is_stopped(
    ground: Ground, spec: ServiceSpec
) -> None:
    ground.engine.put("api-1")
    ground.engine.swarms = {"web": SWARM, "settings": replace(SWARM, replicas=1)}
    ground.processes.put("server", "run")
    one = await restart_around(ground.site(spec), spec, (settings(1, 2),))
    assert len(one.steps) == 3
    assert one.steps[1].step == ScaleSwarm("settings", 1, 2)
    draft = Draft(one.title, one.targets, one.steps, one.traits, one.proofs)
    assert (await carry_out(draft, ground.ports))[0] == "verified"
    assert ground.engine.swarms["settings"].replicas == 2

    again = await restart_around(ground.site(spec), spec, (settings(2, 5),))
    ground.checks["shop/api/health"] = [Verdict.DOWN]
    draft = Draft(again.title, again.targets, again.steps, again.traits, again.proofs)
    assert (await carry_out(draft, ground.ports))[0] == "rolled_back"
    assert ground.engine.swarms["settings"].replicas == 2


async def test_around_a_stopped_service_nothing_is_started(ground: Ground) -> None:
    ground.units.change(UNIT, active_state=clean("inactive"), sub_state=clean("dead"))
    one = await restart_around(ground.site(AS_UNIT), AS_UNIT, (settings(1, 2),))
    assert [type(step.step) for step in one.steps] == [ScaleSwarm]
    assert one.proofs == ()
