"""`H` on the Logs screen: the files of logs against their rules, on real files."""

import os
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from core.model.log_keeping import KeepingNeed
from tests.fakes.clock import START
from tests.pilot.log_console import Logs, opened, stamped
from widgets.log_keeping_pane import LogClassesTable, LogFilesTable
from widgets.log_pane import LogPane

_DAY_S = 86_400


def put(path: Path, days: float, size_bytes: int = 4_096) -> None:
    """Write a file that was last changed so many days ago."""
    path.write_bytes(b"x" * size_bytes)
    at_s = START.timestamp() - days * _DAY_S
    os.utime(path, (at_s, at_s))


def rotated(days: int) -> str:
    """The name of the live file of so many days ago."""
    return f"app.log.{START - timedelta(days=days):%Y-%m-%d}"


@pytest.fixture(name="logs")
async def fixture_logs(tmp_path: Path) -> AsyncGenerator[Logs]:
    live = tmp_path / "app.log"
    live.write_text(stamped(1, "hello"))
    for days in (2, 12, 45, 50):
        put(tmp_path / rotated(days), days, 1_000 * days)
    put(tmp_path / "stray.txt", 400)
    async with opened({"api/app": live}) as console:
        yield console


async def open_files(logs: Logs) -> LogFilesTable:
    await logs.press("H")
    files = logs.screen.query_one(LogFilesTable)
    await logs.until(lambda: logs.screen.focused is files and len(files.rows) == 6)
    return files


async def test_it_says_what_is_overdue_what_that_frees_and_what_is_never_touched(
    logs: Logs,
) -> None:
    files = await open_files(logs)
    await logs.until_shown("Housekeeping", "2 overdue", "1 to pack", "never touched:", "OVERDUE")
    needs = [one.need for one in files.files]
    assert needs == sorted(needs, key=list(KeepingNeed).index)
    assert needs[0] is KeepingNeed.OVERDUE
    assert not logs.screen.query_one(LogPane).display


async def test_escape_goes_back_to_the_rows(logs: Logs) -> None:
    files = await open_files(logs)
    await logs.press("exclamation_mark")
    await logs.until(lambda: len(files.shown) == 3)
    await logs.press("escape")
    await logs.until(lambda: len(files.shown) == 6)
    await logs.press("escape")
    await logs.until(lambda: logs.screen.query_one(LogPane).display)
    assert logs.rows[-1] == "hello"
    assert logs.screen.focused is logs.pane


async def test_a_class_shows_its_files_and_what_is_typed_narrows_them(logs: Logs) -> None:
    files = await open_files(logs)
    classes = logs.screen.query_one(LogClassesTable)
    await logs.press("shift+tab")
    await logs.until(lambda: logs.screen.focused is classes)
    assert classes.cursor_key == "shop/application"
    await logs.press("enter")
    await logs.until(lambda: logs.screen.focused is files and len(files.shown) == 5)
    await logs.press("escape", "slash")
    await logs.type("overdue")
    await logs.press("enter")
    await logs.until(lambda: files.counts[:2] == (2, 6))


async def test_looking_again_sees_what_has_changed(logs: Logs, tmp_path: Path) -> None:
    files = await open_files(logs)
    (tmp_path / rotated(50)).unlink()
    await logs.press("H")
    await logs.until(lambda: len(files.rows) == 5)
    await logs.until_shown("1 overdue")


async def test_keys_of_rows_say_that_files_are_shown(logs: Logs) -> None:
    await open_files(logs)
    assert "files of logs are shown" in logs.screen.reason_against("error")
    assert not logs.screen.reason_against("menu")


async def test_the_command_opens_it(logs: Logs) -> None:
    await logs.press("colon")
    await logs.type("housekeeping")
    await logs.press("enter")
    await logs.until_shown("Housekeeping", "2 overdue")


async def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    async with opened({"api/app": tmp_path / "nowhere" / "app.log"}) as console:
        await console.press("H")
        await console.until_shown("1 could not be looked at", "No such file or directory")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is refused to root")
async def test_a_folder_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    async with opened({"api/app": closed / "app.log"}) as console:
        await console.press("H")
        await console.until_shown("1 could not be looked at", "Permission denied")
