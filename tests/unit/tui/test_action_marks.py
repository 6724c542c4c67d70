"""What happened to actions, as the logs are told of it."""

from dataclasses import replace

import pytest

from bench.scene_actions import actions_picture
from core.model.action import Phase, Proof
from core.model.action_state import ActionState
from core.model.log import LogMark
from tests.fakes.clock import START
from tui.action_marks import ActionMarks, marks_of

AT_S = 1_772_373_731.0
"""2026-03-01T14:02:11Z."""


@pytest.fixture
def running() -> ActionState:
    state = actions_picture(START).states[0]
    return replace(
        state, begun_s=AT_S, ended_s=None, is_alive=True, phase=Phase.RUNNING, proof=None
    )  # fmt: skip


def texts(marks: list[LogMark]) -> list[str]:
    return [str(one.text) for one in marks]


def test_a_beginning_says_which_action_on_what_and_when(running: ActionState) -> None:
    request = running.plan.request
    [mark] = marks_of(None, running)
    assert mark.text == f"{running.code} {request.action} {request.target} began 14:02:11 UTC"
    assert (mark.system, mark.at_s) == (running.plan.system, AT_S)
    assert marks_of(running, running) == []


def test_an_end_says_how_it_ended(running: ActionState) -> None:
    ended = replace(running, ended_s=AT_S + 14, phase=Phase.COMMITTED, proof=Proof.VERIFIED)
    [said] = texts(marks_of(running, ended))
    assert said.endswith(" ended 14:02:25 UTC, verified")
    back = replace(running, ended_s=AT_S + 14, phase=Phase.ROLLED_BACK, proof=None)
    assert texts(marks_of(running, back))[0].endswith(", rolled back")


def test_history_says_nothing(running: ActionState) -> None:
    ended = replace(running, ended_s=AT_S + 14, is_alive=False, phase=Phase.COMMITTED)
    assert marks_of(None, ended) == []


def test_what_is_kept_is_told_to_logs_that_are_opened_later(running: ActionState) -> None:
    marks, heard = ActionMarks(), list[LogMark]()
    marks.take({}, [running])
    marks.tell(heard.append)
    assert heard == []
    assert len(marks.recent) == 1
    was = {running.plan.id: running}
    marks.take(was, [replace(running, ended_s=AT_S + 1, phase=Phase.ABORTED)])
    assert [one.text.endswith("aborted before start") for one in heard] == [True]
    assert len(marks.recent) == 2
