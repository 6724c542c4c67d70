"""A few of the flows of `bench.reveals`: a real store, a real terminal, real executors."""

import random

from bench.reveal_flows import ON_A_TERMINAL
from bench.reveals import run_flows

CHOSEN = {
    "another size while shown": 1,
    "cancelled": 0,
    "copied, then closed": 1,
    "to a file, presenting": 1,
}
"""How many keys each of them makes."""


def test_a_key_that_is_made_comes_to_the_terminal_as_often_as_it_is_shown() -> None:
    kinds = [one for one in ON_A_TERMINAL if one.name in CHOSEN]
    tally = run_flows(kinds, random.Random(613))
    assert tally.wrong == []
    assert dict(tally.flows) == dict.fromkeys(CHOSEN, 1)
    assert tally.keys == sum(CHOSEN.values())
    assert tally.least_repaint_bytes > 8_000, "else nothing would come again in any case"
