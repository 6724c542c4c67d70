"""The desk in its thread: orders in, pictures out, and what is left when it breaks."""

import queue
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.desk_thread import DeskThread
from core.logs.desk.housekeeping import House
from core.logs.desk.orders import Ask, Choose, Keep
from core.logs.files.log_file import LogFile
from core.model.log_keeping import KeptSum, LogKeeping
from core.model.log_view import LogPicture
from core.model.text import clean
from tests.unit.core.logs.desk.desks import NOW_S, stamped, text_of


class Pictures:
    """Takes the pictures of a desk, and waits until one shows something."""

    def __init__(self, open_log: Callable[[str], OpenedLog], house: House | None = None) -> None:
        self._changed = threading.Condition()
        titles = {"app": clean("app")}
        self.thread = DeskThread(titles, open_log, lambda: NOW_S, self._tell, house=house)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, is_so: Callable[[LogPicture], bool]) -> LogPicture:
        with self._changed:
            assert self._changed.wait_for(lambda: is_so(self.thread.picture), 30)
        return self.thread.picture


def test_it_follows_a_file_and_ends_when_told(tmp_path: Path) -> None:
    path = tmp_path / "app.log"
    path.write_text(stamped(0, "first"))
    pictures = Pictures(lambda source: OpenedLog(LogFile(str(path), source), NOW_S))
    pictures.thread.start()
    pictures.thread.send(Choose(("app",)))
    pictures.wait_for(lambda picture: [text_of(row) for row in picture.rows] == ["first"])
    with path.open("a") as file:
        file.write(stamped(1, "second"))
    pictures.wait_for(lambda picture: [text_of(row) for row in picture.rows][1:] == ["second"])
    assert pictures.thread.stop(10)
    assert not pictures.thread.picture.is_broken


def test_it_counts_though_nobody_says_that_the_rows_were_painted_and_at_once_where_they_were(
    tmp_path: Path,
) -> None:
    path = tmp_path / "app.log"
    path.write_text("".join(stamped(at, f"line {at}") for at in range(50)))
    pictures = Pictures(lambda source: OpenedLog(LogFile(str(path), source), NOW_S))
    pictures.thread.start()
    pictures.thread.send(Choose(("app",)))
    pictures.wait_for(lambda picture: picture.count.is_complete and picture.count.matched == 50)
    pictures.thread.send(Ask(None, 3600.0))
    shown = pictures.wait_for(lambda picture: picture.window_s == 3600.0 and not picture.busy)
    pictures.thread.painted(shown)
    pictures.wait_for(lambda picture: picture.count.is_complete)
    assert pictures.thread.stop(10)


def test_a_desk_that_was_never_started_ends_at_once() -> None:
    assert Pictures(lambda _: pytest.fail("nothing is chosen")).thread.stop(0)


def test_a_bug_is_not_swallowed_and_the_picture_says_that_nothing_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caught: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda hook: caught.append(hook.exc_value))

    def open_log(source: str) -> OpenedLog:
        raise ZeroDivisionError(source)

    pictures = Pictures(open_log)
    pictures.thread.start()
    pictures.thread.send(Choose(("app",)))
    picture = pictures.wait_for(lambda picture: picture.is_broken)
    assert "stopped" in picture.problem
    assert picture.busy == ""
    assert pictures.thread.stop(10)
    assert [type(error) for error in caught] == [ZeroDivisionError]


class LargeHouse:
    """A house that looks until it is let go or broken off, and counts its looks."""

    def __init__(self) -> None:
        self.looks = 0
        self.is_let_go = threading.Event()
        self.begun = threading.Semaphore(0)

    def read(self, now_s: float, cancelled: Callable[[], bool]) -> LogKeeping:
        self.looks += 1
        files = KeptSum(self.looks)
        self.begun.release()
        while not cancelled():
            if self.is_let_go.wait(0.01):
                return LogKeeping(now_s, total=files)
        return LogKeeping(now_s, is_complete=False)


def begun(house: LargeHouse) -> None:
    assert house.begun.acquire(timeout=30)


