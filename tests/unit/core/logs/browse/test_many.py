"""Logs of very many files: the work grows as the files do, not as their square.

What is counted is lines of Python that run, which is the same on every machine.
"""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from core.logs.browse.search import EVERYTHING
from core.logs.query.query import parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from tests.unit.core.logs.browse.logs import BEGIN_S, NOW_S, opened, plain

FEW, MANY = 30, 300


def lines_of(call: Callable[[], object]) -> int:
    """Return how many lines of Python run in a call, in this thread."""
    count = 0

    def trace(_frame: FrameType, event: str, _arg: object) -> Any:
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    finally:
        sys.settrace(before)
    return count


def assert_is_linear(work: Callable[[int], Callable[[], object]]) -> None:
    """Ten times as many may cost ten times as much, and a little for looking them up."""
    for count in (FEW, MANY):
        work(count)()  # what is made once, such as patterns, is made before the counting
    few, many = lines_of(work(FEW)), lines_of(work(MANY))
    assert many < few * (MANY / FEW) * 1.3, (few, many)


@pytest.mark.parametrize("order", Order)
def test_a_search_through_many_files(order: Order) -> None:
    def work(count: int) -> Callable[[], object]:
        log = opened(*(plain(BEGIN_S + at) for at in range(count)))
        search = log.search(parse_query("needle", NOW_S), Effort(threads=1, ahead=1))

        def run() -> None:
            found = list(search.run(order, EVERYTHING))
            assert sum(len(one.entries) for one in found) == count
            assert found[-1].scanned_bytes == found[-1].total_bytes == log.size_bytes

        return run

    assert_is_linear(work)
