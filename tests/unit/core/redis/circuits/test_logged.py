"""What a log tells of a breaker joins what was seen of it; nothing is told twice."""

from dataclasses import replace

from bench.scene_limits import circuits_of
from core.model.circuit import Circuits, CircuitState, Transition
from core.model.text import clean
from core.redis.circuits.logged import with_log

CLOSED, HALF, OPEN = CircuitState.CLOSED, CircuitState.HALF_OPEN, CircuitState.OPEN
ROW = replace(
    circuits_of(1000.0)[0].rows[0],
    history=(Transition(900.0, CLOSED, OPEN), Transition(960.0, OPEN, HALF)),
)


def told_of(*changes: Transition, rows: int = 1) -> Circuits:
    circuits = Circuits(ROW.server, (ROW,) * rows)
    return with_log(circuits, {ROW.service: changes})


def test_a_change_that_was_seen_gets_its_reason() -> None:
    (row,) = told_of(Transition(901.5, CLOSED, OPEN, clean("connect timeout"))).rows
    assert len(row.history) == 2
    assert row.history[0].reason == "connect timeout"


def test_a_change_that_nobody_saw_is_put_in_its_place() -> None:
    (row,) = told_of(Transition(930.0, OPEN, HALF), Transition(931.0, HALF, OPEN)).rows
    assert [one.time_s for one in row.history] == [900.0, 930.0, 931.0, 960.0]


def test_lines_that_could_mean_several_breakers_mean_none() -> None:
    circuits = told_of(Transition(930.0, OPEN, HALF), rows=2)
    assert [len(row.history) for row in circuits.rows] == [2, 2]
