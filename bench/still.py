"""The console on a scene that stands still: for pictures and snapshot tests."""

from collections.abc import Callable
from datetime import UTC, datetime

from core.model.snapshot import Snapshot
from core.model.text import clean
from core.model.views import Picture
from tui.app import ConsoleApp
from tui.setup import Setup


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

    def __init__(self, picture: Picture, theme: str = "dark") -> None:
        """Take what there is to see, and in which colours."""

        def make_runtime(_on_change: Callable[[], None]) -> StillRuntime:
            return StillRuntime(picture.snapshot)

        setup = Setup(
            picture.topology,
            make_runtime,
            StillClock(picture.now),
            clean("ops-1"),
            theme=theme,
            zone=UTC,
        )
        super().__init__(setup)
