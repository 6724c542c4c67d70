"""Logs of very many files: the work grows as the files do, not as their square."""

from collections.abc import Callable

import pytest

from core.logs.browse.search import EVERYTHING
from core.logs.query.query import parse_query
from core.logs.scan.candidates import Effort
from core.logs.scan.chunk import Order
from tests.fakes.line_count import assert_is_linear
from tests.unit.core.logs.browse.logs import BEGIN_S, NOW_S, opened, plain


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
