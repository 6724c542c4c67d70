"""Many changes, few pushes, none lost."""

import asyncio
import threading

from core.model.snapshot import EMPTY_SNAPSHOT
from core.model.verdict import Verdict
from core.store.reducer import reduce
from tests.fakes.world import observed
from tui.feed import PUSH_GAP_S, Feed, is_news


def always() -> bool:
    return True


NEVER_S = 3600.0
WAITS_S = 60.0


class Counter:
    def __init__(self) -> None:
        self.count = 0
        self.pushed = asyncio.Event()

    def push(self) -> None:
        self.count += 1
        self.pushed.set()

    async def next(self) -> None:
        await asyncio.wait_for(self.pushed.wait(), WAITS_S)
        self.pushed.clear()


async def test_a_change_after_a_quiet_time_is_pushed_at_once() -> None:
    counter = Counter()
    feed = Feed(counter.push, always, gap_s=NEVER_S)
    feed.attach()
    feed.tell()
    await counter.next()
    assert counter.count == 1


async def test_five_thousand_changes_from_a_thread_are_few_pushes_and_the_last_is_seen() -> None:
    counter = Counter()
    feed = Feed(counter.push, always)
    feed.attach()
    done = threading.Event()

    def change() -> None:
        for _ in range(5000):
            feed.tell()
        done.set()

    loop = asyncio.get_running_loop()
    thread, began_s = threading.Thread(target=change), loop.time()
    thread.start()
    await counter.next()
    await asyncio.to_thread(done.wait)
    before = counter.count
    feed.tell()
    while counter.count == before:
        await counter.next()
    thread.join()
    assert counter.count <= (loop.time() - began_s) / PUSH_GAP_S + 2


async def test_what_is_no_news_is_not_pushed() -> None:
    counter = Counter()
    news = [False]
    feed = Feed(counter.push, lambda: news[0])
    feed.attach()
    feed.tell()
    await asyncio.sleep(0)
    assert counter.count == 0
    news[0] = True
    feed.tell()
    await counter.next()
    assert counter.count == 1


def test_a_verdict_is_news_and_a_latency_is_not() -> None:
    first = reduce(EMPTY_SNAPSHOT, observed("api", seconds=0))
    same = reduce(first, observed("api", seconds=10))
    other = reduce(same, observed("api", Verdict.DOWN, seconds=20))
    assert is_news(None, EMPTY_SNAPSHOT)
    assert is_news(EMPTY_SNAPSHOT, first)
    assert not is_news(first, first)
    assert not is_news(first, same)
    assert is_news(same, other)


async def test_what_changes_during_a_push_is_pushed_again() -> None:
    counter = Counter()
    feed = Feed(lambda: (counter.push(), feed.tell() if counter.count == 1 else None)[0], always)
    feed.attach()
    feed.tell()
    await counter.next()
    await counter.next()
    assert counter.count == 2


async def test_nothing_is_pushed_before_or_after_anybody_looks() -> None:
    counter = Counter()
    feed = Feed(counter.push, always)
    feed.tell()
    feed.attach()
    feed.tell()
    feed.detach()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert counter.count == 0


async def test_a_change_told_after_the_loop_has_closed_is_dropped() -> None:
    feed = Feed(lambda: None, always)

    def attach_and_end() -> None:
        async def attach() -> None:
            feed.attach()

        asyncio.run(attach())

    await asyncio.to_thread(attach_and_end)
    feed.tell()


async def test_the_answer_to_a_person_is_not_held_back() -> None:
    counter = Counter()
    feed = Feed(counter.push, always, gap_s=60)
    feed.attach()
    feed.tell()
    await counter.next()
    feed.hurry()
    feed.tell()
    await counter.next()
    feed.tell()
    await counter.next()
    assert counter.count == 3


async def test_after_the_answer_the_pace_is_kept_again() -> None:
    counter = Counter()
    feed = Feed(counter.push, always, gap_s=NEVER_S)
    feed.attach()
    feed.hurry()
    for _ in range(3):
        feed.tell()
        await counter.next()
    feed.tell()
    for _ in range(5):
        await asyncio.sleep(0)
    assert counter.count == 3
