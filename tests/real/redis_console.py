"""The console as it is opened, on real Redis servers: their screens as a person reads them."""

import asyncio
import os
import textwrap
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from config.loader import load
from config.topology import topology_of
from core.clients.clock import Clock, SystemClock
from core.model.text import clean
from core.model.topology import Topology
from tests.fakes.scripted import FakeRuntime, screen_text
from tui.action_link import MakeActionDesk
from tui.app import ConsoleApp
from tui.crash import CrashLog
from tui.redis_views import redis_desk_of
from tui.setup import Setup

LIMIT_S = 120.0
"""So long words may take to come; the machine may be busy."""
STREAMS, LIMITS, SERVERS = ("4",), ("5",), ("9", "shift+tab")
"""The keys of each screen that shows Redis."""
_TIMES = 5.0


def topology_in(config: Path) -> Topology:
    """Return what a configuration comes to."""
    loaded = load(config, os.environ)
    return topology_of(loaded.settings, operations=loaded.operations)


class HastyClock(SystemClock):
    """Waits a fifth of what is asked for, and counts it as the whole."""

    def monotonic(self) -> float:
        return super().monotonic() * _TIMES

    async def sleep(self, seconds: float) -> None:
        await super().sleep(seconds / _TIMES)


class RedisConsole(ConsoleApp):
    """The real application with the real link and desk; nothing but Redis is looked at."""

    def __init__(
        self, config: Path, clock: Clock, make_action_desk: MakeActionDesk | None = None
    ) -> None:
        topology = topology_in(config)
        setup = Setup(
            topology,
            FakeRuntime,
            clock,
            clean("test-host"),
            make_redis_desk=redis_desk_of(topology, clock),
            make_action_desk=make_action_desk,
        )
        super().__init__(setup, CrashLog(lambda error: f"crashed: {error!r}"))


class Seen:
    """What stands on the screen of such a console, and the keys pressed on it."""

    def __init__(self, app: RedisConsole, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def text(self) -> str:
        """The screen, its gaps closed so that wrapped words are found."""
        return " ".join(screen_text(self.app).split())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until_shown(self, *words: str, without: Sequence[str] = ()) -> str:
        """Wait until the words stand on the screen, and others do not; return the screen."""

        def is_so(text: str) -> bool:
            return all(one in text for one in words) and not any(one in text for one in without)

        return await self.until(is_so, f"{words} without {without}")

    async def until(self, is_so: Callable[[str], bool], what: str) -> str:
        """Wait until the screen is so; return it."""
        try:
            async with asyncio.timeout(LIMIT_S):
                while not is_so(text := self.text):
                    await asyncio.sleep(0.05)
                    await self.pilot.pause()
        except TimeoutError:
            raise AssertionError(f"not {what} on:\n{screen_text(self.app)}") from None
        return text


def written(folder: Path, url: str, more: str = "") -> Path:
    """Write a configuration of one server; `more` is what its system says besides."""
    path = folder / "quarterdeck.yaml"
    head = f"version: 1\nenvironment: development\nstate: {{folder: {folder}/state}}\n"
    head += "systems:\n  shop:\n    services:\n      redis:\n"
    check = f"        checks: {{ping: {{kind: redis, url: '{url}'}}}}\n"
    path.write_text(head + check + textwrap.indent(textwrap.dedent(more), " " * 4), "utf-8")
    path.chmod(0o600)
    return path


@asynccontextmanager
async def redis_console(
    config: Path, *keys: str, size: tuple[int, int] = (200, 60), clock: Clock | None = None
) -> AsyncGenerator[Seen]:
    """Open the console on a configuration and press keys."""
    app = RedisConsole(config, clock or HastyClock())
    async with app.run_test(size=size) as pilot:
        seen = Seen(app, pilot)
        await seen.press(*keys)
        yield seen
