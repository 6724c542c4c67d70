"""Nobody says yes by accident: what the confirm dialog takes, and what it drops."""

import pytest

from core.model.text import EMPTY, SafeText
from tests.fakes.scripted import until
from tests.pilot.action_console import acting
from widgets.choice_row import ChoiceRow
from widgets.line_input import LineInput

RESTART, COPY, COMPRESS = "service.restart", "backup.create", "logs.compress"
SMALL = (80, 24)


async def test_it_says_where_what_how_far_and_what_cannot_be_undone() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_shown(
            "PRODUCTION", "on ops-1", "interrupts a service", "unit gateway-proxy.service",
            "4 services depend on it", "no way back after this", "about 15 s", console.code,
        )  # fmt: skip


async def test_the_phrase_typed_exactly_starts_the_plan_once() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_listening()
        plan, phrase = console.dialog.plan, console.phrase
        await console.type(phrase)
        await console.press("enter")
        assert console.confirmed == [(plan, phrase, True)]
        assert not console.is_asking


def wide(text: str) -> str:
    """The same letters, as wide as two cells."""
    return "".join(chr(ord(one) + 0xFEE0) if one.isalpha() else one for one in text)


def wrong_phrases(phrase: str) -> tuple[str, ...]:
    return (
        phrase + " ",
        " " + phrase,
        phrase.lower(),
        phrase[:-4] + "AAAA",
        phrase[:-4].rstrip(),
        phrase.replace("proxy-service", "proxy-servic"),
        phrase.replace("proxy-service", "other-host"),
        phrase.replace("a", "\N{CYRILLIC SMALL LETTER A}"),
        wide(phrase),
        phrase.replace(" ", "  "),
        "stop" + phrase.removeprefix("restart"),
        phrase[-4:],
        "y",
        "",
    )


async def test_anything_but_the_phrase_is_refused() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_listening()
        for wrong in wrong_phrases(console.phrase):
            assert wrong != console.phrase
            field = console.dialog.query_one(LineInput)
            field.set_text("")
            field.note = ()
            await console.type(wrong)
            assert field.text == wrong
            await console.press("enter")
            assert console.confirmed == []
            assert console.is_asking
            assert "that is not the phrase above" in console.text


async def test_five_hundred_pastes_confirm_nothing() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_listening()
        phrase = console.phrase
        for number in range(500):
            await console.paste((phrase, f"{phrase}\n", f"{phrase}\r", "\r")[number % 4])
        await console.press("enter")
        assert console.confirmed == []
        assert console.dialog.query_one(LineInput).text == ""


