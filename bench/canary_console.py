"""The real console on a terminal of its own, screen after screen, with pictures of each.

The product writes no pictures; so the console that is driven here is one that draws what is on its
screen as an SVG when it is sent SIGUSR1, which is how the guide's pictures are made.
"""

import asyncio
import html
import os
import random
import re
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.canary_findings import Ear, Search
from bench.canary_world import CanaryWorld
from tests.pilot.pty_child import ESCAPE, PtyChild

FOLDER = "CANARY_PICTURES"
"""The variable that says where pictures go; without it none is drawn."""
_PICTURE = "screen.svg"
_CODE = "from bench.canary_console import run; run()"
_PRESENT = "\x0f"
_TAG = re.compile(r"<[^>]*>")
_QUIET_S = 0.15
_TRIES = 10
_STARTS_S, _DRAWS_S, _LEAVES_S = 90.0, 90.0, 90.0
TITLES = {
    "1": "Overview", "2": "Services", "3": "Logs", "4": "Streams", "5": "Limits",
    "6": "Keys", "7": "Alerts", "8": "Runbook", "9": "Host", "0": "Actions",
}  # fmt: skip
WALKS: dict[str, tuple[str, ...]] = {
    "1": ("j", "j", "\r", "\x1b", "!", "!", "x", "\x1b"),
    "2": ("jj", "\r", "\x1b", "d", "\x1b", "f", "\x1b", "x", "\x1b", "/", "app\r", "\x1b"),
    "3": (
        *("\r", "kk", "\r", "c", "\x1b", "\x13", "\x1b", "w", "/refused\r", "\x1b", "E", "a"),
        *("b", "\x1b", "L", "jj", "\r", "\x1b", "Q", "\x1b", "\x1b"),
    ),
    "4": (
        *("j", "\r", "jj", "\r", "\r", "d", "\x1b", "y", "y", "\x1b", "\x1b", "e", "d", "\x1b"),
        *("\x1b", "]", "j", "\r", "]", "j", "\r", "\x1b", "]", "j", "\r", "d", "\x1b", "\x1b"),
    ),
    "5": ("j", "\r", "\x1b", "\t", "j", "\r", "\x1b", "d", "\x1b", "]", "j", "[", "x", "\x1b"),
    "6": (
        *("j", "\r", "\x1b", "x", "\x1b", "m", "]", "j", "\t", "j", "\r", "\x1b", "[", "[", "j"),
        *("\r", "\x1b", "x", "\x1b", "G", "d", "\x1b"),
    ),
    "7": ("j", "\r", "\x1b"),
    "8": ("j", "\r", "\x1b"),
    "9": (
        *("jj", "\t", "j", "\r", "\x1b", "\t", "j", "\t", "\t", "\r", "\x1b", "\x1b[Z", "c", "t"),
        *("m", "]", "d", "\x1b"),
    ),
    "0": (
        *("j", "\r", "\x1b", "]", "jj", "]", "j", "\r", "d", "\x1b", "]", "j", "\r", "\x1b", "]"),
        *("j", "\r", "\x1b"),
    ),
}
"""By the key of a screen, what is pressed there: drills, details, copies, offers, pages."""
_ELSEWHERE = (
    ("?", "\x1b"),
    (":", "\x1b"),
    ("\x10", "key", "\x1b"),
    ("\x10", "env", "\x1b"),
    ("p", "j", "p"),
    ("\x0c",),
    ("r",),
    (":", "secrets\r"),
    (":", "usage\r"),
    (":", "audit\r"),
    (":", "backups\r"),
    (":", "redis\r"),
    (":", "circuits\r"),
    (":", "possible\r", "G", "k"),
)
"""What works everywhere; once after each screen, one by turns."""
_DOES = (
    ("http.time shop/app", ("\r",)),
    ("key.backup shop/api", ("\x1b[C", "\r")),
    ("redis.save shop/redis", ("\x1b[C", "\r")),
    ("audit.scan shop/app", ("\r",)),
    ("limit.reset shop/clients", ("\x1b",)),
    ("key.deactivate shop/api", ("\x1b",)),
    ("secret.set shop/env", ("\x1b",)),
)
"""Actions that are asked for on the console, and how their dialogs are answered."""


def run() -> None:
    """Be a console that draws its screen into a file when it is asked to by SIGUSR1."""
    import sys  # noqa: PLC0415 - what follows is only for the child

    from textual.app import ScreenStackError  # noqa: PLC0415

    import tui.app as shown  # noqa: PLC0415
    from cli.main import main  # noqa: PLC0415

    folder = os.environ.get(FOLDER, "")

    class Drawing(shown.ConsoleApp):
        def on_load(self) -> None:
            asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, self._draw)

        def _draw(self) -> None:
            try:
                svg = self.export_screenshot(title="Quarterdeck")
            except ScreenStackError:
                # One screen has gone and the next is not there yet.
                asyncio.get_running_loop().call_later(0.1, self._draw)
                return
            whole = Path(folder) / f"{_PICTURE}.part"
            whole.write_text(svg, "utf-8")
            whole.rename(Path(folder) / _PICTURE)

    shown.ConsoleApp = Drawing  # pyright: ignore[reportAttributeAccessIssue]
    sys.argv[0] = "quarterdeck"
    main()


