"""Many keys of one store in Redis: written in parts, taken back in parts, in a cluster too."""

import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from core.actions.families.key_redis_steps import SwitchRedisKeys
from core.actions.ports import Ports
from core.clients.acting.redis_key_values import Swap
from core.errors import ClientRefused
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out, stops, stored, warnings
from tests.real.clusters import own_cluster
from tests.real.redis_key_copy_stage import done
from tests.real.redis_key_stage import OWN, RECORD, Stage, fresh_stage, kept
from tests.real.servers import own_redis, redis_binary, valkey_binary

pytestmark = pytest.mark.real("redis")
COUNT = 300


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with own_redis(redis_binary(), tmp_path) as server:
        found = fresh_stage(tmp_path, server)
        yield found
        found.redis.close()


def fill_hashes(stage: Stage, count: int = COUNT) -> list[str]:
    stage.names = ("api_key:*",)
    keys = [f"key_{number:036d}" for number in range(count)]
    for key in keys:
        stage.redis.hset(f"api_key:{key}", mapping=OWN)
    return keys


def new_keys(stage: Stage) -> list[str]:
    return [one["key"] for one in json.loads((stage.folder / "new.json").read_text())["keys"]]


def to_file(stage: Stage) -> str:
    return f"file:{stage.folder / 'new.json'}"


class Lossy:
    """A server's keys over a connection that is cut when so many parts have gone through.

    Args:
        control: What is asked in truth.
        parts: How many; then nothing gets through until `is_back`.
    """

    def __init__(self, control: Any, parts: int) -> None:
        self._control, self._left, self.is_back = control, parts, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._control, name)

    async def swap(self, server: str, run_id: str, swaps: Sequence[Swap]) -> bool:
        if not self._left and not self.is_back:
            raise ClientRefused("the connection is cut")
        self._left -= not self.is_back
        return await self._control.swap(server, run_id, swaps)


def cut_after(ports: Ports, parts: int) -> tuple[Ports, Lossy]:
    lossy = Lossy(ports.redis_keys, parts)
    return replace(ports, redis_keys=lossy), lossy


async def test_hundreds_of_hashes_are_rotated_in_parts(stage: Stage) -> None:
    keys = fill_hashes(stage)
    plan = await stage.plan("key.rotate_all", to=to_file(stage))
    said = f"{len(OWN) * COUNT} values are written in 5 parts"
    assert any(one.startswith(said) for one in warnings(plan)), warnings(plan)
    assert await carry_out(plan, stage.site.ports, FakeWork("01TEST")) == ("verified", "")
    new = new_keys(stage)
    assert len(set(new)) == COUNT
    assert stage.active() == dict.fromkeys(keys, False) | dict.fromkeys(new, True)


async def test_what_a_cut_left_half_done_is_taken_back(stage: Stage) -> None:
    fill_hashes(stage)
    before = kept(stage)
    plan = await stage.plan("key.rotate_all", to=to_file(stage))
    ports, lossy = cut_after(stage.site.ports, 2)
    [add, *_rest] = [one.step for one in plan.steps]
    work = FakeWork("01TEST")
    await stored(add).save(ports, work)
    with pytest.raises(ClientRefused):
        await stored(add).apply(ports, work)
    there = len(kept(stage)) - len(before)
    assert 0 < there < COUNT, "some parts were written, each with whole records"
    assert all(set(record) == set(OWN) for record in kept(stage).values())
    lossy.is_back = True
    await stored(add).undo(ports, work)
    assert kept(stage) == before


async def test_what_a_cut_left_half_done_is_done_to_its_end(stage: Stage) -> None:
    keys = fill_hashes(stage)
    plan = await stage.plan("key.rotate_all", to=to_file(stage))
    ports, lossy = cut_after(stage.site.ports, 2)
    steps = [one.step for one in plan.steps]
    add, switch = steps[0], next(one for one in steps if isinstance(one, SwitchRedisKeys))
    work = FakeWork("01TEST")
    with pytest.raises(ClientRefused):
        await stored(add).apply(ports, work)
    lossy.is_back = True
    await stored(add).apply(ports, work)
    assert len(kept(stage)) == 2 * COUNT
    await stored(switch).apply(ports, work)
    states = stage.active()
    assert [states[key] for key in keys] == [False] * COUNT
    assert sum(states.values()) == COUNT


async def test_a_switch_that_was_cut_is_taken_back_and_what_others_wrote_stays(
    stage: Stage,
) -> None:
    keys = [f"key_{number:036d}" for number in range(1200)]
    rows = {key: json.dumps(RECORD) for key in keys}
    stage.redis.hset("api_keys", mapping=rows)
    plan = await stage.plan("key.deactivate", keys=",".join(map(stage.short_id, keys)))
    assert any("1200 values are written in 3 parts" in one for one in warnings(plan))
    ports, lossy = cut_after(stage.site.ports, 1)
    (switch,) = (one.step for one in plan.steps)
    work = FakeWork("01TEST")
    await stored(switch).save(ports, work)
    with pytest.raises(ClientRefused):
        await stored(switch).apply(ports, work)
    assert sum(stage.active().values()) == 700
    counted = json.dumps(RECORD | {"active": False, "used": 1})
    stage.redis.hset("api_keys", keys[0], counted)
    lossy.is_back = True
    await stored(switch).undo(ports, work)
    now = stage.redis.hgetall("api_keys")
    assert json.loads(now.pop(keys[0])) == RECORD | {"used": 1}
    assert now == {key: text for key, text in rows.items() if key != keys[0]}


async def test_in_a_cluster_keys_of_every_node_are_rotated_and_switched(tmp_path: Path) -> None:
    async with own_cluster(valkey_binary(), tmp_path) as nodes:
        client: Any = redis.RedisCluster(
            host="127.0.0.1", port=nodes[0].port, decode_responses=True
        )
        url = f"redis+cluster://127.0.0.1:{nodes[0].port}"
        stage = Stage(tmp_path, nodes[0], client, url=url)
        keys = fill_hashes(stage, 30)
        assert {client.keyslot(f"api_key:{key}") * 3 // 16384 for key in keys} == {0, 1, 2}
        plan = await stage.plan("key.rotate_all", to=to_file(stage))
        assert not stops(plan)
        assert "each Redis key is written by itself" in str(warnings(plan))
        assert (await carry_out(plan, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
        new = new_keys(stage)

        def active() -> list[str]:
            return [
                key
                for key in (*keys, *new)
                if client.hget(f"api_key:{key}", "status") == OWN["status"]
            ]

        assert active() == new
        ids = ",".join(map(stage.short_id, new[:20]))
        await done(stage, "key.deactivate", keys=ids)
        assert active() == new[20:]
        draft, work = await stage.plan("key.reactivate", keys=ids), FakeWork("01TEST")
        assert len(draft.steps) == 1, "one step, whatever the number of keys"
        assert (await carry_out(draft, stage.site.ports, work))[0] == "verified"
        assert active() == new
        await stored(draft.steps[0].step).undo(stage.site.ports, work)
        assert active() == new[20:]
        client.close()
