"""Processes are found exactly, ended by handle, and started so that they outlive us."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.clients.acting.process_ids import is_running, read_stat
from core.clients.acting.processes import LocalProcesses, ProcessId
from core.clients.clock import SystemClock
from core.errors import ClientDenied, ClientMissing


@pytest.fixture
def control() -> Iterator[LocalProcesses]:
    one = LocalProcesses(SystemClock())
    yield one
    one.close()


@pytest.fixture
def begun() -> Iterator[list[ProcessId]]:
    """Processes of a test, ended after it if they still run."""
    ones: list[ProcessId] = []
    yield ones
    for one in ones:
        if is_running(one):
            os.kill(one.pid, signal.SIGKILL)


async def until(is_so: object) -> None:
    async with asyncio.timeout(60):
        while not is_so():  # type: ignore[operator]
            await asyncio.sleep(0.01)


async def sleeper(
    control: LocalProcesses, begun: list[ProcessId], folder: Path, *words: str
) -> ProcessId:
    code = "import time; print('up', flush=True); time.sleep(60)"
    log = folder / f"{len(begun)}.log"
    argv = (sys.executable, "-c", code, *words)
    one = await control.start(argv, str(folder), (), str(log))
    begun.append(one)
    await until(lambda: log.exists() and "up" in log.read_text())
    return one


async def test_a_started_process_is_nobodys_child_and_leads_its_session(
    control: LocalProcesses, begun: list[ProcessId], tmp_path: Path
) -> None:
    one = await sleeper(control, begun, tmp_path, "first")
    stat = read_stat(one.pid)
    assert stat is not None
    assert stat.parent_pid != os.getpid()
    assert os.getsid(one.pid) == one.pid
    assert await control.is_running(one)
    assert Path(f"/proc/{one.pid}/cwd").readlink() == tmp_path
    status = Path(f"/proc/{one.pid}/status").read_text()
    ignored = next(line for line in status.splitlines() if line.startswith("SigIgn"))
    assert int(ignored.split()[1], 16) & 1 << (signal.SIGHUP - 1) == 0


async def test_it_outlives_the_one_who_started_it(begun: list[ProcessId], tmp_path: Path) -> None:
    code = (
        "import asyncio, os, signal\n"
        "from core.clients.acting.processes import LocalProcesses\n"
        "from core.clients.clock import SystemClock\n"
        "async def main():\n"
        "    one = await LocalProcesses(SystemClock()).start(('sleep', '60'), '/', (), '')\n"
        "    print(one.pid, one.start_ticks, flush=True)\n"
        "    os.killpg(0, signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, check=False, start_new_session=True, cwd=Path(__file__).parents[5],
    )  # fmt: skip
    pid, ticks = map(int, done.stdout.split())
    begun.append(ProcessId(pid, ticks))
    assert done.returncode == -signal.SIGKILL
    assert is_running(ProcessId(pid, ticks))


async def test_a_program_of_an_action_is_known_after_its_executor_has_died(
    control: LocalProcesses, tmp_path: Path
) -> None:
    code = (
        "import asyncio, sys\n"
        "from core.clients.acting.commands import LocalActing, Order\n"
        "from core.clients.clock import SystemClock\n"
        "order = Order(('sh', '-c', 'touch begun; sleep 50; :'), 60, sys.argv[1])\n"
        "asyncio.run(LocalActing(SystemClock(), 'A1').run(order))\n"
    )
    executor = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=Path(__file__).parents[5]
    )
    await until((tmp_path / "begun").exists)
    executor.kill()
    executor.wait()
    [view] = await control.of_action("A1")
    try:
        assert "touch begun" in view.argv[-1]
        assert not await control.of_action("A")
    finally:
        os.killpg(view.id.pid, signal.SIGKILL)
    async with asyncio.timeout(60):
        while await control.of_action("A1"):
            await asyncio.sleep(0.01)


async def test_output_and_environment_arrive(control: LocalProcesses, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("before\n")
    await control.start(
        ("sh", "-c", "echo $TOKEN_COUNT; echo bad >&2"), str(tmp_path), (("TOKEN_COUNT", "3"),),
        str(log),
    )  # fmt: skip
    await until(lambda: log.read_text() == "before\n3\nbad\n")


async def test_what_cannot_start_says_why(control: LocalProcesses, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no program")
    with pytest.raises(ClientMissing):
        await control.start(("nonesuch",), "/", (), "")
    with pytest.raises(ClientMissing, match="could not be started"):
        await control.start(("./gone",), str(tmp_path), (), "")
    with pytest.raises(ClientDenied, match="could not be started"):
        await control.start((str(tmp_path / "data"),), "/", (), "")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises((ClientMissing, ClientDenied)):
        await control.start(("true",), "/", (), str(tmp_path / "pipe"))


async def test_exact_words_in_order_find_it_and_nothing_else(
    control: LocalProcesses, begun: list[ProcessId], tmp_path: Path
) -> None:
    one = await sleeper(control, begun, tmp_path, "serve", "--port", "1")
    other = await sleeper(control, begun, tmp_path, "serve", "--port", "12")
    program = sys.executable
    (found,) = await control.find((program, "serve", "--port", "1"), "", "")
    assert found.id == one
    both = await control.find((program, "serve", "--port"), str(tmp_path), "")
    assert {view.id for view in both} == {one, other}
    assert await control.find((program, "--port", "serve"), "", "") == ()
    assert await control.find((program, "serv"), "", "") == ()
    assert await control.find((program, "serve", "--port"), "/nowhere", "") == ()
    assert await control.find(("serve",), "", "") == ()


async def test_we_and_those_above_us_are_never_found(control: LocalProcesses) -> None:
    ours = Path("/proc/self/cmdline").read_text().rstrip("\0").split("\0")
    assert os.getpid() not in {view.id.pid for view in await control.find(tuple(ours), "", "")}


async def test_a_pidfile_is_believed_only_while_it_fits(
    control: LocalProcesses, begun: list[ProcessId], tmp_path: Path
) -> None:
    one = await sleeper(control, begun, tmp_path, "worker")
    pidfile = tmp_path / "pid"
    pidfile.write_text(f"{one.pid}\n")
    (found,) = await control.find((), "", str(pidfile))
    assert found.id == one
    (found,) = await control.find((sys.executable, "worker"), "", str(pidfile))
    assert found.id == one
    assert await control.find((sys.executable, "another"), "", str(pidfile)) == ()
    os.utime(pidfile, (1, 1))  # written long before this process began: the pid was reused
    assert await control.find((), "", str(pidfile)) == ()
    pidfile.write_text("0\n")
    assert await control.find((), "", str(pidfile)) == ()


async def test_ending_waits_for_the_end_and_tells_who_needed_kill(
    control: LocalProcesses, begun: list[ProcessId], tmp_path: Path
) -> None:
    gentle = await sleeper(control, begun, tmp_path, "gentle")
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        " print('up', flush=True); time.sleep(60)"
    )
    log = tmp_path / "stubborn.log"
    stubborn = await control.start((sys.executable, "-c", code), "/", (), str(log))
    begun.append(stubborn)
    await until(lambda: "up" in log.read_text())
    assert await control.end((gentle, stubborn), 0.5) == (stubborn,)
    assert not await control.is_running(gentle)
    assert not await control.is_running(stubborn)
    assert await control.end((gentle,), 0.5) == ()


async def test_a_pid_that_is_anothers_by_now_is_not_signalled(
    control: LocalProcesses, begun: list[ProcessId], tmp_path: Path
) -> None:
    one = await sleeper(control, begun, tmp_path, "innocent")
    await control.end((ProcessId(one.pid, one.start_ticks - 1),), 0.2)
    assert await control.is_running(one)


async def test_who_holds_a_port_is_named(control: LocalProcesses) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
        found = await control.listening((port, 1))
    assert set(found) == {port}
    assert found[port].startswith(f"pid {os.getpid()}, ")
