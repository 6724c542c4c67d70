"""Small worlds for `tests.crashes` with a Redis server of their own: streams and dead letters."""

import asyncio
import json
from pathlib import Path
from typing import Any

import redis

from core.model.action import ActionRequest
from tests.crashes import Scenario
from tests.real.servers import OwnRedis, redis_binary

EVENTS, DLQ, GROUP = "events", "dead", "manager"
_HOUR_MS = 3_600_000
_SERVERS: dict[Path, OwnRedis] = {}


def newest() -> OwnRedis:
    """Return the server of the world that was made last."""
    return next(reversed(_SERVERS.values()))


def client_of(server: OwnRedis) -> Any:
    """Return a connection."""
    return redis.Redis(port=server.port)


def restart(server: OwnRedis) -> None:
    """Have another run of it; it kept nothing."""
    server.stop()
    asyncio.run(server.start())


def _started(folder: Path) -> Any:
    own = OwnRedis(redis_binary(), folder.parent)
    asyncio.run(own.start())
    _SERVERS[folder] = own
    return client_of(own)


def _ended(folder: Path) -> None:
    _SERVERS.pop(folder).stop()


def _config(folder: Path) -> str:
    return (
        f"    redis: {{url: '{_SERVERS[folder].url}'}}\n"
        f"    streams:\n      - {{name: {EVENTS}, keys: [{EVENTS}], dead_letters: [{DLQ}]}}\n"
    )


def _stuck(folder: Path) -> str:
    """Have entries that a consumer got an hour ago and never acknowledged."""
    client = _started(folder)
    ids = [f"{1000 + number}-0" for number in range(_MANY)]
    for one in ids:
        client.xadd(EVENTS, {"data": one}, id=one)
    client.xgroup_create(EVENTS, GROUP, "0")
    client.xreadgroup(GROUP, "gone", {EVENTS: ">"})
    client.xclaim(EVENTS, GROUP, "gone", 0, ids, idle=_HOUR_MS, retrycount=3, justid=True)
    client.xgroup_createconsumer(EVENTS, GROUP, "worker")
    return _config(folder)


def _lengths(folder: Path) -> object:
    """Return the groups by name with where each is, and how many entries there are."""
    client = client_of(_SERVERS[folder])
    groups = {one["name"]: one["last-delivered-id"] for one in client.xinfo_groups(EVENTS)}
    return groups, client.xlen(EVENTS), client.xpending(EVENTS, GROUP)["pending"]


_MANY = 250
"""More than go in one stroke."""


def _groups(folder: Path) -> object:
    """Return what the group says of itself, and whose every pending entry is."""
    client = client_of(_SERVERS[folder])
    rows = client.xpending_range(EVENTS, GROUP, "-", "+", 10_000)
    held = [(one["message_id"], one["consumer"], one["times_delivered"]) for one in rows]
    [group] = client.xinfo_groups(EVENTS)
    consumers = sorted(one["name"] for one in client.xinfo_consumers(EVENTS, GROUP))
    return held, group["last-delivered-id"], consumers, client.xlen(EVENTS)


def letters(folder: Path, count: int = 8) -> str:
    """Have dead letters of a stream that a group reads."""
    client = _started(folder)
    client.xgroup_create(EVENTS, GROUP, "0", mkstream=True)
    for number in range(count):
        letter = {"n": number, "dlq_error": "refused", "original_stream": EVENTS}
        client.xadd(DLQ, {"data": json.dumps(letter)}, id=f"{5000 + number}-0")
    return _config(folder)


def _messages(folder: Path) -> object:
    """Return what is in both streams, whatever its ids."""
    client = client_of(_SERVERS[folder])
    found: dict[str, list[dict[bytes, bytes]]] = {}
    for key in (EVENTS, DLQ):
        rows = [fields for _, fields in client.xrange(key)]
        found[key] = [
            {name: value for name, value in fields.items() if name != b"dlq_put_back"}
            for fields in rows
        ]
    return found


def _asked(action: str, name: str, **inputs: str) -> ActionRequest:
    return ActionRequest(action, f"shop/{name}", tuple(inputs.items()))


_SOME = ",".join(f"{1000 + number}-0" for number in range(0, _MANY, 2))

STREAMS = (
    Scenario(
        "stream.autoclaim", _stuck,
        lambda _folder: _asked("stream.autoclaim", EVENTS, to="worker"),
        _groups, clean=_ended,
    ),
    Scenario(
        "stream.acknowledge", _stuck,
        lambda _folder: _asked("stream.acknowledge", EVENTS, ids=_SOME),
        _groups, clean=_ended,
    ),
    Scenario(
        "stream.create_group", _stuck,
        lambda _folder: _asked("stream.create_group", EVENTS, group="later"),
        _lengths, clean=_ended,
    ),
    Scenario(
        "stream.trim", _stuck,
        lambda _folder: _asked("stream.trim", EVENTS, max_length="50", loss=f"{_MANY - 50}"),
        _lengths, clean=_ended,
    ),
    Scenario(
        "stream.delete_entries", _stuck,
        lambda _folder: _asked("stream.delete_entries", EVENTS, ids=_SOME),
        _lengths, clean=_ended,
    ),
    Scenario(
        "stream.claim", _stuck, lambda _folder: _asked("stream.claim", EVENTS, to="worker"),
        _groups, clean=_ended,
    ),
    Scenario(
        "stream.set_id", _stuck, lambda _folder: _asked("stream.set_id", EVENTS, id="0"),
        _groups, clean=_ended,
    ),
    Scenario(
        "stream.remove_consumer", _stuck,
        lambda _folder: _asked(
            "stream.remove_consumer", EVENTS, consumer="gone", loss=f"{_MANY}"
        ),
        _groups, clean=_ended,
    ),
    Scenario(
        "dlq.requeue", letters,
        lambda _folder: _asked("dlq.requeue", DLQ, all="yes", canary="no"),
        _messages, clean=_ended,
    ),
    Scenario(
        "dlq.discard", letters, lambda _folder: _asked("dlq.discard", DLQ, all="yes"),
        _messages, clean=_ended,
    ),
)  # fmt: skip
