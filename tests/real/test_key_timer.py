"""Ends of graces by a real timer of systemd's: made, fired, taken back, gone after a new start.

Console, executor and server run where that systemd is PID 1: its own processes, its own /run.
"""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clients.waits import Wait
from demo.seed.decision_engine import PRO
from tests.demo.looking import until
from tests.real.key_stage import TARGET, KeyStage

pytestmark = [pytest.mark.real("systemd"), pytest.mark.xdist_group("systemd")]

_SERVER = "qd-test-key-server"
_SOON, _LATER, _LIMIT_S = "45s", "1h", 180.0
"""Two plans and a rotation take their time where others work too, and a look at them after."""


def into_systemd() -> tuple[str, ...]:
    """Return the words that run a program beside systemd; none where that is this machine's."""
    place = Path(shutil.which("systemctl") or "").parent.parent / "pid1"
    if not place.is_file():
        return ()
    # Its tools go by their own names there: the words that lead in are of no use inside.
    tools = ("/usr/bin/env", "PATH=/usr/sbin:/usr/bin:/sbin:/bin")
    pid = place.read_text("utf-8").strip()
    return ("/usr/bin/nsenter", "-t", pid, "-m", "-u", "-i", "-p", "-C", "--", *tools)


def systemctl(*words: str) -> str:
    done = subprocess.run(
        ["systemctl", *words], check=False, capture_output=True, text=True, timeout=60
    )
    return done.stdout


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[KeyStage]:
    stage = KeyStage(tmp_path, into_systemd())
    words = ["systemd-run", "--quiet", "--collect", f"--unit={_SERVER}", "--setenv=LC_ALL=C.UTF-8"]
    # The words of the stage's own server, which here is a unit like those of real systems.
    before, stage.into = stage.into, (*words, f"--working-directory={Path(__file__).parents[2]}")
    stage.start().wait()
    stage.into = before
    try:
        yield stage
    finally:
        for wait in stage.waits():
            systemctl("stop", f"{wait.unit}.timer", f"{wait.unit}.service")
        systemctl("stop", _SERVER)


def rotate(stage: KeyStage, grace: str) -> Wait:
    """Rotate a key; return what waits for its end."""
    to = f"file:{stage.state.parent / 'new.key'}"
    done = stage.act("key.rotate", key=stage.short_id(PRO), grace=grace, to=to)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "the timer quarterdeck-end-" in done.stdout
    (wait,) = stage.waits()
    return wait


_DROP = """
import asyncio, sys
from pathlib import Path
from core.clients.acting.waiters import LocalWaiters
from core.clients.clock import SystemClock
waiters = LocalWaiters(Path(sys.argv[1]), lambda *_: (), SystemClock())
asyncio.run(waiters.drop(sys.argv[2]))
"""


def take_back(stage: KeyStage, wait: Wait) -> None:
    """Do what the way back of the step that arranged the end does, where the timer is."""
    words = [*stage.into, sys.executable, "-c", _DROP, str(stage.state / "keys"), wait.order]
    subprocess.run(words, check=True, timeout=60, cwd=Path(__file__).parents[2])


def timer(wait: Wait) -> str:
    """Return what systemd says of the timer: nothing where it knows of none."""
    return systemctl("list-units", "--all", "--plain", "--no-legend", f"{wait.unit}.*")


def test_a_timer_fires_and_the_key_is_ended_with_proof_and_audit(stage: KeyStage) -> None:
    wait = rotate(stage, _SOON)
    assert f"{wait.unit}." in timer(wait)  # the timer, or already what it starts
    until(lambda: stage.status(PRO) == 401, _LIMIT_S)
    until(lambda: not stage.waits(), _LIMIT_S)
    new = (stage.state.parent / "new.key").read_text("utf-8")
    assert (stage.status(new), stage.records()[PRO]["active"]) == (200, False)
    until(lambda: timer(wait) == "", _LIMIT_S)
    (end,) = stage.ends()
    assert end["phase"] == "committed", end
    assert stage.console("audit", "verify").returncode == 0
    shown = stage.console("audit", "show", "--json").stdout
    assert str(end["id"]) in shown
    assert not any((stage.state / "keys" / "ends").iterdir()), "nothing of it is left"


def test_a_wait_that_is_taken_back_takes_its_timer_with_it(stage: KeyStage) -> None:
    wait = rotate(stage, _LATER)
    assert "waiting" in timer(wait)
    take_back(stage, wait)
    assert timer(wait) == ""
    assert (stage.waits(), stage.ends(), stage.status(PRO)) == ([], [], 200)


def test_a_timer_that_is_lost_as_by_a_new_start_is_told_and_its_end_is_offered(
    stage: KeyStage,
) -> None:
    wait = rotate(stage, _SOON)
    assert "nothing waits for it" not in stage.console("keys", TARGET).stdout
    # What a new start of the machine leaves of it: the folder of transient units begins empty.
    systemctl("stop", f"{wait.unit}.timer")
    assert timer(wait) == ""
    assert "nothing waits for it any more" in stage.console("keys", TARGET).stdout
    until(lambda: "grace is over" in stage.console("keys", TARGET).stdout, _LIMIT_S)
    assert stage.status(PRO) == 200
    checked = stage.console("check")
    assert "still live though the grace is over" in checked.stdout + checked.stderr
    done = stage.act("key.end")
    assert done.returncode == 0, done.stdout + done.stderr
    until(lambda: stage.status(PRO) == 401)
