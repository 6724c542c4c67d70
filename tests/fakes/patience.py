"""A pilot that waits until an application has nothing left to do, however slow the machine is.

Textual's own takes 20 ms in which the process used hardly any CPU for the end of its work. On a
busy machine a process may get none for as long, in the middle of it.
"""

# pyright: reportPrivateUsage=false

import asyncio
from collections.abc import Sized

import pytest
from textual.app import App, ScreenStackError
from textual.pilot import Pilot

_QUIET_TURNS = 3
_MOST_PAINTINGS = 25
_WAITS_S = 30.0


async def until_idle() -> None:
    """Wait until nothing is ready to run in the loop; for 30 s at most."""
    loop = asyncio.get_running_loop()
    ready: Sized = loop._ready  # type: ignore[attr-defined]
    quiet, end_s = 0, loop.time() + _WAITS_S
    while quiet < _QUIET_TURNS and loop.time() < end_s:
        await asyncio.sleep(0)
        quiet = 0 if ready else quiet + 1


async def until_painted(app: App[object]) -> None:
    """Wait until a screen is as it will be: laid out, painted, and what waited for that is done."""
    for _ in range(_MOST_PAINTINGS):
        await until_idle()
        try:
            screen = app.screen
        except ScreenStackError:  # it has ended
            return
        waits = (
            screen._layout_required,
            screen._scroll_required,
            screen._repaint_required,
            screen._recompose_required,
            screen._dirty_widgets,
            screen._callbacks,
        )
        if not any(waits):
            return
        screen._on_timer_update()


def make_patient(patch: pytest.MonkeyPatch) -> None:
    """Have every pilot wait so, after each key and with each pause."""
    press, pause = Pilot[object].press, Pilot[object].pause

    async def press_each(self: Pilot[object], *keys: str) -> None:
        for key in keys:
            await press(self, key)
            await until_painted(self.app)

    async def pause_until_painted(self: Pilot[object], delay: float | None = None) -> None:
        await pause(self, delay)
        await until_painted(self.app)

    patch.setattr(Pilot, "press", press_each)
    patch.setattr(Pilot, "pause", pause_until_painted)
