"""The Streams screen by its keys: drilling, queries, marks, offers, what cannot be read."""

from dataclasses import replace

import pytest

from bench.scene_streams import COSTS, DEAD, DECISIONS, ENGINE, EVENTS, MANAGER, entry
from core.model.action import Danger, Input, Offer
from core.model.redis_server import Trouble
from core.model.redis_view import (
    Cancel,
    More,
    RedisPicture,
    Scan,
    ShowEntries,
    ShowLetters,
    ShowPending,
    Streams,
    Watch,
)
from core.model.stream import PendingFilter, Progress
from core.model.text import clean
from screens.logs import LogsScreen
from screens.overview import OverviewScreen
from tests.fakes.redis_scene import engine_of, holding, known, renamed, streams_console
from tests.fakes.scripted import ScriptedConsole, screen_text
from tests.hostile import CORPUS
from widgets.entries_table_pane import EntriesTablePane
from widgets.letters_table_pane import LetterGroupsTablePane, LettersTablePane
from widgets.pending_table_pane import PendingTablePane
from widgets.present.stream_pages import StreamPage
from widgets.query_bar import QueryBar
from widgets.stream_details_pane import StreamDetailsPane
from widgets.stream_entry_pane import StreamEntryPane
from widgets.stream_groups_table_pane import StreamGroupsTablePane
from widgets.streams_table_pane import StreamsTablePane

_EVENTS = ("down",)
_PENDING = ("down", "enter", "enter")
_LETTERS = ("down", "down", "enter")
_SIZES = [(80, 24), (120, 40), (200, 60)]


async def test_streams_are_watched_while_the_screen_is_in_front() -> None:
    async with streams_console() as console:
        assert console.wishes[0] == Watch(frozenset({"streams"}))
        await console.press("1")
        assert console.wishes[-1] == Watch(frozenset())
        await console.press("4")
        assert console.wishes[-1] == Watch(frozenset({"streams"}))


@pytest.mark.parametrize("size", _SIZES)
async def test_what_is_wrong_is_told_apart_in_words(size: tuple[int, int]) -> None:
    async with streams_console(size, *_EVENTS) as console:
        for said in (
            "≈6 streams",
            "✖ 1 server cannot be read",
            "our load 6 of 200 cmd/s",
            "✖ NOAUTH",
            "✖ DOWN",
            "▲ not there",
            "✖ wrong type",
            "○ not named",
            "– none",
            "≥1,182",
        ):
            assert said in console.text


@pytest.mark.parametrize("size", _SIZES)
async def test_one_drills_down_to_an_entry_and_comes_back_by_the_same_steps(
    size: tuple[int, int],
) -> None:
    async with streams_console(size, *_EVENTS) as console:
        screen = console.screen
        await console.press("enter")
        assert screen.query_one(StreamGroupsTablePane).has_focus
        assert "consumer1" in console.text
        await console.press("enter")
        assert console.wishes[-1] == ShowPending(ENGINE, EVENTS, MANAGER)
        assert screen.page is StreamPage.PENDING
        assert screen.query_one(PendingTablePane).has_focus
        assert "deleted from the stream" in console.text
        await console.press("enter")
        assert screen.query_one(StreamEntryPane).has_focus
        assert '"correlation_id": "c-1"' in console.text
        await console.press("escape")
        assert screen.query_one(PendingTablePane).has_focus
        await console.press("escape")
        assert screen.page is StreamPage.STREAMS
        assert screen.query_one(StreamGroupsTablePane).has_focus
        await console.press("escape")
        assert screen.query_one(StreamsTablePane).has_focus
        await console.press("escape")
        assert isinstance(console.app.front, OverviewScreen)


async def test_enter_on_a_consumer_shows_what_it_holds() -> None:
    async with streams_console((120, 40), "down", "enter", "down", "enter") as console:
        wanted = PendingFilter(consumer="consumer1")
        assert console.wishes[-1] == ShowPending(ENGINE, EVENTS, MANAGER, wanted)


async def test_a_small_room_tells_why_of_the_row_with_the_keys() -> None:
    async with streams_console((80, 24), *_EVENTS) as console:
        assert "automation.events: manager is 5 m behind" in console.text
        await console.press("enter", "down")
        assert "consumer1: asked for nothing for 2 h, holds 4" in console.text
        await console.press("escape")
        assert "automation.events: manager is 5 m behind" in console.text


