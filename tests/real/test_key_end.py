"""Ends of graces by what really waits for them: a process that no console holds."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.failpoints import VARIABLE
from core.clients.process_runs import is_alive
from core.model.action_state import ProcessRun
from demo.seed.decision_engine import PRO
from tests.demo.looking import until
from tests.real.key_stage import LIMIT_S, TARGET, KeyStage, key_stage

_SOON, _NEVER = "3s", "1h"
_STARTED = "confirmed"
"""The place where the executor is there already: it ends the grace, whoever asked for it."""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[KeyStage]:
    with key_stage(tmp_path) as one:
        yield one


def rotate(stage: KeyStage, grace: str) -> None:
    to = f"file:{stage.state.parent / 'new.key'}"
    done = stage.act("key.rotate", key=stage.short_id(PRO), grace=grace, to=to)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ends it at" in done.stdout


def test_a_grace_ends_by_itself_when_no_console_runs(stage: KeyStage) -> None:
    rotate(stage, _SOON)
    until(lambda: stage.status(PRO) == 401, LIMIT_S)
    new = (stage.state.parent / "new.key").read_text("utf-8")
    assert stage.status(new) == 200
    until(lambda: not stage.waits(), LIMIT_S)
    assert stage.records()[PRO]["active"] is False
    assert not list((stage.state / "keys" / "ends").glob("*.env")), "the variables are gone"


def test_who_waits_outlives_what_started_it_and_ends_when_nobody_wants_it(stage: KeyStage) -> None:
    rotate(stage, _NEVER)
    (wait,) = stage.waits()
    run = ProcessRun(wait.pid, wait.ticks, wait.boot_id)
    assert is_alive(run)
    assert os.getsid(wait.pid) == wait.pid, "a session of its own"
    os.kill(wait.pid, signal.SIGHUP)
    assert is_alive(run)
    os.kill(wait.pid, signal.SIGTERM)
    until(lambda: not is_alive(run), LIMIT_S)
    assert stage.status(PRO) == 200


@pytest.mark.parametrize("place", ["due", "planned", _STARTED])
def test_a_wait_that_is_killed_leaves_an_end_that_is_found_and_done(
    stage: KeyStage, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, f"{place}:kill")
    rotate(stage, _SOON)
    monkeypatch.delenv(VARIABLE)
    (wait,) = stage.waits()
    until(lambda: not wait.is_waited_for(), LIMIT_S)
    if place != _STARTED:
        assert stage.status(PRO) == 200
        done = stage.console("keys", TARGET)
        assert "grace is over" in done.stdout, done.stdout + done.stderr
        done = stage.act("key.end")
        assert done.returncode == 0, done.stdout + done.stderr
    # The first file of the store is enough for the server: the executor goes on to the others.
    until(lambda: [one["phase"] for one in stage.ends()] == ["committed"], LIMIT_S)
    assert stage.status(PRO) == 401
    assert "no key's grace is over" in stage.console("run", "key.end", TARGET).stderr
