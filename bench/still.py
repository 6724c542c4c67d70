"""The console on a scene that stands still: for pictures and snapshot tests."""

import os
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from unittest.mock import patch

from textual.notifications import SeverityLevel

from bench.scene_actions import StillActionDesk, actions_picture
from bench.scene_keys import StillKeysDesk, keys_picture
from bench.scene_logs import StillDesk
from bench.scene_redis import StillRedisDesk, redis_picture
from core.model.snapshot import Snapshot
from core.model.text import clean
from core.model.views import Picture
from tui.app import ConsoleApp
from tui.presenting import presenting_of
from tui.setup import Setup

_STAYS_S = 3600.0


class StillClock:
    """Always the same moment."""

    def __init__(self, moment: datetime) -> None:
        """Take the moment."""
        self._moment = moment

    def now(self) -> datetime:
        """Return the moment."""
        return self._moment

    def monotonic(self) -> float:
        """Return seconds that stand still."""
        return 0.0

    async def sleep(self, seconds: float) -> None:
        """Return at once: nothing passes."""


class StillRuntime:
    """Knows one snapshot and looks at nothing."""

    def __init__(self, snapshot: Snapshot) -> None:
        """Take what is known."""
        self.snapshot = snapshot

    def start(self) -> None:
        """Do nothing."""

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Do nothing, in time."""
        return True

    def refresh_now(self) -> None:
        """Do nothing."""


class StillConsole(ConsoleApp):
    """The real application on one picture."""

    def __init__(
        self,
        picture: Picture,
        theme: str = "dark",
        *,
        has_colour: bool = True,
        is_presenting: bool = False,
    ) -> None:
        """Take what there is to see, in which colours or in none, and whether others look."""

        def make_runtime(_on_change: Callable[[], None]) -> StillRuntime:
            return StillRuntime(picture.snapshot)

        def make_desk(tell: Callable[[], None]) -> StillDesk:
            return StillDesk(picture.now.timestamp(), tell)

        def make_redis_desk(tell: Callable[[], None]) -> StillRedisDesk:
            return StillRedisDesk(redis_picture(picture.now.timestamp()), tell)

        def make_keys_desk(tell: Callable[[], None]) -> StillKeysDesk:
            return StillKeysDesk(keys_picture(picture.now), tell)

        def make_action_desk(tell: Callable[[], None]) -> StillActionDesk:
            return StillActionDesk(actions_picture(picture.now), tell)

        setup = Setup(
            picture.topology,
            make_runtime,
            StillClock(picture.now),
            clean("ops-1"),
            theme=theme,
            zone=UTC,
            make_desk=make_desk,
            make_redis_desk=make_redis_desk,
            make_keys_desk=make_keys_desk,
            make_action_desk=make_action_desk,
            presenting=presenting_of(picture.topology, is_on=is_presenting),
        )
        with _colour(has_colour=has_colour):
            super().__init__(setup)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Show a notice that stays: whether a picture has it is no matter of how long it took."""
        super().notify(message, title=title, severity=severity, timeout=_STAYS_S, markup=markup)

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """Return a picture; a light theme of sixteen colours as on a terminal that is light."""
        if self.current_theme.dark or not self.current_theme.ansi:
            return super().export_screenshot(title=title, simplify=simplify)
        # Rich draws on its own dark terminal and lets nobody above it choose another.
        with patch("rich.console.SVG_EXPORT_THEME", self.ansi_theme_light):
            return super().export_screenshot(title=title, simplify=simplify)


@contextmanager
def _colour(*, has_colour: bool) -> Generator[None]:
    """Have `NO_COLOR` as a picture needs it, whatever the person who takes it prefers."""
    before = os.environ.pop("NO_COLOR", None)
    if not has_colour:
        os.environ["NO_COLOR"] = "1"
    try:
        yield
    finally:
        os.environ.pop("NO_COLOR", None)
        if before is not None:
            os.environ["NO_COLOR"] = before
