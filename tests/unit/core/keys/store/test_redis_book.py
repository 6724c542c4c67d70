"""A store in Redis that is looked at while its server has more than can be looked at in time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from core.clients.keyspace.port import Collection, KeyContent, KeyLook, ScanPlace, Value
from core.keys.ids import KeyIds
from core.keys.store.edits import NewKey
from core.keys.store.redis_book import RedisKeyBook, RedisSurroundings
from core.keys.store.redis_losses import RedisLosses
from core.keys.store.redis_new import Add
from core.keys.store.redis_reading import MOST_SLICES, read_store
from core.keys.store.sidecar import Sidecar
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import StoreState
from core.model.redis_key import KeyName
from core.model.secret import Secret
from core.model.text import SafeText
from tests.fakes.acting_ground import QuickClock

IDS = KeyIds(b"a key that only this test has......")
KEY = KeyName(b"api_key:key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA")
RECORD = {b"tier": b"pro", b"active": b"true"}
NOW = datetime(2026, 3, 14, tzinfo=UTC)


class Server:
    """A server with one record, at a place of its own among very many other keys.

    Args:
        found_at: The slice of a scan in which the record comes.
        slices: How many there are.
    """

    def __init__(self, found_at: int = 0, slices: int = 1) -> None:
        self.found_at, self.slices = found_at, slices
        self.ttl_s: float | None = None
        self.counters_hang = False

    async def scan(
        self, place: ScanPlace, match: str = ""
    ) -> tuple[ScanPlace, tuple[KeyName, ...]]:
        if match == "usage:*":
            if self.counters_hang:
                raise TimeoutError
            return ScanPlace(is_done=True), ()
        keys = (KEY,) if place.cursor == self.found_at else ()
        at = place.cursor + 1
        return ScanPlace(at, is_done=at >= self.slices), keys

    async def looks(self, keys: Sequence[KeyName]) -> tuple[KeyLook, ...]:
        return tuple(KeyLook("none", None) for _ in keys)

    async def records(self, keys: Sequence[KeyName]) -> tuple[KeyContent, ...]:
        fields = {name: Value(data, len(data)) for name, data in RECORD.items()}
        look = KeyLook("hash", self.ttl_s)
        return tuple(KeyContent(key, look, fields=fields, length=len(fields)) for key in keys)

    async def collection(self, key: KeyName, most: int, most_bytes: int) -> Collection:
        return Collection(key, "none")

    async def info(self) -> tuple[dict[str, SafeText], int | None]:
        return {}, 1

    async def aclose(self) -> None:
        """Nothing is open."""


def book_of(server: Server, folder: Path, clock: QuickClock) -> RedisKeyBook:
    spec = KeyStoreSpec(
        "api", kind="redis", server="shop/redis", keys=("api_key:*",), usage_keys=("usage:*",)
    )
    around = RedisSurroundings(RedisLosses(Sidecar(folder, "shop", "api"), IDS, "redis"))
    return RedisKeyBook("shop", spec, lambda: server, clock, IDS, around)  # pyright: ignore[reportArgumentType] - only what a book asks


def test_keys_that_a_cut_scan_did_not_come_to_are_neither_missing_nor_lost(tmp_path: Path) -> None:
    server, clock = Server(), QuickClock()
    book = book_of(server, tmp_path, clock)
    assert book.look().state is StoreState.READ
    server.found_at, server.slices = MOST_SLICES, MOST_SLICES + 1
    clock.passed_s += 60
    view = book.look()
    assert view.state is StoreState.UNREADABLE
    assert "not every key like api_key:* was looked at" in view.why
    assert view.loss is None
    assert len(view.keys) == 1


def test_keys_that_are_in_no_slice_are_missing_and_lost(tmp_path: Path) -> None:
    server, clock = Server(slices=2), QuickClock()
    book = book_of(server, tmp_path, clock)
    book.look()
    server.found_at = MOST_SLICES
    clock.passed_s += 60
    view = book.look()
    assert view.state is StoreState.MISSING
    assert view.loss is not None
    assert view.loss.count == 1


def test_a_store_whose_counters_take_too_long_is_read_all_the_same(tmp_path: Path) -> None:
    server = Server()
    server.counters_hang = True
    view = book_of(server, tmp_path, QuickClock()).look()
    assert view.state is StoreState.READ
    assert any(one.startswith("use is not known: not read within") for one in view.findings)


def test_a_new_record_like_one_that_is_about_to_expire_does_not_stay_for_good() -> None:
    server = Server()
    server.ttl_s = 0.0004
    store = asyncio.run(read_store(server, ["api_key:*"], ()))  # pyright: ignore[reportArgumentType] - as above
    new = NewKey(Secret("key_bbbbbbbbbbbbbbbbbbbbbbbbbbbbBBBB"), "", "pro", None, NOW, "")
    assert {one.ttl_ms for one in Add(ids=IDS, keys=(new,)).swaps(store)} == {1}
