"""The desk in its thread: orders in, pictures out, and what is left when it breaks."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from core.logs.browse.opened_log import OpenedLog
from core.logs.desk.desk_thread import DeskThread
from core.logs.desk.orders import Ask, Choose
from core.logs.files.log_file import LogFile
from core.model.log_view import LogPicture
from core.model.text import clean
from tests.unit.core.logs.desk.desks import NOW_S, stamped, text_of


class Pictures:
    """Takes the pictures of a desk, and waits until one shows something."""

    def __init__(self, open_log: Callable[[str], OpenedLog]) -> None:
        self._changed = threading.Condition()
        titles = {"app": clean("app")}
        self.thread = DeskThread(titles, open_log, lambda: NOW_S, self._tell)

    def _tell(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, is_so: Callable[[LogPicture], bool]) -> LogPicture:
        with self._changed:
            assert self._changed.wait_for(lambda: is_so(self.thread.picture), 20)
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
