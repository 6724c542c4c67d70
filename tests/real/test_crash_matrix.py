"""Real executors, killed by kill -9 at named places: each action ends whole, and ends once.

A selection; `python -m bench.crashes` kills at every place, and with `--seconds` every recovery.
"""

import time

import pytest

from tests.crash_scenarios import SCENARIOS
from tests.crashes import Scenario, Tally, matrix, places

AMID = frozenset({"begun", "applied", "observed", "undo_begun", "proven", "ended"})
"""Where a kill leaves the most to be found out."""
BY_NAME = {one.name: one for one in SCENARIOS}
_SECONDS_S = 45.0


def assert_whole(tally: Tally) -> None:
    assert not tally.wrong, "\n".join(tally.wrong)


@pytest.mark.real("git")
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_killed_amid_its_steps_it_ends_whole_and_is_audited_once(scenario: Scenario) -> None:
    tally = matrix(scenario, only=lambda place: place.partition(":")[0] in AMID)
    assert_whole(tally)
    assert tally.kills >= 5
    assert sum(tally.ends.values()) == tally.kills


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
