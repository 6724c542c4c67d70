"""Executors killed by kill -9 on a real engine, systemd, database server: whole, and audited once.

One action of each family, at two places and once more in its recovery; `python -m bench.crashes`
kills each of them at all places, and `--random N` in the middle of a call.
"""

import pytest

from tests.crash_every import BESIDE
from tests.crashes import Scenario, Tally, matrix

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
