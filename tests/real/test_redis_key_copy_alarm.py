"""Keys that vanish from a store in a real Redis: the alarm names the copy that has them."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.clients.clock import Clock
from core.keys.store.redis_book import RedisKeyBook
from core.model.check import CheckKind
from core.model.key_store import KeyStoreView
from core.model.state import StateFolders
from tests.fakes.acting_ground import QuickClock, stored
from tests.fakes.world import check_spec, service, system, topology
from tests.real.redis_key_copy_stage import done, files, lose, restored
from tests.real.redis_key_stage import FORMS, ONE, TWO, Stage, fill, fresh_stage
from tests.real.servers import OwnRedis, kept_redis
from tui.key_books import key_books

pytestmark = pytest.mark.real("redis")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def stage(server: OwnRedis, tmp_path: Path) -> Stage:
    return fresh_stage(tmp_path, server, state="keys")


def book_of(stage: Stage, clock: Clock) -> RedisKeyBook:
    """Return the store's book as the console makes it, on the same state."""
    check = check_spec("redis", kind=CheckKind.REDIS, url=stage.server.url)
    shop = replace(system("shop"), services=(replace(service("redis"), checks=(check,)),))
    folders = StateFolders(*(stage.folder / name for name in ("actions", "runs", "audit", "locks")))
    operations = {"shop": stage.site.operations_of("shop")}
    (book,) = key_books(topology(shop), operations, folders, clock)
    assert isinstance(book, RedisKeyBook)
    return book


async def looked(book: RedisKeyBook, clock: QuickClock) -> KeyStoreView:
    """Look once more, a minute later, in a thread as the console does."""
    clock.passed_s += 60
    return await asyncio.to_thread(book.look)


@pytest.mark.parametrize("form", FORMS)
async def test_the_alarm_names_the_newest_copy_that_has_what_vanished(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    clock = QuickClock()
    book = book_of(stage, clock)
    assert (await looked(book, clock)).loss is None
    await done(stage, "key.backup")
    lose(stage, form, TWO)
    await done(stage, "key.backup")  # it has not all that vanishes
    lose(stage, form, ONE)
    loss = (await looked(book, clock)).loss
    assert loss is not None
    first, newest = files(stage)
    assert (loss.count, loss.backup) == (2, first.name)
    again = (await looked(book_of(stage, clock), clock)).loss
    assert again is not None
    assert again.backup == first.name, "another console names it too"
    assert newest.name not in repr(again)
    await done(stage, "key.restore", backup=str(loss.backup))
    view = await looked(book, clock)
    assert (view.loss, view.active) == (None, 2)


async def test_the_alarm_of_what_no_copy_has_says_so(stage: Stage) -> None:
    fill(stage, "field")
    clock = QuickClock()
    book = book_of(stage, clock)
    await looked(book, clock)
    lose(stage, "field", TWO)
    await done(stage, "key.backup")
    loss = (await looked(book, clock)).loss
    assert loss is not None
    assert (loss.backup, str(loss.elsewhere)[:20]) == ("", "no copy of ours has ")


async def test_taking_a_restore_back_raises_no_alarm(stage: Stage) -> None:
    clock = QuickClock()
    draft, work = await restored(stage, "hash")
    book = book_of(stage, clock)
    assert (await looked(book, clock)).active == 2
    await stored(draft.steps[0].step).undo(stage.site.ports, work)
    view = await looked(book, clock)
    assert (view.loss, view.active) == (None, 1)
    lose(stage, "hash", TWO)
    loss = (await looked(book, clock)).loss
    assert loss is not None
    assert loss.count == 1, "only what no action of ours took away"
