"""Jobs of a scheduler by hand, and no jobs at all."""

from dataclasses import replace

import pytest

from core.actions.action import Draft, Site
from core.actions.evidence import CheckHolds
from core.actions.families.triggers import ACTIONS, NEVER
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.prober import Called
from core.errors import ActionError, ClientRefused, ClientTimeout, ClientUnresolved, StepFailedError
from core.model.action import Danger
from core.model.operation import EnvFileSpec, OperationsSpec, TriggerSpec, VariableSpec
from core.model.topology import SystemdUnit
from tests.fakes.acting_files import FakeFile, FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stored, warnings
from tests.fakes.acting_prober import FakeProber
from tests.fakes.acting_units import unit_facts
from tests.fakes.world import service, system, topology

BASE = "http://127.0.0.1:8000"
REAL = f"{BASE}/api/scheduler/jobs/collect/trigger"
OLD = f"{BASE}/api/scheduler/trigger/collect"
JOBS = TriggerSpec(
    "jobs", "api", BASE, ("/api/scheduler/jobs/{job}/trigger", "/api/scheduler/trigger/{job}"),
    jobs=("collect", "refresh"),
    cron_variables=(("collect", "COLLECT_CRON"), ("refresh", "REFRESH_CRON")),
    note="the runbook's path answers 404",
)  # fmt: skip
SWITCH = VariableSpec("ENABLE_INTERNAL_SCHEDULER", one_of=("true", "false"))
CRONS = (VariableSpec("COLLECT_CRON", kind="cron"), VariableSpec("REFRESH_CRON", kind="cron"))
OK = Called(200, b'{"status": "success", "message": "done"}', 0.5)
FAILED = Called(200, b'{"status": "error", "error": "no key"}', 0.5)
MISSING = Called(404, b'{"detail": "Not Found"}', 0.01)


@pytest.fixture
def prober() -> FakeProber:
    return FakeProber(called={REAL: [OK], OLD: [MISSING]})


def ports_of(prober: FakeProber, ground: Ground | None = None) -> Ports:
    return replace((ground or Ground()).ports, results="/state/results", prober=prober)


def site_of(
    prober: FakeProber, *variables: VariableSpec, ground: Ground | None = None, apply: str = "none"
) -> Site:
    env = EnvFileSpec("env", "/srv/.env", read_by=("api",), apply=apply, variables=variables)
    operations = OperationsSpec("shop", triggers=(JOBS,), env_files=(env,) if variables else ())
    api = service("api", runs_as=SystemdUnit("api.service"))
    return Site(topology(system("shop", api)), {"shop": operations}, ports_of(prober, ground))


async def draft_of(prober: FakeProber, job: str = "collect") -> Draft:
    return await drafted(ACTIONS, site_of(prober), "scheduler.trigger", "shop/jobs", job=job)


# By hand


async def test_a_job_is_started_once_and_the_body_decides(prober: FakeProber) -> None:
    draft = await draft_of(prober)
    assert await carry_out(draft, ports_of(prober)) == ("verified", "")
    assert prober.calls == [("POST", REAL)]
    assert "a run by hand is in no history of the scheduler" in warnings(draft)


async def test_a_failure_that_comes_as_200_is_one(prober: FakeProber) -> None:
    prober.called[REAL] = [FAILED]
    end, why = await carry_out(await draft_of(prober), ports_of(prober))
    assert (end, why) == ("needs_human", "the scheduler says error: no key")


async def test_the_next_path_is_tried_where_one_is_not_there(prober: FakeProber) -> None:
    prober.called = {REAL: [MISSING], OLD: [OK]}
    assert (await carry_out(await draft_of(prober), ports_of(prober)))[0] == "verified"
    assert [url for _, url in prober.calls] == [REAL, OLD]


async def test_where_no_path_is_there_nothing_was_started(prober: FakeProber) -> None:
    prober.called = {REAL: [MISSING], OLD: [MISSING]}
    end, why = await carry_out(await draft_of(prober), ports_of(prober))
    assert (end, why) == ("rolled_back", "none of its 2 paths is there: nothing was started")


@pytest.mark.parametrize("error", [ClientTimeout("no answer"), ClientRefused("it broke")])
async def test_after_a_request_without_an_answer_a_person_has_to_look(
    prober: FakeProber, error: ClientTimeout | ClientRefused
) -> None:
    prober.called[REAL] = [error]
    end, why = await carry_out(await draft_of(prober), ports_of(prober))
    assert end == "needs_human"
    assert "whether the job has run is not known" in why
    assert len(prober.calls) == 1, "it is never sent again"


async def test_what_never_went_out_has_not_been_begun(prober: FakeProber) -> None:
    prober.called[REAL] = [ClientUnresolved("no name server")]
    assert (await carry_out(await draft_of(prober), ports_of(prober)))[0] == "rolled_back"


