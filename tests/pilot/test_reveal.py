"""The dialog that shows a new key once: what it says, what it refuses, and what hides it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from bench.scene_actions import NEW_KEY, waiting_key
from core.model.text import SafeText
from screens.reveal import RevealScreen
from tests.fakes.scripted import until
from tests.pilot.action_console import Acting, acting
from widgets.present.reveal import SHOWN_S


@asynccontextmanager
async def asked(size: tuple[int, int] = (120, 40)) -> AsyncGenerator[Acting]:
    """Open the dialog from the Keys screen."""
    async with acting(size, ("A", "6")) as console:
        await console.until_shown("a new key of api-service/keys waits: v shows it once")
        await console.press("v")
        await console.until_shown("not shown yet", "for 30 seconds at most")
        yield console


@asynccontextmanager
async def shown(size: tuple[int, int] = (120, 40)) -> AsyncGenerator[Acting]:
    async with asked(size) as console:
        await console.press("enter")
        await console.until_shown(NEW_KEY, "hidden in 30 seconds")
        yield console


async def until_hidden(console: Acting, why: str) -> None:
    await until(console.pilot, lambda: not isinstance(console.app.screen, RevealScreen))
    await console.until_told(f"the key is hidden for good: {why}")
    assert NEW_KEY not in console.text
    assert not console.app.presenting.redactor.shown_spans("nothing")
    assert console.app.presenting.redactor.shown_spans(NEW_KEY), "from now on it is known"


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_it_says_what_comes_and_shows_it_on_an_extra_key(size: tuple[int, int]) -> None:
    async with asked(size) as console:
        for said in ("any key hides it", "audit log", "in clear", "to=file:/path"):
            assert said in " ".join(console.text.replace("│", " ").split())
        assert console.desk.revealed == []
        await console.press("enter")
        await console.until_shown(NEW_KEY)


async def test_not_now_leaves_it_waiting() -> None:
    async with asked() as console:
        await console.press("escape")
        assert console.desk.revealed == []
        await console.press("v")
        assert isinstance(console.app.screen, RevealScreen)


@pytest.mark.parametrize("key", ["enter", "ctrl+l", "ctrl+c"])
async def test_any_key_hides_it_and_does_nothing_else(key: str) -> None:
    async with shown() as console:
        await console.press(key)
        await until_hidden(console, "a key was pressed")
        assert console.app.is_running
        assert len(console.app.screen_stack) == 1


async def test_its_time_ends() -> None:
    async with shown() as console:
        await console.app.clock.advance(SHOWN_S - 4)
        await console.until_shown("hidden in 4 seconds", NEW_KEY)
        await console.app.clock.advance(4)
        await until_hidden(console, "its time is over")


async def test_another_size_hides_it() -> None:
    async with shown() as console:
        await console.pilot.resize_terminal(100, 30)
        await until_hidden(console, "the terminal has another size")


async def test_presentation_mode_hides_it_and_refuses_it_with_the_way_out() -> None:
    async with shown() as console:
        await console.press("ctrl+o")
        await until_hidden(console, "a key was pressed")
        assert console.app.presenting.is_on
        console.desk.show(replace(console.desk.picture, waiting=(waiting_key(0.0),)))
        await console.until_shown("v shows it once")
        await console.press("v")
        await console.until_told("ctrl+o ends presentation mode")
        assert not isinstance(console.app.screen, RevealScreen)


async def test_presentation_mode_over_the_dialog_keeps_it_from_being_taken() -> None:
    async with asked() as console:
        await console.press("ctrl+o", "enter")
        await console.until_shown("others look, so no key is shown: ctrl+o ends presentation mode")
        assert console.desk.revealed == []
        await console.press("ctrl+o", "enter")
        await console.until_shown(NEW_KEY)


async def test_the_second_of_two_is_told_that_it_was_shown() -> None:
    async with asked() as console:
        console.desk.picture = replace(console.desk.picture, waiting=())
        await console.press("enter")
        await console.until_told("the key has been shown already")
        assert NEW_KEY not in console.text


async def test_what_does_not_fit_is_not_taken() -> None:
    async with acting((120, 40), ("A", "6")) as console:
        (waiting,) = console.desk.picture.waiting
        console.desk.show(replace(console.desk.picture, waiting=(replace(waiting, chars=200),)))
        await console.press("v", "enter")
        await console.until_shown("204 columns are needed")
        assert console.desk.revealed == []
        await console.pilot.resize_terminal(204, 40)
        await console.press("enter")
        await console.until_shown(NEW_KEY)


async def test_notices_wait_until_it_is_hidden() -> None:
    """One that comes and goes over it would have its cells sent again."""
    async with shown() as console:
        console.app.warn("a disk is full")
        await console.pilot.pause()
        assert "a disk is full" not in console.text
        await console.press("j")
        await console.until_told("a disk is full")


async def test_it_goes_to_the_clipboard_only_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    async with shown() as console:
        monkeypatch.setattr(console.app, "write_to_terminal", sent.append)
        assert sent == []
        await console.press("c")
        await console.until_shown("sent to the terminal's clipboard", NEW_KEY)
        assert len(sent) == 1


async def test_a_key_of_a_finished_action_is_shown_from_there() -> None:
    async with acting((120, 40), ("A", "0")) as console:
        desk = console.desk
        first = desk.picture.states[-1]
        waiting = replace(desk.picture.waiting[0], action_id=first.plan.id)
        desk.show(replace(desk.picture, waiting=(waiting,)))
        await console.press("G")
        await console.until_shown("v shows it once")
        await console.press("v", "enter")
        await console.until_shown(NEW_KEY)
        assert desk.revealed == [first.plan.id]


async def test_who_presses_on_before_the_text_stands_there_sees_no_key(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It would come once where it stands first, and again where the text has moved it to."""
    async with acting((120, 40), ("A", "6")) as console:
        await console.until_shown("waits: v shows it once")
        presenting, pressed = console.app.presenting, list[RevealScreen]()
        warning = presenting.warning_before_reveal

        def asked_for(env: Mapping[str, str]) -> SafeText:
            """Press enter at the moment in which the text is made, and has no place yet."""
            dialog = console.app.screen
            assert isinstance(dialog, RevealScreen)
            dialog.action_show()
            pressed.append(dialog)
            return warning(env)

        monkeypatch.setattr(presenting, "warning_before_reveal", asked_for)
        await console.press("v")
        await console.until_shown("not shown yet")
        assert len(pressed) == 1
        assert console.desk.revealed == []
        await console.press("enter")
        await console.until_shown(NEW_KEY)
        assert len(console.desk.revealed) == 1