def test_logs_are_followed_while_files_are_listed_and_no_order_breaks_that_off(
    tmp_path: Path,
) -> None:
    path, house = tmp_path / "app.log", LargeHouse()
    path.write_text(stamped(0, "first"))
    pictures = Pictures(lambda source: OpenedLog(LogFile(str(path), source), NOW_S), house)
    pictures.thread.start()
    pictures.thread.send(Keep(is_wanted=True))
    begun(house)
    pictures.thread.send(Choose(("app",)))
    shown = pictures.wait_for(lambda picture: len(picture.rows) == 1)
    assert shown.keeping == LogKeeping()
    with path.open("a") as file:
        file.write(stamped(1, "second"))
    pictures.wait_for(lambda picture: len(picture.rows) == 2)
    pictures.thread.send(Ask(None, 3600.0))
    pictures.wait_for(lambda picture: picture.window_s == 3600.0)
    house.is_let_go.set()
    shown = pictures.wait_for(
        lambda picture: picture.keeping == LogKeeping(NOW_S, total=KeptSum(1))
    )
    assert shown.window_s == 3600.0
    assert pictures.thread.stop(30)


def test_whoever_looks_again_gets_the_second_look_and_nothing_of_the_first() -> None:
    house = LargeHouse()
    pictures = Pictures(lambda _: pytest.fail("nothing is chosen"), house)
    pictures.thread.start()
    pictures.thread.send(Keep(is_wanted=True))
    begun(house)
    pictures.thread.send(Keep(is_wanted=True))
    begun(house)
    assert pictures.thread.picture.keeping == LogKeeping()
    house.is_let_go.set()
    pictures.wait_for(lambda picture: picture.keeping == LogKeeping(NOW_S, total=KeptSum(2)))
    assert pictures.thread.stop(30)


def test_whoever_goes_back_to_the_rows_waits_for_no_look_and_one_that_runs_is_broken_off() -> None:
    house = LargeHouse()
    pictures = Pictures(lambda _: pytest.fail("nothing is chosen"), house)
    pictures.thread.start()
    pictures.thread.send(Keep(is_wanted=True))
    begun(house)
    assert pictures.thread.picture.keeping == LogKeeping()
    pictures.thread.send(Keep(is_wanted=False))
    assert pictures.thread.picture.keeping is None
    assert pictures.thread.stop(30)
    assert pictures.thread.picture.keeping is None
    assert house.looks == 1


def test_a_look_that_runs_ends_with_the_desk() -> None:
    house = LargeHouse()
    pictures = Pictures(lambda _: pytest.fail("nothing is chosen"), house)
    pictures.thread.start()
    pictures.thread.send(Keep(is_wanted=True))
    begun(house)
    assert pictures.thread.stop(30)
    pictures.thread.send(Keep(is_wanted=True))
    assert house.looks == 1


def test_a_bug_in_a_look_is_not_swallowed_logs_go_on_and_the_next_look_is_another(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    caught: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
    monkeypatch.setattr(threading, "excepthook", lambda hook: caught.put(hook.exc_value))

    class House:
        is_broken = True

        def read(self, now_s: float, cancelled: Callable[[], bool]) -> LogKeeping:
            if self.is_broken:
                raise ZeroDivisionError(cancelled())
            return LogKeeping(now_s)

    path, house = tmp_path / "app.log", House()
    path.write_text(stamped(0, "first"))
    pictures = Pictures(lambda source: OpenedLog(LogFile(str(path), source), NOW_S), house)
    pictures.thread.start()
    pictures.thread.send(Keep(is_wanted=True))
    pictures.wait_for(lambda picture: picture.keeping is not None and bool(picture.keeping.note))
    pictures.thread.send(Choose(("app",)))
    shown = pictures.wait_for(lambda picture: len(picture.rows) == 1)
    assert not shown.is_broken
    house.is_broken = False
    pictures.thread.send(Keep(is_wanted=True))
    pictures.wait_for(lambda picture: picture.keeping == LogKeeping(NOW_S))
    assert pictures.thread.stop(30)
    assert isinstance(caught.get(timeout=30), ZeroDivisionError)
    assert caught.empty()