@pytest.mark.parametrize(
    ("body", "end"),
    [(b"<html>", "ran but unverified"), (b"", "ran but unverified"), (b"[]", "ran but unverified"),
     (b'{"ok": true}', "ran but unverified"), (b"[" * 100_000, "ran but unverified"),
     (b'{"status": "queued"}', "needs_human")],
)  # fmt: skip
async def test_a_body_that_does_not_say_so_is_no_success(
    prober: FakeProber, body: bytes, end: str
) -> None:
    prober.called[REAL] = [Called(200, body, 0.1)]
    assert (await carry_out(await draft_of(prober), ports_of(prober)))[0] == end


@pytest.mark.parametrize("job", ["nothing", "../collect", "collect?x", "-x", "", "a/b"])
async def test_only_a_job_that_is_known_is_started(prober: FakeProber, job: str) -> None:
    with pytest.raises(ActionError, match="there are: collect, refresh"):
        await draft_of(prober, job)


async def test_killed_after_the_request_it_is_never_sent_again(prober: FakeProber) -> None:
    ground = Ground()
    ports = ports_of(prober, ground)
    step = stored((await draft_of(prober)).steps[0].step)
    assert isinstance(ground.files, FakeFiles)
    ground.files.kill = Kill(3, "before")
    with pytest.raises(Killed):
        await step.apply(ports, FakeWork())
    assert (await step.observe(ports)).sight is Sight.NEITHER
    with pytest.raises(StepFailedError, match="begun before"):
        await step.apply(ports, FakeWork())
    assert len(prober.calls) == 1


# None at all


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    assert isinstance(made.files, FakeFiles)
    made.files.files["/srv/.env"] = FakeFile(
        b"ENABLE_INTERNAL_SCHEDULER=true\nCOLLECT_CRON=5 * * * *\nREFRESH_CRON=0 1 * * *\n"
    )
    made.files.folders["/srv"] = 3
    return made


def env_of(ground: Ground) -> str:
    assert isinstance(ground.files, FakeFiles)
    return ground.files.files["/srv/.env"].data.decode()


async def test_the_switch_of_a_scheduler_is_turned_off(prober: FakeProber, ground: Ground) -> None:
    site = site_of(prober, SWITCH, *CRONS, ground=ground)
    draft = await drafted(ACTIONS, site, "scheduler.disable", "shop/api")
    assert draft.danger is Danger.INTERRUPT
    assert draft.radius[0].startswith("the scheduler of api starts no job until ENABLE_INTERNAL")
    assert (await carry_out(draft, site.ports))[0] in {"verified", "ran but unverified"}
    assert env_of(ground).splitlines()[0] == "ENABLE_INTERNAL_SCHEDULER=false"
    assert "COLLECT_CRON=5 * * * *" in env_of(ground)


async def test_one_job_is_given_a_schedule_that_never_comes(
    prober: FakeProber, ground: Ground
) -> None:
    site = site_of(prober, SWITCH, *CRONS, ground=ground)
    draft = await drafted(ACTIONS, site, "scheduler.disable", "shop/api", job="refresh")
    await carry_out(draft, site.ports)
    assert NEVER in env_of(ground).splitlines()[2]
    assert env_of(ground).splitlines()[:2] == [
        "ENABLE_INTERNAL_SCHEDULER=true", "COLLECT_CRON=5 * * * *",
    ]  # fmt: skip


async def test_without_a_switch_every_job_is(prober: FakeProber, ground: Ground) -> None:
    site = site_of(prober, *CRONS, ground=ground)
    draft = await drafted(ACTIONS, site, "scheduler.disable", "shop/api")
    await carry_out(draft, site.ports)
    assert env_of(ground).count(NEVER) == 2


async def test_where_no_variable_does_it_the_offer_and_the_plan_say_so(
    prober: FakeProber, ground: Ground
) -> None:
    site = site_of(prober, ground=ground)
    with pytest.raises(ActionError, match="stop the service instead"):
        await drafted(ACTIONS, site, "scheduler.disable", "shop/api")
    (offer,) = ACTIONS[1].offers(site)
    assert "stop the service instead" in offer.reason_against
    with pytest.raises(ActionError, match="no variable holds"):
        await drafted(
            ACTIONS, site_of(prober, *CRONS, ground=ground), "scheduler.disable", "shop/api",
            job="other",
        )  # fmt: skip


async def test_a_service_without_scheduler_may_be_degraded(
    prober: FakeProber, ground: Ground
) -> None:
    ground.units.put(unit_facts("api.service"))
    site = site_of(prober, SWITCH, ground=ground, apply="restart")
    draft = await drafted(ACTIONS, site, "scheduler.disable", "shop/api")
    held = [one.evidence for one in draft.proofs if isinstance(one.evidence, CheckHolds)]
    assert held
    assert all(one.is_degraded_enough for one in held)
