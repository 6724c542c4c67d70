"""Every recorded shape in a real server: the screens conclude what `--json` concludes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from cli.circuits import read_circuits
from cli.circuits_report import as_document as circuits_document
from cli.limits import read_limits
from cli.limits_report import as_document as limits_document
from core.model.topology import Topology
from tests.fakes.scripted import screen_text
from tests.real.redis_console import (
    LIMIT_S,
    LIMITS,
    SERVERS,
    STREAMS,
    Seen,
    redis_console,
    topology_in,
    written,
)
from tests.real.servers import OwnRedis, own_redis, redis_binary
from tests.real.streams import CONFIGURATION, Writer, write_dead_letters, write_events
from tests.real.test_limits_and_circuits import load

pytestmark = pytest.mark.real("redis")

SHAPES = (
    "003_empty", "003_real_open", "003_real_half", "003_runbook_names", "cb_string", "cb_split",
    "cb_hash_variants", "cb_pybreaker", "rl_variants",
)  # fmt: skip
SHOP = """
circuits:
  - {name: upstream, keys: ["api-gateway:circuit-breaker", "circuit_breaker:*"],
     reset_timeout: 60s, failure_threshold: 10, half_open_successes: 5}
  - {name: any, keys: ["cb:*", "circuit:*", "breaker:*", "*:pybreaker:*"], reset_timeout: 60s}
limits:
  - {name: clients, keys: ["api-gateway:rate-limit:*", "rate_limit:*"],
     capacity: 1000, refill_per_s: 100}
  - {name: any, keys: ["rl:*", "LIMITS:*"]}
"""
STATES = {
    "open": "✖ OPEN", "half-open": "◐ half open", "closed": "● closed", "absent": "○ no record",
    "invalid": "? invalid",
}  # fmt: skip


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with own_redis(redis_binary(), tmp_path) as running:
        yield running


def limit_word(row: dict[str, Any]) -> str:
    if not row["is_valid"]:
        return "? invalid"
    if row["is_limited"] is None:
        return "? unknown"
    if row["is_limited"]:
        return "✖ limited"
    return "▲ ran dry" if row["was_exhausted"] else "● passes"


async def concluded(topology: Topology) -> list[tuple[str, ...]]:
    """Return what `--json` says, as words that stand together in a row of the screen."""
    told: Any = circuits_document(await read_circuits(topology), 0)
    more: Any = limits_document(await read_limits(topology), 0, is_limited=False, most=None)
    circuits: list[dict[str, Any]] = told["circuits"]
    limits: list[dict[str, Any]] = more["limits"]
    # What was there before keeps its row on the screen: a new process knows nothing of it.
    rows = [
        (STATES[one["state"]], one["circuit"])
        for one in circuits
        if one["state"] != "absent" or one["circuit"] == "api-gateway"
    ]
    return [*rows, *((limit_word(one), one["client"][:20]) for one in limits)]


async def test_breakers_and_limits_of_every_shape(server: OwnRedis, tmp_path: Path) -> None:
    config = written(tmp_path, server.url, SHOP)
    topology = topology_in(config)
    async with redis_console(config, *LIMITS) as seen:
        for name in SHAPES:
            await server.tell("FLUSHALL")
            await load(server, f"{name}.redis")
            await agrees(seen, topology, name)


async def agrees(seen: Seen, topology: Topology, name: str) -> None:
    """Wait until each row of `--json`, which goes on while tokens come back, is on the screen."""
    missing: list[tuple[str, ...]] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(LIMIT_S):
            while missing := missing_on(await all_of(seen), await concluded(topology)):
                await seen.pilot.pause(0.2)
    assert not missing, f"{name}: {missing} not on:\n{screen_text(seen.app)}"


async def all_of(seen: Seen) -> str:
    """Return both ends of the table of breakers, which may have more rows than room."""
    await seen.press("home")
    first = screen_text(seen.app)
    await seen.press("end")
    return f"{first}\n{screen_text(seen.app)}"


def missing_on(shown: str, rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    lines = shown.splitlines()
    return [row for row in rows if not any(all(one in line for one in row) for line in lines)]


async def test_streams_as_the_engine_leaves_them(server: OwnRedis, tmp_path: Path) -> None:
    writer = Writer(server.port)
    write_events(writer)
    write_dead_letters(writer)
    for name, owner in (("a" * 64, "alice"), ("b" * 64, "bob")):
        writer.tell("SET", f"token:{name}", owner, "EX", 3600)
    writer.tell("HSET", f"token:{'c' * 64}", "sub", "carol", "scopes", "runs.read")
    writer.close()
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(CONFIGURATION.format(url=server.url), "utf-8")
    config.chmod(0o600)
    async with redis_console(config, *STREAMS) as seen:
        await seen.until_shown("automation.events", "automation.dlq", "manager", "audit")
        await seen.until_shown("consumer1", "consumer2", "idle-never")
        await seen.until_shown(
            "automation.events 9 ", "events 1 ", "automation.dlq dead", "Length 9"
        )
        await seen.press("right_square_bracket")
        await seen.until_shown(
            "its entry was deleted or trimmed", "delivered 7 times", "no longer in the stream"
        )
        await seen.press("right_square_bracket", "right_square_bracket")
        await seen.until_shown("6 dead letters", "3 can go back")
        await seen.press(*SERVERS)
        await seen.until_shown("3 tokens", "1 token has no time to live", "carol")
        fill: Any = redis.Redis(port=server.port)
        fill.config_set("maxmemory", int(fill.info("memory")["used_memory"] / 0.87))
        await seen.until_shown("over 80%: writes fail when full (noeviction)")
        fill.config_set("maxmemory", 0)
        await seen.until_shown("no limit", without=["over 80%"])
        await seen.press("m")
        await seen.until_shown("MIN AVG MAX PINGS", "ms")
