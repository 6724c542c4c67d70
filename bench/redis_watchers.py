"""`python -m bench.redis_watchers WHO PORT SECONDS`: watches a server in one way, for a while.

Prints one line of JSON: when its first views stood (ms), its memory (MB), its commands per second.
"""

import asyncio
import json
import sys
import time
from typing import Any

import psutil
import redis

from bench.redis_fill import GROUP, HASH, STREAM
from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, KeyFamilySpec, LimitSpec, RedisSpec, StreamSpec
from core.model.redis_view import RedisPicture, RedisWish, Scan, ShowPending, Watch
from core.model.secret import Secret
from core.redis.circuits.book import CircuitsBook
from core.redis.desk import RedisDesk
from core.redis.limits.book import LimitsBook
from core.redis.server.book import ServerBook
from core.redis.streams.book import StreamsBook

_MOST_HGETALL = 1000
_BOOKS = {
    "streams": StreamsBook,
    "limits": LimitsBook,
    "circuits": CircuitsBook,
    "server": ServerBook,
}


def _rss_mb() -> float:
    return psutil.Process().memory_info().rss / 1e6


_SERVER = "bench/redis"
_SPEC = RedisSpec(
    _SERVER,
    streams=(StreamSpec("orders", (STREAM,), (GROUP,)),),
    circuits=(CircuitSpec("payment", ("cb:*",)),),
    limits=(LimitSpec("clients", ("limit:*",), 100, 10),),
    families=(KeyFamilySpec("tokens", ("token:*",)),),
)
# As a person goes from screen to screen; in the end all of them are watched at once.
_WISHES: tuple[tuple[float, str, RedisWish], ...] = (
    (0.0, "streams", Watch(frozenset({"streams"}))),
    (3.0, "pending", ShowPending(_SERVER, KeyName(STREAM.encode()), KeyName(GROUP.encode()))),
    (5.0, "limits", Watch(frozenset({"limits", "circuits"}))),
    (8.0, "server", Watch(frozenset({"server"}))),
    (11.0, "", Watch(frozenset(_BOOKS))),
    (12.0, "", Scan(_SERVER, "limits")),
    (13.0, "", Scan(_SERVER, "census")),
)


async def _ours(port: int, seconds: float) -> dict[str, object]:
    clock = SystemClock()
    address = RedisAddress(Secret(f"redis://127.0.0.1:{port}/0"))
    keyspace = ServerKeyspace(address, clock, _SPEC.commands_per_s)
    desk = RedisDesk(
        (_SPEC,),
        lambda _: keyspace,
        lambda spec, topic, tell: _BOOKS[topic](spec, clock, tell),
        clock,
        lambda: None,
    )
    running = asyncio.ensure_future(desk.run())
    told = await _use(desk, seconds)
    told["per_s"] = keyspace.load.commands_total / seconds
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return told


async def _use(desk: RedisDesk, seconds: float) -> dict[str, object]:
    """Wish one thing after the other, and note when its view stands."""
    began, wishes = time.perf_counter(), list(_WISHES)
    begun_ms: dict[str, float] = {}
    first_ms: dict[str, float] = {}
    most_mb = _rss_mb()
    while (elapsed := time.perf_counter() - began) < seconds:
        for topic in _standing(desk.picture()) & begun_ms.keys():
            first_ms.setdefault(topic, elapsed * 1000 - begun_ms[topic])
        while wishes and wishes[0][0] <= elapsed:
            _, topic, wish = wishes.pop(0)
            begun_ms.setdefault(topic, elapsed * 1000)
            desk.carry_out(wish)
        most_mb = max(most_mb, _rss_mb())
        await asyncio.sleep(0.01)
    trouble = [str(one.trouble.text) for one in desk.picture().servers if one.trouble]
    return {"first_ms": first_ms, "rss_mb": most_mb, "trouble": trouble}


def _standing(picture: RedisPicture) -> set[str]:
    """Return the views that show something."""
    shown = {
        "streams": any(one.length for part in picture.streams for one in part.rows),
        "limits": any(part.rows for part in picture.limits),
        "server": any(one.info for one in picture.servers),
        "pending": any(part.pending and part.pending.rows for part in picture.streams),
    }
    return {topic for topic, is_there in shown.items() if is_there}


def _naive(port: int, seconds: float) -> dict[str, object]:
    """What a script does: KEYS, then HGETALL of everything that it found."""
    client: Any = redis.Redis(port=port)
    sent, until = 0, time.monotonic() + seconds
    while time.monotonic() < until:
        keys = client.keys("limit:*")
        client.hgetall(HASH)
        for at in range(0, len(keys), _MOST_HGETALL):
            with client.pipeline(transaction=False) as pipe:
                for key in keys[at : at + _MOST_HGETALL]:
                    pipe.hgetall(key)
                pipe.execute()
            sent += _MOST_HGETALL
            if time.monotonic() > until:
                break
    return {"rss_mb": _rss_mb(), "per_s": sent / seconds}


def _browser(port: int, seconds: float) -> dict[str, object]:
    """What a key browser does: SCAN with MATCH, TYPE and COUNT 500 until the end, without rest."""
    client: Any = redis.Redis(port=port)
    until = time.monotonic() + seconds
    began, first_s, kept = time.monotonic(), 0.0, list[bytes]()
    sent = cursor = 0
    while time.monotonic() < until:
        sent += 1
        cursor, keys = client.scan(cursor, match="*", count=500, _type="hash")
        kept += keys
        if len(kept) >= 500 and not first_s:
            first_s = time.monotonic() - began
        if cursor == 0:
            kept.clear()
    return {"first_ms": {"keys": first_s * 1000}, "rss_mb": _rss_mb(), "per_s": sent / seconds}


def main() -> None:
    """Watch, and tell."""
    who, port, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    if who == "ours":
        told = asyncio.run(_ours(port, seconds))
    else:
        told = {"naive": _naive, "browser": _browser}[who](port, seconds)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