@pytest.mark.parametrize("action", [COPY, COMPRESS, RESTART, "backup.verify"])
async def test_keys_typed_before_it_listens_are_dropped(
    action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screens.confirm.DEAF_S", 3600.0)
    async with acting() as console:
        await console.ask(action)
        phrase = console.phrase
        await console.press(*["down"] * 3, "right", "enter", "tab", "enter", "y")
        await console.type(phrase)
        await console.press("enter", "A")
        assert console.is_asking
        assert not console.dialog.is_listening
        assert console.confirmed == []
        assert console.dialog.query_one(LineInput).text == ""


async def test_arming_typed_ahead_arms_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screens.confirm.DEAF_S", 3600.0)
    async with acting() as console:
        await console.ask(COPY, is_armed=False)
        await console.press("A")
        assert console.desk.armed == []


async def test_it_starts_on_cancel_and_enter_alone_does_nothing() -> None:
    async with acting() as console:
        await console.ask(COPY)
        await console.until_listening()
        await console.press("enter")
        assert console.confirmed == []
        assert not console.is_asking


async def test_a_single_reversible_target_is_confirmed_by_the_second_choice() -> None:
    async with acting() as console:
        await console.ask(COPY)
        await console.until_listening()
        plan, code = console.dialog.plan, console.code
        await console.press("right", "enter")
        assert console.confirmed == [(plan, code, True)]


async def test_what_only_reads_needs_neither_arming_nor_a_second_thought() -> None:
    async with acting() as console:
        await console.ask("backup.verify", is_armed=False)
        await console.until_listening()
        await console.press("enter")
        assert len(console.confirmed) == 1


@pytest.mark.parametrize("action", [COPY, COMPRESS, RESTART, "backup.verify"])
async def test_a_mouse_never_says_yes(action: str) -> None:
    async with acting() as console:
        await console.ask(action)
        await console.until_listening()
        width, height = console.app.size
        row = console.dialog.query_one(ChoiceRow)
        lines = {max(0, row.region.y), height - 1, height // 2}
        for y in lines:
            for x in range(0, width, 9):
                await console.pilot.click(offset=(x, y))
        assert console.confirmed == []
        assert console.is_asking


async def test_escape_leaves_and_starts_nothing() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_listening()
        await console.type(console.phrase)
        await console.press("escape")
        assert console.confirmed == []
        assert not console.is_asking


async def test_a_plan_that_grew_old_is_looked_at_again_and_never_started() -> None:
    async with acting() as console:
        await console.ask(RESTART)
        await console.until_listening()
        await console.type(console.phrase)
        await console.app.clock.advance(121)
        await console.press("enter")
        assert console.confirmed == []
        await console.until_shown("This plan is too old", "Look again")
        assert "yes" not in console.choices


@pytest.mark.parametrize("action", [COPY, COMPRESS, RESTART])
async def test_an_unarmed_console_offers_no_yes(action: str) -> None:
    async with acting() as console:
        await console.ask(action, is_armed=False)
        await console.until_listening()
        await console.read_to_the_end()
        await console.until_shown("Changes are off in this console")
        await console.press("right", "enter")
        await console.type("yes")
        assert console.confirmed == []
        assert console.choices["yes"] == "changes are off"
        said = [(what, reason) for what, reason, _ in console.desk.refused]
        assert said == [("confirm", "changes are off")]


async def test_changes_are_switched_on_from_within_the_dialog() -> None:
    async with acting() as console:
        await console.ask(COPY, is_armed=False)
        await console.until_listening()
        await console.press("A")
        assert console.desk.armed == [True]
        await console.press("right", "enter")
        assert [is_armed for _, _, is_armed in console.confirmed] == [True]


@pytest.mark.parametrize("action", [COMPRESS, RESTART])
async def test_nobody_says_yes_to_lines_they_have_not_seen(action: str) -> None:
    async with acting(SMALL) as console:
        await console.ask(action)
        await console.until_listening()
        await console.until_shown("below, to be read before you can say yes")
        await console.press("right", "enter")
        assert console.confirmed == []
        assert console.choices["yes"] == "read to the end first"
        await console.read_to_the_end()
        assert console.choices.get("yes", "") == ""
        assert "to be read" not in console.text


@pytest.mark.parametrize("to_end", ["end", "G"])
async def test_who_jumps_to_the_end_has_not_read_what_they_passed_over(to_end: str) -> None:
    async with acting((80, 16)) as console:
        await console.ask(RESTART)
        await console.until_listening()
        await console.press(to_end)
        await console.until_shown("above, passed over: to be read before you can say yes")
        await console.press("right", "enter")
        assert console.confirmed == []
        await console.press("home")
        await console.until_shown("below, to be read before you can say yes")
        for _ in range(9):
            await console.press("pagedown")
        assert console.choices.get("yes", "") == ""
        assert "to be read" not in console.text


async def test_who_has_read_it_all_may_look_at_any_part_of_it_again() -> None:
    async with acting((80, 16)) as console:
        await console.ask(COMPRESS)
        await console.until_listening()
        for _ in range(40):
            await console.press("j")
        assert console.choices["yes"] == ""
        await console.press("home")
        assert console.choices["yes"] == ""
        assert "to be read" not in console.text


async def test_what_is_stopped_says_why_on_top_and_offers_no_yes() -> None:
    async with acting(SMALL) as console:
        await console.ask("service.start")
        await console.until_listening()
        lines = console.text.splitlines()
        assert any("It cannot be done now" in one for one in lines[:5])
        assert set(console.choices) == {"cancel", "again"}


async def test_a_second_person_is_waited_for_and_then_it_goes_on() -> None:
    async with acting() as console:
        await console.ask("backup.restore")
        await console.until_listening()
        await console.read_to_the_end()
        await console.until_shown(f"quarterdeck approve {console.code}")
        assert console.choices["yes"] == "waits for a second person"
        console.desk.waits_for = EMPTY
        await until(console.pilot, lambda: isinstance(console.dialog.focused, LineInput))
        await console.type(console.phrase)
        await console.press("enter")
        assert len(console.confirmed) == 1


async def test_a_refused_start_is_told() -> None:
    async with acting() as console:
        await console.ask(COPY)
        await console.until_listening()
        console.desk.problem = SafeText("nothing was started: root holds it")
        await console.press("right", "enter")
        await console.until_told("root holds it")


async def test_the_marked_choice_is_seen_without_colour() -> None:
    async with acting() as console:
        await console.ask(COPY)
        await console.until_listening()
        row = console.dialog.query_one(ChoiceRow)
        assert row.has_focus
        assert "▸ Cancel" in console.text
