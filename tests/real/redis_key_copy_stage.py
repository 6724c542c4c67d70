"""What tests of copies of a Redis store have in common: what another tool does to its records."""

import json
from pathlib import Path
from typing import Any

from core.actions.action import Draft
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import carry_out
from tests.real.redis_key_stage import ONE, TWO, Stage, fill


def files(stage: Stage) -> list[Path]:
    return sorted((stage.folder / stage.state / "copies").glob("*/*.json"))


async def done(stage: Stage, action: str, **inputs: str) -> FakeWork:
    """Carry an action out; what it planned and said holds no key."""
    work = FakeWork("01TEST")
    ended = await carry_out(await stage.plan(action, **inputs), stage.site.ports, work)
    assert ended[0] == "verified", ended
    assert not [one for one in (ONE, TWO) if one in repr(work.said)]
    return work


def lose(stage: Stage, form: str, key: str) -> None:
    """Take a record away, as no action of ours does."""
    match form:
        case "field":
            stage.redis.hdel("api_keys", key)
        case "item":
            rows = stage.redis.lrange("api_keys", 0, -1)
            stage.redis.lrem("api_keys", 1, next(one for one in rows if key in one))
        case "inside":
            rows = json.loads(stage.redis.get("api_keys"))
            stage.redis.set("api_keys", json.dumps(rows | {key: None}), keepttl=True)
            del rows[key]
            stage.redis.set("api_keys", json.dumps(rows, indent=1), keepttl=True)
        case _:
            stage.redis.delete(f"api_key:{key}")


def change(stage: Stage, form: str, key: str, **fields: object) -> None:
    """Write into a record as the old tool does."""
    match form:
        case "field":
            record = json.loads(stage.redis.hget("api_keys", key)) | fields
            stage.redis.hset("api_keys", key, json.dumps(record))
        case "item":
            rows = list(map(json.loads, stage.redis.lrange("api_keys", 0, -1)))
            place = next(at for at, row in enumerate(rows) if row["key"] == key)
            stage.redis.lset("api_keys", place, json.dumps(rows[place] | fields))
        case "inside":
            rows = json.loads(stage.redis.get("api_keys"))
            rows[key] |= fields
            stage.redis.set("api_keys", json.dumps(rows, indent=1), keepttl=True)
        case "text":
            record = json.loads(stage.redis.get(f"api_key:{key}")) | fields
            stage.redis.set(f"api_key:{key}", json.dumps(record), keepttl=True)
        case _:
            stage.redis.hset(f"api_key:{key}", mapping={k: str(v) for k, v in fields.items()})


def record(stage: Stage, form: str, key: str) -> dict[str, Any]:
    match form:
        case "field":
            return json.loads(stage.redis.hget("api_keys", key))
        case "item":
            rows = map(json.loads, stage.redis.lrange("api_keys", 0, -1))
            return next(row for row in rows if row["key"] == key)
        case "inside":
            return json.loads(stage.redis.get("api_keys"))[key]
        case "text":
            return json.loads(stage.redis.get(f"api_key:{key}"))
        case _:
            return stage.redis.hgetall(f"api_key:{key}")


def key_of(item: str) -> str:
    return json.loads(item)["key"]


def off(form: str) -> dict[str, object]:
    return {"status": "inactive"} if form == "hash" else {"active": False}


async def restored(stage: Stage, form: str) -> tuple[Draft, FakeWork]:
    fill(stage, form)
    await done(stage, "key.backup")
    lose(stage, form, ONE)
    draft, work = await stage.plan("key.restore"), FakeWork("01TEST")
    assert (await carry_out(draft, stage.site.ports, work))[0] == "verified"
    return draft, work
