"""A connection that is cut amid an action: the action ends as planned, the console is gone.

One family at a time here; `python -m bench.cuts` cuts every scenario of every family, many times.
"""

import random

import pytest

from tests.crash_scenarios import SCENARIOS
from tests.cuts import Cuts, Planned, cut_off

pytestmark = [pytest.mark.real("sshd"), pytest.mark.xdist_group("sshd")]
BY_NAME = {one.name: one for one in SCENARIOS}


@pytest.mark.parametrize(
    "name",
    [
        "env.set",
        "service.restart",
        "backup.restore",
        "release.rollback",
        "logs.expire",
        "key.rotate",
        "stream.claim",
    ],
)
def test_cut_at_random_moments_the_action_ends_as_planned_and_is_told_afterwards(
    name: str,
) -> None:
    chance, cuts, planned = random.Random(name), Cuts(), Planned.of(BY_NAME[name])
    for how in ("client", "server"):
        cuts.add(cut_off(planned, how, chance))
    assert not cuts.wrong, "\n".join(cuts.wrong)
