"""Locks between processes: one holder, who is named; nothing stale when it dies."""

import multiprocessing
import os
import signal
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from core.actions.locks import TargetLocks, holder_of
from core.errors import ActionError

ADA = {"actor": "ada", "title": "restart it", "action": "01ADA", "since": "12:00:00 UTC"}
MIA = ADA | {"actor": "mia", "action": "01MIA"}
SAID = "ada runs restart it (01ADA) since 12:00:00 UTC"


def _hold(folder: Path, names: list[str], say: Connection) -> None:
    TargetLocks(folder).take(names, ADA)
    say.send("held")
    signal.pause()


@contextmanager
def held_elsewhere(folder: Path, *names: str) -> Generator[int]:
    """Have another process hold locks; yield its pid."""
    own, its = multiprocessing.Pipe()
    context = multiprocessing.get_context("fork")
    other = context.Process(target=_hold, args=(folder, list(names), its))
    other.start()
    assert own.recv() == "held"
    try:
        yield other.pid or 0
    finally:
        other.kill()
        other.join()
        other.close()
        own.close()
        its.close()


def test_what_another_process_holds_is_refused_with_who_what_and_since_when(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:a", "unit:b"):
        with pytest.raises(ActionError, match="unit:b is held: ") as refused:
            TargetLocks(tmp_path).take(["unit:b"], MIA)
        assert SAID in str(refused.value)
        assert holder_of(tmp_path, "unit:a") == SAID


def test_who_is_turned_away_leaves_the_words_of_the_holder(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:a"):
        for _ in range(3):
            with pytest.raises(ActionError, match="ada runs restart it"):
                TargetLocks(tmp_path).take(["unit:a"], MIA)


def test_all_are_taken_or_none(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:b"):
        with pytest.raises(ActionError):
            TargetLocks(tmp_path).take(["unit:a", "unit:b", "unit:c"], MIA)
        assert holder_of(tmp_path, "unit:a") is None
        TargetLocks(tmp_path).take(["unit:a", "unit:c"], MIA)


def test_a_lock_dies_with_its_holder(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:a") as pid:
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        assert holder_of(tmp_path, "unit:a") is None
        locks = TargetLocks(tmp_path)
        locks.take(["unit:a"], MIA)
        assert holder_of(tmp_path, "unit:a") == SAID.replace("ada", "mia").replace("ADA", "MIA")
        locks.close()


def test_a_stopped_holder_holds_it_still(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:a") as pid:
        os.kill(pid, signal.SIGSTOP)
        os.waitid(os.P_PID, pid, os.WSTOPPED | os.WNOWAIT)
        with pytest.raises(ActionError, match="is held"):
            TargetLocks(tmp_path).take(["unit:a"], MIA)
        os.kill(pid, signal.SIGCONT)


def test_given_back_it_is_free_and_says_nothing(tmp_path: Path) -> None:
    locks = TargetLocks(tmp_path)
    locks.take(["unit:a"], ADA)
    locks.close()
    assert holder_of(tmp_path, "unit:a") is None
    assert holder_of(tmp_path, "never taken") is None
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b""]


def test_a_look_at_a_free_lock_does_not_turn_an_executor_away(tmp_path: Path) -> None:
    """Who looks holds the lock for a moment."""
    TargetLocks(tmp_path).take(["unit:a"], ADA)
    looks = [holder_of(tmp_path, "unit:b") for _ in range(50)]
    TargetLocks(tmp_path).take(["unit:b"], MIA)
    assert looks == [None] * 50


def test_a_damaged_word_of_a_holder_is_no_reason_to_act(tmp_path: Path) -> None:
    with held_elsewhere(tmp_path, "unit:a"):
        [path] = tmp_path.iterdir()
        path.write_bytes(b"{no json")
        with pytest.raises(ActionError, match="another action is running on it"):
            TargetLocks(tmp_path).take(["unit:a"], MIA)


@pytest.mark.parametrize("kind", ["link", "folder"])
def test_a_lock_file_that_somebody_has_prepared_is_not_followed(tmp_path: Path, kind: str) -> None:
    folder, victim = tmp_path / "locks", tmp_path / "victim"
    victim.write_text("precious", "utf-8")
    locks = TargetLocks(folder)
    locks.take(["unit:a"], ADA)
    locks.close()
    [path] = folder.iterdir()
    path.unlink()
    if kind == "link":
        path.symlink_to(victim)
    else:
        path.mkdir()
    with pytest.raises(ActionError, match="cannot be opened"):
        TargetLocks(folder).take(["unit:a"], ADA)
    assert victim.read_text("utf-8") == "precious"
