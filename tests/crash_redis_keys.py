"""Small worlds for `tests.crashes` with a store of keys in a Redis server of its own."""

import asyncio
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import redis

from core.clients.key_state import machine_key
from core.keys.ids import KeyIds
from core.model.action import ActionRequest
from tests.crash_keys import ends_noted, grace_over
from tests.crashes import Scenario
from tests.fakes.old_key_tool import named
from tests.real.servers import OwnRedis, redis_binary

_SERVERS: dict[Path, OwnRedis] = {}
_RECORD = {"tier": "pro", "requests_per_month": 10_000, "note": "Grüße", "active": True}
_SPEC = "kind: redis, redis: redis, tiers: {pro: 10000, free: 100}"


def _store(form: str) -> Callable[[Path], str]:
    """Return what starts a server with three keys, of which the last is off."""

    def config(folder: Path) -> str:
        own = OwnRedis(redis_binary(), folder.parent)
        _SERVERS[folder] = own
        asyncio.run(own.start())
        names = "api_keys" if form in {"hash", "list"} else "api_key:*"
        for number in range(3):
            _fill(folder, form, named(number), is_active=number < 2)
        return (
            f"    redis: {{url: '{own.url}'}}\n"
            f"    keys:\n      api: {{{_SPEC}, redis_keys: ['{names}']}}\n"
        )

    return config


def _client(folder: Path) -> Any:
    return redis.Redis(port=_SERVERS[folder].port, decode_responses=True)


def _fill(folder: Path, form: str, key: str, *, is_active: bool) -> None:
    record = _RECORD | {"active": is_active}
    text = json.dumps(record, ensure_ascii=False)
    with closing(_client(folder)) as client:
        match form:
            case "hash":
                client.hset("api_keys", key, text)
            case "list":
                client.rpush("api_keys", json.dumps({"key": key} | record))
            case "texts":
                client.set(f"api_key:{key}", text, ex=100_000)
            case _:
                own = {"tier": "pro", "quota": 10_000, "status": "on" if is_active else "off"}
                client.hset(f"api_key:{key}", mapping=own)


def other_redis_keys(arguments: Mapping[str, Any]) -> None:
    """Put every key of the newest world into another tier; where none is meant, hold them else."""
    with closing(_client(next(reversed(_SERVERS)))) as client:
        for name in client.keys("api_key*"):
            if not arguments["marks"]:
                client.delete(name)
                client.sadd(name, "key_of_somebody")
            elif client.type(name) == "string":
                client.set(name, _in_another_tier(client.get(name)), keepttl=True)
            elif client.type(name) == "list":
                rows = client.lrange(name, 0, -1)
                client.delete(name)
                client.rpush(name, *map(_in_another_tier, rows))
            elif "tier" in (rows := client.hgetall(name)):
                client.hset(name, "tier", "free")
            else:
                client.hset(name, mapping={key: _in_another_tier(rows[key]) for key in rows})


def _in_another_tier(text: str) -> str:
    return json.dumps(json.loads(text) | {"tier": "free"})


def _stop(folder: Path) -> None:
    own = _SERVERS.pop(folder, None)
    if own is not None:
        own.stop()


def _rows(folder: Path) -> dict[str, Any]:
    """Return every record by its key, as it is kept; whether it expires stands beside it."""
    found: dict[str, Any] = {}
    with closing(_client(folder)) as client:
        for name in client.keys("api_key*"):
            key, is_mortal = name.removeprefix("api_key:"), client.ttl(name) > 0
            match client.type(name):
                case "list":
                    rows = client.lrange(name, 0, -1)
                    found |= {json.loads(one)["key"]: one for one in rows}
                case "string":
                    found[key] = (client.get(name), is_mortal)
                case _ if name == "api_keys":
                    found |= client.hgetall(name)
                case _:
                    found[key] = (sorted(client.hgetall(name).items()), is_mortal)
    return found


def _keys(folder: Path) -> object:
    """Return what is in the store, new keys by what is kept of them, and what waits beside it."""
    rows = _rows(folder)
    old = {name: one for name, one in rows.items() if name in set(map(named, range(3)))}
    new = [str(one).replace(name, "NEW") for name, one in rows.items() if name not in old]
    handed = folder.parent / "new.key"
    is_handed = handed.exists() and handed.read_text("utf-8") in rows
    waiting = sorted(one.name for one in (folder.parent / "state/keys").glob("handover/*"))
    return old, new, is_handed, waiting


def _short_id(folder: Path, number: int) -> str:
    return KeyIds(machine_key(folder.parent / "state" / "keys")).short_id(named(number))


def _ask(action: str, **inputs: str | int) -> Callable[[Path], ActionRequest]:
    """Return what asks; a number among the inputs means a key."""

    def request(folder: Path) -> ActionRequest:
        to = f"file:{folder.parent / 'new.key'}"
        given = {name: _short_id(folder, one) if isinstance(one, int) else one.replace("TO", to)
                 for name, one in inputs.items()}  # fmt: skip
        return ActionRequest(action, "shop/api", tuple(given.items()))

    return request


def _ends(folder: Path) -> object:
    """Return the store, and which ends are still noted."""
    return _keys(folder), ends_noted(folder)


def _copies(folder: Path) -> object:
    """Return the store, and how many copies of it there are."""
    copies = [one for one in (folder.parent / "state/keys/copies").rglob("*") if one.is_file()]
    return _keys(folder), len(copies)


def _put_back(folder: Path) -> ActionRequest:
    """Take one key away and change another one, as no action does; ask for both."""
    name = f"api_key:{named(1)}"
    with closing(_client(folder)) as client:
        client.delete(f"api_key:{named(2)}")
        record = json.loads(client.get(name)) | {"note": "another"}
        client.set(name, json.dumps(record, ensure_ascii=False), keepttl=True)
    return ActionRequest("key.restore", "shop/api")


REDIS_KEYS = (
    Scenario(
        "key.deactivate (redis)", _store("hash"), _ask("key.deactivate", keys=1), _keys, _stop
    ),
    Scenario(
        "key.reactivate (redis)", _store("hashes"), _ask("key.reactivate", keys=2), _keys, _stop
    ),
    Scenario(
        "key.set_tier (redis)", _store("list"), _ask("key.set_tier", key=1, tier="free"), _keys,
        _stop,
    ),
    Scenario(
        "key.generate (redis)", _store("hashes"), _ask("key.generate", tier="free", to="TO"),
        _keys, _stop,
    ),
    Scenario(
        "key.rotate (redis)", _store("texts"), _ask("key.rotate", key=1, grace="0", to="TO"),
        _keys, _stop,
    ),
    Scenario("key.end (redis)", _store("texts"), grace_over, _ends, _stop),
    Scenario("key.backup (redis)", _store("hashes"), _ask("key.backup"), _copies, _stop),
    Scenario(
        "key.restore (redis)", _store("texts"), _put_back, _keys, _stop, first=_ask("key.backup")
    ),
)  # fmt: skip
