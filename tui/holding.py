"""Holds frames back for a moment, so that what a key caused is painted once, with its answer."""

from contextlib import ExitStack
from typing import Any

from textual.app import App
from textual.timer import Timer

HELD_S = 0.05
"""Longer than that nobody waits for an answer: what is there is painted without it."""


class HeldFrames:
    """Frames of an application, painted again when they are let go, or soon in any case.

    A dialog that goes uncovers the whole screen. Painting that costs more than most answers do, and
    would be painted over by the answer.
    """

    def __init__(self, app: App[Any]) -> None:
        """Take the application; nothing is held yet."""
        self._app = app
        self._held = ExitStack()
        self._timer: Timer | None = None
        self._holders: set[str] = set()

    def hold(self, holder: str) -> None:
        """Paint nothing until all who hold frames have let go, at most for a moment."""
        if self._timer is None:
            self._held.enter_context(self._app.batch_update())
            self._timer = self._app.set_timer(HELD_S, self._paint, name="held frames")
        self._holders.add(holder)

    def let_go(self, holder: str) -> None:
        """Paint what has changed, unless somebody else still holds it."""
        self._holders.discard(holder)
        if not self._holders:
            self._paint()

    def _paint(self) -> None:
        if self._timer is None:
            return
        self._timer.stop()
        self._timer = None
        self._holders.clear()
        self._held.close()
        # The end of a batch wakes the application; what has to be painted the screen knows, unless
        # the application has ended meanwhile.
        if self._app.screen_stack:
            self._app.screen.check_idle()
