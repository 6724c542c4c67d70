"""Commands run without a shell, in a clean environment, bounded in time and output."""

import asyncio
import os
from pathlib import Path

import pytest

from core.clients.command import LocalCommands, find_binary
from core.errors import ClientDenied, ClientMissing, ClientTimeout


def script(folder: Path, name: str, body: str) -> str:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] != "Z"


async def test_output_comes_back_in_clean_lines(tmp_path: Path) -> None:
    tool = script(tmp_path, "tool", r"printf 'one\n\033]0;own\007two\n'; echo bad >&2; exit 3")
    result = await LocalCommands().run((tool,), 30.0)
    assert result.exit_code == 3
    assert result.output == ("one", "␛]0;own␇two")
    assert result.errors == ("bad",)


async def test_a_word_is_never_read_by_a_shell() -> None:
    result = await LocalCommands().run(("printf", "%s\\n", "$(id); `id` && x"), 30.0)
    assert result.output == ("$(id); `id` && x",)


async def test_the_environment_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LD_PRELOAD_CANARY", "1")
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    result = await LocalCommands().run(("env",), 30.0, {"EXTRA": "yes"})
    text = "\n".join(result.output)
    assert "hunter2" not in text
    assert "LD_PRELOAD_CANARY" not in text
    assert "EXTRA=yes" in text
    assert "LC_ALL=C.UTF-8" in text
    assert "TZ=UTC" in text


async def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    mark = tmp_path / "child"
    tool = script(tmp_path, "tool", f"sleep 60 & echo $! > {mark}; wait")
    with pytest.raises(ClientTimeout, match=r"did not end within 5 s"):
        await LocalCommands().run((tool,), 5.0)
    async with asyncio.timeout(30):
        while is_running(int(mark.read_text())):
            await asyncio.sleep(0.01)


async def test_endless_output_is_cut_and_the_command_ended() -> None:
    result = await LocalCommands().run(("yes",), 30.0)
    assert result.is_cut
    assert 400_000 < len(result.output) < 600_000


async def test_standard_input_is_empty() -> None:
    assert (await LocalCommands().run(("cat",), 30.0)).output == ()


async def test_a_tool_that_is_not_installed_is_missing() -> None:
    with pytest.raises(ClientMissing, match="no-such-tool is not installed here"):
        await LocalCommands().run(("no-such-tool",), 30.0)


async def test_a_tool_that_may_not_be_run_is_denied_or_missing(tmp_path: Path) -> None:
    path = tmp_path / "plain"
    path.write_text("x")
    with pytest.raises((ClientDenied, ClientMissing)):
        await LocalCommands().run((str(path),), 30.0)


def test_relative_entries_of_the_path_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(tmp_path, "qd-probe", "true")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".{os.pathsep}{os.pathsep}relative")
    with pytest.raises(ClientMissing):
        find_binary("qd-probe")