async def test_pages_turn_to_what_belongs_to_the_selected_stream() -> None:
    async with streams_console((120, 40), *_EVENTS) as console:
        await console.press("right_square_bracket")
        assert console.wishes[-1] == ShowPending(ENGINE, EVENTS, MANAGER)
        await console.press("right_square_bracket")
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS)
        await console.press("right_square_bracket")
        assert console.wishes[-1] == ShowLetters(ENGINE, DEAD)
        count = len(console.wishes)
        await console.press("left_square_bracket", "left_square_bracket")
        assert console.screen.page is StreamPage.PENDING
        assert len(console.wishes) == count


async def test_a_page_that_made_room_for_another_is_wished_for_again() -> None:
    async with streams_console((120, 40), *_EVENTS, "right_square_bracket") as console:
        pending = console.wishes[-1]
        await console.press("right_square_bracket")
        await console.change(pending=None)
        await console.press("left_square_bracket")
        assert console.wishes[-1] == pending
        assert "pending entries: loading…" in console.text


async def test_a_query_is_asked_of_the_server_and_undone_with_escape() -> None:
    async with streams_console((120, 40), *_PENDING, "slash") as console:
        await console.type("idle>1h deliveries>3 refused")
        await console.press("enter")
        wanted = PendingFilter(3600.0, 4, "", "refused")
        assert console.wishes[-1] == ShowPending(ENGINE, EVENTS, MANAGER, wanted)
        assert console.screen.query_one(PendingTablePane).has_focus
        page = engine_of(known()).pending
        assert page is not None
        await console.change(pending=replace(page, filter=wanted, rows=page.rows[2:3]))
        assert "1 match: idle>=1h deliveries>=4 refused" in console.text
        await console.press("escape")
        assert console.wishes[-1] == ShowPending(ENGINE, EVENTS, MANAGER)
        assert console.screen.page is StreamPage.PENDING


async def test_a_query_that_is_not_understood_says_where_and_can_be_put_right() -> None:
    async with streams_console((120, 40), *_PENDING, "slash") as console:
        count = len(console.wishes)
        await console.type("idle>x")
        await console.press("enter")
        assert "not a duration: write 90s, 5m, 1h30m or 2d" in console.text
        bar = console.screen.query_one(QueryBar)
        assert bar.has_focus
        assert bar.value.cursor == len("idle>")
        assert len(console.wishes) == count
        await console.press("escape")
        assert console.screen.query_one(PendingTablePane).has_focus
        assert len(console.wishes) == count


async def test_a_search_shows_how_far_it_is_and_escape_ends_it_first() -> None:
    async with streams_console((120, 40), "down", "e", "slash") as console:
        await console.type("refund")
        await console.press("enter")
        wish = ShowEntries(ENGINE, EVENTS, search="refund")
        assert console.wishes[-1] == wish
        page = engine_of(known()).entries
        assert page is not None
        going = Progress(1200, 10000, False, 2.0)
        searching = replace(page, rows=(), search="refund", progress=going, is_at_end=False)
        await console.change(entries=searching, busy=clean("searching entries"))
        assert "searching entries: 1,200 of 10,000 in 2 s  esc ends it" in console.text
        await console.press("escape")
        assert console.wishes[-1] == Cancel(ENGINE)
        ended = replace(searching, progress=replace(going, stopped=clean("cancelled")))
        await console.change(entries=ended, busy=clean(""))
        assert "looked at 1,200 of 10,000 in 2 s, ended: cancelled  m goes on" in console.text
        await console.press("m")
        assert console.wishes[-1] == More(ENGINE, is_before=True)
        await console.press("escape")
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS)


async def test_a_filter_of_the_streams_hides_rows_and_says_so() -> None:
    async with streams_console((120, 40), "slash") as console:
        await console.type("automation")
        await console.press("enter")
        assert "3 of 8" in console.text
        await console.press("escape", "exclamation_mark")
        shown = console.screen.query_one(StreamsTablePane).shown
        assert all(row.is_fault for row in shown)
        assert len(shown) == 5


