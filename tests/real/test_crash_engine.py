"""Executors killed by kill -9 on a real engine, systemd, database server: whole, and audited once.

Some actions of each family, each at another place and once more in its recovery;
`python -m bench.kills` kills each of them at all places, and `--random N` in the middle of a call.
"""

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from itertools import count

import pytest

from core.clients.acting.processes import LocalProcesses
from core.clients.clock import SystemClock
from core.model.action import Phase
from tests.crash_compose import DEAF_SCALE
from tests.crash_engine import engine, name_of
from tests.crash_every import BESIDE
from tests.crashes import Scenario, Sift, World, every, matrix, one_by_turn

WAITING = "waiting for what it left running: "
GROUPS = {"docker": "docker", "systemd": "systemd"}
CHOSEN = (
    "service.restart, container",
    "service.start, container",
    "image.rollback",
    "docker.prune_images",
    "compose.down",
    "compose.build",
    "compose.recreate",
    "scale.apply, compose",
    "service.rollback",
    "service.restart, unit",
    "service.stop, unit",
    "release.deploy",
    "chaos.stop, container",
    "backup.create, postgres",
    "backup.restore, postgres",
    "load.run",
    "http.probe_breaker",
    "scheduler.trigger",
    "firewall.block",
)
QUICK = frozenset(CHOSEN[-4:])
BY_NAME = {one.name: one for one in BESIDE}


def marked(number: int, name: str) -> object:
    scenario = BY_NAME[name]
    group = next((GROUPS[one] for one in scenario.needs if one in GROUPS), "crashes")
    marks = (pytest.mark.real(*scenario.needs), pytest.mark.xdist_group(group))
    return pytest.param(number, scenario, marks=marks, id=name)


def sift_of(number: int, name: str) -> Sift:
    """Return what chooses the places of a scenario: one, and more where that takes no time."""
    return every(len(QUICK), number) if name in QUICK else one_by_turn(number)


def test_between_them_they_are_killed_at_every_place() -> None:
    passed = [f"{number}" for number in range(24)]
    chosen = {one for number, name in enumerate(CHOSEN) for one in sift_of(number, name)(passed)}
    assert chosen == set(passed)


@pytest.mark.parametrize(("number", "scenario"), map(marked, count(), CHOSEN))
def test_killed_amid_its_way_and_in_its_recovery_it_ends_whole_and_is_audited_once(
    number: int, scenario: Scenario
) -> None:
    tally = matrix(
        scenario,
        seconds=True,
        sift=sift_of(number, scenario.name),
        seconds_sift=lambda after: (lambda _passed: []) if after else one_by_turn(number),
    )
    assert not tally.wrong, "\n".join(tally.wrong)
    assert tally.kills >= 3
    assert sum(tally.ends.values()) == tally.runs - 1


def tell(pids: Sequence[int], number: signal.Signals) -> None:
    """Send programs that we have started a signal."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


@contextmanager
def held_up(pids: Sequence[int], until: Callable[[], bool]) -> Generator[None]:
    """Let stopped programs go on as soon as something is so, and in any case at the end."""
    is_over = threading.Event()

    def go_on() -> None:
        while not until() and not is_over.wait(0.01):
            pass
        tell(pids, signal.SIGCONT)

    watcher = threading.Thread(target=go_on)
    watcher.start()
    try:
        yield
    finally:
        is_over.set()
        watcher.join()


@pytest.mark.real("docker", "compose")
@pytest.mark.xdist_group("docker")
def test_killed_while_compose_takes_back_it_is_waited_for_and_then_taken_back() -> None:
    world = World(DEAF_SCALE)
    processes = LocalProcesses(SystemClock())

    stopped: list[int] = []

    def is_taking_back() -> bool:
        [step] = world.state.steps
        if step.undo_begun_s is None:
            return False
        # Stopped before the executor dies: compose may end at once when nobody reads what it says.
        stopped[:] = [one.id.pid for one in asyncio.run(processes.of_action(world.action_id))]
        tell(stopped, signal.SIGSTOP)
        return bool(stopped)

    try:
        assert world.in_process("execute", "applied:1:kill")
        with engine() as client:  # so that the work is half done
            client.containers.get(f"{name_of(world.place)}-api-2").remove(force=True)
        assert world.in_process("recover", kill_when=is_taking_back)
        output = world.desk.shelf.at(world.action_id).output
        with held_up(stopped, lambda: WAITING in output.read_text("utf-8")):
            world.in_process("recover")
        assert world.state.phase is Phase.ROLLED_BACK, world.state.text
        assert world.now == world.before
        assert world.audited_ends() == {"rolled_back"}
        assert WAITING in output.read_text("utf-8")
    finally:
        processes.close()
        world.close()


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
def test_killed_while_the_engine_stops_a_container_it_is_not_called_undone() -> None:
    """It is stopped seconds later, whoever asked for it: rolled back would not be true."""
    world, began_s = World(BY_NAME["service.stop, deaf container"]), int(time.time())

    def is_being_stopped() -> bool:
        filters = {"container": name_of(world.place), "event": "kill"}
        with engine() as client:
            seen = client.api.events(since=began_s, until=f"{time.time():.6f}", filters=filters)
            return any(True for _ in seen)

    try:
        assert world.in_process("execute", kill_when=is_being_stopped)
        world.in_process("recover")
        assert world.state.phase is Phase.COMMITTED, world.state.text
        assert world.now != world.before
        assert world.audited_ends() == {"committed"}
    finally:
        world.close()
