"""Several consoles start an action on one target in the same moment: one of them acts.

Twenty rounds; `python -m bench.races` runs two hundred.
"""

from tests.races import Races, race


def test_of_all_that_start_at_once_one_acts_and_the_others_say_who() -> None:
    races = Races()
    for number in range(20):
        races.add(race(2 + number % 7))
    assert not races.wrong, "\n".join(races.wrong)
    assert races.held > races.stale
