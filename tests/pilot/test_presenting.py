"""Presentation mode: one key away on every screen and dialog, and seen in the header."""

import pytest

from core.model.action import Input, Offer
from core.model.secret import MASK, Secret
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from screens.editor import EditorScreen
from screens.inputs import InputsScreen
from tests.fakes.scripted import ScriptedConsole, calm_events, screen_text
from tests.fakes.world import observed
from tui.commands import COMMANDS
from tui.places import PLACES

TOKEN = "Zx81QmVtTl9Kc0w3UjJhYkZ5"
KNOWN = "correct-horse-battery-1"


def console(reason: str = f"token={TOKEN}") -> ScriptedConsole:
    events = (*calm_events(), observed("redis", Verdict.DOWN, reason, seconds=1))
    return ScriptedConsole(events=events)


async def test_one_key_hides_what_looks_secret_and_shows_it_again() -> None:
    app = console()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert TOKEN in screen_text(app)
        assert "PRESENTING" not in screen_text(app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert TOKEN not in screen_text(app)
        assert "PRESENTING" in screen_text(app)
        assert not app.presenting.may_reveal
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert TOKEN in screen_text(app)
        assert app.presenting.may_reveal


@pytest.mark.parametrize("width", [80, 120, 200])
async def test_it_lasts_over_screens_and_is_said_on_each(width: int) -> None:
    app = console()
    async with app.run_test(size=(width, 40)) as pilot:
        await pilot.press("ctrl+o")
        for place in PLACES:
            await pilot.press(place.digit)
            await pilot.pause()
            shown = screen_text(app)
            assert "PRESENTING" in shown, place.name
            assert TOKEN not in shown, place.name


async def test_it_is_a_command_too() -> None:
    app = console()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("colon", *"present", "enter")
        await pilot.pause()
        assert app.presenting.is_on


async def test_what_becomes_known_later_vanishes_from_the_screen() -> None:
    app = console(f"refused {KNOWN}")
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert KNOWN in screen_text(app)
        app.presenting.add_known("a store", [Secret(KNOWN)])
        app.veil_again()
        await pilot.pause()
        assert KNOWN not in screen_text(app)
        assert f"refused {MASK}" in screen_text(app)


async def test_notices_show_no_secret() -> None:
    app = console()
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        app.presenting.set_known([Secret(KNOWN)])
        app.warn(f"cannot use {KNOWN}")
        await pilot.pause()
        assert f"cannot use {MASK}" in screen_text(app)


async def test_a_typed_secret_shows_as_bullets() -> None:
    app = console()
    asked = (Input("api_token", "The token"), Input("key", "The key's short name"))
    async with app.run_test(size=(120, 40)) as pilot:
        offer = Offer("x.y", "shop/api", SafeText("Try it"), inputs=asked)
        await app.push_screen(InputsScreen(offer))
        await pilot.press(*"abc-def", "tab", *"visible")
        await pilot.pause()
        assert "abc-def" not in screen_text(app)
        assert "•" * 7 in screen_text(app)
        assert "visible" in screen_text(app)


async def test_a_typed_value_shows_as_bullets_while_others_look() -> None:
    app = console()
    async with app.run_test(size=(120, 40)) as pilot:
        offer = Offer("x.y", "shop/api", SafeText("Set"), inputs=(Input("value", "The value"),))
        await app.push_screen(InputsScreen(offer))
        await pilot.press(*"abc-def")
        await pilot.pause()
        assert "abc-def" in screen_text(app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert "abc-def" not in screen_text(app)


def test_no_key_takes_a_picture_of_the_screen() -> None:
    assert [one for one in ScriptedConsole.BINDINGS if "screenshot" in str(one)] == []
    assert [one.name for one in COMMANDS if "screenshot" in one.name] == []


async def test_the_editor_hides_what_is_typed_while_others_look() -> None:
    app = console()
    async with app.run_test(size=(120, 40)) as pilot:
        await app.push_screen(EditorScreen(clean("/etc/app.env"), f"A=1\nPASSWORD={TOKEN}\n", 0))
        await pilot.pause()
        assert TOKEN in screen_text(app)
        await pilot.press("ctrl+o")
        await pilot.pause()
        assert app.presenting.is_on
        assert TOKEN not in screen_text(app)
        assert "A=1" in screen_text(app)
