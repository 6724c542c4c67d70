"""How a yes has to be said: by effect, environment and number, in every combination."""

from itertools import product

import pytest

from core.actions.rungs import BULK, rung_of
from core.model.action import Danger, Rung
from core.model.topology import Environment

ONE = {
    Danger.READ: (Rung.NONE, Rung.NONE, Rung.NONE),
    Danger.COPY: (Rung.ENTER, Rung.ENTER, Rung.ENTER),
    Danger.CHANGE: (Rung.ENTER, Rung.ENTER, Rung.ENTER),
    Danger.INTERRUPT: (Rung.ENTER, Rung.ENTER, Rung.PHRASE),
    Danger.DESTROY: (Rung.PHRASE, Rung.PHRASE, Rung.PHRASE),
}
"""For one target: in development, in staging, in production."""
PLACES = (Environment.DEVELOPMENT, Environment.STAGING, Environment.PRODUCTION)


@pytest.mark.parametrize(("danger", "at"), product(Danger, range(3)))
def test_for_one_target(danger: Danger, at: int) -> None:
    assert rung_of(danger, PLACES[at], 1) is ONE[danger][at]


@pytest.mark.parametrize(("danger", "at"), product(Danger, range(3)))
def test_of_several_the_list_is_shown_unless_a_phrase_is_typed(danger: Danger, at: int) -> None:
    alone, several = ONE[danger][at], rung_of(danger, PLACES[at], 2)
    assert several is (Rung.LIST if alone is Rung.ENTER else alone)


@pytest.mark.parametrize("danger", [one for one in Danger if one is not Danger.READ])
def test_more_than_the_cap_is_typed_whatever_is_done(danger: Danger) -> None:
    at_cap = rung_of(danger, Environment.DEVELOPMENT, BULK)
    assert at_cap is (Rung.PHRASE if danger is Danger.DESTROY else Rung.LIST)
    assert rung_of(danger, Environment.DEVELOPMENT, BULK + 1) is Rung.PHRASE
    assert rung_of(danger, Environment.DEVELOPMENT, 4, bulk=3) is Rung.PHRASE
