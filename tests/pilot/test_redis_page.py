"""The page of Redis servers under a person's hands: what is wished, and when nobody looks."""

import contextlib
from collections.abc import AsyncGenerator

import pytest
from textual import on
from textual.pilot import Pilot

from bench.scene import calm
from bench.scene_limits import GATEWAY
from bench.scene_redis import redis_picture
from bench.scene_streams import ENGINE
from bench.still import StillConsole
from core.model.redis_view import Cancel, RedisWish, SampleLatency, Scan, Watch
from screens.host import HostScreen
from screens.redis_wish import RedisWished
from tests.fakes.scripted import screen_text
from widgets.host_pages_pane import HostPagesPane
from widgets.processes_table_pane import ProcessesTablePane
from widgets.redis_pane import RedisPane

SERVER = Watch(frozenset({"server"}))
NOTHING = Watch(frozenset())


class WishedConsole(StillConsole):
    """Notes what is wished of Redis."""

    def __init__(self) -> None:
        super().__init__(calm())
        self.wishes: list[RedisWish] = []

    @on(RedisWished)
    def note_wish(self, message: RedisWished) -> None:
        self.wishes.append(message.wish)


@contextlib.asynccontextmanager
async def opened(
    size: tuple[int, int] = (120, 40),
) -> AsyncGenerator[tuple[WishedConsole, Pilot[None]]]:
    """Open the console on the page of Redis servers."""
    app = WishedConsole()
    async with app.run_test(size=size) as pilot:
        await pilot.press("9", "shift+tab")
        await pilot.pause()
        screen = app.front
        assert isinstance(screen, HostScreen)
        screen.redis = redis_picture(0.0)
        await pilot.pause()
        assert isinstance(screen.focused, RedisPane)
        yield app, pilot


async def test_the_command_of_its_name_leads_to_the_page() -> None:
    app = WishedConsole()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*":redis", "enter")
        await pilot.pause()
        assert isinstance(app.front, HostScreen)
        assert isinstance(app.front.focused, RedisPane)
        assert app.wishes == [SERVER]


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)])
async def test_the_page_shows_the_first_server_in_trouble(size: tuple[int, int]) -> None:
    async with opened(size) as (app, _):
        assert f"Redis {GATEWAY}" in screen_text(app)
        assert "evicting" in screen_text(app)
        assert "Machine" not in screen_text(app)


async def test_before_anything_is_known_it_is_loading() -> None:
    async with opened() as (app, pilot):
        app.front.query_one(RedisPane).redis = None
        await pilot.pause()
        assert "servers: loading…" in screen_text(app)


async def test_brackets_choose_a_server() -> None:
    async with opened() as (app, pilot):
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert f"Redis {ENGINE}" in screen_text(app)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await pilot.pause()
        assert "NOAUTH" in screen_text(app)


async def test_servers_are_watched_while_their_page_is_shown_and_only_then() -> None:
    async with opened() as (app, pilot):
        assert app.wishes == [SERVER]
        await pilot.press("tab")
        await pilot.pause()
        assert app.wishes == [SERVER, NOTHING]
        await pilot.press("shift+tab", "1")
        await pilot.pause()
        await pilot.press("9")
        await pilot.pause()
        assert app.wishes.count(SERVER) == 3
        assert app.front.query_one(HostPagesPane).current == "redis"


async def test_keys_wish_for_what_they_say() -> None:
    async with opened() as (app, pilot):
        await pilot.press("c", "t", "m")
        await pilot.pause()
        assert app.wishes[1:] == [
            Scan(GATEWAY, "census"),
            Scan(GATEWAY, "tokens"),
            SampleLatency(GATEWAY),
        ]


async def test_the_footer_follows_what_becomes_known() -> None:
    async with opened() as (app, pilot):
        screen = app.front
        assert isinstance(screen, HostScreen)
        screen.redis = None
        await pilot.pause()
        assert "Count keys" not in screen_text(app)
        screen.redis = redis_picture(0.0)
        await pilot.pause()
        await pilot.pause()
        assert "Count keys" in screen_text(app)


async def test_what_runs_can_be_stopped_and_only_then() -> None:
    async with opened() as (app, pilot):
        assert "Stop" not in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        assert app.wishes == [SERVER]
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert "Stop" in screen_text(app)
        await pilot.press("s")
        await pilot.pause()
        assert app.wishes[-1] == Cancel(ENGINE)


async def test_a_server_that_cannot_be_read_is_asked_for_nothing() -> None:
    async with opened() as (app, pilot):
        await pilot.press("left_square_bracket", "c", "m")
        await pilot.pause()
        assert app.wishes == [SERVER]
        assert "Count keys" not in screen_text(app)


async def test_there_is_nothing_to_filter_on_the_page() -> None:
    async with opened() as (app, pilot):
        assert "Filter" not in screen_text(app).rstrip().splitlines()[-1]
        await pilot.press("exclamation_mark")
        await pilot.pause()
        assert not app.front.query_one(ProcessesTablePane).faults_only


async def test_actions_are_offered_on_the_chosen_server() -> None:
    async with opened() as (app, _):
        assert app.front.offers_target == GATEWAY
