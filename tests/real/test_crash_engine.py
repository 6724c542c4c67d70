"""Executors killed by kill -9 on a real engine, systemd, database server: whole, and audited once.

One action of each family, at two places and once more in its recovery; `python -m bench.crashes`
kills each of them at all places, and `--random N` in the middle of a call.
"""

import time

import pytest

from core.model.action import Phase
from tests.crash_engine import engine, name_of
from tests.crash_every import BESIDE
from tests.crashes import Scenario, Tally, World, matrix

AMID = frozenset({"begun:1", "applied:1"})
"""Where a kill leaves the most to be found out."""
GROUPS = {"docker": "docker", "systemd": "systemd"}
CHOSEN = (
    "service.restart, container",
    "image.rollback",
    "docker.prune_images",
    "compose.stop",
    "scale.apply, swarm",
    "service.restart, unit",
    "release.deploy",
    "chaos.stop, unit",
    "backup.restore, postgres",
    "load.run",
    "firewall.block",
)
BY_NAME = {one.name: one for one in BESIDE}


def marked(name: str) -> object:
    scenario = BY_NAME[name]
    group = next((GROUPS[one] for one in scenario.needs if one in GROUPS), "crashes")
    marks = (pytest.mark.real(*scenario.needs), pytest.mark.xdist_group(group))
    return pytest.param(scenario, marks=marks, id=name)


def assert_whole(tally: Tally) -> None:
    assert not tally.wrong, "\n".join(tally.wrong)


@pytest.mark.parametrize("scenario", [marked(name) for name in CHOSEN])
def test_killed_amid_its_first_step_it_ends_whole_and_is_audited_once(scenario: Scenario) -> None:
    tally = matrix(scenario, only=AMID.__contains__)
    assert_whole(tally)
    assert tally.kills == len(AMID)
    assert sum(tally.ends.values()) == tally.kills


@pytest.mark.parametrize("scenario", [marked("image.rollback"), marked("service.stop, unit")])
def test_a_recovery_that_is_killed_as_well_is_begun_again(scenario: Scenario) -> None:
    tally = matrix(
        scenario,
        seconds=True,
        only=lambda place: place == "applied:1",
        seconds_only=lambda place: place == "looked:1",
    )
    assert_whole(tally)
    assert "looked" in tally.struck


@pytest.mark.real("docker")
@pytest.mark.xdist_group("docker")
def test_killed_while_the_engine_stops_a_container_it_is_not_called_undone() -> None:
    """It is stopped seconds later, whoever asked for it: rolled back would not be true."""
    world, began_s = World(BY_NAME["service.stop, deaf container"]), int(time.time())

    def is_being_stopped() -> bool:
        filters = {"container": name_of(world.place), "event": "kill"}
        with engine() as client:
            seen = client.api.events(since=began_s, until=int(time.time()), filters=filters)
            return any(True for _ in seen)

    try:
        assert world.in_process("execute", kill_when=is_being_stopped)
        world.in_process("recover")
        assert world.state.phase is Phase.COMMITTED, world.state.text
        assert world.now != world.before
        assert world.audited_ends() == {"committed"}
    finally:
        world.close()
