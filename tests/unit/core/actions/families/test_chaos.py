"""A service taken away comes back: by the action, by its way back, or by the guardian."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from core.actions.action import Draft, Site
from core.actions.families.chaos import ACTIONS
from core.actions.families.chaos_steps import ArmGuardian, ReleaseGuardian, StayAway
from core.actions.families.services_processes import EndProcesses, StartProcess
from core.actions.guard_order import alive_of, done_of, parse_order, run_bytes
from core.actions.guardian import Guardian, load_parts
from core.actions.part import Sight
from core.actions.ports import Ports
from core.actions.results import ForgetResult
from core.clients.acting.processes import ProcessId
from core.errors import ActionError, ClientRefused, StepFailedError
from core.model.topology import Environment, PlainProcess
from core.model.verdict import Verdict
from tests.fakes.acting_files import FakeFiles, FakeWork, Kill, Killed
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored
from tests.fakes.world import service, system, topology

SERVER = PlainProcess(("server", "run"), "/srv", "", "/srv/log", ("server", "run"))
API = service("api", runs_as=SERVER)
WEB = service("web", depends_on=("api",))


@dataclass
class FakeGuards:
    """Guardians that are processes of the ground; one that is mute never answers."""

    ground: Ground
    is_mute: bool = False
    error: ClientRefused | None = None
    guardians: list[ProcessId] = field(default_factory=list)
    orders: list[str] = field(default_factory=list)

    async def start(self, order: str, log: str, name: str) -> None:
        if self.error:
            raise self.error
        self.orders.append(order)
        if self.is_mute:
            return
        one = self.ground.processes.put("guardian", order)
        self.guardians.append(one)
        await self.ground.files.create(alive_of(order), run_bytes(one), 0o600, "guardian")


@pytest.fixture
def ground() -> Ground:
    made = Ground()
    made.processes.put("server", "run")
    return made


@pytest.fixture
def guards(ground: Ground) -> FakeGuards:
    return FakeGuards(ground)


def ports_of(ground: Ground, guards: FakeGuards | None) -> Ports:
    return replace(ground.ports, results="/state/results", guards=guards)


async def draft_of(
    ground: Ground, guards: FakeGuards | None, place: Environment = Environment.DEVELOPMENT,
    **inputs: str,
) -> Draft:  # fmt: skip
    where = replace(topology(system("shop", API, WEB)), environment=place)
    site = Site(where, {}, ports_of(ground, guards))
    given = {name.rstrip("_"): value for name, value in inputs.items()}
    return await drafted(ACTIONS, site, "chaos.stop", "shop/api", **given)


def files_of(ground: Ground) -> dict[str, object]:
    assert isinstance(ground.files, FakeFiles)
    return {path: one for path, one in ground.files.files.items() if "/results/" in path}


def released(ground: Ground, guards: FakeGuards) -> Callable[[], None]:
    """Return what has guardians go once they are told to: as real ones do."""

    def look() -> None:
        assert isinstance(ground.files, FakeFiles)
        for order, one in zip(guards.orders, guards.guardians, strict=False):
            if done_of(order) in ground.files.files:
                ground.processes.running.pop(one, None)

    return look


async def carried_out(
    ground: Ground, guards: FakeGuards, draft: Draft, work: FakeWork
) -> tuple[str, str]:
    look, asleep = released(ground, guards), ground.clock.sleep

    async def sleep(seconds: float) -> None:
        look()
        await asleep(seconds)

    ground.clock.sleep = sleep  # type: ignore[method-assign]
    return await carry_out(draft, ports_of(ground, guards), work)


async def test_a_service_is_away_for_a_while_and_back(ground: Ground, guards: FakeGuards) -> None:
    draft, work = await draft_of(ground, guards, for_="30s"), FakeWork()
    assert [type(one.step) for one in draft.steps] == [
        ArmGuardian, EndProcesses, StayAway, StartProcess, ReleaseGuardian, ForgetResult,
    ]  # fmt: skip
    ground.checks["shop/web/health"] = [Verdict.OK, Verdict.OK, Verdict.DOWN]
    end, why = await carried_out(ground, guards, draft, work)
    assert (end, why) == ("verified", "")
    assert [view.argv for view in ground.processes.running.values()] == [("server", "run")]
    assert files_of(ground) == {}, "nothing is left of the guardian"
    said = [line for line in work.said if "shop/web/health" in line]
    assert said[0] == "shop/web/health: ok after 0 s"
    assert "failing after 4 s" in said[1]


async def test_the_guardian_is_there_before_anything_is_stopped(
    ground: Ground, guards: FakeGuards
) -> None:
    guards.is_mute = True
    end, why = await carried_out(ground, guards, await draft_of(ground, guards), FakeWork())
    assert (end, why) == (
        "rolled_back", "the guardian does not answer: nothing has been stopped",
    )  # fmt: skip
    assert len(ground.processes.running) == 1
    assert files_of(ground) == {}
    guards.error = ClientRefused("systemd-run does not start the executor")
    end, _ = await carried_out(ground, guards, await draft_of(ground, guards), FakeWork())
    assert end == "rolled_back"
    assert len(ground.processes.running) == 1


async def test_it_is_told_what_starts_the_service(ground: Ground, guards: FakeGuards) -> None:
    draft, ports = await draft_of(ground, guards), ports_of(ground, guards)
    arm = stored(draft.steps[0].step)
    await arm.apply(ports, FakeWork("01ACTION"))
    order = parse_order(await ground.files.read(arm.order))
    assert order.action_id == "01ACTION"
    assert [one.kind for one in order.starts] == ["process.start"]
    assert order.latest_s > ground.clock.monotonic() + 30


async def test_what_cannot_be_guarded_or_is_away_already_is_refused(
    ground: Ground, guards: FakeGuards
) -> None:
    with pytest.raises(ActionError, match="nothing is taken away"):
        await draft_of(ground, None)
    ground.processes.running.clear()
    draft = await draft_of(ground, guards)
    assert draft.steps == ()
    assert "it does not run: there is nothing to take away" in stops(draft)


@pytest.mark.parametrize(("place", "text"), [("production", "61s"), ("development", "301s")])
async def test_how_long_it_is_away_is_capped(
    ground: Ground, guards: FakeGuards, place: str, text: str
) -> None:
    with pytest.raises(ActionError, match="for is a time up to"):
        await draft_of(ground, guards, Environment(place), for_=text)


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_arming_killed_anywhere_is_seen_and_taken_back(
    ground: Ground, guards: FakeGuards, at: int, moment: str
) -> None:
    draft, ports, work = await draft_of(ground, guards), ports_of(ground, guards), FakeWork()
    arm = stored(draft.steps[0].step)
    assert isinstance(ground.files, FakeFiles)
    ground.files.kill = Kill(at, moment)
    with pytest.raises(Killed):
        await arm.apply(ports, work)
    is_called = (at, moment) in {(2, "after"), (3, "before")}
    expected = Sight.NEITHER if is_called else Sight.AFTER if at == 3 else Sight.BEFORE
    assert (await arm.observe(ports)).sight is expected
    for one in guards.guardians:
        ground.processes.running.pop(one, None)
    await arm.undo(ports, work)
    assert (await arm.observe(ports)).sight is Sight.BEFORE
    assert files_of(ground) == {}


async def test_a_guardian_that_does_not_go_is_told(ground: Ground, guards: FakeGuards) -> None:
    draft, ports, work = await draft_of(ground, guards), ports_of(ground, guards), FakeWork()
    arm = stored(draft.steps[0].step)
    await arm.apply(ports, work)
    with pytest.raises(StepFailedError, match="does not go"):
        await arm.undo(ports, work)


# The guardian itself


async def guardian_of(ground: Ground, guards: FakeGuards) -> tuple[Guardian, ArmGuardian]:
    load_parts()
    draft = await draft_of(ground, guards)
    arm = stored(draft.steps[0].step)
    assert isinstance(arm, ArmGuardian)
    await arm.apply(ports_of(ground, guards), FakeWork())
    order = parse_order(await ground.files.read(arm.order))
    ward = ground.processes.put("executor")
    return Guardian(arm.order, order, ports_of(ground, guards), ward), arm


async def test_told_that_it_is_not_needed_it_starts_nothing(
    ground: Ground, guards: FakeGuards
) -> None:
    guardian, arm = await guardian_of(ground, guards)
    ground.processes.running = {guardian.ward: ground.processes.running[guardian.ward]}
    await ground.files.create(done_of(arm.order), b"done", 0o600, "x")
    assert await guardian.watch() is False
    assert ground.processes.started == []


async def test_an_order_that_was_removed_is_taken_back(ground: Ground, guards: FakeGuards) -> None:
    guardian, arm = await guardian_of(ground, guards)
    assert isinstance(ground.files, FakeFiles)
    del ground.files.files[arm.order]
    assert await guardian.watch() is False


async def test_when_the_executor_is_gone_it_starts_the_service(
    ground: Ground, guards: FakeGuards
) -> None:
    guardian, _ = await guardian_of(ground, guards)
    ground.processes.running.clear()
    assert await guardian.watch() is True
    assert [view.argv for view in ground.processes.running.values()] == [("server", "run")]


async def test_what_runs_is_not_started_twice(ground: Ground, guards: FakeGuards) -> None:
    guardian, _ = await guardian_of(ground, guards)
    del ground.processes.running[guardian.ward]
    assert await guardian.watch() is True
    assert ground.processes.started == []


async def test_when_the_time_is_over_it_starts_it_although_the_executor_lives(
    ground: Ground, guards: FakeGuards
) -> None:
    guardian, _ = await guardian_of(ground, guards)
    ground.processes.running = {guardian.ward: ground.processes.running[guardian.ward]}
    ground.clock.passed_s = guardian.order.latest_s
    assert await guardian.watch() is True
    assert len(ground.processes.started) == 1


async def test_a_start_that_fails_is_tried_again(ground: Ground, guards: FakeGuards) -> None:
    guardian, _ = await guardian_of(ground, guards)
    ground.processes.running.clear()
    ground.processes.start_error = ClientRefused("no memory")
    asleep = ground.clock.sleep

    async def sleep(seconds: float) -> None:
        ground.processes.start_error = None
        await asleep(seconds)

    ground.clock.sleep = sleep  # type: ignore[method-assign]
    assert await guardian.watch() is True
    assert len(ground.processes.started) == 1