class HeardChild(PtyChild):
    """A console whose terminal is searched as it is written."""

    def __init__(self, ear: Ear, world: CanaryWorld, columns: int, rows: int) -> None:
        self._ear = ear
        super().__init__(
            _CODE, arguments=("--config", str(world.config)),
            env={**world.env, "TMUX": "", FOLDER: str(world.folder / "home")},
            # What is saved goes to where the console was started, and is looked through too.
            folder=world.folder / "home", columns=columns, rows=rows,
        )  # fmt: skip

    def read(self, seconds: float = 0.05) -> bool:
        """Read what there is, have it searched, and keep none of it."""
        is_any = super().read(seconds)
        if self.output:
            self._ear.hear(self.output)
            self.output = b""
        return is_any


class Watcher:
    """Somebody at a console."""

    def __init__(self, world: CanaryWorld, search: Search, lot: random.Random) -> None:
        self._world, self._search, self._lot = world, search, lot
        self._is_presenting = False
        self._mode = "off"

    def sit(self, columns: int, *, presents: bool, acts: bool, goes_on: Callable[[], bool]) -> None:
        """Open a console, look at everything while `goes_on`, and leave.

        Raises:
            AssertionError: it does not come up, show or leave as it should.
        """
        ear = Ear(self._search, f"{columns} columns")
        child = HeardChild(ear, self._world, columns, self._lot.choice((30, 50)))
        try:
            child.wait_for("shop", _STARTS_S)
            if presents:
                self._turn(child)
            while True:
                self._round(child, goes_on, acts=acts)
                if not goes_on() or not acts:
                    break
            child.leave(_LEAVES_S)
        finally:
            child.close()
            ear.flush()

    def _round(self, child: HeardChild, goes_on: Callable[[], bool], *, acts: bool) -> None:
        """See each screen once, in any order; presenting changes half way."""
        digits = list(WALKS)
        self._lot.shuffle(digits)
        turn_at = self._lot.randrange(2, 8)
        elsewhere = self._elsewhere(acts=acts)
        for at, digit in enumerate(digits):
            if not goes_on():
                return
            if at == turn_at:
                self._turn(child)
            self._screen(child, digit)
            for keys in next(elsewhere):
                self._press(child, keys)
            self._picture(child, "elsewhere")

    def _elsewhere(self, *, acts: bool) -> Iterator[tuple[str, ...]]:
        found = list(_ELSEWHERE)
        if acts:
            found += [("A", ":", f"do {words}\r", *keys, "\x1b", "\x1b") for words, keys in _DOES]
        while True:
            self._lot.shuffle(found)
            yield from found

    def _screen(self, child: HeardChild, digit: str) -> None:
        """Go to a screen, see that it is there, draw it, and do there what can be done."""
        title = TITLES[digit]
        for _ in range(_TRIES):
            # Whatever is open is closed first, a layer at a time.
            self._press(child, "\x1b")
            self._press(child, digit)
            if _is_at(child, title):
                break
        is_there = _is_at(child, title)
        self._search.count(f"screen {title}" if is_there else f"screen {title} NOT SEEN")
        self._picture(child, title)
        for keys in WALKS[digit]:
            self._press(child, keys)
            if keys == "\x1b" and not _is_at(child, title):
                self._press(child, digit)  # it was one step back too many
            if self._lot.random() < 0.2:
                self._press(child, self._lot.choice(("j", "k", "G", "g", "\t", "]", "[", "\x1b")))
        self._picture(child, title)

    def _turn(self, child: HeardChild) -> None:
        """Let others look, or no more, and wait until the header says so."""
        is_on = "PRESENTING" not in child.text
        self._press(child, _PRESENT)
        child.wait_until(
            lambda: ("PRESENTING" in child.text) is is_on, "the mode has not changed", _DRAWS_S
        )
        self._is_presenting = is_on
        self._mode = "presenting" if self._is_presenting else "off"
        self._search.count(f"turned to {self._mode}")

    def _press(self, child: HeardChild, keys: str) -> None:
        child.press(ESCAPE if keys == "\x1b" else keys)
        for _ in range(8):
            if not child.read(_QUIET_S):
                break
        text = child.text
        self._search.count(f"key presses, {self._mode}")
        self._search.look(f"screen: {self._mode} after {keys!r}", text)
        joined = "".join(map(str.strip, text.splitlines()))
        self._search.look(f"screen: {self._mode}, joined after {keys!r}", joined)

    def _picture(self, child: HeardChild, title: str) -> None:
        """Have the console draw itself; look through the picture, its words and its marks.

        Raises:
            AssertionError: it draws nothing.
        """
        path = self._world.folder / "home" / _PICTURE
        child.send(signal.SIGUSR1)
        until_s = time.monotonic() + _DRAWS_S
        while not path.exists():
            child.read(0.05)
            if time.monotonic() > until_s:
                raise AssertionError(f"no picture of {title}:\n{child.text}")
        svg = path.read_text("utf-8")
        path.unlink()
        words = html.unescape(_TAG.sub("", svg)).replace("\xa0", " ")
        where = f"{title}, {self._mode}"
        self._search.look(f"SVG: {where}", svg)
        self._search.look(f"SVG: {where}, words", words)
        self._search.look(f"SVG: {where}, joined", "".join(words.split()))
        self._search.count(f"SVG {title}, {self._mode}")


def _is_at(child: HeardChild, title: str) -> bool:
    """Tell whether the header says that a screen is in front."""
    return title in child.text.partition("\n")[0]
