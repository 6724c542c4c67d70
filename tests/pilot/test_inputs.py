"""What is typed into the inputs of an action goes into the line that has the cursor by then."""

from collections.abc import Callable
from functools import partial

import pytest
from textual.events import Key, Paste

from core.model.action import ActionRequest, Input, Offer
from core.model.text import SafeText
from screens.inputs import InputField, InputsScreen
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


async def test_what_cannot_be_planned_is_asked_again_with_all_that_was_typed() -> None:
    async with acting() as console:
        console.app.take_offer(OFFER)
        await console.type("free")
        await console.press("enter")
        await console.type("ada l")
        await console.press("enter")
        await console.type("reveal")
        await console.press("enter")
        await console.until_shown("there is no action 'key.generate'")
        screen = console.app.screen
        assert isinstance(screen, InputsScreen)
        assert [one.text for one in screen.query(InputField)] == ["free", "ada l", "reveal"]
        before = console.app.front
        await console.type("20s")
        assert console.app.front is before, "keys typed on are for the dialog"
        await console.press("escape")
        assert not isinstance(console.app.screen, InputsScreen)


async def test_whoever_has_turned_to_something_else_is_only_told_of_a_refusal() -> None:
    async with acting() as console:
        late: list[Callable[[], None]] = []
        console.app.desk_link()
        plan = console.desk.plan
        console.desk.plan = lambda request, reply: late.append(partial(plan, request, reply))
        console.app.take_offer(OFFER)
        await console.press(*"free", "enter", "enter", *"reveal", "enter")
        await until(console.pilot, lambda: bool(late))
        await console.press("question_mark")
        await until(console.pilot, lambda: console.app.screen.is_modal)
        late[0]()
        await console.until_told("there is no action 'key.generate'")
        assert not isinstance(console.app.screen, InputsScreen)


async def test_inputs_under_any_name_are_there_again() -> None:
    offer = Offer("env.set", "shop/env", SafeText("Set"), inputs=(Input("*", "NAME=VALUE"),))
    refused = ActionRequest("env.set", "shop/env", (("A", "1"), ("B", "two")))
    async with acting() as console:
        await console.app.push_screen(InputsScreen(offer, refused, SafeText("no such name")))
        assert console.app.screen.query_one(InputField).text == "A=1 B=two"
        await console.until_shown("no such name")