async def test_entries_are_read_from_both_ends_from_a_time_and_followed() -> None:
    async with streams_console((120, 40), "down", "e") as console:
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS)
        table = console.screen.query_one(EntriesTablePane)
        assert table.shown[0].key > table.shown[-1].key
        await console.press("G")
        assert console.wishes[-2:] == [
            More(ENGINE, is_before=True),
            ShowEntries(ENGINE, EVENTS, is_from_end=False),
        ]
        await console.press("t")
        await console.type("15m")
        await console.press("enter")
        wish = console.wishes[-1]
        assert isinstance(wish, ShowEntries)
        assert wish.start is not None
        assert wish.start.ms == int(console.screen.server_now_s * 1000) - 900_000
        assert not wish.is_from_end
        await console.press("F")
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS, is_tailing=True)
        page = engine_of(known()).entries
        assert page is not None
        await console.change(entries=replace(page, is_tailing=True))
        newer = (*page.rows, entry(0.5, 9001))
        await console.change(entries=replace(page, rows=newer, is_tailing=True))
        assert "▶ following" in console.text
        assert table.cursor_key == str(newer[-1].id)
        await console.press("s")
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS)


async def test_a_time_that_is_none_says_what_can_be_written() -> None:
    async with streams_console((120, 40), "down", "e", "t") as console:
        await console.type("soon")
        await console.press("enter")
        assert "not a moment: write 15m, 14:30" in console.text
        assert console.wishes[-1] == ShowEntries(ENGINE, EVENTS)


async def test_the_last_row_asks_for_more_once() -> None:
    async with streams_console((120, 40), *_PENDING) as console:
        page = engine_of(known()).pending
        assert page is not None
        await console.change(pending=replace(page, is_at_end=False, total=900))
        await console.press("G", "k", "G")
        assert [one for one in console.wishes if isinstance(one, More)] == [More(ENGINE)]
        await console.change(pending=replace(page, rows=page.rows * 1, is_at_end=True))
        await console.press("g", "G")
        assert [one for one in console.wishes if isinstance(one, More)] == [More(ENGINE)]


async def test_dead_letters_are_narrowed_to_those_that_are_alike() -> None:
    async with streams_console((120, 40), *_LETTERS) as console:
        assert console.wishes[-1] == ShowLetters(ENGINE, DEAD)
        assert "● 3 can go back" in console.text
        await console.press("tab", "enter")
        letters = console.screen.query_one(LettersTablePane)
        assert letters.has_focus
        assert len(letters.shown) == 2
        assert "only error: Connection refused" in console.text
        await console.press("escape")
        assert len(letters.shown) == 6
        assert console.screen.page is StreamPage.LETTERS


def _offers(*actions: str) -> tuple[Offer, ...]:
    inputs = tuple(Input(name, name) for name in ("group", "to", "ids", "min_idle"))
    return tuple(
        Offer(
            action,
            "business-engine/other",
            clean(f"{action} of other"),
            inputs=inputs,
            danger=Danger.CHANGE,
        )
        for action in actions
    )


async def test_what_can_be_done_knows_the_marked_rows_and_says_what_cannot() -> None:
    async with streams_console((120, 40), *_PENDING, "space", "space") as console:
        screen = console.screen
        assert "2 marked" in console.text
        assert screen.offers_target == "business-engine/automation.events"
        known_offers = _offers("stream.claim", "stream.acknowledge", "stream.delete_entries")
        claim, acknowledge, delete = screen.fit_offers((), known_offers)
        given = {one.name: one.default for one in claim.inputs}
        assert given == {
            "group": "manager", "to": "consumer2", "ids": "1772327547000-0,1772327567000-0",
            "min_idle": "60s",
        }  # fmt: skip
        assert claim.title == "stream.claim of: 2 marked entries"
        assert claim.target == acknowledge.target == screen.offers_target
        assert not delete.reason_against
        await console.press("g", "space", "space", "G")
        claim, *_ = screen.fit_offers((), known_offers)
        assert "nothing idle for less than 1 m 00 s is claimed" in claim.reason_against


async def test_x_opens_what_can_be_done_with_the_group() -> None:
    async with streams_console((120, 40), "down", "enter", "x") as console:
        assert "what can be done with business-engine/automation.events" in console.text
        assert "autoclaim" in console.text


async def test_the_logs_of_the_consuming_service_are_one_key_away() -> None:
    async with streams_console((120, 40), *_EVENTS) as console:
        assert "l Logs" in console.footer
        await console.press("up")
        assert "l Logs" not in console.footer
        await console.press("down", "l")
        assert isinstance(console.app.front, LogsScreen)


async def test_raw_and_decoded_are_two_looks_of_one_entry() -> None:
    async with streams_console((120, 40), *_PENDING) as console:
        assert '  "intent": "lead.intake",' in console.text
        await console.press("y")
        assert '{"event_type": "automation.run.requested", "intent"' in console.text
        assert "y: as written" in console.text


