"""A generated key in the bytes that a real terminal gets: at most once, whatever happens."""

import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from bench.scene_actions import NEW_KEY
from tests.pilot.pty_child import PtyChild

_CODE = "from tests.pilot.reveal_console import main; main()"
_KEY = NEW_KEY.encode()
_PIECE = 12
_WAITS_S = 90.0
"""Longer than a key is shown for."""


@pytest.fixture
def child() -> Generator[PtyChild]:
    opened = PtyChild(_CODE, env={"TMUX": "", "STY": ""})
    yield opened
    opened.close()


def on_keys(child: PtyChild) -> None:
    """Turn to the Keys screen; the desk that knows of the key is made by arming."""
    child.wait_for("PROD", _WAITS_S)
    child.press("6A")
    child.wait_for("waits", _WAITS_S)


def shown(child: PtyChild) -> None:
    on_keys(child)
    child.press("v")
    child.wait_for("not shown yet", _WAITS_S)
    assert _KEY not in child.output
    child.press("\r")
    child.wait_for(NEW_KEY, _WAITS_S)


def calm(child: PtyChild) -> None:
    """Read until nothing comes for a moment: whatever is still drawn is drawn by then."""
    while child.read(0.4):
        pass


def assert_once(child: PtyChild) -> None:
    """No piece of the key has come twice, and none of it is on the screen any more."""
    calm(child)
    assert child.output.count(_KEY) == 1
    pieces = [_KEY[at : at + _PIECE] for at in range(len(_KEY) - _PIECE + 1)]
    assert max(map(child.output.count, pieces)) == 1
    assert not [one for one in pieces if one.decode() in child.text]


def until_hidden(capture: list[str]) -> None:
    """Wait until a tmux has the key no more."""
    until_s = time.monotonic() + _WAITS_S
    while NEW_KEY in subprocess.run(capture, capture_output=True, text=True, check=True).stdout:
        assert time.monotonic() < until_s


def press_a_key(child: PtyChild) -> None:
    child.press("j")


def draw_anew(child: PtyChild) -> None:
    child.press("\x0c")
    child.press("\x0c")


def another_size(child: PtyChild) -> None:
    child.resize(140, 45)


def present(child: PtyChild) -> None:
    child.press("\x0f")
    child.wait_for("PRESENTING", _WAITS_S)


def suspend(child: PtyChild) -> None:
    child.press("\x1a")
    child.wait_stopped(_WAITS_S)
    child.send(signal.SIGCONT)


def suspend_from_outside(child: PtyChild) -> None:
    child.send(signal.SIGTSTP)
    child.wait_stopped(_WAITS_S)
    child.send(signal.SIGCONT)


@pytest.mark.parametrize(
    "happen",
    [press_a_key, draw_anew, another_size, present, suspend, suspend_from_outside],
)
def test_it_comes_once_and_never_after_it_was_hidden(
    child: PtyChild, happen: Callable[[PtyChild], None]
) -> None:
    shown(child)
    happen(child)
    child.wait_for("is hidden for good", _WAITS_S)
    child.press("v")
    for screen in ("1", "6"):
        child.press(screen)
        calm(child)
    child.resize(120, 40)
    child.press("\x0c")
    assert_once(child)


def test_in_presentation_mode_it_never_comes(child: PtyChild) -> None:
    on_keys(child)
    child.press("\x0fv")
    child.wait_for("so no key is shown", _WAITS_S)
    child.press("\r")
    calm(child)
    assert _KEY not in child.output
    assert not [
        at for at in range(len(_KEY) - _PIECE + 1) if _KEY[at : at + _PIECE] in child.output
    ]


def test_neither_leaving_nor_a_crash_sends_it_again(child: PtyChild) -> None:
    shown(child)
    child.send(signal.SIGTERM)
    child.wait_end(_WAITS_S)
    assert child.output.count(_KEY) == 1


def test_a_clipboard_gets_it_only_when_asked(child: PtyChild) -> None:
    shown(child)
    assert b"\x1b]52;" not in child.output
    child.press("c")
    child.wait_for("clipboard", _WAITS_S)
    assert child.output.count(b"\x1b]52;") == 1
    child.press("j")
    child.wait_for("is hidden for good", _WAITS_S)
    assert_once(child)


@pytest.mark.real("tmux")
def test_whoever_attaches_to_a_tmux_again_does_not_get_it(tmp_path: Path) -> None:
    socket = str(tmp_path / "tmux")
    tmux = ("tmux", "-S", socket, "-f", "/dev/null")
    inside = f"{shlex.quote(sys.executable)} -c {shlex.quote(_CODE)}"
    subprocess.run([*tmux, "new-session", "-d", "-x", "100", "-y", "30", inside], check=True)
    attach = f"import os; os.environ.pop('TMUX', None); os.execvp('tmux', {[*tmux, 'attach']!r})"
    first, second = PtyChild(attach), None
    try:
        on_keys(first)
        first.press("v")
        first.wait_for("tmux may keep what is shown here", _WAITS_S)
        first.press("\r")
        first.wait_for(NEW_KEY, _WAITS_S)
        first.press("\x02d")
        first.wait_end(_WAITS_S)
        until_hidden([*tmux, "capture-pane", "-p"])
        second = PtyChild(attach)
        second.wait_for("PROD", _WAITS_S)
        calm(second)
        assert first.output.count(_KEY) == 1
        assert _KEY not in second.output
        second.press("\x03\x03")
    finally:
        subprocess.run([*tmux, "kill-server"], check=False)
        for one in (first, second):
            if one is not None:
                one.close()
