"""The desk's thread: orders that come before the desk is made are carried out, or answered."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.audit.record import Event
from core.actions.desk import ActionDesk
from core.actions.desk_thread import ActionDeskThread
from core.errors import ActionError
from core.model.state import StateFolders
from core.model.text import EMPTY, SafeText
from tests.unit.core.actions.test_desk import Front

Open = Callable[[Callable[[], ActionDesk]], ActionDeskThread]


class Answers:
    """What a thread says came of orders."""

    def __init__(self) -> None:
        self.said: list[SafeText] = []
        self._came = threading.Semaphore(0)

    def __call__(self, text: SafeText) -> None:
        self.said.append(text)
        self._came.release()

    def wait(self) -> SafeText:
        assert self._came.acquire(timeout=20)
        return self.said[-1]


@pytest.fixture
def open_desk(tmp_path: Path) -> Iterator[Open]:
    opened: list[ActionDeskThread] = []
    folders = StateFolders(*(tmp_path / one for one in ("actions", "runs", "audit", "locks")))

    def open_it(make: Callable[[], ActionDesk]) -> ActionDeskThread:
        opened.append(ActionDeskThread(make, lambda: None, folders))
        opened[-1].start()
        return opened[-1]

    yield open_it
    for one in opened:
        one.stop(10)


def test_arming_at_once_is_written_down_as_soon_as_there_is_a_desk(
    open_desk: Open, tmp_path: Path
) -> None:
    """The first key that somebody presses may be the one that makes the desk."""
    front, gate, answers = Front(tmp_path), threading.Event(), Answers()

    def make() -> ActionDesk:
        gate.wait(20)
        return front.desk

    thread = open_desk(make)
    thread.record_arming(answers, is_armed=True)
    thread.record_refusal("recover", "changes are off", answers)
    assert front.events == []
    gate.set()
    assert answers.wait() == answers.wait() == EMPTY
    assert sorted(front.events) == [Event.ARM, Event.DENIED]
    assert front.reasons == ["changes are off"]


def test_where_there_can_be_no_desk_every_order_says_why(open_desk: Open) -> None:
    def make() -> ActionDesk:
        raise ActionError("the configuration is gone")

    thread, answers = open_desk(make), Answers()
    for _ in range(2):
        thread.record_arming(answers, is_armed=True)
        assert answers.wait() == "the configuration is gone"


def test_refusals_of_one_wish_are_one_record_and_a_count_at_the_end(
    open_desk: Open, tmp_path: Path
) -> None:
    front, answers = Front(tmp_path), Answers()
    thread = open_desk(lambda: front.desk)
    for _ in range(20):
        thread.record_refusal("arm", "read-only", answers)
    for _ in range(20):
        answers.wait()
    assert front.reasons == ["read-only"]
    assert thread.stop(10)
    assert front.stage.records.rows[-1][1]["result"].startswith("19 more within ")


def test_a_refusal_about_an_action_names_it(front: Front) -> None:
    plan = front.plan()
    front.desk.record_refusal("confirm", "changes are off", plan.id)
    event, more = front.stage.records.rows[-1]
    assert (event, more["action_id"], more["verb"]) == (Event.DENIED, plan.id, plan.request.action)
    assert more["reason"] == "confirm: changes are off"


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)
