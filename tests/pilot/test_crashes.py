"""A bug anywhere: one line on the screen, a private file, a status that is not 0, no values."""

import re
import stat
from pathlib import Path

import pytest

from tests.pilot.conftest import Open
from tests.pilot.pty_child import RESTORED

CANARY = "canary-5f2e1c"
SECRET = f"password={CANARY}"

IN_A_SCREEN = f"""
import screens.overview
def show(self, picture):
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
screens.overview.OverviewScreen.show = show
"""
IN_A_KEY = f"""
import tui.app
def action_pause(self):
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
tui.app.ConsoleApp.action_pause = action_pause
"""
IN_A_WORKER = f"""
import tui.app
async def work():
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
def action_pause(self):
    self.run_worker(work(), group="injected", exit_on_error=True)
tui.app.ConsoleApp.action_pause = action_pause
"""
IN_DRAWING = f"""
import widgets.header_strip
def draw(self, y):
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
widgets.header_strip.HeaderStrip.render_line = draw
"""
IN_A_TIMER = f"""
import tui.app
def work():
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
def action_pause(self):
    self.set_timer(0.01, work)
tui.app.ConsoleApp.action_pause = action_pause
"""
AT_THE_START = f"""
import tui.app
def on_mount(self):
    secret = {CANARY!r}
    raise RuntimeError("injected with {SECRET}")
tui.app.ConsoleApp.on_mount = on_mount
"""
IN_THE_STYLES = f"""
import screens.base
screens.base.ConsoleScreen.CSS = "ConsoleScreen {{ broken: {CANARY}"
"""


@pytest.mark.parametrize(
    ("injected", "keys"),
    [
        (IN_A_SCREEN, ""),
        (IN_A_KEY, "p"),
        (IN_A_WORKER, "p"),
        (IN_DRAWING, ""),
        (IN_A_TIMER, "p"),
        (AT_THE_START, ""),
        (IN_THE_STYLES, ""),
    ],
    ids=["screen", "key", "worker", "drawing", "timer", "start", "styles"],
)
def test_a_bug_leaves_one_line_and_a_private_file(
    open_console: Open, tmp_path: Path, injected: str, keys: str
) -> None:
    child = open_console(injected, env={"XDG_STATE_HOME": str(tmp_path / "state")})
    if keys:
        child.wait_for("shop")
        child.press(keys)
    status, _ = child.wait_end()
    assert status == 70
    assert CANARY.encode() not in child.output
    assert b"Traceback" not in child.output
    assert [one for one in RESTORED if one not in child.output and b"1049h" in child.output] == []
    assert child.settings == child.settings_before
    told = child.output.rpartition(b"\x1b[?1004l")[2].decode()
    assert "internal fault" in told
    named = re.search(r"file (/\S+)", told.replace("\r\n", ""))
    assert named is not None
    file = Path(named[1])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = file.read_text(encoding="utf-8")
    assert ("UnexpectedEnd" if injected is IN_THE_STYLES else "injected") in written
    assert CANARY not in written
