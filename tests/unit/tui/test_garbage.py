"""When garbage is looked for: real cycles, and what becomes of them."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from tui.garbage import Sweeper


class Node:
    """Holds itself: only a look for garbage frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def sweeper() -> Iterator[Sweeper]:
    one = Sweeper()
    gc.collect()
    one.begin()
    yield one
    one.end()


def lost() -> "weakref.ref[Node]":
    return weakref.ref(Node())


def test_a_sweep_frees_what_is_new_and_lost(sweeper: Sweeper) -> None:
    seen = lost()
    sweeper.sweep()
    assert seen() is None


def test_nothing_is_looked_at_while_much_is_loaded_and_all_of_it_once_it_is_there(
    sweeper: Sweeper,
) -> None:
    sweeper.load()
    seen = lost()
    sweeper.sweep()
    assert seen() is not None
    sweeper.settle()
    assert seen() is None
    assert gc.isenabled()


def test_what_is_lost_before_it_began_is_freed_once_it_has_ended() -> None:
    sweeper = Sweeper()
    gc.disable()
    seen = lost()
    sweeper.begin()
    sweeper.settle()
    assert seen() is not None, "it was set aside"
    before = gc.get_freeze_count()
    sweeper.end()
    assert gc.get_freeze_count() < before
    gc.collect()
    assert seen() is None


def test_the_end_leaves_the_limits_as_they_were() -> None:
    before = gc.get_threshold()
    sweeper = Sweeper()
    sweeper.begin()
    assert gc.get_threshold() != before
    sweeper.end()
    assert gc.get_threshold() == before
