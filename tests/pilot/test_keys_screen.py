"""The Keys screen by its keys: pages, rows, filter, what is offered, what cannot be read."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from bench.scene import NOW, trouble
from bench.scene_keys import StillKeysDesk, keys_picture
from bench.still import StillConsole
from core.model.action import Danger, Input, Offer
from core.model.key_store import ApiKey, KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.text import clean
from screens.keys import KeysScreen
from screens.offers import OffersScreen
from screens.overview import OverviewScreen
from tests.fakes.scripted import ScriptedConsole, calm_events, screen_text
from tests.hostile import CORPUS
from widgets.filter_bar import FilterBar
from widgets.key_details_pane import KeyDetailsPane
from widgets.key_stores_table_pane import KeyStoresTablePane
from widgets.key_usage_pane import KeyUsagePane
from widgets.keys_table_pane import MOST_ROWS, KeysTablePane
from widgets.present.key_pages import KeysPage
from widgets.secrets_table_pane import SecretsTablePane

_SIZES = [(80, 24), (120, 40), (200, 60)]
_KEY = "key_Zr81xkQ9fAhR31c-w_Xe0aBcDeFgHiJkLmNoPqRsTuV"
_SHORT_ID = "k-9ab2d0"


@dataclass
class KeysConsole:
    """A console that shows keys."""

    app: StillConsole
    pilot: Pilot[None]

    @property
    def screen(self) -> KeysScreen:
        front = self.app.front
        assert isinstance(front, KeysScreen)
        return front

    @property
    def desk(self) -> StillKeysDesk:
        link = self.app._keys_link  # pyright: ignore[reportPrivateUsage]
        assert link is not None
        assert isinstance(link.desk, StillKeysDesk)
        return link.desk

    @property
    def text(self) -> str:
        return screen_text(self.app)

    @property
    def rows(self) -> list[str]:
        return [row.key for row in self.screen.query_one(KeysTablePane).shown]

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def show(self, picture: KeysPicture) -> None:
        self.desk.picture = picture
        self.screen.keys = picture
        await self.pilot.pause()


@asynccontextmanager
async def keys_console(
    size: tuple[int, int] = (120, 40), *keys: str
) -> AsyncGenerator[KeysConsole]:
    app = StillConsole(trouble())
    async with app.run_test(size=size) as pilot:
        await pilot.press("6")
        await pilot.pause()
        console = KeysConsole(app, pilot)
        await console.press(*keys)
        yield console


@pytest.mark.parametrize("size", _SIZES)
async def test_what_must_be_known_first_is_told_in_words(size: tuple[int, int]) -> None:
    async with keys_console(size) as console:
        for said in ("6 stores, 1 missing, 1 not readable, 1 read-only   14 keys, 12 active",
                     "12 keys vanished from api-gateway/clients at 03:01:07Z: x offers restore",
                     "? active", "✖ missing", "● active", "104%", "▲ over quota",
                     "✖ 3m old", "✖ 12 lost"):  # fmt: skip
            assert said in console.text
        await console.press("G")
        assert "○ inactive" in console.text
        assert "○ expired" in console.text
        assert "▲ read-only" in console.text


@pytest.mark.parametrize("size", _SIZES)
async def test_a_row_is_opened_and_left_again(size: tuple[int, int]) -> None:
    async with keys_console(size, "down", "down", "down", "enter") as console:
        details = console.screen.query_one(KeyDetailsPane)
        assert details.has_focus
        assert "k-3fa91c" in console.text
        assert "10,000 requests a month" in console.text
        await console.press("escape")
        assert console.screen.query_one(KeysTablePane).has_focus
        assert details.display == (size != (80, 24))


async def test_the_cursor_tells_about_its_row() -> None:
    async with keys_console((120, 40), "down", "down", "down", "down") as console:
        assert "inactive in api_keys.json" in console.text
        assert "In each file" in console.text
        await console.press("G")
        assert "two readings fit" in console.text


async def test_pages_are_turned_and_each_has_the_keys() -> None:
    async with keys_console() as console:
        for kind in (KeyStoresTablePane, SecretsTablePane, KeysTablePane):
            await console.press("right_square_bracket")
            assert console.screen.query_one(kind).has_focus
        await console.press("left_square_bracket")
        assert console.screen.page is KeysPage.SECRETS


@pytest.mark.parametrize("size", _SIZES)
async def test_usage_shows_what_is_refused(size: tuple[int, int]) -> None:
    async with keys_console(size, "right_square_bracket") as console:
        for said in ("103,846", "97.83%", "1,693", "17 ms", "112 ms", "Requests by day"):
            assert said in console.text
        await console.press("enter")
        assert console.screen.query_one(KeyUsagePane).has_focus
        await console.press("G")
        assert "key_Zr81xk" in console.text
        assert "82.4%" in console.text
        await console.press("escape", "down")
        assert "analytics: not exposed" in console.text


@pytest.mark.parametrize("size", _SIZES)
async def test_secrets_are_names_and_places(size: tuple[int, int]) -> None:
    async with keys_console(size, "left_square_bracket") as console:
        for said in ("7 secrets in 2 systems", "JWT_SECRET", "▲ admin/admin", "○ not set",
                     "/etc/gateway/secrets.env: permission denied"):  # fmt: skip
            assert said in console.text
        await console.press("enter")
        assert "random and ours" in console.text
        assert "/srv/business-engine/.env:3" in console.text


async def test_pages_and_rows_are_reached_by_their_names() -> None:
    async with keys_console() as console:
        await console.press(*("colon", *"secrets", "enter"))
        assert console.screen.page is KeysPage.SECRETS
        await console.press("1")
        assert isinstance(console.app.front, OverviewScreen)
        await console.press(*("colon", *"usage", "enter"))
        assert console.screen.page is KeysPage.USAGE
        console.screen.aim("k-b07e42")
        await console.pilot.pause()
        assert console.screen.page is KeysPage.KEYS
        assert console.screen.query_one(KeysTablePane).cursor_key.endswith("k-b07e42")


async def test_secrets_are_looked_at_only_while_somebody_watches() -> None:
    async with keys_console() as console:
        assert console.desk.is_watched
        await console.press("1")
        assert not console.app._keys_link.desk.is_watched  # type: ignore[union-attr]
        await console.press("6", "r")
        assert console.desk.is_watched
        assert console.desk.looks == 1


class TestLoss:
    async def test_an_alarm_that_was_read_is_gone_and_restore_is_still_offered(self) -> None:
        async with keys_console((200, 60)) as console:
            screen = console.screen
            assert "m says that you have read it" in console.text
            await console.press("m")
            assert "12 keys vanished from api-gateway/clients at 03:01:07Z" in console.text
            assert "✖ 12 lost" not in console.text
            assert "· 12 lost" in console.text
            assert screen.reason_against("dismiss_alarm")
            row = "api-gateway/clients"
            screen.query_one(KeysTablePane).cursor_key = row
            await console.pilot.pause()
            assert "the alarm was read" in console.text
            offers = tuple(
                Offer(action, row, clean(action), inputs=(Input("backup", "copy"),),
                      danger=Danger.CHANGE)
                for action in ("key.generate", "key.restore")
            )  # fmt: skip
            first = screen.fit_offers(offers, offers)[0]
            assert (first.action, str(first.title)) == (
                "key.restore",
                "key.restore: 12 vanished keys",
            )
            assert first.inputs[0].default == "keys-20260228T030000Z.json"

    async def test_only_the_store_under_the_cursor_is_meant(self) -> None:
        async with keys_console((120, 40), "down") as console:
            assert console.screen.reason_against("dismiss_alarm")
            await console.press("m")
            assert "✖ 12 lost" in console.text

    async def test_the_next_loss_raises_the_alarm_again(self) -> None:
        async with keys_console() as console:
            await console.press("m")
            assert "✖ 12 lost" not in console.text
            await console.show(keys_picture(NOW))
            assert "✖ 12 lost" in console.text


class TestFilter:
    async def test_rows_are_filtered_and_only_faults_shown(self) -> None:
        async with keys_console((120, 40), "slash", *"enterprise", "enter") as console:
            assert console.rows == ["api-service/keys/k-0c44f3"]
            await console.press("escape", "exclamation_mark")
            assert len(console.rows) == 9

    async def test_each_page_keeps_its_own_filter(self) -> None:
        async with keys_console((120, 40), "slash", *"dev", "enter") as console:
            await console.press("left_square_bracket")
            assert len(console.screen.query_one(SecretsTablePane).shown) == 7
            await console.press("slash", *"jwt", "enter")
            assert len(console.screen.query_one(SecretsTablePane).shown) == 1
            await console.press("right_square_bracket")
            assert console.screen.query_one(FilterBar).text == "dev"

    async def test_a_pasted_key_becomes_its_short_id_and_is_never_drawn(self) -> None:
        async with keys_console((120, 40)) as console:
            console.screen.find_key = _finder()
            await console.press("slash")
            seen = await _lines_while(console, lambda: console.app.post_message(Paste(_KEY)))
            bar = console.screen.query_one(FilterBar)
            assert bar.text == _SHORT_ID
            assert console.rows == [f"api-service/keys/{_SHORT_ID}"]
            assert seen
            assert not [one for one in seen if _KEY[:13] in one]
            await console.press("enter")
            assert _KEY[:13] not in console.text

    async def test_a_key_that_is_typed_is_never_drawn_either(self) -> None:
        async with keys_console((120, 40)) as console:
            console.screen.find_key = _finder()
            await console.press("slash")
            bar = console.screen.query_one(FilterBar)
            for letter in _KEY:
                bar.post_message(Paste(letter))
                await console.pilot.pause()
                assert _KEY[:13] not in console.text
            assert bar.text == _SHORT_ID

    async def test_a_key_that_nobody_knows_stays_veiled(self) -> None:
        async with keys_console((120, 40), "slash") as console:
            console.screen.find_key = _finder(every="k-ffffff")
            console.app.post_message(Paste(_KEY))
            await console.pilot.pause()
            assert console.rows == []
            assert "key_Zr81••••" in console.text
            assert _KEY[:13] not in console.text

    async def test_a_key_in_a_command_becomes_its_short_id(self) -> None:
        async with keys_console() as console:
            console.screen.find_key = _finder(every=_SHORT_ID)
            assert console.screen.set_filter(_KEY)
            assert console.screen.query_one(KeysTablePane).filter_text == _SHORT_ID

    async def test_an_answer_that_comes_late_changes_nothing_that_was_typed_since(self) -> None:
        asked: list[tuple[str, Callable[[str], None]]] = []
        async with keys_console((120, 40), "slash") as console:
            console.screen.find_key = lambda text, told: asked.append((text, told))
            every = console.rows
            console.app.post_message(Paste(_KEY))
            await console.pilot.pause()
            assert [text for text, _ in asked] == [_KEY]
            assert console.rows == every, "nothing is hidden before it is known what is meant"
            await console.press("ctrl+u", *"dev")
            filtered = console.rows
            asked[0][1](_SHORT_ID)
            assert console.screen.query_one(FilterBar).text == "dev"
            assert console.rows == filtered != every

    async def test_without_a_finder_a_filter_is_only_a_filter(self) -> None:
        async with keys_console() as console:
            console.screen.find_key = None
            assert console.screen.set_filter("a-very-long-name-of-a-client")
            assert console.rows == []


def _finder(every: str = "") -> Callable[[str, Callable[[str], None]], None]:
    """Return what finds the one key, or the same for every key."""

    def find(text: str, told: Callable[[str], None]) -> None:
        told(every or (_SHORT_ID if text == _KEY else ""))

    return find


async def _lines_while(console: KeysConsole, act: object) -> list[str]:
    """Return every filter line that is made while something is done."""
    bar = console.screen.query_one(FilterBar)
    seen: list[str] = []

    def note(lines: tuple[object, ...]) -> None:
        seen.append("".join(part.text for line in lines for part in line))  # type: ignore[attr-defined]

    console.screen.watch(bar, "lines", note)
    act()  # type: ignore[operator]
    await console.pilot.pause()
    return seen


class TestOffers:
    async def test_x_knows_the_marked_keys(self) -> None:
        async with keys_console((120, 40), *["down"] * 3, "space", "space") as console:
            screen = console.screen
            assert screen.offers_target == "api-service/keys"
            assert screen.offers_inputs == (("keys", "k-3fa91c,k-71c2aa"),)
            await console.press("g")
            assert screen.offers_target == "api-gateway/clients"
            assert screen.offers_inputs == ()
            await console.press("j")
            assert screen.offers_target == "business-engine/service-keys"
            assert screen.offers_inputs == (("keys", "k-84c1f9"), ("key", "k-84c1f9"))

    async def test_keys_of_another_store_are_not_meant(self) -> None:
        async with keys_console((120, 40), "j", "space", "down", "down") as console:
            assert console.screen.offers_inputs[0][0] == "keys"
            assert "k-84c1f9" not in console.screen.offers_inputs[0][1]

    async def test_x_shows_what_can_be_done_with_what_is_given(self) -> None:
        async with keys_console((120, 40), *["down"] * 3) as console:
            offer = Offer("key.deactivate", "api-service/keys", clean("Deactivate keys"),
                          inputs=(Input("keys", "short ids"),), danger=Danger.CHANGE)  # fmt: skip
            made = console.screen.fit_offers((offer,), (offer,))
            assert made[0].inputs[0].default == "k-3fa91c"
            await console.press("x")
            assert isinstance(console.app.screen, OffersScreen)

    async def test_secrets_know_their_env_file_and_their_name(self) -> None:
        async with keys_console((120, 40), "left_square_bracket") as console:
            screen = console.screen
            assert screen.offers_target == "business-engine/env"
            assert screen.offers_inputs == (("name", "JWT_SECRET"),)
            await console.press("down", "down")
            assert screen.offers_target == "api-gateway"

    async def test_usage_offers_what_can_be_done_with_the_store(self) -> None:
        async with keys_console((120, 40), "right_square_bracket") as console:
            offer = Offer("key.backup", "api-service/keys", clean("Copy"), danger=Danger.COPY)
            assert console.screen.offers_target == "api-service/keys"
            assert console.screen.fit_offers((offer,), (offer,)) == (offer,)


class TestAbsence:
    async def test_loading_and_none_are_two_texts_on_every_page(self) -> None:
        async with keys_console() as console:
            for page in KeysPage:
                console.screen.page = page
                texts: set[str] = set()
                for picture in (KeysPicture(), KeysPicture(is_read=True, are_secrets_read=True)):
                    await console.show(picture)
                    table = console.screen.filtered
                    texts.add("".join(span.text for span in table.empty_text))  # type: ignore[union-attr]
                assert len(texts) == 2

    async def test_where_nothing_is_configured_nothing_is_loading(self) -> None:
        app = ScriptedConsole(events=calm_events())
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("6")
            await pilot.pause()
            assert "keys: none: no store is configured" in screen_text(app)
            assert "loading" not in screen_text(app)

    async def test_nobody_looking_any_more_is_loud_on_every_page(self) -> None:
        async with keys_console() as console:
            await console.show(replace(keys_picture(NOW), is_broken=True))
            for _ in KeysPage:
                assert "nobody reads the stores any more" in console.text
                await console.press("right_square_bracket")

    async def test_the_cursor_stays_on_its_key_when_the_store_changes(self) -> None:
        async with keys_console((120, 40), "down", "down", "down") as console:
            before = console.screen.query_one(KeysTablePane).cursor_key
            picture = keys_picture(NOW)
            await console.show(replace(picture, stores=tuple(reversed(picture.stores))))
            assert console.screen.query_one(KeysTablePane).cursor_key == before

    async def test_a_store_alone_needs_no_column_of_its_own(self) -> None:
        async with keys_console() as console:
            picture = keys_picture(NOW)
            await console.show(replace(picture, stores=picture.stores[:1]))
            assert "STORE" not in console.text.splitlines()[5]


async def test_hostile_text_reaches_the_screen_as_text_only() -> None:
    async with keys_console((200, 60)) as console:
        picture = keys_picture(NOW)
        for text in CORPUS:
            said = clean(text)
            store, row = picture.stores[0], picture.secrets[0].rows[0]
            key = replace(store.keys[0], name=said, tier=said, findings=(said,))
            hostile = replace(store, keys=(key,), why=said, findings=(said,), title=said)
            secret = replace(row, name=said, findings=(said,))
            secrets = (replace(picture.secrets[0], rows=(secret,)),)
            await console.show(replace(picture, stores=(hostile,), secrets=secrets))
            assert not any(ord(one) < 32 and one != "\n" for one in console.text)


def _many(store: KeyStoreView, count: int) -> KeyStoreView:
    one: ApiKey = store.keys[6]
    return replace(store, keys=tuple(replace(one, short_id=f"k-{at:06x}") for at in range(count)))


async def test_of_very_many_keys_the_most_urgent_are_listed_and_any_is_found() -> None:
    async with keys_console() as console:
        picture = keys_picture(NOW)
        await console.show(replace(picture, stores=(_many(picture.stores[0], MOST_ROWS + 500),)))
        table = console.screen.query_one(KeysTablePane)
        assert len(table.rows) == MOST_ROWS
        assert "500 keys more are not listed" in console.text
        await console.press("slash", *f"{MOST_ROWS + 400:06x}", "enter")
        assert console.rows == [f"api-service/keys/k-{MOST_ROWS + 400:06x}"]
        await console.press("escape")
        assert len(console.rows) == MOST_ROWS
