"""What is sent to a terminal's clipboard, and the file that works in any case."""

import base64
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui.clipboard import MAX_OSC_CHARS, clipboard_sequence, keep_copy

HOSTILE = "\x1b]52;c;?\x07\x1b[2J\n\x9b31m"


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_the_sequence_holds_the_text_and_nothing_that_acts(text: str) -> None:
    sequence = clipboard_sequence(text, {})
    assert sequence.startswith("\x1b]52;c;")
    assert sequence.endswith("\x07")
    payload = sequence[len("\x1b]52;c;") : -1]
    assert payload.isascii()
    assert not set(payload) & {"\x1b", "\x07", "\\"}
    assert base64.b64decode(payload).decode() == text


def test_through_tmux_it_is_sent_as_it_is_and_wrapped() -> None:
    plain = clipboard_sequence(HOSTILE, {})
    wrapped = clipboard_sequence(HOSTILE, {"TMUX": "/run/tmux/default,1,0"})
    inner = plain.replace("\x1b", "\x1b\x1b")
    assert wrapped == f"{plain}\x1bPtmux;{inner}\x1b\\"


def test_what_no_terminal_takes_is_not_sent() -> None:
    assert clipboard_sequence("x" * (MAX_OSC_CHARS + 1), {}) == ""
    assert clipboard_sequence("x" * MAX_OSC_CHARS, {})


def test_the_file_is_private_and_holds_the_last_copy_only(tmp_path: Path) -> None:
    keep_copy("a long text\n", tmp_path / "new")
    path = keep_copy("short\u2028é", tmp_path / "new")
    assert path.read_text(encoding="utf-8") == "short\u2028é"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_in_place_of_the_file_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "copied.txt").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic links"):
        keep_copy("theirs", tmp_path)
    assert victim.read_text() == "mine"


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is refused to root")
def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OSError, match="denied"):
        keep_copy("x", tmp_path)
