"""Signals to a real executor in the middle of a step: it finishes that, and ends in one way."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from core.actions.failpoints import VARIABLE
from core.errors import ActionError
from core.model.action import ActionRequest, Phase
from core.model.action_state import ActionState, StepState
from tests.crash_processes import PROCESSES
from tests.crashes import World

_WITHIN_S = 180.0
BY_NAME = {one.name: one for one in PROCESSES}


@pytest.fixture
def world() -> Iterator[World]:
    """A service that is stopped, given another variable, and started again."""
    made = World(BY_NAME["env.set, read"])
    yield made
    state = made.state
    if state.is_alive and state.executor is not None:
        psutil.Process(state.executor.pid).kill()
    made.close()


def until(condition: Callable[[], object]) -> None:
    until_s = time.monotonic() + _WITHIN_S
    while not condition():
        assert time.monotonic() < until_s, "it did not come to that"
        time.sleep(0.02)


def stopped_at(world: World, place: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Start the executor as the console does; return its pid when it stands still there."""
    monkeypatch.setenv(VARIABLE, f"{place}:stop")
    world.desk.start("execute", world.action_id)
    until(lambda: world.state.executor is not None)
    executor = world.state.executor
    assert executor is not None
    until(lambda: psutil.Process(executor.pid).status() == psutil.STATUS_STOPPED)
    return executor.pid


def ended(world: World) -> ActionState:
    until(lambda: world.state.is_ended and not world.state.is_alive)
    return world.state


def test_told_to_stop_amid_a_step_it_finishes_that_and_goes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stopped_at(world, "begun:2", monkeypatch)
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    state = ended(world)
    assert (state.phase, state.text) == (Phase.ROLLED_BACK, "it was told to stop")
    assert [one.state for one in state.steps[:3]] == [
        StepState.UNDONE, StepState.UNDONE, StepState.WAITING,
    ]  # fmt: skip
    assert world.now == world.before
    assert world.audited_ends() == {"rolled_back"}


def test_told_to_stop_before_its_first_step_it_does_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stopped_at(world, "backed_up:1", monkeypatch)
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    state = ended(world)
    assert (state.phase, state.text) == (Phase.ABORTED, "it was told to stop")
    assert world.now == world.before
    assert world.audited_ends() == {"aborted"}


def test_told_to_stop_after_its_last_step_it_is_proven_and_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stopped_at(world, "verifying:1", monkeypatch)
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)
    assert ended(world).phase is Phase.COMMITTED


def test_the_keyboard_and_the_terminal_mean_nothing_to_it_nor_to_what_it_starts(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stopped_at(world, "begun:3", monkeypatch)
    assert os.getsid(pid) == pid
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        os.kill(pid, one)
    os.kill(pid, signal.SIGCONT)
    assert ended(world).phase is Phase.COMMITTED
    assert world.now == ("LEVEL=DEBUG\n", ["LEVEL=DEBUG\n"])
    program = str(world.place / "serve.sh")
    [service] = [
        one for one in psutil.process_iter(["cmdline"]) if program in (one.info["cmdline"] or ())
    ]
    ignored = int(_status(service.pid)["SigIgn"], 16)
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        assert not ignored & 1 << one - 1, one.name


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return {name: value.strip() for name, _, value in (one.partition(":") for one in lines)}


def test_stood_still_it_holds_its_target_and_nobody_runs_beside_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pid = stopped_at(world, "begun:2", monkeypatch)
    assert world.state.is_alive
    assert not world.desk.blocking()
    with pytest.raises(ActionError, match="is not unfinished"):
        world.desk.recover(world.action_id)
    with pytest.raises(Exception, match="holder"):
        world.confirmed(ActionRequest("env.set", "shop/env", (("LEVEL", "OTHER"),)))
    assert not world.in_process("recover")
    assert "is held" in (world.folder / "refused").read_text("utf-8")
    os.kill(pid, signal.SIGCONT)
    assert ended(world).phase is Phase.COMMITTED
    assert world.audited_ends() == {"committed"}


def test_a_bug_amid_a_step_is_recovered_from_by_the_same_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "observed:2:eio")
    world.desk.start("execute", world.action_id)
    state = ended(world)
    assert state.is_recovered
    assert state.phase is Phase.ROLLED_BACK
    assert world.now == world.before
    assert world.audited_ends() == {"rolled_back"}
    assert "Input/output error" in (world.desk.shelf.at(world.action_id).output).read_text("utf-8")


def test_a_machine_that_was_started_anew_trusts_no_pid(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pid of the journal lives, but the boot is another: whoever it is, it is not ours."""
    pid = stopped_at(world, "begun:2", monkeypatch)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not world.state.is_alive)
    journal = world.desk.shelf.at(world.action_id).path / "journal.jsonl"
    rows = [json.loads(one) for one in journal.read_text("ascii").splitlines()]
    own = psutil.Process()
    rows[0] |= {"pid": own.pid, "ticks": _start_ticks(own.pid), "boot": "another boot"}
    journal.write_text("".join(f"{json.dumps(one)}\n" for one in rows), "ascii")
    world.desk = replace(world.desk)
    assert not world.state.is_alive
    assert world.state.is_left_over
    world.in_process("recover")
    assert world.state.phase is Phase.ROLLED_BACK
    assert world.now == world.before


def _start_ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[19])
