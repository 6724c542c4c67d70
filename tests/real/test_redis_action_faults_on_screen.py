"""What goes wrong while Redis is acted on: screen `0`, and the dialog, tell what to make of it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from core.clients.acting.redis_keys import RedisKeys
from core.clients.acting.redis_streams import RedisStreams
from core.model.action import ActionRequest
from tests.fakes.ports import free_port
from tests.real.deaf import deaf_way
from tests.real.redis_action_console import Between, Operator, looking
from tests.real.redis_console import LIMITS, redis_console, written
from tests.real.rough_way import RoughWay
from tests.real.servers import OwnRedis, kept_redis
from tests.real.stream_stage import (
    DLQ,
    EVENTS,
    GROUP,
    PATIENT,
    aged,
    delivered,
    filled,
    owners,
)
from tests.real.test_dlq_actions import Reader, buried, dies

pytestmark = pytest.mark.real("redis")

SHOP = f"""
root: /nonexistent
streams:
  - {{name: {EVENTS}, keys: [{EVENTS}], groups: [{GROUP}], dead_letters: [{DLQ}]}}
limits: [{{name: clients, keys: ["rate_limit:*"], capacity: 1000, refill_per_s: 100}}]
redis_keys: {{tokens: {{keys: ["token:*"]}}}}
"""
STREAM, LETTERS, REDIS = f"shop/{EVENTS}", f"shop/{DLQ}", "shop/redis"


class Ground:
    """A server of our own, and one who acts on it."""

    def __init__(self, server: OwnRedis, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.redis: Any = redis.Redis(port=server.port)
        self.operator = Operator(written(folder, server.url, SHOP))

    def behind(self, name: str, port: int) -> Operator:
        """Return another who acts on it, by another way."""
        folder = self.folder / name
        folder.mkdir()
        return Operator(written(folder, f"redis://127.0.0.1:{port}/0", SHOP))

    def with_stuck(self, count: int = 6) -> list[str]:
        """Have a consumer that is gone with entries that nobody works on, and one that works."""
        self.redis.delete(EVENTS)
        ids = filled(self.redis, count)
        delivered(self.redis, "gone", count)
        aged(self.redis, "gone", ids)
        self.redis.xgroup_createconsumer(EVENTS, GROUP, "worker")
        return ids

    def with_letters(self, count: int) -> None:
        """Have a stream that a group reads, and dead letters of it."""
        self.redis.delete(EVENTS, DLQ)
        self.redis.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
        for number in range(count):
            self.redis.xadd(DLQ, {"data": buried(number)})


@pytest.fixture(scope="module", name="kept")
def fixture_kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    folder = tmp_path_factory.mktemp("faults")
    with kept_redis(folder) as server:
        yield Ground(server, folder)


@pytest.fixture
def ground(kept: Ground) -> Ground:
    kept.redis.replicaof("NO", "ONE")
    kept.redis.flushall()
    kept.redis.config_set("hz", 10)
    return kept


Wish = tuple[str, str, dict[str, str]]
CLAIM: Wish = ("stream.claim", STREAM, {"to": "worker"})
CONFIGURE: Wish = ("redis.configure", REDIS, {"name": "hz", "value": "20"})
FLUSH: Wish = ("redis.flush", REDIS, {"including": "streams"})
LOST: dict[bytes, tuple[Wish, str, str]] = {
    b"XCLAIM": (
        CLAIM,
        "the answer was lost, and none is claimed",
        "6 of 6 entries claimed; it reported: the answer was lost",
    ),
    b"CONFIG SET": (
        CONFIGURE,
        "the answer was lost, and hz is 10",
        "hz is 20; it reported: the answer was lost",
    ),
    b"FLUSHDB": (
        FLUSH,
        "the answer was lost, and the command too: the keys are there",
        "DBSIZE 0; the answer was lost, the keys tell that it was done",
    ),
}


@pytest.mark.parametrize("command", LOST, ids=[one.decode() for one in LOST])
async def test_a_lost_reply_is_told_with_what_a_look_found(ground: Ground, command: bytes) -> None:
    """F43: sent once, whether it arrived or not."""
    (action, target, inputs), undone, done = LOST[command]
    ground.with_stuck()
    for is_heard, outcome, words in ((False, "↶ rolled back", undone), (True, "✔ verified", done)):
        with deaf_way(ground.server.port, command, is_heard=is_heard) as way:
            operator = ground.behind(f"{command.decode()} {is_heard}", way.port)
            state = await operator.done(action, target, **inputs)
            assert way.lost == 1
            async with looking(operator) as seen:
                text = await seen.until_told(state, outcome, words)
                assert "it reports success" not in text


async def test_another_run_and_another_role_are_refused_with_both(ground: Ground) -> None:
    """F44."""
    ground.with_stuck()
    operator = ground.operator
    claim, flush = [await operator.confirmed(*one[:2], **one[2]) for one in (CLAIM, FLUSH)]
    ground.redis.replicaof("127.0.0.1", "1")
    demoted = await operator.carried_out(claim)
    ground.server.stop()
    await ground.server.start()
    ids = ground.with_stuck()
    restarted = await operator.carried_out(flush)
    async with looking(operator) as seen:
        told = ("– aborted before start", "changed since the plan: shop/redis was run", "plan it")
        await seen.until_told(demoted, *told, ", slave")
        text = await seen.until_told(restarted, *told, "· FLUSHDB ASYNC of database 0")
        runs = re.findall(r"(?:was|is) run (\w{40}), master", text)
        assert len(set(runs)) == 2, text
    assert list(owners(ground.redis)) == ids


async def test_each_entry_that_is_not_claimed_has_its_reason(ground: Ground) -> None:
    """F49: acknowledged, trimmed, of a live consumer, young again."""
    ids = ground.with_stuck(8)
    plan = await ground.operator.confirmed("stream.claim", STREAM, to="worker", ids=",".join(ids))
    ground.redis.xack(EVENTS, GROUP, ids[1])
    ground.redis.xtrim(EVENTS, minid=ids[1], approximate=False)
    ground.redis.xack(EVENTS, GROUP, ids[0])
    aged(ground.redis, "alive", [ids[2]], idle_ms=10)
    aged(ground.redis, "gone", [ids[3]], idle_ms=5000)
    state = await ground.operator.carried_out(plan)
    async with looking(ground.operator) as seen:
        await seen.until_told(
            state,
            "4 of 8 entries claimed",
            "who has them: 4 entries claimed; not claimed:",
            f"{ids[0]} gone from the stream",
            f"{ids[1]} acknowledged meanwhile",
            f"{ids[2]} claimed by alive meanwhile",
            f"{ids[3]} younger than 1 min: idle ",
        )
    assert owners(ground.redis)[ids[2]][0] == "alive"


@pytest.mark.parametrize("what", ["group", "stream"])
async def test_what_goes_in_the_middle_ends_it_and_the_rest_waits(
    ground: Ground, what: str
) -> None:
    """F50."""
    ground.with_stuck(450)

    def destroy() -> None:
        if what == "group":
            ground.redis.xgroup_destroy(EVENTS, GROUP)
        else:
            ground.redis.delete(EVENTS)

    plan = await ground.operator.confirmed("stream.claim", STREAM, to="worker")
    state = await ground.operator.carried_out(plan, Between("done", destroy))
    async with looking(ground.operator) as seen:
        await seen.until_told(
            state,
            "✖ needs human",
            f"NOGROUP: No such key '{EVENTS}' or consumer group '{GROUP}'",
            "200 of 200 entries claimed",
            "✖ XCLAIM 200 entries from 1200-0",
            "· XCLAIM 50 entries from 1400-0",
            "M says that you have dealt with it",
        )
    ground.operator.desk.resolve(plan.id, "it was meant to go")


async def test_letters_that_come_back_and_a_stream_that_goes_end_a_replay(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F51."""
    operator = ground.operator
    ground.with_letters(30)
    with Reader(ground.server, dies):
        poison = await operator.done("dlq.requeue", LETTERS, all="yes", canary=PATIENT)
    assert ground.redis.xlen(DLQ) == 30
    ground.with_letters(6)
    real = RedisStreams.move

    async def then_gone(self: RedisStreams, *given: Any, **more: Any) -> Any:
        moved = await real(self, *given, **more)
        ground.redis.delete(EVENTS)
        return moved

    with monkeypatch.context() as patch:
        patch.setattr(RedisStreams, "move", then_gone)
        gone = await operator.done("dlq.requeue", LETTERS, all="yes", canary="no")
    wish = ActionRequest("dlq.requeue", LETTERS, (("all", "yes"),))
    missing = f"{EVENTS} is missing"
    async with looking(operator) as seen:
        await seen.until_told(
            poison, "? ran but unverified", "1 of 1 message came back dead, more than 20 %"
        )
        await seen.until_told(gone, "? ran but unverified", "5 left where they are", missing)
        await seen.until_refused(wish, f"{missing}: nobody would read it", "start its service")
    assert ground.redis.xlen(DLQ) == 5


