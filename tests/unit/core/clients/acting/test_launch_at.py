"""A program that systemd starts later: what it is told, where it is PID 1 and root asks."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clients.acting import launch as launching
from core.errors import ClientRefused

AT = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a `systemd-run` that writes down its words, one a line."""
    words = tmp_path / "words"
    runner = tmp_path / "bin" / "systemd-run"
    runner.parent.mkdir()
    runner.write_text(f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {words}\n", "utf-8")
    runner.chmod(0o755)
    monkeypatch.setenv("PATH", f"{runner.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(launching, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return words


def test_a_timer_is_made_for_a_moment_of_utc(told: Path, tmp_path: Path) -> None:
    assert launching.can_time()
    launching.launch_at(("/bin/true", "end"), tmp_path / "log", "end-ab12", AT)
    words = told.read_text("utf-8").splitlines()
    assert "--on-calendar=2026-03-14 09:26:53 UTC" in words
    assert "--unit=quarterdeck-end-ab12" in words
    assert words[-3:] == ["--", "/bin/true", "end"]


def test_without_systemd_nothing_is_timed(told: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launching, "_SYSTEMD", told / "nowhere")
    assert not launching.can_time()
    with pytest.raises(ClientRefused):
        launching.launch_at(("/bin/true",), told, "end-ab12", AT)
