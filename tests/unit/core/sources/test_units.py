"""systemd units as services."""

from dataclasses import replace
from datetime import timedelta

import pytest

from core.clients.systemd import UnitFacts
from core.errors import ClientDenied, ClientError, ClientMissing
from core.model.events import RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import EMPTY, clean
from core.model.topology import ServiceSpec, SystemdUnit
from core.model.verdict import Verdict
from core.sources.units import UnitSource, judge_unit
from tests.fakes.clock import START, FakeClock

ACTIVE = UnitFacts(
    name=clean("a.service"),
    load_state=clean("loaded"),
    active_state=clean("active"),
    sub_state=clean("running"),
    result=clean("success"),
    main_pid=9,
    exit_status=None,
    restarts=0,
    invocation_id=clean("run1"),
    active_since=START - timedelta(hours=1),
    changed_at=START,
    memory_bytes=1000,
    memory_limit_bytes=None,
    cpu_ns=0,
    has_job=False,
)


def changed(**fields: object) -> UnitFacts:
    texts = {
        key: clean(value) if isinstance(value, str) else value for key, value in fields.items()
    }
    return replace(ACTIVE, **texts)


@pytest.mark.parametrize(
    ("unit", "verdict", "word", "reason"),
    [
        (ACTIVE, Verdict.OK, "active (running)", "active"),
        (changed(sub_state="exited"), Verdict.OK, "active (exited)", "ran once"),
        (changed(active_state="inactive", sub_state="dead"), Verdict.DOWN, "inactive (dead)", ""),
        (
            changed(active_state="failed", sub_state="failed", result="exit-code", exit_status=3),
            Verdict.DOWN,
            "failed",
            "exit-code, exit code 3",
        ),
        (
            changed(active_state="activating", sub_state="auto-restart", restarts=7),
            Verdict.DOWN,
            "crash loop",
            "7 restarts",
        ),
        (changed(active_state="activating", sub_state="start"), Verdict.DEGRADED, "activating", ""),
        (changed(load_state="not-found"), Verdict.UNKNOWN, "not found", "knows no unit a.service"),
        (changed(load_state="masked"), Verdict.DOWN, "masked", "cannot be started"),
        (changed(load_state="bad-setting"), Verdict.DOWN, "bad-setting", "cannot be loaded"),
        (changed(active_state="weird\x1b"), Verdict.UNKNOWN, "weird␛", ""),
    ],
)
def test_each_state_is_judged(unit: UnitFacts, verdict: Verdict, word: str, reason: str) -> None:
    found = judge_unit(unit, 0, START)
    assert found[0] is verdict
    assert found[1].startswith(word)
    assert reason in found[2]


class Manager:
    def __init__(self, *units: UnitFacts) -> None:
        self.units = units
        self.fault: ClientError | None = None

    async def read_units(self, names: tuple[str, ...]) -> tuple[UnitFacts, ...]:
        if self.fault is not None:
            raise self.fault
        return self.units


SERVICES = (ServiceSpec(ServiceId("shop", "a"), "A", SystemdUnit("a.service"), ()),)


async def looked(source: UnitSource) -> RuntimeState:
    (event,) = await source.look()
    assert isinstance(event, RuntimeObserved)
    return event.state


async def test_cpu_is_a_difference_within_one_run() -> None:
    clock, manager = FakeClock(), Manager(ACTIVE)
    source = UnitSource(SERVICES, manager, clock)
    assert (await looked(source)).cpu_percent is None
    await clock.advance(5)
    manager.units = (replace(ACTIVE, cpu_ns=2_500_000_000),)
    assert (await looked(source)).cpu_percent == pytest.approx(50.0)
    await clock.advance(5)
    manager.units = (replace(ACTIVE, cpu_ns=3_000_000_000, invocation_id=clean("run2")),)
    assert (await looked(source)).cpu_percent is None


async def test_a_unit_that_is_up_between_two_crashes_is_still_a_crash_loop() -> None:
    clock, manager = FakeClock(), Manager(ACTIVE)
    source = UnitSource(SERVICES, manager, clock)
    await looked(source)
    await clock.advance(5)
    manager.units = (replace(ACTIVE, restarts=3, active_since=clock.now()),)
    state = await looked(source)
    assert (state.verdict, state.state) == (Verdict.DOWN, "crash loop")
    await clock.advance(60)
    assert (await looked(source)).verdict is Verdict.DEGRADED
    await clock.advance(300)
    assert (await looked(source)).verdict is Verdict.OK


@pytest.mark.parametrize(
    ("fault", "word"),
    [(ClientMissing("not booted"), "no systemd"), (ClientDenied("no"), "denied")],
)
async def test_without_an_answer_every_unit_is_unknown_and_says_why(
    fault: ClientError, word: str
) -> None:
    manager = Manager()
    manager.fault = fault
    state = await looked(UnitSource(SERVICES, manager, FakeClock()))
    assert (state.verdict, state.state, state.reason) == (Verdict.UNKNOWN, word, str(fault))
    assert state.memory_bytes is None
    assert state.fingerprint in {None, EMPTY}