async def test_a_second_replayer_and_a_trimmed_target_are_told(ground: Ground) -> None:
    """F51: what another sends meanwhile is sent once, and who cuts the target is said before."""
    ground.with_letters(5)
    for number in range(50):
        ground.redis.xadd(EVENTS, {"data": f"{number}"}, maxlen=10, approximate=False)
    wish = ActionRequest("dlq.requeue", LETTERS, (("all", "yes"),))

    def send_two() -> None:
        for letter, fields in ground.redis.xrange(DLQ, count=2):
            ground.redis.xadd(EVENTS, fields)
            ground.redis.xdel(DLQ, letter)

    plan = await ground.operator.confirmed("dlq.requeue", LETTERS, all="yes", canary="no")
    async with looking(ground.operator) as seen:
        seen.app.plan(wish)
        await seen.until(
            lambda _text: "is trimmed to about 10 by who writes to it (MAXLEN)" in seen.dialog,
            "the warning",
        )
        await seen.press("escape")
        state = await ground.operator.carried_out(plan, Between("done", send_two))
        await seen.until_told(state, "✔ verified", "3 sent again, 2 not there any more")
    assert ground.redis.xlen(DLQ) == 0
    assert ground.redis.xlen(EVENTS) == 10 + 5


async def test_a_flush_is_refused_or_says_what_is_new(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    """F52."""
    ground.redis.set("page:1", "x")
    real = RedisKeys.flush

    async def then_written(self: RedisKeys, *given: Any) -> None:
        await real(self, *given)
        ground.redis.mset({f"new:{number}": "1" for number in range(1000)})

    with monkeypatch.context() as patch:
        patch.setattr(RedisKeys, "flush", then_written)
        flushed = await ground.operator.done("redis.flush", REDIS)
    ground.with_stuck()
    ground.redis.mset({"token:abc": "alice", "revoked_jwt:1": "1"})
    wish = ActionRequest("redis.flush", REDIS)
    async with looking(ground.operator) as seen:
        await seen.until_told(flushed, "✔ verified", "DBSIZE 1000, 1000 new keys since")
        await seen.until_refused(
            wish,
            f"1 stream, groups and pending entries too: {EVENTS}. name them: --set including",
            "revoked_jwt:*",
            "what was revoked is valid again",
        )
        ground.redis.replicaof("127.0.0.1", "1")
        await seen.until_refused(wish, "READONLY: it is a replica", "change its master")
        ground.server.stop()
        await ground.server.start("--cluster-enabled", "yes", "--cluster-port", f"{free_port()}")
        await seen.until_refused(wish, "a cluster: FLUSHDB empties one node's slots")
    ground.server.stop()
    await ground.server.start()


class Expiring(RoughWay):
    """Has a record expire after SCAN has named it, and before it is read."""

    def __init__(self, port: int) -> None:
        super().__init__(port)
        self.times = 0

    async def _pieces(self, data: bytes, sink: asyncio.StreamWriter) -> None:
        if b"rate_limit:passing" in data and not self.times:
            self.times += 1
            with redis.Redis(port=self.target) as other:
                other.pexpire("rate_limit:passing", 1)
                while other.exists("rate_limit:passing"):
                    await asyncio.sleep(0.001)
        await super()._pieces(data, sink)


async def test_a_record_that_expires_amid_it_is_gone_and_no_error(ground: Ground) -> None:
    """F46: between SCAN and the reading, and between a plan and its step."""
    now_s = f"{int(ground.redis.time()[0])}"
    for name in ("passing", "staying"):
        ground.redis.hset(f"rate_limit:{name}", mapping={"tokens": "5", "last_refill_time": now_s})
    plan = await ground.operator.confirmed("limit.reset", "shop/clients", pattern="rate_limit:*")
    way = Expiring(ground.server.port)
    await way.open()
    other = ground.behind("expiring", way.port)
    async with redis_console(other.config, *LIMITS) as seen:
        text = await seen.until_shown("1 client, 0 limited", "● passes staying")
        assert "passing" not in text
        assert "cannot be read" not in text
        assert way.times == 1
    await way.close()
    ground.redis.delete("rate_limit:staying")
    state = await ground.operator.carried_out(plan)
    async with looking(ground.operator) as seen:
        told = "nothing was removed: they are not there any more"
        await seen.until_told(state, "↶ rolled back", told)
