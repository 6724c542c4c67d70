"""Real executors, killed by kill -9 at named places: each action ends whole, and ends once.

A selection: each scenario at some of its places, all places between them; `python -m bench.kills`
kills each at every place, and with `--recoveries 1` every recovery.
"""

import time
from itertools import count

import pytest

from core.model.action import Phase
from tests.crash_edits import SLOW_KUBECTL
from tests.crash_scenarios import SCENARIOS
from tests.crashes import Scenario, Tally, World, every, matrix, one_by_turn, places

STEP = 7
"""Of so many places one: seven scenarios in a row have them all between them."""
BY_NAME = {one.name: one for one in SCENARIOS}
_SECONDS_S = 45.0


def assert_whole(tally: Tally) -> None:
    assert not tally.wrong, "\n".join(tally.wrong)


def marked(number: int, scenario: Scenario) -> object:
    marks = pytest.mark.real("git", *scenario.needs)
    return pytest.param(number, scenario, marks=marks, id=scenario.name)


@pytest.mark.parametrize(("number", "scenario"), map(marked, count(), SCENARIOS))
def test_killed_amid_its_steps_it_ends_whole_and_is_audited_once(
    number: int, scenario: Scenario
) -> None:
    """And one of its recoveries is killed as well, in turn before and after it has looked."""
    tally = matrix(
        scenario,
        seconds=True,
        sift=every(STEP, number),
        seconds_sift=lambda after: one_by_turn(number) if after == 1 else lambda _passed: [],
    )
    assert_whole(tally)
    assert tally.kills >= 4
    assert sum(tally.ends.values()) == tally.runs - 1


def test_so_many_scenarios_in_a_row_have_all_places_between_them() -> None:
    passed = [f"{number}" for number in range(20)]
    chosen = [one for begin in range(3, 3 + STEP) for one in every(STEP, begin)(passed)]
    assert sorted(chosen) == sorted(passed)


def test_killed_while_a_program_goes_on_it_is_not_called_undone() -> None:
    """It sets the number seconds later, whoever asked for it: rolled back would not be true."""
    world = World(SLOW_KUBECTL)
    try:
        assert world.in_process("execute", kill_when=(world.place / "asked").exists)
        assert world.now == world.before
        world.in_process("recover")
        assert world.state.phase is Phase.COMMITTED, world.state.text
        assert world.now == 5
        assert world.audited_ends() == {"committed"}
    finally:
        world.close()


def test_killed_at_every_place_a_way_back_is_gone_to_its_end() -> None:
    tally = matrix(BY_NAME["env.set, refused"])
    assert_whole(tally)
    assert {"failed", "rolling_back", "undo_begun", "undone"} <= tally.struck


def test_a_recovery_that_is_killed_as_well_is_begun_again() -> None:
    until_s = time.monotonic() + _SECONDS_S
    tally = matrix(
        BY_NAME["env.set"],
        seconds=True,
        only=lambda place: place in {"applied:1", "verifying:1", "begun:2"},
        until_s=until_s,
    )
    assert_whole(tally)
    assert {"recovering", "looked"} & tally.struck


def test_every_place_in_the_code_is_one_that_a_name_can_reach() -> None:
    assert len(places()) >= 26
    assert len(set(places())) == len(places())
