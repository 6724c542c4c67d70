"""A store of keys in a real Redis, in every form that is written, and whoever acts on it."""

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import redis

from core.actions.action import Draft, Site
from core.actions.families.key import ACTIONS
from core.clients.acting.files import LocalFiles
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.prober_http import HttpProber
from core.clients.acting.redis_keys import RedisKeys
from core.clients.acting.waiters import WaiterControl
from core.clients.clock import SystemClock
from core.clients.key_state import machine_key
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.keys.ids import KeyIds
from core.model.key_spec import KeyProbeSpec, KeyStoreSpec
from core.model.operation import OperationsSpec
from core.model.secret import Secret
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted
from tests.real.servers import OwnRedis

FORMS = ("field", "text", "hash", "item", "inside")
ONE, TWO = "key_aaaaaaaaaaaaaaaaaaaaaaaaaaaaAAAA", "key_bbbbbbbbbbbbbbbbbbbbbbbbbbbbBBBB"
OWN = {
    "tier": "pro", "quota": "10000", "status": "active", "usage_count": "57", "odd": "007",
    "created_at": "1700000000", "last_used": "1760000000",
}  # fmt: skip
RECORD = {"tier": "pro", "quota": 10_000, "note": "Grüße", "big": 1e30, "active": True}


@dataclass
class Stage:
    folder: Path
    server: OwnRedis
    redis: Any
    names: tuple[str, ...] = ("api_keys",)
    waiters: WaiterControl | None = None
    state: str = "state"
    """The folder for what is kept of keys."""
    url: str = ""
    """Where the server is asked, of one behind others; empty: at its own address."""
    probe: KeyProbeSpec | None = None

    @property
    def site(self) -> Site:
        addresses = {"shop/redis": RedisAddress(Secret(self.url or self.server.url))}
        spec = KeyStoreSpec(
            "api", kind="redis", server="shop/redis", keys=self.names,
            tiers=(("pro", 10_000), ("free", 100)), usage_keys=("usage:*",),
            probe=self.probe,
        )  # fmt: skip
        found = Ground().site(operations={"shop": OperationsSpec("shop", keys=(spec,))})

        def keyspace(name: str) -> ServerKeyspace:
            return ServerKeyspace(
                addresses[name], SystemClock(), 2000.0, timeout_s=30.0, server_share=0.3
            )

        ports = replace(
            found.ports,
            keys=LocalKeyStores(self.folder / self.state, SystemClock()),
            redis_keys=RedisKeys(addresses),
            keyspace=keyspace,
            files=LocalFiles(SystemClock()),
            waiters=self.waiters,
            prober=HttpProber(SystemClock()),
        )
        return replace(found, ports=ports)

    def short_id(self, key: str) -> str:
        return KeyIds(machine_key(self.folder / self.state)).short_id(key)

    async def draft(self, action: str, *keys: str) -> Draft:
        ids = ",".join(map(self.short_id, keys))
        return await drafted(ACTIONS, self.site, action, "shop/api", keys=ids)

    async def plan(self, action: str, **inputs: str) -> Draft:
        """Return a plan, in which no key stands."""
        draft = await drafted(ACTIONS, self.site, action, "shop/api", **inputs)
        assert ONE not in repr(draft)
        assert TWO not in repr(draft)
        return draft

    def new(self) -> str:
        """Return the key that was handed over."""
        return (self.folder / "new.key").read_text("utf-8")

    def active(self) -> dict[str, bool]:
        """Return every key of the store, and whether its record says that it is on."""
        found: dict[str, bool] = {}
        for key, value in kept(self).items():
            name, is_own = key.removeprefix("api_key:"), key.startswith("api_key:")
            match self.redis.type(key):
                case "hash" if is_own:
                    found[name] = value["status"] == "active"
                case "hash":
                    rows = {one: json.loads(text) for one, text in value.items()}
                    found |= {one: row["active"] for one, row in rows.items()}
                case "list":
                    found |= {one["key"]: one["active"] for one in map(json.loads, value)}
                case _ if is_own:
                    found[name] = json.loads(value)["active"]
                case _ if key == "api_keys":
                    found |= {one: row["active"] for one, row in json.loads(value).items()}
                case _:
                    pass
        return found

    async def act(self, action: str, *keys: str) -> tuple[str, str]:
        draft = await self.draft(action, *keys)
        assert ONE not in repr(draft)
        assert TWO not in repr(draft)
        return await carry_out(draft, self.site.ports, FakeWork("01TEST"))


def fresh_stage(folder: Path, server: OwnRedis, *, state: str = "state") -> Stage:
    """Return a stage on a server that holds nothing; what was on it is gone."""
    client: Any = redis.Redis(port=server.port, decode_responses=True)
    client.flushall()
    return Stage(folder, server, client, state=state)


def fill(stage: Stage, form: str) -> None:
    match form:
        case "field":
            stage.redis.hset("api_keys", mapping={ONE: json.dumps(RECORD), TWO: json.dumps(RECORD)})
        case "item":
            rows = (json.dumps({"key": key} | RECORD) for key in (ONE, TWO))
            stage.redis.rpush("api_keys", *rows)
        case "inside":
            stage.redis.set("api_keys", json.dumps({ONE: RECORD, TWO: RECORD}, indent=1), ex=1000)
        case "text":
            stage.names = ("api_key:*",)
            for key in (ONE, TWO):
                stage.redis.set(f"api_key:{key}", json.dumps(RECORD), ex=1000)
        case _:
            stage.names = ("api_key:*",)
            for key in (ONE, TWO):
                stage.redis.hset(f"api_key:{key}", mapping=OWN)


def kept(stage: Stage) -> dict[str, Any]:
    """Return everything that the server has."""
    found: dict[str, Any] = {}
    for key in sorted(stage.redis.keys("*")):
        match stage.redis.type(key):
            case "hash":
                found[key] = stage.redis.hgetall(key)
            case "list":
                found[key] = stage.redis.lrange(key, 0, -1)
            case _:
                found[key] = stage.redis.get(key)
    return found
