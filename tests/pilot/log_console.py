"""The Logs screen on real files and the real desk, with what a test wants to know of it."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from textual.pilot import Pilot

from core.model.log_view import LogRow
from core.model.topology import LogQuerySpec, LogSpec, ServiceSpec, Topology
from screens.logs import LogsScreen
from tests.fakes.clock import START, FakeClock
from tests.fakes.scripted import ScriptedConsole, screen_text, until
from tests.fakes.world import service, system, topology
from tui.bootstrap import desk_of
from widgets.log_pane import LogPane

SIZE = (120, 40)
BEGIN_S = START.timestamp() - 3600


def stamped(number: int, text: str, level: str = "INFO") -> str:
    """A line written so many seconds after the first."""
    moment = datetime.fromtimestamp(BEGIN_S + number, UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S},{number % 1000:03d} - app - {level} - {text}\n"


def watched(paths: Mapping[str, Path], saved: Sequence[LogQuerySpec] = ()) -> Topology:
    """A shop whose services (and one service of a bank) write these files, by `service/log`.

    The saved queries are the shop's.
    """

    def of(own: str, belongs: str) -> ServiceSpec:
        logs = tuple(
            LogSpec(name.partition("/")[2], str(path))
            for name, path in paths.items()
            if name.partition("/")[0] == own
        )
        return replace(service(own, system=belongs), logs=logs)

    names = dict.fromkeys(name.partition("/")[0] for name in paths)
    shop = [of(name, "shop") for name in names if name != "ledger"]
    bank = [of(name, "bank") for name in names if name == "ledger"]
    own = replace(system("shop", *shop), log_queries=tuple(saved))
    return topology(own, *([system("bank", *bank)] if bank else []))


@dataclass
class Logs:
    """A console that shows logs."""

    app: ScriptedConsole
    pilot: Pilot[None]

    @property
    def screen(self) -> LogsScreen:
        front = self.app.front
        assert isinstance(front, LogsScreen)
        return front

    @property
    def pane(self) -> LogPane:
        return self.screen.query_one(LogPane)

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def rows(self) -> list[str]:
        return [text_of(row) for row in self.pane.rows]

    @property
    def at(self) -> str:
        """What the row under the cursor says."""
        row = self.pane.cursor_row
        return text_of(row) if row is not None else ""

    @property
    def footer(self) -> str:
        return self.text.rstrip().splitlines()[-1]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        named = {" ": "space", "/": "slash", ">": "greater_than_sign", "=": "equals_sign",
                 "-": "minus", "(": "left_parenthesis", "_": "underscore",
                 "%": "percent_sign", "+": "plus"}  # fmt: skip
        await self.press(*(named.get(char, char) for char in text))

    async def until(self, is_so: Callable[[], bool]) -> None:
        try:
            await until(self.pilot, is_so)
        except AssertionError:
            raise AssertionError(f"it did not become so:\n{self.text}") from None

    async def until_shown(self, *texts: str) -> None:
        await self.until(lambda: all(text in self.text for text in texts))

    async def until_counted(self) -> None:
        await self.until(
            lambda: self.screen.logs is not None and self.screen.logs.count.is_complete
        )


def text_of(row: LogRow) -> str:
    if row.seam is not None:
        return f"<{row.seam.kind}>"
    return str(row.record.message) if row.record is not None else ""


@contextlib.asynccontextmanager
async def opened(
    paths: Mapping[str, Path],
    size: tuple[int, int] = SIZE,
    keys: Sequence[str] = ("3",),
    saved: Sequence[LogQuerySpec] = (),
) -> AsyncGenerator[Logs]:
    """Open the console on files, and the Logs screen by its key."""
    clock, world = FakeClock(), watched(paths, saved)
    app = ScriptedConsole(world, clock=clock, make_desk=desk_of(world, clock))
    async with app.run_test(size=size) as pilot:
        logs = Logs(app, pilot)
        await logs.press(*keys)
        if keys:
            await logs.until(lambda: logs.screen.logs is not None)
            if paths:
                # Before the desk has looked there is a picture too: of nothing, and not busy.
                await logs.until_counted()
        yield logs
