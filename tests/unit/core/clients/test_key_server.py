"""Which file a server reads: told by a real process whose folder is another."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.clients.clock import SystemClock
from core.clients.key_server import ServerFinder, read_by
from core.model.topology import ComposeService, PlainProcess, SystemdUnit

SERVER = "import sys\nprint('up', flush=True)\nsys.stdin.read()\n"
Start = Callable[..., int]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "api").mkdir()
    for folder in (tmp_path, tmp_path / "api"):
        (folder / "api_keys.json").write_text("{}")
    (tmp_path / "api" / "keyserver.py").write_text(SERVER)
    return tmp_path


@pytest.fixture
def start(place: Path) -> Iterator[Start]:
    """Start the server in a folder; return its pid when it is up."""
    running: list[subprocess.Popen[str]] = []

    def begin(cwd: Path, **environment: str) -> int:
        process = subprocess.Popen(
            [sys.executable, str(place / "api" / "keyserver.py")], cwd=cwd, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, **environment},
        )  # fmt: skip
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        return process.pid

    yield begin
    for process in running:
        process.communicate(timeout=60)


def plain(place: Path, cwd: str = "") -> PlainProcess:
    return PlainProcess(("python", str(place / "api" / "keyserver.py")), cwd)


def test_a_server_reads_the_file_of_the_folder_that_it_was_started_in(
    place: Path, start: Start
) -> None:
    said = str(place / "api" / "api_keys.json")
    pid = start(place)
    found = ServerFinder(SystemClock()).find(
        plain(place, str(place / "api")), said, "API_KEYS_FILE"
    )
    assert found.path == str(place / "api_keys.json")
    assert found.why == f"pid {pid} runs in {place}"


def test_two_that_may_be_it_are_told_apart_by_the_configured_folder(
    place: Path, start: Start
) -> None:
    said = str(place / "api" / "api_keys.json")
    start(place)
    start(place / "api")
    finder = ServerFinder(SystemClock())
    assert finder.find(plain(place, str(place / "api")), said, "").path == said
    both = finder.find(plain(place), said, "")
    assert both.path is None
    assert "2 processes" in both.why


@pytest.mark.parametrize("value", ["../other.json", "{place}/other.json"])
def test_the_variable_of_its_environment_moves_the_file(
    place: Path, start: Start, value: str
) -> None:
    (place / "other.json").write_text("{}")
    pid = start(place / "api", API_KEYS_FILE=value.format(place=place))
    found = read_by(pid, str(place / "api" / "api_keys.json"), "API_KEYS_FILE")
    assert found.path is not None
    assert os.path.realpath(found.path) == str(place / "other.json")
    assert "with API_KEYS_FILE set" in found.why


def test_where_nobody_can_tell_the_reason_is_told(place: Path, start: Start) -> None:
    said = str(place / "api" / "api_keys.json")
    finder = ServerFinder(SystemClock())
    cases = {
        None: "not configured",
        ComposeService("shop", "api"): "container",
        plain(place): "no process",
        SystemdUnit("no-such-unit.service"): "no process",
    }
    for runs_as, why in cases.items():
        found = finder.find(runs_as, said, "")
        assert found.path is None
        assert why in found.why

    def denied(_: int) -> bytes:
        raise PermissionError

    pid = start(place / "api")
    found = read_by(pid, said, "API_KEYS_FILE", denied)
    assert found.path is None
    assert "variables may not be seen" in found.why
    found = read_by(pid, str(place / "missing.json"), "")
    assert found.path is None
    assert "there is no missing.json" in found.why
