"""The desk's thread: orders that come before the desk is made are carried out, or answered."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.action import Site
from core.actions.audit.record import Event
from core.actions.desk import ActionDesk
from core.actions.desk_thread import ActionDeskThread
from core.errors import ActionError
from core.model.action import Offer
from core.model.action_pages import Page
from core.model.state import StateFolders
from core.model.text import EMPTY, SafeText
from tests.fakes.acting_parts import SWAP
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
        assert self._came.acquire(timeout=30)
        return self.said[-1]


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so; fail when it does not become so."""
    end_s = time.monotonic() + 30
    while not is_so():
        assert time.monotonic() < end_s, "it did not become so"
        time.sleep(0.01)


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
        one.stop(30)


def test_arming_at_once_is_written_down_as_soon_as_there_is_a_desk(
    open_desk: Open, tmp_path: Path
) -> None:
    """The first key that somebody presses may be the one that makes the desk."""
    front, gate, answers = Front(tmp_path), threading.Event(), Answers()

    def make() -> ActionDesk:
        gate.wait(60)
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
    assert thread.stop(30)
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


def test_what_can_be_done_is_looked_up_only_once_asked_and_stays_known(
    open_desk: Open, tmp_path: Path
) -> None:
    front, answers = Front(tmp_path), Answers()
    looked: list[Site] = []

    def offers(site: Site) -> tuple[Offer, ...]:
        looked.append(site)
        return SWAP.offers(site)

    desk = replace(front.desk, actions={SWAP.id: replace(SWAP, offers=offers)})
    thread = open_desk(lambda: desk)
    thread.record_arming(answers, is_armed=True)
    assert answers.wait() == EMPTY
    until(lambda: thread.picture.is_read)
    assert thread.picture.offers is None
    thread.turn_to(Page.POSSIBLE)
    thread.look_up_offers()
    until(lambda: thread.picture.offers is not None)
    thread.look_at("nothing of the kind")
    thread.record_arming(answers, is_armed=False)
    answers.wait()
    assert len(looked) == 1
    assert thread.picture.offers == front.desk.offers()


def test_where_there_can_be_no_desk_nothing_can_be_done_and_nobody_waits_for_it(
    open_desk: Open,
) -> None:
    def make() -> ActionDesk:
        raise ActionError("the configuration is gone")

    thread = open_desk(make)
    thread.look_up_offers()
    until(lambda: thread.picture.is_read)
    assert (thread.picture.offers, thread.picture.problem) == ((), "the configuration is gone")


def test_a_page_that_needs_to_know_what_can_be_done_has_it_looked_up(
    open_desk: Open, tmp_path: Path
) -> None:
    thread = open_desk(lambda: Front(tmp_path).desk)
    thread.turn_to(Page.PROCEDURES)
    until(lambda: thread.picture.pages.procedures is not None)
    assert thread.picture.offers
