"""A connection that is cut amid an action: the action ends as planned, the console is gone.

Ten rounds; `python -m bench.cuts` runs fifty.
"""

import random

import pytest

from tests.cuts import Cuts, cut_off

pytestmark = [pytest.mark.real("sshd"), pytest.mark.xdist_group("sshd")]


@pytest.mark.parametrize("how", ["client", "server"])
def test_cut_at_random_moments_the_action_ends_as_planned_and_is_told_afterwards(how: str) -> None:
    chance, cuts = random.Random(how), Cuts()
    for _ in range(5):
        cuts.add(cut_off(how, chance))
    assert not cuts.wrong, "\n".join(cuts.wrong)
