"""Tiers, new keys and rotations in a real Redis, in every form, beside somebody who writes too."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.actions.families.key_ends import due_name, ends_of
from core.actions.part import Sight
from core.actions.ports import Ports
from core.clients.acting.key_store import LocalKeyStores
from core.clients.clock import SystemClock
from core.clients.key_state import machine_key
from core.keys.ids import KeyIds
from core.keys.store.ends import moment_text
from core.model.action import Danger
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, stops, stored, warnings
from tests.real.redis_key_stage import FORMS, ONE, OWN, RECORD, TWO, Stage, fill, fresh_stage, kept
from tests.real.servers import OwnRedis, kept_redis


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@pytest.fixture
def stage(server: OwnRedis, tmp_path: Path) -> Stage:
    return fresh_stage(tmp_path, server)


def record(stage: Stage, form: str, key: str) -> dict[str, Any]:
    """Return a key's record as it is kept."""
    match form:
        case "field":
            found = stage.redis.hget("api_keys", key)
        case "item":
            rows = map(json.loads, stage.redis.lrange("api_keys", 0, -1))
            return next(row for row in rows if row["key"] == key)
        case "inside":
            return json.loads(stage.redis.get("api_keys"))[key]
        case "text":
            found = stage.redis.get(f"api_key:{key}")
        case _:
            return stage.redis.hgetall(f"api_key:{key}")
    return json.loads(found)


async def done(stage: Stage, action: str, **inputs: str) -> FakeWork:
    """Carry an action out; what it said holds no key."""
    work = FakeWork("01TEST")
    ended = await carry_out(await stage.plan(action, **inputs), stage.site.ports, work)
    assert ended[0] == "verified", ended
    assert not [one for one in (ONE, TWO) if one in repr(work.said)]
    return work


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", FORMS)
async def test_a_tier_and_its_quota_change_and_nothing_else_does(stage: Stage, form: str) -> None:
    fill(stage, form)
    before = kept(stage)
    plan = await stage.plan("key.set_tier", key=stage.short_id(ONE), tier="free")
    assert str(plan.title).endswith("pro, 10000 becomes free, 100")
    (step,) = (stored(one.step) for one in plan.steps)
    ports, work = stage.site.ports, FakeWork("01TEST")
    await step.save(ports, work)
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER
    was = OWN if form == "hash" else RECORD | ({"key": ONE} if form == "item" else {})
    kind = str if form == "hash" else int
    assert record(stage, form, ONE) == was | {"tier": "free", "quota": kind(100)}
    again = await stage.plan("key.set_tier", key=stage.short_id(ONE), tier="free")
    assert len(stops(again)) == 1
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    assert kept(stage) == before
    await step.undo(ports, work)
    assert kept(stage) == before, "twice is as good as once"


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", FORMS)
async def test_a_new_key_is_kept_as_the_others_are_and_taken_away_again(
    stage: Stage, form: str
) -> None:
    fill(stage, form)
    before = kept(stage)
    to = f"file:{stage.folder / 'new.key'}"
    draft = await stage.plan("key.generate", tier="free", to=to)
    assert not stops(draft)
    work, ports = FakeWork("01TEST"), stage.site.ports
    assert (await carry_out(draft, ports, work))[0] == "verified"
    new = stage.new()
    assert new.startswith("key_")
    assert new not in repr((draft, work.said))
    assert stage.active() == {ONE: True, TWO: True, new: True}
    made = record(stage, form, new)
    assert (made["tier"], str(made["quota"])) == ("free", "100")
    if form == "hash":
        assert (made["usage_count"], made["odd"], made["status"]) == ("0", "007", "active")
        assert datetime.fromtimestamp(int(made["created_at"]), UTC).year >= 2025
        assert made["last_used"] == ""
    else:
        assert made["note"] == "Grüße"
    name = "api_keys" if form == "inside" else f"api_key:{new}"
    assert (form in {"inside", "text"}) is (stage.redis.ttl(name) > 900)
    assert bool(warnings(draft)) is (form == "text")
    # Before it is forgotten it can be taken away: by a recovery that goes back.
    add = stored((await stage.plan("key.generate", tier="pro", to=f"{to}2")).steps[0].step)
    now = kept(stage)
    await add.apply(ports, work)
    assert (await add.observe(ports)).sight is Sight.AFTER
    await add.apply(ports, work)
    assert len(stage.active()) == 4, "again is not one more"
    await add.undo(ports, work)
    assert (await add.observe(ports)).sight is Sight.BEFORE
    assert kept(stage) == now
    assert before != now


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", FORMS)
async def test_a_key_is_rotated_at_once(stage: Stage, form: str) -> None:
    fill(stage, form)
    to = f"file:{stage.folder / 'new.key'}"
    await done(stage, "key.rotate", key=stage.short_id(ONE), grace="0", to=to)
    assert stage.active() == {ONE: False, TWO: True, stage.new(): True}
    assert record(stage, form, stage.new())["tier"] == "pro"


