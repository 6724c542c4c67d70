"""A crew works a little ahead, delivers in order, and hands on what went wrong."""

import threading

import pytest

from core.logs.scan.crew import Crew


def never() -> bool:
    return False


def test_it_begins_no_more_than_it_may_ahead_of_the_taker() -> None:
    begun: list[int] = []
    taken = 0
    too_many: list[int] = []

    def work(task: int) -> int:
        begun.append(task)
        if len(begun) - taken > 3 + 1:  # the one that is handed over just now is not counted yet
            too_many.append(task)
        return task

    for result in Crew(work, range(200), threads=2, ahead=3).results(never):
        assert result == taken
        taken += 1
    assert taken == 200
    assert too_many == []


@pytest.mark.parametrize("threads", [1, 2, 4])
def test_an_error_comes_after_the_results_before_it(threads: int) -> None:
    def work(task: int) -> int:
        if task == 7:
            raise ZeroDivisionError("task 7")
        return task

    results = Crew(work, range(100), threads=threads).results(never)
    assert [next(results) for _ in range(7)] == list(range(7))
    with pytest.raises(ZeroDivisionError, match="task 7"):
        next(results)


def test_a_slow_first_task_is_delivered_first() -> None:
    second_is_done = threading.Event()

    def work(task: int) -> int:
        if task == 0:
            assert second_is_done.wait(30)
        if task == 1:
            second_is_done.set()
        return task

    assert list(Crew(work, range(4), threads=2).results(never)) == [0, 1, 2, 3]


def test_whoever_stops_taking_ends_the_threads() -> None:
    before = threading.active_count()
    results = Crew(lambda task: task, range(10**6), threads=2).results(never)
    assert next(results) == 0
    results.close()
    for thread in threading.enumerate():
        if "_run" in thread.name:
            thread.join(30)
    assert threading.active_count() <= before


def test_no_tasks_give_no_results() -> None:
    assert list(Crew(lambda task: task, range(0)).results(never)) == []
