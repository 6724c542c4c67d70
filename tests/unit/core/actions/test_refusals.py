"""Refusals: the first of equal ones is recorded at once, the others are one count."""

import pytest

from core.actions.audit.record import Event
from core.actions.refusals import FoldedRefusals
from core.errors import ActionError
from tests.fakes.clock import FakeClock
from tests.unit.core.actions.stage import Records


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def records() -> Records:
    return Records()


@pytest.fixture
def log(records: Records, clock: FakeClock) -> FoldedRefusals:
    return FoldedRefusals(records, clock)


def results(records: Records) -> list[str]:
    return [more.get("result", "") for event, more in records.rows if event is Event.DENIED]


async def test_a_held_key_is_one_record_and_a_count(
    log: FoldedRefusals, records: Records, clock: FakeClock
) -> None:
    for _ in range(500):
        log.append(Event.DENIED, verb="arm", reason="read-only")
    assert results(records) == [""]
    await clock.advance(61)
    log.settle()
    assert results(records) == ["", "499 more within 61 s"]
    log.settle(is_all=True)
    assert len(results(records)) == 2


async def test_after_its_minute_the_same_wish_is_recorded_anew(
    log: FoldedRefusals, records: Records, clock: FakeClock
) -> None:
    log.append(Event.DENIED, verb="arm", reason="read-only")
    await clock.advance(60)
    log.append(Event.DENIED, verb="arm", reason="read-only")
    assert results(records) == ["", ""]


@pytest.mark.parametrize("other", [{"verb": "recover"}, {"reason": "no role"}, {"target": "shop"}])
def test_another_wish_is_another_record(
    log: FoldedRefusals, records: Records, other: dict[str, str]
) -> None:
    first = {"verb": "arm", "reason": "read-only", "target": "bank"}
    log.append(Event.DENIED, **first)  # pyright: ignore[reportArgumentType] - fields by name
    log.append(Event.DENIED, **first | other)  # pyright: ignore[reportArgumentType]
    assert results(records) == ["", ""]


def test_what_is_no_refusal_is_never_folded(log: FoldedRefusals, records: Records) -> None:
    for _ in range(3):
        log.append(Event.ARM)
    assert [event for event, _ in records.rows] == [Event.ARM] * 3


def test_counts_are_written_when_the_console_is_left(log: FoldedRefusals, records: Records) -> None:
    for _ in range(3):
        log.append(Event.DENIED, verb="arm", reason="read-only")
    log.settle(is_all=True)
    assert results(records) == ["", "2 more within 0 s"]


def test_a_refusal_that_could_not_be_recorded_is_tried_again(
    log: FoldedRefusals, records: Records
) -> None:
    records.fails_from = 0
    with pytest.raises(ActionError):
        log.append(Event.DENIED, verb="arm", reason="read-only")
    records.fails_from = None
    log.append(Event.DENIED, verb="arm", reason="read-only")
    assert results(records) == [""]


def test_a_count_that_could_not_be_recorded_is_tried_again(
    log: FoldedRefusals, records: Records
) -> None:
    log.append(Event.DENIED, verb="arm", reason="read-only")
    log.append(Event.DENIED, verb="arm", reason="read-only")
    records.fails_from = 1
    with pytest.raises(ActionError):
        log.settle(is_all=True)
    records.fails_from = None
    log.settle(is_all=True)
    assert results(records) == ["", "1 more within 0 s"]
