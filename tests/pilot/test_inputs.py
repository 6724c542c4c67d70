"""What is typed into the inputs of an action goes into the line that has the cursor by then."""

import pytest
from textual.events import Key, Paste

from core.model.action import ActionRequest, Input, Offer
from core.model.text import SafeText
from screens.inputs import InputsScreen
from tests.fakes.scripted import until
from tests.pilot.action_console import Acting, acting

OFFER = Offer(
    "key.generate",
    "api-service/keys",
    SafeText("Make a key"),
    inputs=(
        Input("tier", "Its tier", choices=("free", "pro"), is_required=True),
        Input("name", "Its name"),
        Input("to", "Where it goes", is_required=True),
    ),
)


class Typing:
    """The dialog, and whoever types faster than it draws."""

    def __init__(self, console: Acting) -> None:
        self._console = console
        self.screen = InputsScreen(OFFER)
        self.came: list[ActionRequest | None] = []

    async def open(self) -> None:
        await self._console.app.push_screen(self.screen, self.came.append)

    def at_once(self, *typed: str) -> None:
        """Press keys, and paste what is longer than one, before any of it has an effect."""
        for one in typed:
            named = one in {"tab", "shift+tab", "enter", "up", "down", "backspace"}
            is_paste = len(one) > 1 and not named
            event = Paste(one) if is_paste else Key(one, None if named else one)
            self._console.app.post_message(event)

    async def ended(self) -> ActionRequest | None:
        await until(self._console.pilot, lambda: bool(self.came))
        return self.came[0]


@pytest.mark.parametrize("next_line", ["tab", "down", "enter"])
async def test_keys_typed_ahead_go_into_the_line_they_were_meant_for(next_line: str) -> None:
    async with acting() as console:
        typing = Typing(console)
        await typing.open()
        typing.at_once(*"free", next_line, *"ada", next_line, *"reveal", "enter", *"late")
        request = await typing.ended()
        wanted = (("tier", "free"), ("name", "ada"), ("to", "reveal"))
        assert request == ActionRequest("key.generate", "api-service/keys", wanted)


async def test_what_is_pasted_ahead_goes_there_too() -> None:
    async with acting() as console:
        typing = Typing(console)
        await typing.open()
        typing.at_once("pro", "tab", "ada and more", "tab", "file:/x", "enter")
        request = await typing.ended()
        assert request is not None
        assert request.inputs == (("tier", "pro"), ("name", "ada and more"), ("to", "file:/x"))


async def test_back_and_forth_is_followed() -> None:
    async with acting() as console:
        typing = Typing(console)
        await typing.open()
        typing.at_once(*"fre", "tab", "tab", *"rev", "up", "up", "e", "down", "down", *"eal")
        typing.at_once("enter")
        request = await typing.ended()
        assert request is not None
        assert request.inputs == (("tier", "free"), ("to", "reveal"))


async def test_what_is_missing_gets_the_cursor_and_the_keys_after_it() -> None:
    async with acting() as console:
        typing = Typing(console)
        await typing.open()
        typing.at_once(*"wrong", "tab", "tab", *"reveal", "enter")
        await console.until_shown("tier: one of free, pro")
        assert typing.came == []
        typing.at_once(*["backspace"] * 5, *"pro", "tab", "tab", "enter")
        request = await typing.ended()
        assert request is not None
        assert request.inputs == (("tier", "pro"), ("to", "reveal"))
