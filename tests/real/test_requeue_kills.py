"""A requeue that is killed at any moment, as often as one likes: nothing lost, nothing doubled."""

import pytest

from tests.requeue_kills import kill_requeues


@pytest.mark.real("redis")
def test_killed_at_random_every_letter_is_in_one_place_only() -> None:
    toll = kill_requeues(kills=25, count=120)
    assert not toll.wrong
    assert toll.kills >= 25
    assert toll.amid > 0
