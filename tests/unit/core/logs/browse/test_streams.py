"""Searches laid in one order of time for one reading."""

from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from core.logs.browse.streams import merged
from core.model.log import LogPosition, LogRecord
from core.model.text import EMPTY

Times = list[float | None]


def log(name: str, times: Times) -> list[LogRecord]:
    return [
        LogRecord(name, LogPosition(0, place), b"", EMPTY, time_s)
        for place, time_s in enumerate(times)
    ]


def keys(records: Iterator[LogRecord]) -> list[tuple[str, int]]:
    return [(one.source, one.position.offset) for one in records]


def test_records_come_in_order_of_time() -> None:
    one, other = log("a", [1, 4, 5]), log("b", [2, 3, 6])
    assert [record.time_s for record in merged([one, other])] == [1, 2, 3, 4, 5, 6]


def test_a_record_without_a_time_or_out_of_order_stays_behind_its_neighbour() -> None:
    found = keys(merged([log("a", [5, None, 1, 7]), log("b", [2, 6])]))
    assert found == [("b", 0), ("a", 0), ("a", 1), ("a", 2), ("b", 1), ("a", 3)]


TIMES = st.lists(st.none() | st.floats(0, 100), max_size=20)


@given(st.lists(TIMES, max_size=4))
def test_no_record_is_lost_or_moved_within_its_log(all_times: list[Times]) -> None:
    logs = [log(str(number), times) for number, times in enumerate(all_times)]
    found = keys(merged(logs))
    for number, times in enumerate(all_times):
        own = [place for name, place in found if name == str(number)]
        assert own == list(range(len(times)))


def test_only_one_record_of_each_log_is_held() -> None:
    taken: list[str] = []

    def lazily(name: str) -> Iterator[LogRecord]:
        for record in log(name, [1, 2, 3]):
            taken.append(name)
            yield record

    found = merged([lazily("a"), lazily("b")])
    next(found)
    assert sorted(taken) == ["a", "b"]
