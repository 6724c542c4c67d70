"""Limits & circuits by its keys: tables, details, filter, what is unreachable, what is asked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from textual.pilot import Pilot

from bench.scene import trouble
from bench.scene_redis import redis_picture
from bench.still import StillConsole
from core.model.circuit import Circuits
from core.model.redis_server import Trouble
from core.model.redis_view import RedisPicture, Scan, Watch
from core.model.text import clean
from screens.limits import LimitsScreen
from widgets.circuits_table_pane import CircuitsTablePane
from widgets.limit_details_pane import LimitDetailsPane
from widgets.limits_table_pane import LimitsTablePane
from widgets.line_strip import LineStrip
from widgets.present.line import Line


@asynccontextmanager
async def opened(
    size: tuple[int, int] = (120, 40),
) -> AsyncIterator[tuple[Pilot[None], LimitsScreen]]:
    app = StillConsole(trouble())
    async with app.run_test(size=size) as pilot:
        await pilot.press("5")
        await pilot.pause()
        screen = app.front
        assert isinstance(screen, LimitsScreen)
        yield pilot, screen


def text_of(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(span.text for span in one) for one in lines)


async def test_both_tables_are_filled_and_the_cursor_tells_about_its_row() -> None:
    async with opened() as (pilot, screen):
        assert len(screen.query_one(CircuitsTablePane).rows) == 4
        assert len(screen.query_one(LimitsTablePane).rows) == 6
        details = screen.query_one(LimitDetailsPane)
        assert "upstream_service" in text_of(details.lines)
        await pilot.press("tab")
        assert "203.0.113.36" in text_of(details.lines)
        assert "Records by pattern" in text_of(details.lines)
        await pilot.press("j")
        assert "2001:db8::12" in text_of(details.lines)


async def test_a_breaker_that_is_not_there_is_missed_and_no_other_is_chosen() -> None:
    async with opened() as (_pilot, screen):
        table = screen.query_one(CircuitsTablePane)
        system, before = table.rows[0].key.partition("/")[0], table.cursor_key
        name = table.rows[-1].key.split(" ")[-1]
        assert screen.select(f"{system}/circuits/{name}")
        assert table.cursor_key == table.rows[-1].key != before
        assert not screen.select(f"{system}/circuits/nowhere")
        assert table.cursor_key == table.rows[-1].key


async def test_a_row_is_opened_and_left_again_in_a_small_room() -> None:
    async with opened((80, 24)) as (pilot, screen):
        details = screen.query_one(LimitDetailsPane)
        assert not details.display
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert details.display
        assert details.has_focus
        await pilot.press("escape")
        assert not details.display
        assert screen.query_one(LimitsTablePane).has_focus


async def test_a_filter_and_faults_only_work_on_the_table_with_the_keys() -> None:
    async with opened() as (pilot, screen):
        await pilot.press("tab", "exclamation_mark")
        clients = screen.query_one(LimitsTablePane)
        assert [row.is_fault for row in clients.shown] == [True] * 4
        await pilot.press("escape", "slash", "l", "o", "g", "i", "n", "enter")
        assert len(clients.shown) == 1


async def test_watching_and_counting_are_asked_for() -> None:
    async with opened() as (pilot, screen):
        desk = screen.app._redis_link._desk  # type: ignore[attr-defined]
        assert desk.wishes[0] == Watch(frozenset({"limits", "circuits"}))
        await pilot.press("c")
        await pilot.pause()
        assert Scan("api-gateway/redis", "limits") in desk.wishes
        await pilot.press("1")
        await pilot.pause()
        assert desk.wishes[-1] == Watch(frozenset())
        await pilot.press("5")
        await pilot.pause()
        assert desk.wishes[-1] == Watch(frozenset({"limits", "circuits"}))


async def test_what_can_be_done_knows_the_marked_keys() -> None:
    async with opened() as (pilot, screen):
        assert screen.offers_target == "api-gateway/upstream"
        assert screen.offers_inputs == (("key", "circuit_breaker:upstream_service"),)
        await pilot.press("tab", "space", "space")
        assert screen.offers_target == "api-gateway/clients"
        assert screen.offers_inputs == (
            ("keys", "rate_limit:203.0.113.36,rate_limit:2001:db8::12"),
        )


async def test_unreachable_none_and_loading_are_three_texts() -> None:
    async with opened() as (pilot, screen):
        circuits = screen.query_one(CircuitsTablePane)
        known = redis_picture(0.0)
        said = Trouble(clean("NOAUTH"), clean("it wants a password"), clean("set it"))
        failed = (replace(known.servers[0], trouble=said),)
        texts: list[str] = []
        for picture in (
            RedisPicture(),
            RedisPicture(servers=failed, is_read=True),
            replace(known, circuits=(Circuits(known.servers[0].server, ()),)),
        ):
            screen.redis = picture
            await pilot.pause()
            texts.append("".join(span.text for span in circuits.empty_text))
        assert len(set(texts)) == 3
        screen.redis = RedisPicture(servers=failed, is_read=True)
        notes = screen.query_one("#notes", LineStrip)
        assert "NOAUTH" in text_of(notes.lines)
        screen.redis = known
        assert "documented key" in text_of(notes.lines)


async def test_last_known_rows_stay_while_a_server_is_gone() -> None:
    async with opened() as (pilot, screen):
        known = redis_picture(0.0)
        gone = Trouble(clean("refused"), clean("connection refused"))
        servers = (replace(known.servers[0], trouble=gone, looked_at_s=3.0),)
        screen.redis = replace(known, servers=servers, now_s=63.0)
        await pilot.pause()
        assert len(screen.query_one(LimitsTablePane).rows) == 6
        assert "1 m 00 s old" in text_of(screen.query_one("#notes", LineStrip).lines)
