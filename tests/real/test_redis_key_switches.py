"""Keys of a store in a real Redis, switched off and on by actions, and put back."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import redis

from core.actions.action import Draft, Site
from core.actions.families.key import ACTIONS
from core.actions.part import Sight
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.redis_keys import RedisKeys
from core.clients.clock import SystemClock
from core.clients.key_state import machine_key
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.errors import ActionError
from core.keys.ids import KeyIds
from core.model.action import Danger
from core.model.key_spec import KeyStoreSpec
from core.model.operation import OperationsSpec
from core.model.secret import Secret
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored
from tests.real.servers import OwnRedis, kept_redis

ONE, TWO = "key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA", "key_bbbbbbbbbbbbbbbbbbbbbbbbbbbbBBBB"
RECORD = {"tier": "pro", "quota": 1e30, "note": "Grüße", "active": True}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnRedis]:
    with kept_redis(tmp_path_factory.mktemp("redis")) as one:
        yield one


@dataclass
class Stage:
    folder: Path
    server: OwnRedis
    redis: Any
    names: tuple[str, ...] = ("api_keys",)

    @property
    def site(self) -> Site:
        addresses = {"shop/redis": RedisAddress(Secret(self.server.url))}
        spec = KeyStoreSpec("api", kind="redis", server="shop/redis", keys=self.names)
        found = Ground().site(operations={"shop": OperationsSpec("shop", keys=(spec,))})

        def keyspace(name: str) -> ServerKeyspace:
            return ServerKeyspace(addresses[name], SystemClock())

        ports = replace(
            found.ports,
            keys=LocalKeyStores(self.folder / "state", SystemClock()),
            redis_keys=RedisKeys(addresses),
            keyspace=keyspace,
        )
        return replace(found, ports=ports)

    def short_id(self, key: str) -> str:
        return KeyIds(machine_key(self.folder / "state")).short_id(key)

    async def draft(self, action: str, *keys: str) -> Draft:
        ids = ",".join(map(self.short_id, keys))
        return await drafted(ACTIONS, self.site, action, "shop/api", keys=ids)

    async def act(self, action: str, *keys: str) -> tuple[str, str]:
        draft = await self.draft(action, *keys)
        assert ONE not in repr(draft)
        assert TWO not in repr(draft)
        return await carry_out(draft, self.site.ports, FakeWork("01TEST"))


@pytest.fixture
def stage(server: OwnRedis, tmp_path: Path) -> Stage:
    client: Any = redis.Redis(port=server.port, decode_responses=True)
    client.flushall()
    return Stage(tmp_path, server, client)


def fill(stage: Stage, form: str) -> None:
    match form:
        case "field":
            stage.redis.hset("api_keys", mapping={ONE: json.dumps(RECORD), TWO: json.dumps(RECORD)})
        case "text":
            stage.names = ("api_key:*",)
            for key in (ONE, TWO):
                stage.redis.set(f"api_key:{key}", json.dumps(RECORD), ex=1000)
        case _:
            stage.names = ("api_key:*",)
            for key in (ONE, TWO):
                stage.redis.hset(f"api_key:{key}", mapping={"tier": "pro", "status": "active"})


def kept(stage: Stage) -> dict[str, object]:
    """Return everything that the server has."""
    found: dict[str, object] = {}
    for key in sorted(stage.redis.keys("*")):
        is_hash = stage.redis.type(key) == "hash"
        found[key] = stage.redis.hgetall(key) if is_hash else stage.redis.get(key)
    return found


@pytest.mark.real("redis")
@pytest.mark.parametrize("form", ["field", "text", "hash"])
async def test_a_key_goes_off_and_on_and_every_other_byte_stays(stage: Stage, form: str) -> None:
    fill(stage, form)
    before = kept(stage)
    assert (await stage.act("key.deactivate", ONE))[0] == "verified"
    off = repr(kept(stage))
    assert (before != kept(stage), "inactive" in off or '"active": false' in off) == (True, True)
    assert stops(await stage.draft("key.deactivate", ONE)) == ["already deactivated, nothing to do"]
    if form == "text":
        assert stage.redis.ttl(f"api_key:{ONE}") > 900, "it expires as it would have"
    assert (await stage.act("key.reactivate", ONE))[0] == "verified"
    assert kept(stage) == before


@pytest.mark.real("redis")
async def test_what_was_there_is_put_back_and_what_others_changed_stays(stage: Stage) -> None:
    odd = '{"active":true,  "tier":"pro"}'
    stage.redis.hset("api_keys", mapping={ONE: odd, TWO: json.dumps(RECORD)})
    step = stored((await stage.draft("key.deactivate", ONE, TWO)).steps[0].step)
    ports, work = stage.site.ports, FakeWork("01TEST")
    await step.save(ports, work)
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER
    theirs = json.dumps(RECORD | {"active": False, "tier": "free"})
    stage.redis.hset("api_keys", TWO, theirs)
    await step.undo(ports, work)
    assert (await step.observe(ports)).sight is Sight.BEFORE
    assert stage.redis.hget("api_keys", ONE) == odd, "to the byte"
    assert json.loads(stage.redis.hget("api_keys", TWO)) == RECORD | {"tier": "free"}


@pytest.mark.real("redis")
async def test_the_last_key_of_a_tier_is_typed_and_all_go_off_at_once(stage: Stage) -> None:
    fill(stage, "field")
    draft = await stage.draft("key.deactivate", ONE, TWO)
    assert draft.danger is Danger.DESTROY
    assert (await carry_out(draft, stage.site.ports, FakeWork("01TEST")))[0] == "verified"
    assert not any(json.loads(one)["active"] for one in stage.redis.hgetall("api_keys").values())


@pytest.mark.real("redis")
@pytest.mark.parametrize("kind", ["list", "set", "missing"])
async def test_what_cannot_be_written_says_why(stage: Stage, kind: str) -> None:
    if kind == "list":
        stage.redis.rpush("api_keys", json.dumps({"key": ONE} | RECORD))
    if kind == "set":
        stage.redis.sadd("api_keys", ONE)
    (said,) = stops(await stage.draft("key.deactivate", ONE))
    assert (
        said
        == {
            "list": "an item of a list, which is known by its place",
            "set": "a key that is there or not: nothing says whether it is active",
            "missing": "the server has no key api_keys",
        }[kind]
    )


@pytest.mark.real("redis")
async def test_a_key_is_never_named_by_itself(stage: Stage) -> None:
    fill(stage, "field")
    with pytest.raises(ActionError, match="never itself"):
        await drafted(ACTIONS, stage.site, "key.deactivate", "shop/api", keys=ONE)
