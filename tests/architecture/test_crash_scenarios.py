"""Every action that changes something is one that tests kill: it has a small world of its own."""

import pytest

from core.actions.registry import all_actions
from core.model.action import Danger
from tests.crash_every import BESIDE, EVERY, FAMILIES

WITHOUT = {
    "grafana.import": "this build has no step for it: its plan says how it is done in Grafana",
}
"""Actions that change something, and why nothing can be killed amid them."""
CHANGING = sorted(one.id for one in all_actions().values() if one.danger is not Danger.READ)
KILLED = {one.name.partition(",")[0].partition(" ")[0] for one in EVERY}


@pytest.mark.parametrize("action", CHANGING)
def test_an_action_that_changes_something_is_killed_amid_its_steps(action: str) -> None:
    assert (action in KILLED) is not (action in WITHOUT)


def test_no_scenario_is_of_an_action_that_is_gone() -> None:
    assert KILLED - {"action.undo"} <= set(all_actions())


def test_each_scenario_is_in_one_family_and_each_has_a_name_of_its_own() -> None:
    of_families = [one for several in FAMILIES.values() for one in several]
    assert sorted(one.name for one in of_families) == sorted(one.name for one in EVERY)
    assert len({one.name for one in EVERY}) == len(EVERY)


def test_what_needs_a_component_is_beside_the_others() -> None:
    assert {one.name for one in EVERY if "docker" in one.needs} <= {one.name for one in BESIDE}
