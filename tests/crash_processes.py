"""Small worlds for `tests.crashes` in which a plain process runs, ended with exact pids."""

import os
import subprocess
import time
from pathlib import Path

import psutil

from core.model.action import ActionRequest, Phase
from tests.crashes import Scenario

_PROGRAM = """
text=
if [ -e .env ]; then read -r text <.env; fi
case $text in *BROKEN*)
    echo "this level is not known" >&2
    exit 1
    ;;
esac
echo "$text" >"read.$$"
exec 3<>../never
read -r text <&3
"""
"""A shell, because it refuses at once; one that is still starting would be taken for one that runs.
It waits by itself, on a pipe that nobody writes to, so that it is a single process."""
_STARTS_S = 60.0
_REFUSED_HURRY = 20.0
"""Who refuses has to have ended when it is looked whether it lives on."""


def _processes(folder: Path) -> list[psutil.Process]:
    """Return the runs of the program of this very world."""
    program = str(folder / "serve.sh")
    found: list[psutil.Process] = []
    for one in psutil.process_iter():
        try:
            if one.cmdline()[1:2] == [program]:
                found.append(one)
        except psutil.Error:
            continue
    return found


def _end(folder: Path) -> None:
    for one in _processes(folder):
        one.kill()


def _service(folder: Path) -> str:
    """Start the service, so that there is something to restart, and return its configuration."""
    program = folder / "serve.sh"
    program.write_text(_PROGRAM, encoding="utf-8")
    os.mkfifo(folder.parent / "never")
    words = f"[/bin/sh, {program}]"
    # Nobody of ours is its parent, so that it is reaped by whoever reaps orphans.
    subprocess.run(["setsid", "--fork", "/bin/sh", str(program)], cwd=folder, check=True)
    until_s = time.monotonic() + _STARTS_S
    while not _processes(folder):
        if time.monotonic() > until_s:
            raise TimeoutError(f"{program} does not start")
        time.sleep(0.01)
    for one in _processes(folder):  # what it has yet to write would be somebody's change later on
        _read_by(folder, one)
    return (
        "    services:\n      app:\n        runs_as:\n          process:\n"
        f"            {{command: {words}, start: {words}, cwd: {folder}}}\n"
    )


def _serving(folder: Path) -> str:
    """Have a command that is a server run."""
    _service(folder)
    words = f"[/bin/sh, {folder}/serve.sh]"
    return (
        f"    services: {{}}\n    commands:\n      serve: {{argv: {words}, danger: M,\n"
        f"        cwd: {folder}, background: {{log: out.log}}}}\n"
    )


def _env_of_service(folder: Path) -> str:
    (folder / ".env").write_text("LEVEL=INFO\n", encoding="utf-8")
    return f"{_service(folder)}    env_files:\n      env: {{path: .env, read_by: [app]}}\n"


def _running(folder: Path) -> object:
    """Return how many run: one, never two."""
    return len(_processes(folder))


def _variable_and_running(folder: Path) -> object:
    """Return what the file holds, and what those that run have read of it."""
    return (folder / ".env").read_text("utf-8"), [
        _read_by(folder, one) for one in _processes(folder)
    ]


def _read_by(folder: Path, process: psutil.Process) -> str:
    """Return what a run of the program has read; it writes that down as soon as it has."""
    path, until_s = folder / f"read.{process.pid}", time.monotonic() + _STARTS_S
    while not path.exists() or path.stat().st_size == 0:
        if time.monotonic() > until_s:
            return "nothing"
        time.sleep(0.01)
    return path.read_text("utf-8")


PROCESSES = (
    Scenario(
        "service.restart", _service, lambda _folder: ActionRequest("service.restart", "shop/app"),
        _running, _end, may_need_human="the run that was ended is gone",
    ),
    Scenario(
        "service.stop", _service, lambda _folder: ActionRequest("service.stop", "shop/app"),
        _running, _end,
    ),
    Scenario(
        "command.stop", _serving, lambda _folder: ActionRequest("command.stop", "shop/serve"),
        _running, _end,
    ),
    Scenario(
        "env.set, read", _env_of_service,
        lambda _folder: ActionRequest("env.set", "shop/env", (("LEVEL", "DEBUG"),)),
        _variable_and_running, _end,
    ),
    Scenario(
        "env.set, refused", _env_of_service,
        lambda _folder: ActionRequest("env.set", "shop/env", (("LEVEL", "BROKEN"),)),
        _variable_and_running, _end, ends=Phase.ROLLED_BACK, hurry=_REFUSED_HURRY,
    ),
)  # fmt: skip
