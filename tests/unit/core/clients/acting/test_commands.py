"""Programs that change things run apart, bounded, and are told of truly."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from core.clients.acting.commands import LocalActing, Order, Ran
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientMissing, ClientTimeout
from core.model.secret import MASK, Secret


def script(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


async def run(order: Order) -> Ran:
    return await LocalActing(SystemClock()).run(order)


async def ended(pid: int) -> None:
    """Wait until a process is gone, or waits to be buried."""
    async with asyncio.timeout(30):
        while is_running(pid):
            await asyncio.sleep(0.01)


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"


async def test_what_ran_is_told_with_the_absolute_program(tmp_path: Path) -> None:
    ran = await run(Order(("printf", "%s", "$(id); `id`"), 30.0, cwd=str(tmp_path)))
    assert ran.argv[0].startswith("/")
    assert (ran.exit_code, ran.output, ran.errors) == (0, ("$(id); `id`",), ())


async def test_a_program_of_the_folder_is_found_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    script(tmp_path / "bin", "tool", "pwd; exit 7")
    ran = await run(Order(("bin/tool",), 30.0, cwd=str(tmp_path)))
    assert (ran.exit_code, ran.output) == (7, (str(tmp_path),))


async def test_a_secret_goes_in_by_stdin_and_is_not_told_again(tmp_path: Path) -> None:
    log = tmp_path / "out.log"
    tool = script(tmp_path, "tool", "read x; echo got $x; env; cat /proc/$$/cmdline")
    ran = await run(Order((tool,), 30.0, stdin=Secret("hunter2222\n"), output=log))
    assert f"got {MASK}" in ran.output
    assert "hunter2222" not in "\n".join(ran.output) + log.read_text()


async def test_a_secret_for_a_program_that_does_not_read_is_no_fault(tmp_path: Path) -> None:
    ran = await run(Order(("true",), 30.0, stdin=Secret("x" * 1_000_000)))
    assert ran.exit_code == 0


async def test_output_is_cleaned_and_masked_in_the_file_while_it_runs(tmp_path: Path) -> None:
    log = tmp_path / "out.log"
    gate = tmp_path / "gate"
    tool = script(
        tmp_path,
        "tool",
        r"printf 'one\033[2J\nPASSWORD=abcdef\n';"
        f" while [ ! -e {gate} ]; do sleep 0.02; done; printf end",
    )
    async with asyncio.TaskGroup() as group:
        task = group.create_task(run(Order((tool,), 30.0, output=log)))
        async with asyncio.timeout(30):
            while not log.exists() or log.read_text().count("\n") < 2:
                await asyncio.sleep(0.01)
        assert log.read_text() == f"one␛[2J\nPASSWORD={MASK}\n"
        gate.touch()
    assert task.result().output[-1] == "end"
    assert log.read_text().endswith("\nend\n")
    assert log.stat().st_mode & 0o777 == 0o600


async def test_a_flood_is_counted_and_dropped_and_ends_nothing(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", "head -c 3000000 /dev/zero | tr '\\0' x; exit 3")
    ran = await run(Order((tool,), 30.0, max_output_bytes=1000))
    assert ran.exit_code == 3
    assert ran.dropped_bytes == 3_000_000 - 1000


async def test_at_the_deadline_all_of_it_dies_and_the_last_words_are_told(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    tool = script(tmp_path, "tool", f"sleep 60 & echo $! > {mark}; echo half way; wait")
    with pytest.raises(ClientTimeout, match="within 5 s and was ended; it had printed: half way"):
        await run(Order((tool,), 5.0))
    await ended(int(mark.read_text()))


async def test_a_cancelled_run_leaves_nothing_behind(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    tool = script(tmp_path, "tool", f"echo $$ > {mark}; sleep 60")
    running = asyncio.ensure_future(run(Order((tool,), 60.0)))
    async with asyncio.timeout(30):
        while not mark.exists() or not mark.read_text():
            await asyncio.sleep(0.01)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await ended(int(mark.read_text()))


async def test_a_daemon_that_a_program_leaves_keeps_nobody_waiting(tmp_path: Path) -> None:
    mark = tmp_path / "daemon"
    tool = script(tmp_path, "tool", f"setsid sleep 50 & echo $! > {mark}; echo started")
    ran = await run(Order((tool,), 40.0))
    pid = int(mark.read_text())
    assert ran.output == ("started",)
    assert ran.took_s < 40.0
    assert Path(f"/proc/{pid}").exists()
    os.kill(pid, signal.SIGKILL)


async def test_what_cannot_run_says_why(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no program")
    with pytest.raises(ClientMissing, match="nonesuch is not installed"):
        await run(Order(("nonesuch",), 30.0))
    with pytest.raises(ClientMissing, match="no folder"):
        await run(Order(("true",), 30.0, cwd=str(tmp_path / "gone")))
    with pytest.raises(ClientMissing, match="no program"):
        await run(Order(("./gone",), 30.0, cwd=str(tmp_path)))
    with pytest.raises(ClientDenied, match="chmod"):
        await run(Order(("./data",), 30.0, cwd=str(tmp_path)))


async def test_the_environment_is_made_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_PRELOAD_CANARY", "1")
    ran = await run(Order(("env",), 30.0, env=(("EXTRA", "yes"),)))
    assert "EXTRA=yes" in ran.output
    assert "LD_PRELOAD_CANARY" not in "\n".join(ran.output)


async def test_an_output_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    aim = tmp_path / "aim"
    aim.write_text("kept")
    (tmp_path / "out.log").symlink_to(aim)
    with pytest.raises(ClientDenied, match="symbolic link"):
        await run(Order(("echo", "x"), 30.0, output=tmp_path / "out.log"))
    assert aim.read_text() == "kept"