@pytest.mark.real("redis")
async def test_a_rotation_with_a_grace_is_ended_when_it_is_over(stage: Stage) -> None:
    fill(stage, "field")
    to = f"file:{stage.folder / 'new.key'}"
    plan = await stage.plan("key.rotate", key=stage.short_id(ONE), grace="24h", to=to)
    assert plan.danger is Danger.INTERRUPT
    assert (await carry_out(plan, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    assert stage.active() == {ONE: True, TWO: True, stage.new(): True}
    (end,) = await ends_of(stage.site.ports, "shop", "api")
    ids = KeyIds(machine_key(stage.folder / "state"))
    assert end.mark == ids.mark(ONE)
    left = end.moment - stage.site.ports.clock.now()
    assert timedelta(hours=23) < left <= timedelta(hours=24)
    await note_end(stage, ids.mark(ONE), timedelta(seconds=-5))
    stage.redis.set(f"usage:{stage.new()}", 3)
    await done(stage, "key.end")
    assert stage.active()[ONE] is False
    assert await ends_of(stage.site.ports, "shop", "api") == ()


async def note_end(stage: Stage, mark: str, after: timedelta) -> None:
    at = stage.site.ports.clock.now() + after
    keys = LocalKeyStores(stage.folder / "state", SystemClock())
    await keys.note(due_name("shop", "api"), f"{mark} {moment_text(at)}")


@pytest.mark.real("redis")
async def test_all_keys_are_rotated_at_once(stage: Stage) -> None:
    fill(stage, "text")
    to = f"file:{stage.folder / 'new.json'}"
    plan = await stage.plan("key.rotate_all", to=to)
    assert plan.danger is Danger.DESTROY
    assert (await carry_out(plan, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    new = [one["key"] for one in json.loads((stage.folder / "new.json").read_text())["keys"]]
    assert stage.active() == {ONE: False, TWO: False} | dict.fromkeys(new, True)


@pytest.mark.real("redis")
async def test_use_is_told_before_a_key_is_switched_off(stage: Stage) -> None:
    fill(stage, "field")
    stage.redis.set(f"usage:{ONE}:{stage.site.ports.clock.now():%Y-%m}", 42)
    draft = await stage.plan("key.deactivate", keys=stage.short_id(ONE))
    assert f"{stage.short_id(ONE)}: 42 requests this month" in draft.radius


@pytest.mark.real("redis")
@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("set", "a key that is there or not: nothing says whether it is active"),
        ("hashed", "no new key: the store keeps hashes and does not say how they are made"),
        ("names", "no new key: its records have names that are not their keys"),
    ],
)
async def test_a_shape_that_takes_no_new_key_says_why(stage: Stage, kind: str, why: str) -> None:
    if kind == "set":
        stage.redis.sadd("api_keys", ONE)
    elif kind == "hashed":
        row = {"key_hash": "ab" * 32, "prefix": "key_ab", "tier": "pro", "active": True}
        stage.redis.hset("api_keys", "client one", json.dumps(row))
    else:
        stage.redis.hset("api_keys", "client one", json.dumps(RECORD | {"key": ONE}))
    draft = await stage.plan("key.generate", tier="pro", to=f"file:{stage.folder / 'new.key'}")
    assert any(said.startswith(why) for said in stops(draft)), stops(draft)


@pytest.mark.real("redis")
async def test_hashes_take_new_keys_where_they_say_how_they_are_made(stage: Stage) -> None:
    row = {
        "key_hash": "ab" * 32, "prefix": "key_ab", "algorithm": "sha256", "tier": "pro",
        "active": True,
    }  # fmt: skip
    stage.redis.hset("api_keys", "ab" * 32, json.dumps(row))
    await done(stage, "key.generate", tier="pro", to=f"file:{stage.folder / 'new.key'}")
    rows = stage.redis.hgetall("api_keys")
    assert stage.new() not in repr(rows)
    (new,) = set(rows) - {"ab" * 32}
    made = json.loads(rows[new])
    assert (made["key_hash"], made["prefix"]) == (new, stage.new()[:6])


class Faster:
    """Somebody who writes between our look and our write, so many times."""

    def __init__(self, inner: Any, act: Any, times: int) -> None:
        self._inner, self._act, self.left = inner, act, times

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._inner, name)
        if name != "swap":
            return real

        async def swap(*words: Any) -> Any:
            if self.left:
                self.left -= 1
                self._act(self.left)
            return await real(*words)

        return swap


def beside(stage: Stage, act: Any, times: int = 3) -> Ports:
    ports = stage.site.ports
    faster: Any = Faster(ports.redis_keys, act, times)
    return replace(ports, redis_keys=faster)


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("action", ["key.deactivate", "key.set_tier", "key.generate"])
async def test_what_another_program_writes_meanwhile_is_never_lost(
    stage: Stage, form: str, action: str
) -> None:
    fill(stage, form)

    last = list[int]()

    def write(number: int) -> None:
        last.append(number)
        for key in (ONE, TWO):
            if form == "hash":
                stage.redis.hset(f"api_key:{key}", "note", number)
                continue
            theirs = record(stage, form, key) | {"note": number}
            match form:
                case "field":
                    stage.redis.hset("api_keys", key, json.dumps(theirs))
                case "text":
                    stage.redis.set(f"api_key:{key}", json.dumps(theirs), keepttl=True)
                case "item":
                    place = [ONE, TWO].index(key)
                    stage.redis.lset("api_keys", place, json.dumps(theirs))
                case _:
                    rows = json.loads(stage.redis.get("api_keys")) | {key: theirs}
                    stage.redis.set("api_keys", json.dumps(rows), keepttl=True)

    inputs = {
        "key.deactivate": {"keys": stage.short_id(ONE)},
        "key.set_tier": {"key": stage.short_id(ONE), "tier": "free"},
        "key.generate": {"tier": "free", "to": f"file:{stage.folder / 'new.key'}"},
    }[action]
    plan = await stage.plan(action, **inputs)
    ports = beside(stage, write)
    assert (await carry_out(plan, ports, FakeWork("01TEST")))[0] == "verified"
    assert {str(record(stage, form, key)["note"]) for key in (ONE, TWO)} == {str(last[-1])}
    match action:
        case "key.deactivate":
            assert stage.active() == {ONE: False, TWO: True}
        case "key.set_tier":
            assert (record(stage, form, ONE)["tier"], record(stage, form, TWO)["tier"]) == (
                "free", "pro",
            )  # fmt: skip
        case _:
            assert set(stage.active()) == {ONE, TWO, stage.new()}


@pytest.mark.real("redis")
async def test_who_never_stops_writing_is_named_and_nothing_is_half_done(stage: Stage) -> None:
    fill(stage, "field")

    def write(number: int) -> None:
        stage.redis.hset("api_keys", ONE, json.dumps(RECORD | {"note": number}))

    plan = await stage.plan("key.deactivate", keys=f"{stage.short_id(ONE)},{stage.short_id(TWO)}")
    ended = await carry_out(plan, beside(stage, write, 1000), FakeWork("01TEST"))
    assert ended[0] == "rolled_back"
    assert "another program keeps writing these keys" in ended[1]
    assert stage.active() == {ONE: True, TWO: True}


@pytest.mark.real("redis")
async def test_a_busy_counter_beside_the_record_does_not_hold_a_switch_up(stage: Stage) -> None:
    fill(stage, "hash")
    plan = await stage.plan("key.deactivate", keys=stage.short_id(ONE))

    def count(_left: int) -> None:
        stage.redis.hincrby(f"api_key:{ONE}", "usage_count", 1)

    ports = beside(stage, count, 1)
    await stored(plan.steps[0].step).save(ports, work := FakeWork("01TEST"))
    await stored(plan.steps[0].step).apply(ports, work)
    assert stage.redis.hget(f"api_key:{ONE}", "usage_count") == "58"
    assert stage.active()[ONE] is False
