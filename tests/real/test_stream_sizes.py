"""Much of a stream is read, looked through and trimmed in portions that nobody else feels."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cli.stream_reading import look_at_all
from core.actions.families import dlq_look, stream_entries
from core.actions.families.stream_entry_steps import TrimStream
from core.actions.part import Sight
from core.clients.clock import SystemClock
from core.errors import ActionError
from core.model.redis_spec import RedisSpec, StreamSpec
from core.redis.streams.book import StreamsBook
from tests.real.servers import kept_redis
from tests.real.stream_stage import (
    DLQ,
    EVENTS,
    GROUP,
    StreamStage,
    aged,
    delivered,
    filled,
    is_verified,
    stops,
)
from tests.real.streams import keyspace_of

pytestmark = pytest.mark.real("redis")
BODY = "x" * 65536


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[StreamStage]:
    with kept_redis(tmp_path) as server:
        found = StreamStage(server, tmp_path / "one")
        found.redis.config_set("slowlog-max-len", 100_000)
        yield found
        found.redis.close()


def listen(stage: StreamStage) -> None:
    """Have the server keep every command from now on."""
    stage.redis.config_set("slowlog-log-slower-than", 0)
    stage.redis.slowlog_reset()


def heard(stage: StreamStage, name: str) -> list[list[str]]:
    """Return the commands of this name, as they came."""
    rows = [one["command"].decode().split() for one in stage.redis.slowlog_get(100_000)]
    return [row for row in reversed(rows) if row[0] == name]


def buried(stage: StreamStage, count: int, body: str = BODY) -> None:
    pipeline = stage.redis.pipeline(transaction=False)
    for number in range(count):
        pipeline.xadd(DLQ, {"data": body, "n": number, "original_stream": EVENTS})
    pipeline.execute()


def test_large_letters_are_read_a_few_at_a_time(stage: StreamStage) -> None:
    buried(stage, 60)
    listen(stage)
    state = stage.done("dlq.discard", DLQ, all="yes")
    assert is_verified(state), state.text
    counts = [int(row[-1]) for row in heard(stage, "XRANGE") if row[-2] == "COUNT"]
    assert sum(counts) >= 60
    assert max(counts) <= 8, "half a MiB at once"


def test_small_entries_are_read_many_at_a_time(stage: StreamStage) -> None:
    buried(stage, 400, "small")
    listen(stage)
    stage.planned("dlq.discard", DLQ, all="yes")
    assert len(heard(stage, "XRANGE")) <= 25


def test_letters_are_too_much_for_a_plan_by_their_bytes_too(
    stage: StreamStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dlq_look, "_MOST_BYTES", 10 * len(BODY))
    buried(stage, 30)
    plan = stage.planned("dlq.discard", DLQ, all="yes")
    assert plan.title == f"discard 9 dead letters of {DLQ}"
    assert any("as much as one plan takes" in one for one in plan.preview), plan.preview
    ids = ",".join(one.decode() for one, _ in stage.redis.xrange(DLQ))
    with pytest.raises(ActionError, match="name fewer"):
        stage.planned("dlq.discard", DLQ, ids=ids)


def test_much_is_trimmed_in_portions(stage: StreamStage) -> None:
    filled(stage.redis, 2000)
    stage.specced(StreamSpec(EVENTS, (EVENTS,)))
    listen(stage)
    state = stage.done("stream.trim", EVENTS, max_length="350", loss="1650")
    assert is_verified(state), state.text
    assert stage.redis.xlen(EVENTS) == 350
    sent = heard(stage, "XTRIM")
    assert len(sent) > 5
    assert all(row[-2:] == ["LIMIT", "200"] for row in sent[:-1])
    assert sent[-1][-2] == "="


async def test_a_trim_that_ended_in_the_middle_is_neither_done_nor_undone(
    stage: StreamStage,
) -> None:
    filled(stage.redis, 10)
    step = TrimStream("shop/redis", EVENTS, "1008-0", 8, "1000-0")
    sights = [(await step.observe(stage.site.ports)).sight]
    for first in ("1003-0", "1008-0"):
        stage.redis.xtrim(EVENTS, minid=first, approximate=False)
        sights.append((await step.observe(stage.site.ports)).sight)
    assert sights == [Sight.BEFORE, Sight.NEITHER, Sight.AFTER]


def test_too_much_to_trim_is_told_before_anything_is_read(
    stage: StreamStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_entries, "_COUNTED", 100)
    filled(stage.redis, 301)
    listen(stage)
    with pytest.raises(ActionError, match="more than 100 entries would go"):
        stage.planned("stream.trim", EVENTS, max_length="200")
    assert not heard(stage, "XRANGE")
    with pytest.raises(ActionError, match="more than 100 entries would go"):
        stage.planned("stream.trim", EVENTS, min_id="1101-0")
    for name, wanted in (("max_length", "201"), ("min_id", "1100-0")):
        plan = stage.planned("stream.trim", EVENTS, loss="100", **{name: wanted})
        assert plan.title == f"trim {EVENTS} by 100 entries"
        assert not stops(plan)


def test_a_server_never_searches_for_what_is_idle(stage: StreamStage) -> None:
    """It would look at every pending entry in one go, and serve nobody meanwhile."""
    ids = filled(stage.redis, 1200)
    delivered(stage.redis, "busy", 1200)
    aged(stage.redis, "busy", ids[-3:])
    stage.redis.execute_command("XGROUP", "CREATECONSUMER", EVENTS, GROUP, "worker")
    listen(stage)
    plan = stage.planned("stream.claim", EVENTS, to="worker")
    assert [one.id.rpartition("/")[2] for one in plan.targets] == ids[-3:]
    assert not any("IDLE" in row for row in heard(stage, "XPENDING"))


async def test_streams_are_listed_without_reading_the_named_ones_again_and_again(
    stage: StreamStage,
) -> None:
    named = [f"named:{number}" for number in range(20)]
    for number in range(100):
        stage.redis.xadd(f"found:{number}", {"data": "{}"})
    for one in named:
        stage.redis.xadd(one, {"data": "{}"})
    spec = RedisSpec("shop/redis", tuple(StreamSpec(one, (one,)) for one in named))
    book = StreamsBook(spec, SystemClock(), lambda: None)
    async with keyspace_of(stage.server) as keyspace:
        view = await look_at_all(book, keyspace)
    assert len(view.rows) == 120
    told = stage.redis.info("commandstats")["cmdstat_xinfo|stream"]
    assert told["calls"] <= 20 + 100 + 30, "each once, and a portion that came twice"
