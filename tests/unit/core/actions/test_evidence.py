"""Second looks: what they accept, what they wait for, and what they call a failure."""

from datetime import timedelta

import pytest

from core.actions.evidence import (
    CheckHolds,
    ContainerRuns,
    NoRestartLoop,
    ProcessRuns,
    StaysStopped,
    UnitRuns,
)
from core.actions.part import Evidence
from core.actions.runs import look_at_run
from core.actions.service_traits import (
    ComposeTrait,
    ImageTrait,
    ProcessTrait,
    SwarmTrait,
    UnitTrait,
)
from core.clients.acting.engine import SwarmState
from core.model.action import Proof
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from tests.fakes.acting_engine import NEW, OLD
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, stored
from tests.fakes.acting_units import unit_facts
from tests.fakes.clock import START

OK, BAD, MEH = Verdict.OK, Verdict.DOWN, Verdict.DEGRADED
UNIT = "api.service"


async def proven(ground: Ground, evidence: Evidence) -> tuple[Proof, str]:
    said = await stored(evidence).prove(ground.ports, FakeWork())
    return said.proof, said.text


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    made.units.put(unit_facts(UNIT))
    return made


@pytest.mark.parametrize(
    ("answers", "proof", "looks"),
    [
        ([OK], Proof.VERIFIED, 3),
        ([BAD, BAD, OK], Proof.VERIFIED, 5),
        ([OK, BAD, OK], Proof.VERIFIED, 5),
        ([MEH], Proof.FAILED, None),
        ([Verdict.UNKNOWN], Proof.FAILED, None),
        ([OK, OK, BAD], Proof.FAILED, None),
    ],
)
async def test_a_check_holds_when_it_is_good_three_times_in_a_row(
    ground: Ground, answers: list[Verdict], proof: Proof, looks: int | None
) -> None:
    ground.checks["shop/api/health"] = list(answers)
    assert (await proven(ground, CheckHolds("shop/api/health")))[0] is proof
    assert looks is None or len(ground.looks) == looks
    assert ground.clock.passed_s >= 10


async def test_degraded_is_enough_only_where_it_was_so_before(ground: Ground) -> None:
    ground.checks["shop/api/health"] = [MEH]
    was_so = CheckHolds("shop/api/health", is_degraded_enough=True)
    assert (await proven(ground, was_so))[0] is Proof.VERIFIED
    ground.checks["shop/api/health"] = [Verdict.UNKNOWN]
    assert (await proven(ground, was_so))[0] is Proof.FAILED


async def test_a_unit_runs_anew_only_in_another_run(ground: Ground) -> None:
    assert (await proven(ground, UnitRuns(UNIT)))[0] is Proof.VERIFIED
    proof, text = await proven(ground, UnitRuns(UNIT, "0001"))
    assert (proof, "still the run from before" in text) == (Proof.FAILED, True)
    ground.units.change(UNIT, active_state=clean("failed"), result=clean("exit-code"))
    proof, text = await proven(ground, UnitRuns(UNIT))
    assert (proof, "exit-code" in text) == (Proof.FAILED, True)


async def test_a_container_runs_anew_when_it_started_later_and_its_health_agrees(
    ground: Ground,
) -> None:
    one = ground.engine.put("api-1")
    was = START.isoformat()
    assert (await proven(ground, ContainerRuns(one)))[0] is Proof.VERIFIED
    assert (await proven(ground, ContainerRuns(one, was)))[0] is Proof.FAILED
    ground.engine.change(one, started_at=START + timedelta(seconds=0.5))
    assert (await proven(ground, ContainerRuns("api-1", was)))[0] is Proof.VERIFIED
    assert (await proven(ground, ContainerRuns("api-1", was, NEW)))[0] is Proof.VERIFIED
    assert (await proven(ground, ContainerRuns("api-1", was, OLD)))[0] is Proof.FAILED
    for health in ("starting", "unhealthy"):
        ground.engine.change(one, health=clean(health))
        assert (await proven(ground, ContainerRuns(one, was)))[0] is Proof.FAILED
    assert (await proven(ground, ContainerRuns("gone")))[0] is Proof.FAILED


@pytest.mark.parametrize("manager", ["unit", "container"])
async def test_a_restart_loop_is_seen_in_either_manager(ground: Ground, manager: str) -> None:
    name = UNIT if manager == "unit" else ground.engine.put("api-1")
    assert (await proven(ground, NoRestartLoop(manager, name)))[0] is Proof.VERIFIED
    change = ground.units.change if manager == "unit" else ground.engine.change
    change(name, restarts=1)
    proof, text = await proven(ground, NoRestartLoop(manager, name))
    assert (proof, "restart loop" in text) == (Proof.FAILED, True)


async def test_what_is_brought_back_does_not_stay_stopped(ground: Ground) -> None:
    assert (await proven(ground, StaysStopped("unit", UNIT)))[0] is Proof.FAILED
    ground.units.change(UNIT, active_state=clean("activating"))
    assert (await proven(ground, StaysStopped("unit", UNIT)))[0] is Proof.FAILED
    ground.units.change(UNIT, active_state=clean("failed"))
    assert (await proven(ground, StaysStopped("unit", UNIT)))[0] is Proof.VERIFIED
    assert (await proven(ground, StaysStopped("container", "gone")))[0] is Proof.VERIFIED


async def test_a_process_runs_anew_when_it_is_none_from_before(ground: Ground) -> None:
    old = ground.processes.put("server")
    was = ((old.pid, old.start_ticks),)
    proof, text = await proven(ground, ProcessRuns(("server",), was=was))
    assert (proof, text) == (Proof.FAILED, "no new process of it was found")
    ground.processes.put("server")
    assert (await proven(ground, ProcessRuns(("server",), was=was)))[0] is Proof.VERIFIED


async def test_fingerprints_differ_when_what_they_stand_for_differs(ground: Ground) -> None:
    ports, engine = ground.ports, ground.engine
    engine.put("shop-api-1", "api")
    engine.swarms["web"] = SwarmState("i", 1, clean("web:1"), 2, EMPTY, False, spec_sha256="a")
    engine.local_images["web:1"] = NEW
    ground.processes.put("server")
    traits = (
        UnitTrait(UNIT),
        ComposeTrait("shop", "api"),
        SwarmTrait("web"),
        ImageTrait("web:1"),
        ProcessTrait(("server",)),
    )
    before = [await stored(one).read(ports) for one in traits]
    assert before == [await stored(one).read(ports) for one in traits]
    ground.units.change(UNIT, has_job=True)
    engine.containers.clear()
    engine.swarms.clear()
    engine.local_images["web:1"] = OLD
    ground.processes.running.clear()
    after = [await stored(one).read(ports) for one in traits]
    assert all(one != other for one, other in zip(before, after, strict=True))
    assert after[1:3] == ["no container", "not there"]


async def test_a_look_at_a_unit_with_a_job_is_not_up(ground: Ground) -> None:
    ground.units.change(UNIT, has_job=True)
    seen = await look_at_run(ground.ports, "unit", UNIT)
    assert (seen.is_up, seen.is_changing) == (False, True)
