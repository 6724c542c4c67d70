"""The console on a desk of actions that is scripted: it takes note of orders and does none."""

import contextlib
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass

from textual.events import Paste
from textual.pilot import Pilot

from bench.scene_actions import StillActionDesk, actions_picture
from core.model.action import Plan
from screens.actions import ActionsScreen
from screens.confirm import ConfirmScreen
from tests.fakes.clock import START, FakeClock
from tests.fakes.scripted import ScriptedConsole, screen_text, until
from widgets.choice_row import ChoiceRow
from widgets.lean_table import LeanTable

_NAMES = {" ": "space", "/": "slash", "-": "minus", ".": "full_stop", ":": "colon"}


@dataclass
class Acting:
    """A console that acts, and what was ordered of its desk."""

    app: ScriptedConsole
    pilot: Pilot[None]
    desks: list[StillActionDesk]

    @property
    def desk(self) -> StillActionDesk:
        assert len(self.desks) == 1
        return self.desks[0]

    @property
    def confirmed(self) -> list[tuple[Plan, str, bool]]:
        return self.desk.confirmed

    @property
    def dialog(self) -> ConfirmScreen:
        assert isinstance(self.app.screen, ConfirmScreen)
        return self.app.screen

    @property
    def is_asking(self) -> bool:
        return isinstance(self.app.screen, ConfirmScreen)

    @property
    def screen(self) -> ActionsScreen:
        front = self.app.front
        assert isinstance(front, ActionsScreen)
        return front

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def phrase(self) -> str:
        return next(
            one.phrase for one in self.desk.answers.values() if one.plan is self.dialog.plan
        )

    @property
    def code(self) -> str:
        return self.phrase.rpartition(" ")[2]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def type(self, text: str) -> None:
        await self.press(*(_NAMES.get(char, char) for char in text))

    async def paste(self, text: str) -> None:
        """Paste as a terminal does: to whatever has the keys."""
        self.app.post_message(Paste(text))
        await self.pilot.pause()

    async def until_shown(self, *texts: str) -> None:
        await until(self.pilot, lambda: all(text in self.text for text in texts))

    async def until_told(self, text: str) -> None:
        """Wait until a person is told something that goes away by itself."""

        def is_told() -> bool:
            told = self.app._notifications  # pyright: ignore[reportPrivateUsage]
            return any(text in one.message for one in told)

        await until(self.pilot, is_told)

    async def until_asked(self) -> None:
        """Wait for a dialog, whether it listens or not."""
        await until(self.pilot, lambda: self.is_asking)

    async def until_listening(self) -> None:
        """Wait until the dialog takes keys."""
        await self.until_asked()
        await until(self.pilot, lambda: self.is_asking and self.dialog.is_listening)
        await self.pilot.pause()

    async def ask(self, action: str, *, is_armed: bool = True) -> None:
        """Open the dialog of an action; it need not listen yet."""
        if is_armed:
            await self.press("A")
        await self.press("0", "right_square_bracket")
        table = next(one for one in self.screen.query(LeanTable) if one.has_focus)
        table.cursor_key = next(row.key for row in table.rows if row.key.startswith(action))
        await self.press("enter")
        await self.until_asked()

    async def read_to_the_end(self) -> None:
        await self.press(*["pagedown"] * 8)

    @property
    def choices(self) -> dict[str, str]:
        """What can be chosen, with the reason against it."""
        row = self.dialog.query_one(ChoiceRow)
        return {one.name: str(one.reason_against) for one in row.choices if row.display}


@contextlib.asynccontextmanager
async def acting(
    size: tuple[int, int] = (120, 40), keys: Sequence[str] = (), *, has_acted: bool = False
) -> AsyncGenerator[Acting]:
    """Open the console with a desk of actions."""
    desks: list[StillActionDesk] = []

    def make_desk(tell: Callable[[], None]) -> StillActionDesk:
        desks.append(StillActionDesk(actions_picture(START), tell))
        return desks[-1]

    app = ScriptedConsole(
        clock=FakeClock(), make_action_desk=make_desk, has_acted=has_acted
    )  # fmt: skip
    async with app.run_test(size=size) as pilot:
        console = Acting(app, pilot, desks)
        await console.press(*keys)
        yield console
