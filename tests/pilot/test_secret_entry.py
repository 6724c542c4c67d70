"""A secret is asked for on the screen, and nobody sees it there."""

from core.model.action import Input, Offer
from core.model.secret import Secret
from core.model.text import clean
from screens.inputs import InputsScreen
from screens.secret_entry import SecretEntryScreen
from tests.pilot.action_console import Acting, acting

VALUE = "AIzaNever-Shown/7f2c+9="
OFFER = Offer(
    "secret.set", "shop/env", clean("Enter GOOGLE_API_KEY in .env"),
    inputs=(Input("name", "variable", "GOOGLE_API_KEY", is_required=True),
            Input("value", "the new value: file:/path of a private file", is_required=True)),
)  # fmt: skip


async def until_asked(console: Acting) -> None:
    """Choose the offer, and take the name as it is given."""
    await console.press("A")
    console.app.take_offer(OFFER)
    await console.pilot.pause()
    assert isinstance(console.app.screen, InputsScreen)
    assert "the new value" not in console.text
    await console.press("enter")
    await console.until_shown("The new value of GOOGLE_API_KEY:", "nothing entered")


async def test_typed_or_pasted_it_is_counted_and_never_drawn() -> None:
    async with acting() as console:
        await until_asked(console)
        for at, letter in enumerate(VALUE[:6], 1):
            await console.type(letter)
            assert f"{at} character" in console.text
            assert VALUE[:2] not in console.text
        await console.paste(VALUE[6:] + "\r\n")
        await console.until_shown(f"{len(VALUE)} characters entered, not shown")
        assert "Never" not in console.text
        await console.press("enter")
        ((request, value),) = console.desk.entered
        assert value == Secret(VALUE)
        assert request.inputs == (("name", "GOOGLE_API_KEY"),)
        assert not isinstance(console.app.screen, SecretEntryScreen)


async def test_nothing_several_lines_and_what_cannot_be_seen_are_refused() -> None:
    async with acting() as console:
        await until_asked(console)
        for given, said in (("  ", "nothing was entered"), ("one\ntwo", "several lines"),
                            ("a\x07b", "cannot be seen")):  # fmt: skip
            await console.press("ctrl+u")
            await console.paste(given)
            await console.press("enter")
            await console.until_shown(said)
        assert console.desk.entered == []


async def test_while_others_look_not_even_its_length_is_told() -> None:
    async with acting() as console:
        await until_asked(console)
        await console.paste(VALUE)
        await console.press("ctrl+o")
        await console.until_shown("> ▏entered")
        assert "character" not in console.text


async def test_it_can_be_taken_back_and_left() -> None:
    async with acting() as console:
        await until_asked(console)
        await console.type("abc")
        await console.press("backspace")
        await console.until_shown("2 characters")
        await console.press("ctrl+u")
        await console.until_shown("nothing entered")
        await console.press("escape")
        assert console.desk.entered == []
        assert not isinstance(console.app.screen, SecretEntryScreen)