async def test_a_server_that_cannot_be_read_says_what_helps() -> None:
    async with streams_console((120, 40)) as console:
        details = console.screen.query_one(StreamDetailsPane)
        assert details.server == DECISIONS
        assert "What helps" in console.text
        assert "redis://:${REDIS_PASSWORD}@host" in console.text


async def test_loading_none_unreachable_and_no_server_are_four_texts() -> None:
    async with streams_console((120, 40)) as console:
        servers = known().servers
        nothing = Streams(COSTS, (), Progress(4100, 4100, True, 0.4))
        refused = Trouble(clean("refused"), clean("nobody listens"), clean("start it"))
        pictures = (
            RedisPicture(),
            RedisPicture(is_read=True),
            RedisPicture((servers[2],), (Streams(COSTS),), is_read=True),
            RedisPicture((servers[2],), (nothing,), is_read=True),
            RedisPicture((replace(servers[2], trouble=refused),), (nothing,), is_read=True),
        )
        texts: list[str] = []
        for picture in pictures:
            await console.show(picture)
            texts.append("\n".join(console.text.splitlines()[2:6]))
        assert "streams: loading…" in texts[0]
        assert "no Redis-compatible server is configured" in texts[1]
        assert "… loading" in texts[2]
        assert "– none" in texts[3]
        assert "it has no stream" in texts[3]
        assert "✖ refused" in texts[4]
        assert "unreachable: nobody" in texts[4]


async def test_a_configuration_without_redis_says_so_at_once() -> None:
    app = ScriptedConsole()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        assert "no Redis-compatible server is configured" in screen_text(app)
        assert "loading" not in "\n".join(screen_text(app).splitlines()[2:])


async def test_a_page_that_has_not_come_is_not_an_empty_one() -> None:
    async with streams_console((120, 40), *_EVENTS) as console:
        await console.change(pending=None)
        await console.press("enter", "enter")
        assert "pending entries: loading…" in console.text
        noperm = Trouble(clean("NOPERM"), clean("the user may not XPENDING"), clean("grant it"))
        await console.change(problem=noperm)
        assert "pending entries: NOPERM: the user may not XPENDING; grant it" in console.text
        page = engine_of(known()).pending
        assert page is not None
        await console.change(problem=None, pending=replace(page, rows=(), total=0))
        assert "pending entries: none" in console.text


async def test_the_cursor_stays_on_its_stream_when_others_come_and_go() -> None:
    async with streams_console((120, 40), *_EVENTS) as console:
        table = console.screen.query_one(StreamsTablePane)
        rows = engine_of(known()).rows
        assert table.selected is not None
        await console.change(rows=(renamed(rows[4], "a.new"), *reversed(rows)))
        assert table.selected is not None
        assert table.selected.key == EVENTS


async def test_names_and_payloads_are_shown_and_never_obeyed() -> None:
    async with streams_console((120, 40)) as console:
        stream = engine_of(known()).rows[0]
        page = engine_of(known()).pending
        assert page is not None
        entries = engine_of(known()).entries
        assert entries is not None
        for text in CORPUS[::4]:
            await console.change(
                rows=(renamed(stream, text),),
                entries=replace(entries, stream=renamed(stream, text).key,
                                rows=(holding(entry(5, 1), text),)),
            )  # fmt: skip
            await console.press("escape", "escape", "4", "g", "down", "e", "d")
            assert console.screen.page is StreamPage.ENTRIES
            lines = console.text
            assert all(char.isprintable() or char == "\n" for char in lines)
            await console.press("escape", "escape")


async def test_looking_for_streams_anew_is_asked_of_the_server_under_the_cursor() -> None:
    async with streams_console((120, 40), *_EVENTS, "n") as console:
        assert Scan(ENGINE, "streams") in console.wishes


async def test_keys_that_can_do_nothing_here_are_not_in_the_footer() -> None:
    async with streams_console((200, 60), *_EVENTS) as console:
        assert "Follow" not in console.footer
        assert "Raw" not in console.footer
        await console.press("e")
        assert "Follow" in console.footer
        assert "Raw" in console.footer


async def test_groups_of_letters_and_letters_filter_apart() -> None:
    async with streams_console((120, 40), *_LETTERS, "tab") as console:
        assert console.screen.query_one(LetterGroupsTablePane).has_focus
        await console.press("exclamation_mark")
        assert len(console.screen.query_one(LetterGroupsTablePane).shown) == 6
        assert len(console.screen.query_one(LettersTablePane).shown) == 6
