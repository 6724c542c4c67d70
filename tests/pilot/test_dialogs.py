"""What a dialog leaves in sight, and what it says of itself."""

import pytest

from screens.dialog import Dialog
from screens.help import KeyGroup, KeyRow, help_lines
from tests.fakes.scripted import ScriptedConsole, screen_text, troubled_events
from tui.themes import THEME_NAMES
from widgets.present.fitting import width_of
from widgets.present.line import Line

GROUPS = (
    KeyGroup("In the pane", (KeyRow("enter", "Open it"), KeyRow("j", "Go down"))),
    KeyGroup("Screens", (KeyRow("1", "Overview"),)),
    KeyGroup("Everywhere", (KeyRow("minus", "Last view", "no other view was open yet"),)),
)


def texts(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(part.text for part in one) for one in lines]


@pytest.mark.parametrize("width", range(30, 120, 3))
def test_help_keeps_its_width_and_every_key_and_reason(width: int) -> None:
    lines = help_lines(GROUPS, width)
    assert max(map(width_of, lines)) <= width
    told = "\n".join(texts(lines))
    for word in ("enter", "Open it", "Overview", "Last view", "(no other view"):
        assert word in told


@pytest.mark.parametrize("width", [38, 76, 104])
def test_help_says_whole_why_a_key_does_not_work(width: int) -> None:
    reason = "the store under the cursor has lost no keys that nobody has read of"
    rows = KeyRow("v", "Show the new key"), KeyRow("m", "Alarm read", reason)
    told = texts(help_lines((KeyGroup("On this screen", rows), *GROUPS), width))
    assert max(map(len, told)) <= width
    for word in reason.split():
        assert any(word in one for one in told)


def test_help_sets_groups_side_by_side_where_there_is_room() -> None:
    assert len(help_lines(GROUPS, 100)) < len(help_lines(GROUPS, 40))


@pytest.mark.parametrize("theme", [name for name in THEME_NAMES if name != "auto"])
@pytest.mark.parametrize("key", ["question_mark", "colon", "ctrl+p"])
async def test_a_dialog_leaves_the_header_in_sight_in_every_theme(theme: str, key: str) -> None:
    app = ScriptedConsole(events=troubled_events(), theme=theme)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert "1 down" in screen_text(app).splitlines()[0]


@pytest.mark.parametrize("key", ["question_mark", "colon", "ctrl+p"])
async def test_a_dialog_that_is_closed_twice_at_once_takes_nothing_else_away(key: str) -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        dialog = app.screen
        assert isinstance(dialog, Dialog)
        dialog.dismiss(None)
        dialog.dismiss(None)
        await pilot.pause()
        assert app.screen is app.front


async def test_help_has_a_footer_of_its_own() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        footer = screen_text(app).splitlines()[-1]
        assert "esc Close" in footer
        assert "Open" not in footer


async def test_the_palette_says_how_far_down_one_is_when_not_all_is_in_sight() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+p", "down", "down")
        await pilot.pause()
        assert "3 of " in screen_text(app).splitlines()[-1]


async def test_every_character_can_be_typed_into_a_filter_and_the_footer_offers_none_of_them() -> (
    None
):
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(200, 24)) as pilot:
        await pilot.press("2", "3", "2", "slash", *"a/b-c:d!?@+_1")
        await pilot.pause()
        *_, bar, footer = screen_text(app).splitlines()
        assert bar.startswith("/a/b-c:d!?@+_1")
        assert "Last view" not in footer
        assert "/ Filter" not in footer


async def test_hidden_rows_say_how_to_see_them_again() -> None:
    app = ScriptedConsole(events=troubled_events())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2", "exclamation_mark")
        await pilot.pause()
        assert "faults only   esc shows all" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert "faults only" not in screen_text(app)
