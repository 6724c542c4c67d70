"""A crash leaves one line and a private file without values."""

import re
import stat
from pathlib import Path

import click
import pytest

from cli import main as entry
from core.clients.crash_file import crash_text, tell_crash
from core.keys.redaction import Redactor
from core.model.secret import Secret
from core.model.veil import VEIL

SECRET = "hunter2-in-a-variable"


def crash() -> BaseException:
    def inner(password: str) -> None:
        raise KeyError("missing")

    try:
        inner(SECRET)
    except KeyError as error:
        return error
    raise AssertionError


def test_the_file_is_private_and_has_the_frames_but_no_values() -> None:
    line = tell_crash(crash())
    found = re.search(r"file (\S+)$", line)
    assert found is not None
    path = Path(found[1])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    text = path.read_text(encoding="utf-8")
    assert "KeyError" in text
    assert "test_crash.py" in text
    assert SECRET not in text


def test_secrets_and_controls_in_the_message_are_made_harmless() -> None:
    text = crash_text(ValueError("token=abcdef0123456789\x1b[2J"))
    assert "abcdef0123456789" not in text
    assert "\x1b" not in text


def test_a_known_secret_is_in_no_crash_file() -> None:
    VEIL.redacting = Redactor([Secret(SECRET)])
    text = crash_text(ValueError(f"cannot use {SECRET} here"))
    assert "cannot use" in text
    assert SECRET not in text


def test_without_a_place_for_the_file_there_is_still_one_line(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(blocked))
    assert "no crash file could be written" in tell_crash(crash())


def test_a_crashing_verb_exits_70_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def broken() -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(entry.Verbs, "get_command", lambda *_: broken)
    assert entry.run(["check"]) == 70
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.count("\n") == 1
    assert "Traceback" not in shown.err


def test_an_interrupt_exits_130(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(entry.Verbs, "get_command", lambda *_: interrupted)
    assert entry.run(["check"]) == 130
    assert capsys.readouterr().err.strip() == "quarterdeck: interrupted"
