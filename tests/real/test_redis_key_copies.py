"""Copies of a store in a real Redis, in every form: kept, merged into what lives, taken back."""

import json
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.redis_keys import RedisKeys
from core.errors import ActionError, ClientError, StepFailedError
from core.keys.store.redis_copies import packed, unpacked
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, stops, stored, warnings
from tests.real.redis_key_copy_stage import change, done, files, key_of, lose, off, record, restored
from tests.real.redis_key_stage import FORMS, ONE, OWN, RECORD, TWO, Stage, fill, fresh_stage, kept
from tests.real.servers import OwnRedis, kept_redis

pytestmark = pytest.mark.real("redis")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def stage(server: OwnRedis, tmp_path: Path) -> Stage:
    return fresh_stage(tmp_path, server)


@pytest.mark.parametrize("form", FORMS)
async def test_a_copy_is_one_private_file_of_what_the_patterns_name(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    stage.redis.set("something:else", "1")
    await done(stage, "key.backup")
    (path,) = files(stage)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    copy = unpacked(path.read_bytes())
    assert {one.key.raw.decode() for one in copy.held} == set(kept(stage)) - {"something:else"}
    assert bool(copy.ends_ms) is (form in {"text", "inside"})
    plan = await stage.plan("key.backup")
    assert any(one.text.startswith("1 copies of api are kept") for one in plan.preflight)


@pytest.mark.parametrize("form", FORMS)
async def test_what_vanished_comes_back_with_its_time_and_what_is_newer_stays(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    was = record(stage, form, ONE)
    await done(stage, "key.backup")
    lose(stage, form, ONE)
    change(stage, form, TWO, usage_count=99)
    now = kept(stage)
    draft = await stage.plan("key.restore")
    assert not stops(draft)
    assert draft.radius[0] == "1 keys come back as they were, 0 are set back"
    assert f"+ {stage.short_id(ONE)[:8]}" in draft.preview
    work = FakeWork("01TEST")
    assert (await carry_out(draft, stage.site.ports, work))[0] == "verified"
    assert record(stage, form, ONE) == was
    assert str(record(stage, form, TWO)["usage_count"]) == "99"
    assert (form == "text") is (stage.redis.ttl(f"api_key:{ONE}") > 900)
    assert "has everything" in str(stops(await stage.plan("key.restore")))
    (step,) = (stored(one.step) for one in draft.steps)
    await step.undo(stage.site.ports, work)
    assert (await step.observe(stage.site.ports)).sight is Sight.BEFORE
    assert kept(stage) == now
    await step.undo(stage.site.ports, work)
    assert kept(stage) == now, "twice is as good as once"


@pytest.mark.parametrize("form", FORMS)
async def test_a_server_that_lost_everything_gets_all_of_it_back(stage: Stage, form: str) -> None:
    fill(stage, form)
    before = kept(stage)
    await done(stage, "key.backup")
    stage.redis.flushall()
    work = await done(stage, "key.restore")
    again = kept(stage)
    if form == "item":
        assert sorted(again["api_keys"]) == sorted(before["api_keys"])
    else:
        assert again == before
    name = "api_keys" if form == "inside" else f"api_key:{ONE}"
    assert (form in {"inside", "text"}) is (0 < stage.redis.ttl(name) <= 1000)
    assert work.has("redis-keys-restore.json")


@pytest.mark.parametrize("form", FORMS)
async def test_policies_are_set_back_and_what_was_switched_off_stays_off(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    await done(stage, "key.backup")
    change(stage, form, ONE, tier="free", **off(form))
    change(stage, form, TWO, note="newer", last_used="1790000000")
    now = kept(stage)
    draft = await stage.plan("key.restore")
    assert "switched off since" in str(warnings(draft))
    assert any(one.endswith(": tier") for one in draft.preview)
    work = FakeWork("01TEST")
    assert (await carry_out(draft, stage.site.ports, work))[0] == "verified"
    assert record(stage, form, ONE)["tier"] == "pro"
    assert stage.active() == {ONE: False, TWO: True}
    assert record(stage, form, TWO)["last_used"] == "1790000000"
    assert record(stage, form, TWO)["note"] == ("newer" if form == "hash" else "Grüße")
    await stored(draft.steps[0].step).undo(stage.site.ports, work)
    assert kept(stage) == now
    await done(stage, "key.restore", reactivate=stage.short_id(ONE))
    assert stage.active() == {ONE: True, TWO: True}
    with pytest.raises(ActionError, match="was not switched off since"):
        await stage.plan("key.restore", reactivate=stage.short_id(TWO))


class Slow(RedisKeys):
    """Somebody else writes between the read and the script, once."""

    def __init__(self, keys: RedisKeys, other: Any) -> None:
        super().__init__(keys._addresses)
        self.other: Any = other

    async def swap(self, server: str, run_id: str, swaps: Any) -> bool:
        other, self.other = self.other, None
        if other is not None:
            other()
        return await super().swap(server, run_id, swaps)


def beside(stage: Stage, other: Any) -> Ports:
    ports = stage.site.ports
    assert isinstance(ports.redis_keys, RedisKeys)
    return replace(ports, redis_keys=Slow(ports.redis_keys, other))


@pytest.mark.parametrize("form", FORMS)
async def test_a_write_of_the_old_tool_in_between_is_not_lost(stage: Stage, form: str) -> None:
    fill(stage, form)
    await done(stage, "key.backup")
    lose(stage, form, ONE)
    change(stage, form, TWO, tier="free")
    draft = await stage.plan("key.restore")

    def write() -> None:
        change(stage, form, TWO, usage_count=123)

    ended = await carry_out(draft, beside(stage, write), FakeWork("01TEST"))
    assert ended[0] == "verified", ended
    assert stage.active() == {ONE: True, TWO: True}
    assert record(stage, form, TWO)["tier"] == "pro"
    assert str(record(stage, form, TWO)["usage_count"]) == "123"


@pytest.mark.parametrize("form", FORMS)
async def test_what_somebody_writes_into_the_very_field_meanwhile_stays(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    await done(stage, "key.backup")
    change(stage, form, TWO, tier="free")
    draft = await stage.plan("key.restore")

    def write() -> None:
        change(stage, form, TWO, tier="enterprise")

    ended = await carry_out(draft, beside(stage, write), FakeWork("01TEST"))
    assert ended[0] != "verified"
    assert "changed by another program meanwhile" in ended[1]
    assert record(stage, form, TWO)["tier"] == "enterprise"


@pytest.mark.parametrize("form", FORMS)
async def test_a_key_that_somebody_makes_anew_meanwhile_is_not_written_over(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    own = record(stage, form, ONE)
    await done(stage, "key.backup")
    lose(stage, form, ONE)
    draft = await stage.plan("key.restore")

    def write() -> None:
        again = own | {"tier": "free"}
        match form:
            case "field":
                stage.redis.hset("api_keys", ONE, json.dumps(again))
            case "item":
                stage.redis.rpush("api_keys", json.dumps(again))
            case "inside":
                rows = json.loads(stage.redis.get("api_keys"))
                stage.redis.set("api_keys", json.dumps(rows | {ONE: again}), keepttl=True)
            case "text":
                stage.redis.set(f"api_key:{ONE}", json.dumps(again))
            case _:
                stage.redis.hset(f"api_key:{ONE}", mapping=again)

    ended = await carry_out(draft, beside(stage, write), FakeWork("01TEST"))
    assert record(stage, form, ONE)["tier"] == "free"
    assert ended[0] == "ran but unverified", ended
    assert "another program has written it since" in ended[1]
    if form == "item":
        assert sorted(map(key_of, stage.redis.lrange("api_keys", 0, -1))) == [ONE, TWO]


@pytest.mark.parametrize("form", FORMS)
async def test_the_way_back_leaves_what_somebody_has_changed_since(stage: Stage, form: str) -> None:
    draft, work = await restored(stage, form)
    change(stage, form, ONE, tier="enterprise")
    with pytest.raises(StepFailedError, match=f"{stage.short_id(ONE)[:8]}: changed since"):
        await stored(draft.steps[0].step).undo(stage.site.ports, work)
    assert record(stage, form, ONE)["tier"] == "enterprise"


@pytest.mark.parametrize("form", FORMS)
async def test_the_way_back_takes_a_key_that_was_used_and_tells_the_alarm(
    stage: Stage, form: str
) -> None:
    draft, work = await restored(stage, form)
    change(stage, form, ONE, usage_count=58)
    await stored(draft.steps[0].step).undo(stage.site.ports, work)
    assert stage.active() == {TWO: True}
    (line,) = await LocalNotes(stage).removed()
    assert stage.short_id(ONE)[2:8] == line[:6]


class LocalNotes:
    def __init__(self, stage: Stage) -> None:
        self._ports = stage.site.ports

    async def removed(self) -> tuple[str, ...]:
        assert self._ports.keys is not None
        return await self._ports.keys.notes("shop/api.removed")


async def test_a_copy_that_is_not_what_was_written_is_refused(stage: Stage) -> None:
    fill(stage, "field")
    await done(stage, "key.backup")
    lose(stage, "field", ONE)
    (path,) = files(stage)
    path.write_text(path.read_text("utf-8").replace("10000", "99999"), "utf-8")
    assert "digest is another" in str(stops(await stage.plan("key.restore")))
    path.write_text("{}", "utf-8")
    assert "no copy of a store in Redis" in str(stops(await stage.plan("key.restore")))
    with pytest.raises(ActionError, match="there is no copy"):
        await stage.plan("key.restore", backup="none.json")


async def test_a_copy_that_changes_after_the_plan_writes_nothing(stage: Stage) -> None:
    fill(stage, "field")
    await done(stage, "key.backup")
    lose(stage, "field", ONE)
    draft, now = await stage.plan("key.restore"), kept(stage)
    (path,) = files(stage)
    path.write_text(path.read_text("utf-8").replace("10000", "99999"), "utf-8")
    with pytest.raises(ClientError, match="digest is another"):
        await carry_out(draft, stage.site.ports, FakeWork("01TEST"))
    assert kept(stage) == now


async def test_what_has_expired_since_does_not_come_back(stage: Stage) -> None:
    fill(stage, "text")
    await done(stage, "key.backup")
    keys, place = stage.site.ports.keys, f"redis shop/redis {stage.names[0]}"
    assert keys is not None
    copy = unpacked(files(stage)[0].read_bytes())
    ended = {key: 1 for key in copy.ends_ms if key.raw.endswith(ONE.encode())}
    await keys.keep(place, packed(replace(copy, ends_ms={**copy.ends_ms, **ended})), "LATER")
    stage.redis.flushall()
    draft = await stage.plan("key.restore")
    assert "1 Redis keys of the copy have expired since" in str(warnings(draft))
    assert (await carry_out(draft, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    assert stage.active() == {TWO: True}


async def test_a_server_that_counted_on_in_a_record_that_was_gone_gets_all_of_it_back(
    stage: Stage,
) -> None:
    fill(stage, "hash")
    change(stage, "hash", ONE, status="inactive")
    await done(stage, "key.backup")
    stage.redis.delete(f"api_key:{ONE}")
    stage.redis.hincrby(f"api_key:{ONE}", "usage_count", 3)
    await done(stage, "key.restore")
    assert record(stage, "hash", ONE) == OWN | {"status": "inactive", "usage_count": "3"}


async def test_bytes_that_are_no_text_come_back_as_they_were(stage: Stage) -> None:
    raw: Any = redis.Redis(port=stage.server.port)
    stage.names = ("api_key:*",)
    odd = OWN | {"note": "x"}
    raw.hset(f"api_key:{ONE}", mapping=odd)
    raw.hset(f"api_key:{ONE}", "note", b"\xff\x00\x1b[31m")
    await done(stage, "key.backup")
    raw.flushall()
    await done(stage, "key.restore")
    assert raw.hget(f"api_key:{ONE}", "note") == b"\xff\x00\x1b[31m"


async def test_something_that_is_no_record_in_a_keys_place_stays(stage: Stage) -> None:
    fill(stage, "field")
    await done(stage, "key.backup")
    stage.redis.hset("api_keys", ONE, "{torn")
    change(stage, "field", TWO, tier="free")
    draft = await stage.plan("key.restore")
    assert "something that is no record is in its place" in str(warnings(draft))
    assert (await carry_out(draft, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    assert stage.redis.hget("api_keys", ONE) == "{torn"
    assert json.loads(stage.redis.hget("api_keys", TWO)) == RECORD


async def test_a_store_that_is_kept_otherwise_now_and_one_without_words_are_refused(
    stage: Stage,
) -> None:
    fill(stage, "field")
    await done(stage, "key.backup")
    stage.redis.delete("api_keys")
    fill(stage, "item")
    assert "in the copy as" in str(stops(await stage.plan("key.restore")))
    stage.redis.delete("api_keys")
    stage.redis.sadd("api_keys", ONE, TWO)
    await done(stage, "key.backup")
    stage.redis.delete("api_keys")
    assert "nothing says whether it is active" in str(stops(await stage.plan("key.restore")))


async def test_what_is_of_no_kind_that_is_copied_is_said(stage: Stage) -> None:
    fill(stage, "text")
    stage.redis.zadd("api_key:ranks", {"a": 1})
    draft = await stage.plan("key.backup")
    assert "1 Redis keys of its names are not copied: it is a zset" in str(warnings(draft))
    stage.redis.flushall()
    assert "the server has no key" in str(stops(await stage.plan("key.backup")))
