"""A crash is written down once, wherever it happens; nothing is printed that a variable held."""

import os
import stat
import subprocess
import sys
import threading
from pathlib import Path

import platformdirs
import pytest

from tui.crash import CrashLog, FaultFile


@pytest.fixture(name="hooks", autouse=True)
def fixture_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.excepthook", sys.excepthook)
    monkeypatch.setattr("threading.excepthook", threading.excepthook)


def test_the_first_crash_is_the_one_that_is_told() -> None:
    told: list[BaseException] = []
    log = CrashLog(lambda error: told.append(error) or f"crash {len(told)}")
    first = ValueError("one")
    log.record(first)
    log.record(first)
    log.record(ValueError("two"))
    assert len(told) == 2
    assert log.line == "crash 1"


def test_a_thread_that_dies_is_written_down() -> None:
    log = CrashLog(lambda error: f"crashed: {error}")
    log.take_hooks()
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    assert log.line == "crashed: division by zero"


def test_a_writer_that_lost_its_terminal_is_no_crash() -> None:
    def lose() -> None:
        raise OSError(5, "Input/output error")

    log = CrashLog(lambda error: f"crashed: {error}")
    log.take_hooks()
    thread = threading.Thread(target=lose, name="textual-output")
    thread.start()
    thread.join()
    assert log.line == ""


def test_an_uncaught_error_leaves_one_line_and_a_private_file(tmp_path: Path) -> None:
    code = (
        "from tui.crash import CrashLog\n"
        "CrashLog().take_hooks()\n"
        "def inner(password): raise RuntimeError('boom')\n"
        "inner('canary-' + 'value')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    (file,) = (tmp_path / "quarterdeck" / "crashes").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "canary-value" not in file.read_text() + done.stderr
    assert "RuntimeError: boom" in file.read_text()


def test_the_interpreters_own_file_is_private_and_goes_when_nothing_happened() -> None:
    faults = FaultFile()
    faults.open()
    folder = Path(platformdirs.user_state_dir("quarterdeck")) / "crashes"
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    faults.close()
    assert list(folder.iterdir()) == []


def test_no_place_for_the_file_is_no_reason_not_to_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    faults = FaultFile()
    faults.open()
    faults.close()
