"""Keys that come in one burst do what the same keys do one at a time."""

import pytest
from textual.events import Key, Paste
from textual.keys import key_to_character

from screens.base import ConsoleScreen
from screens.command import CommandScreen
from screens.help import HelpScreen
from screens.host import HostScreen
from screens.services import ServicesScreen
from tests.fakes.scripted import ScriptedConsole, screen_text, until
from widgets.filter_bar import FilterBar
from widgets.line_input import LineInput

SIZE = (120, 40)


def burst(app: ScriptedConsole, *keys: str) -> None:
    """Send keys as a terminal does that has them all at once."""
    for one in keys:
        app.post_message(Key(one, key_to_character(one)))


def forget(_done: object) -> None:
    """Send nothing."""


def is_filtered_by(screen: ConsoleScreen, text: str) -> bool:
    return screen.query_one(FilterBar).text == text


@pytest.mark.parametrize("times", range(3))
async def test_a_filter_is_typed_in_the_view_that_was_gone_to(times: int) -> None:
    del times
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        first = app.front
        burst(app, "2", "slash", "b", "a", "n", "k", "enter", "9")
        await until(pilot, lambda: isinstance(app.front, HostScreen))
        burst(app, "2")
        await until(pilot, lambda: isinstance(app.front, ServicesScreen))
        assert is_filtered_by(app.front, "bank")
        assert not is_filtered_by(first, "bank")


async def test_a_whole_command_and_the_key_after_it() -> None:
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        burst(app, "colon", *"services", "enter", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert isinstance(app.front, ServicesScreen)


async def test_what_is_pasted_comes_between_the_keys_around_it() -> None:
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        burst(app, "colon", "s")
        app.post_message(Paste("ervice"))
        burst(app, "s")
        await until(pilot, lambda: isinstance(app.screen, CommandScreen))
        line = app.screen.query_one(LineInput)
        await until(pilot, lambda: line.text == "services")


async def test_a_key_whose_end_is_never_heard_of_does_not_hold_the_others_for_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = ScriptedConsole()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        monkeypatch.setattr(app, "_send", forget)
        burst(app, "2", "9", "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert "Host" in screen_text(app) or isinstance(app.front, HostScreen)
