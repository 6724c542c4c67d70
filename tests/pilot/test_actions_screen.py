"""The screen of actions: its pages, what leads there, and the way out of what was left."""

import pytest

from bench.scene_actions import HUMAN, LEFT
from core.model.action_pages import Page
from screens.note import NoteScreen
from screens.offers import OffersScreen
from tests.fakes.scripted import until
from tests.pilot.action_console import acting


async def test_pages_turn_in_both_directions() -> None:
    async with acting(keys=("0",)) as console:
        seen = [console.screen.page]
        for _ in Page:
            await console.press("right_square_bracket")
            seen.append(console.screen.page)
        assert seen == [*Page, Page.ACTIONS]
        await console.press("left_square_bracket")
        assert console.screen.page is Page.PROCEDURES


@pytest.mark.parametrize(
    ("page", "shown"),
    [
        ("possible", ("8 actions on targets, 1 not now", "(no other place is configured")),
        ("audit", ("● whole, 12 unanchored", "denied", "www-data")),
        ("backups", ("1 of 3 sets", "● good", "? unverified", "there is no backup")),
        ("procedures", ("✖ stopped, 3 of 4", "tries step 3 again", "gate")),
    ],
)
async def test_a_page_is_reached_by_name_and_says_what_it_knows(
    page: str, shown: tuple[str, ...]
) -> None:
    async with acting(size=(160, 40)) as console:
        await console.press("colon")
        await console.type(page)
        await console.press("enter")
        await console.until_shown(*shown)


async def test_a_filter_works_on_the_page_that_is_shown() -> None:
    async with acting(keys=("0", "right_square_bracket", "right_square_bracket")) as console:
        await console.press("slash")
        await console.type("denied")
        await console.press("enter")
        await console.until_shown("1 of 8")
        assert "anchor " not in console.text
        await console.press("left_square_bracket")
        assert "1 of 8" not in console.text


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_what_was_left_is_explained_and_finished_with_its_key(size: tuple[int, int]) -> None:
    async with acting(size, ("0", "down", "down", "enter")) as console:
        await console.until_shown("Found: it died at step 2 of 2", "R finishes it so")
        await console.press("R")
        assert console.desk.recovered == []
        await console.until_told("changes are off in this console")
        off = "changes are off in this console; A switches them on"
        assert console.desk.refused == [("recover", off, LEFT)]
        await console.press("A", "R")
        assert console.desk.recovered == [LEFT]


async def test_a_person_says_how_they_dealt_with_what_needed_one() -> None:
    async with acting(keys=("A", "0", "down", "M")) as console:
        await until(console.pilot, lambda: isinstance(console.app.screen, NoteScreen))
        await console.press("enter")
        assert console.desk.resolved == []
        await console.type("started by hand")
        await console.press("enter")
        assert console.desk.resolved == [(HUMAN, "started by hand")]


async def test_keys_that_can_do_nothing_are_not_offered() -> None:
    async with acting(keys=("0",)) as console:
        footer = console.text.splitlines()[-1]
        assert "Recover" not in footer
        assert "Undo" not in footer
        await console.press("R", "M", "u")
        assert console.desk.recovered == console.desk.resolved == []
        assert not console.is_asking


async def test_what_a_crash_left_is_told_once_when_the_console_opens() -> None:
    async with acting(has_acted=True) as console:
        await console.until_told("2 actions unfinished; 0 says what was found")
        assert "2 actions unfinished" in console.text.splitlines()[0]


async def test_enter_on_a_backup_says_what_can_be_done_with_its_set() -> None:
    async with acting(keys=("0", *["right_square_bracket"] * 3, "enter")) as console:
        await until(console.pilot, lambda: isinstance(console.app.screen, OffersScreen))
        assert "what can be done with api-gateway/config" in console.text
        assert "restart unit" not in console.text


async def test_a_narrow_list_says_whose_namesakes_were_acted_on_before_how_long_it_took() -> None:
    async with acting(keys=("0",), size=(80, 24)) as console:
        head = next(row for row in console.text.splitlines() if "OUTCOME" in row)
        assert "SYSTEM" in head
        assert "BEGUN" in head


@pytest.mark.parametrize("keys", [("2",), ("2", "enter"), ("2", "tab", "tab")])
async def test_x_offers_what_can_be_done_with_the_service_from_all_panes_that_tell_of_it(
    keys: tuple[str, ...],
) -> None:
    async with acting(keys=(*keys, "x")) as console:
        await until(console.pilot, lambda: isinstance(console.app.screen, OffersScreen))
        assert "what can be done with" in console.text


async def test_an_offer_is_found_by_its_words_in_the_palette() -> None:
    async with acting() as console:
        await console.press("ctrl+p")
        await console.until_shown("Show Overview")
        await console.type("restart unit")
        await console.until_shown("do service.restart api-gateway/", "restart unit gateway-proxy")
        await console.press("escape", "colon")
        await console.type("do service.restart api-gateway/proxy-service")
        await console.press("enter")
        await console.until_asked()
        assert console.confirmed == []


async def test_what_is_not_possible_says_why_instead_of_asking() -> None:
    async with acting(keys=("0",)) as console:
        await console.press("colon")
        await console.type("do backup.send api-gateway/config")
        await console.press("enter")
        await console.until_told("no other place is configured")
        assert not console.is_asking
