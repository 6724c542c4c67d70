"""systemctl as a tool that lies: what is called, what is refused, and what its words mean."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from core.clients.acting.units import SystemctlControl, unit_name
from core.clients.command import CommandResult, LocalCommands
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientTimeout,
)
from core.model.text import clean_lines


class Tool:
    """Answers every call alike, and remembers what was called."""

    def __init__(self, exit_code: int = 0, output: str = "", errors: str = "") -> None:
        self.result = CommandResult(exit_code, clean_lines(output), clean_lines(errors))
        self.calls: list[tuple[str, ...]] = []

    async def run(
        self, argv: tuple[str, ...], deadline_s: float, env: Mapping[str, str] | None = None
    ) -> CommandResult:
        self.calls.append(argv)
        return self.result


async def test_a_change_never_replaces_a_job_that_waits_and_asks_nobody() -> None:
    tool = Tool()
    await SystemctlControl(tool).restart("api", 9.0)
    assert tool.calls == [
        ("systemctl", "--no-pager", "--no-ask-password", "--job-mode=fail", "restart", "--",
         "api.service")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Failed to start x.service: Unit x.service not found.", ClientMissing),
        ("Failed to start x.service: Access denied", ClientDenied),
        ("Failed to restart x.service: Interactive authentication required.", ClientDenied),
        ("Job for x.service failed because the control process exited.", ClientGarbled),
        ("Transaction for x.service/start is destructive (has 'stop' job queued).", ClientGarbled),
        ("System has not been booted with systemd as init system (PID 1).", ClientMissing),
        ("Failed to connect to bus: No such file or directory", ClientMissing),
        ("", ClientGarbled),
    ],
)
async def test_its_words_are_told_and_named(words: str, kind: type[ClientError]) -> None:
    with pytest.raises(kind) as caught:
        await SystemctlControl(Tool(1, errors=words)).start("x.service", 9.0)
    assert type(caught.value) is kind
    assert words[:20] in str(caught.value) or kind is ClientMissing


async def test_dependents_are_followed_and_only_those_that_run_are_named() -> None:
    class Graph(Tool):
        async def run(
            self, argv: tuple[str, ...], deadline_s: float, env: Mapping[str, str] | None = None
        ) -> CommandResult:
            known = {
                "a.service": "Id=a.service\nActiveState=active\nRequiredBy=b.service\n"
                "BoundBy=off.service",
                "b.service": "Id=b.service\nActiveState=active\nConsistsOf=c.service a.service",
                "c.service": "Id=c.service\nActiveState=activating",
                "off.service": "Id=off.service\nActiveState=inactive",
            }
            asked = [unit_name(one) for one in argv[argv.index("--") + 1 :]]
            return CommandResult(0, clean_lines("\n\n".join(known[one] for one in asked)), ())

    assert await SystemctlControl(Graph()).dependents("a") == ("b.service", "c.service")


@pytest.mark.parametrize("name", ["--all", "-Hevil", "a b", "*", "x;y", "", "a" * 300, "x\n"])
def test_what_is_no_name_never_reaches_it(name: str) -> None:
    with pytest.raises(ClientGarbled, match="not a unit name"):
        unit_name(name)


@pytest.mark.parametrize(
    ("script", "kind", "deadline_s"),
    [
        ("exec sleep 1000", ClientTimeout, 0.5),
        ("echo no such property; exit 0", ClientGarbled, 60.0),
        ("exec cat /dev/zero", ClientError, 60.0),
        ("exit 1", ClientGarbled, 60.0),
    ],
)
async def test_a_tool_that_hangs_lies_or_floods_is_an_error_in_time(
    script: str,
    kind: type[ClientError],
    deadline_s: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tool = tmp_path / "systemctl"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr("core.clients.systemd._DEADLINE_S", deadline_s)
    with pytest.raises(kind):
        await SystemctlControl(LocalCommands()).show("x.service")
