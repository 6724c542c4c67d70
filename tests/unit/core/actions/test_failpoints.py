"""Failpoints: silent unless named, refused where no tests are, each at its own pass."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from core.actions import failpoints
from core.actions.failpoints import FailPoints
from core.errors import ActionError


def test_unnamed_nothing_happens_and_nothing_is_counted() -> None:
    fail = FailPoints()
    fail("anywhere")
    assert not fail.is_armed
    assert fail.passed == []


@pytest.mark.parametrize(
    "wanted",
    ["begun", "begun:1", "begun:1:sing", "begun:x:kill", "begun:0:kill", ":1:kill", "a:b:c:d"],
)
def test_what_is_not_of_the_form_is_refused(wanted: str) -> None:
    with pytest.raises(ActionError, match="is not NAME"):
        FailPoints(wanted)


def test_outside_a_checkout_with_tests_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(failpoints, "__file__", str(tmp_path / "core/actions/failpoints.py"))
    with pytest.raises(ActionError, match="no checkout with tests"):
        FailPoints("begun:1:kill")
    FailPoints()


def test_an_error_is_raised_at_the_pass_that_is_named_and_at_no_other() -> None:
    fail = FailPoints("begun:2:eio")
    fail("begun")
    fail("done")
    with pytest.raises(OSError, match="Input/output error"):
        fail("begun")
    fail("begun")
    assert fail.passed == ["begun", "done", "begun", "begun"]


def in_child(work: Callable[[], None], options: int = 0) -> int:
    """Return the status with which a process that does this ends, or stops."""
    pid = os.fork()
    if not pid:
        work()
        os._exit(0)
    status = os.waitpid(pid, options)[1]
    if os.WIFSTOPPED(status):
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return status


def test_killed_it_is_gone_at_once() -> None:
    status = in_child(lambda: FailPoints("begun:kill")("begun"))
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_stopped_it_stands_where_it_is() -> None:
    status = in_child(lambda: FailPoints("begun:1:stop")("begun"), os.WUNTRACED)
    assert os.WIFSTOPPED(status)
