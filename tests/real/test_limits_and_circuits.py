"""Rate limits and breakers in real servers, in every shape, as the commands conclude them."""

import asyncio
import json
import re
import shlex
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from core.clients.clock import SystemClock
from core.clients.keyspace.server import ServerKeyspace
from core.clients.redis_address import RedisAddress
from core.model.circuit import CircuitState
from core.model.redis_spec import CircuitSpec, RedisSpec
from core.model.secret import Secret
from core.redis.circuits.book import CircuitsBook
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary
from tests.unit.cli.test_commands import run

pytestmark = pytest.mark.real("redis")

SHAPES = Path(__file__).parents[1] / "data" / "redis"
WRITTEN_AT_S = 1773480413
"""When the shapes say it is now; a server's clock cannot be set, so their stamps are moved."""
_STAMP = re.compile(r"\b17734[78]\d{4}(?P<part>\d{3}|\d{6})?(?P<rest>\.\d+)?\b")
GATEWAY = """
    circuits: [{name: upstream, keys: ["api-gateway:circuit-breaker", "circuit_breaker:*"],
      reset_timeout: 60s, failure_threshold: 10, half_open_successes: 5}]
    limits: [{name: clients, keys: ["api-gateway:rate-limit:*", "rate_limit:*"],
      capacity: 1000, refill_per_s: 100}]
"""


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
async def server(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OwnRedis]:
    find: Callable[[], str] = request.param
    async with own_redis(find(), tmp_path) as running:
        yield running


def configured(folder: Path, server: OwnRedis, more: str = GATEWAY) -> Path:
    path = folder / "quarterdeck.yaml"
    head = "version: 1\nenvironment: development\nsystems:\n  shop:\n    services:\n      redis:\n"
    check = f"        checks: {{ping: {{kind: redis, url: '{server.url}'}}}}\n"
    path.write_text(head + check + more.lstrip("\n"), encoding="utf-8")
    path.chmod(0o600)
    return path


async def load(server: OwnRedis, name: str) -> None:
    """Write a shape with its stamps moved to the server's present."""
    keyspace = keyspace_of(server)
    moved_s = int(await keyspace.now_s()) - WRITTEN_AT_S
    await keyspace.aclose()

    def moved(found: re.Match[str]) -> str:
        whole = int(found.group()[:10]) + moved_s
        return f"{whole}{found['part'] or ''}{found['rest'] or ''}"

    for line in (SHAPES / name).read_text(encoding="utf-8").splitlines():
        answer = await server.tell(*shlex.split(_STAMP.sub(moved, line)))
        assert not answer.startswith(b"-"), answer


def keyspace_of(server: OwnRedis) -> ServerKeyspace:
    return ServerKeyspace(RedisAddress(Secret(server.url)), SystemClock(), 5000.0, 30.0)


async def printed(verb: str, config: Path, *options: str) -> dict[str, Any]:
    done = await asyncio.to_thread(run, verb, "--json", "--config", config, *options)
    assert done.stderr == ""
    document: dict[str, Any] = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode
    return document


async def test_the_gateways_own_keys_while_open(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_real_open.redis")
    config = configured(tmp_path, server)
    document = await printed("circuits", config)
    (circuit,) = document["circuits"]
    assert (circuit["state"], circuit["raw_state"], circuit["failures"]) == ("open", "OPEN", 0)
    assert 12 <= circuit["since_age_s"] < 60
    assert circuit["next_probe_s"] == pytest.approx(60 - circuit["since_age_s"])
    assert circuit["keys"] == ["circuit_breaker:upstream_service"]
    assert circuit["documented_and_missing"] == ["api-gateway:circuit-breaker"]
    assert document["exit_code"] == 1
    limits = await printed("limits", config)
    (found,) = limits["servers"]
    assert (found["counted"], found["exhausted"], found["invalid"]) == (3, 2, 0)
    assert found["progress"]["is_complete"]
    assert {row["client"]: row["tokens_stored"] for row in limits["limits"]} == {
        "203.0.113.36": "0.0",
        "203.0.113.147": "997.0",
        "2001:db8::12": "0.30000000000000004",
    }
    assert [row["was_exhausted"] for row in limits["limits"]] == [True, True, False]
    assert "nothing at api-gateway:rate-limit:* as documented" in found["notes"][0]
    assert len((await printed("limits", config, "--limited"))["limits"]) == 2


async def test_half_open(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_real_half.redis")
    (circuit,) = (await printed("circuits", configured(tmp_path, server)))["circuits"]
    assert (circuit["state"], circuit["successes"], circuit["successes_needed"]) == (
        "half-open", 1, 5,
    )  # fmt: skip
    assert circuit["next_probe_s"] == 0


async def test_the_runbooks_names(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_runbook_names.redis")
    config = configured(tmp_path, server)
    (circuit,) = (await printed("circuits", config))["circuits"]
    assert (circuit["state"], circuit["failures"], circuit["shape"]) == ("open", 5, "hash")
    assert circuit["documented_and_missing"] == []
    limits = await printed("limits", config)
    assert (limits["servers"][0]["counted"], limits["servers"][0]["exhausted"]) == (6, 2)
    assert limits["servers"][0]["notes"] == []


async def test_no_record_is_neither_closed_nor_a_client(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_empty.redis")
    config = configured(tmp_path, server)
    document = await printed("circuits", config)
    (circuit,) = document["circuits"]
    assert (circuit["state"], document["exit_code"]) == ("absent", 0)
    assert circuit["note"] == "no record: closed, or never used"
    assert circuit["failures"] is None
    limits = await printed("limits", config)
    assert (limits["limits"], limits["servers"][0]["counted"]) == ([], 0)
    assert "0 clients" in limits["servers"][0]["notes"][0]


def any_circuit(*keys: str) -> str:
    return f"    circuits: [{{name: any, keys: {json.dumps(keys)}, reset_timeout: 60s}}]\n"


async def test_a_text_with_a_term(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "cb_string.redis")
    (circuit,) = (await printed("circuits", configured(tmp_path, server)))["circuits"]
    assert (circuit["state"], circuit["shape"]) == ("open", "string")
    assert 0 < circuit["next_probe_s"] <= 45
    assert circuit["next_probe_s"] == circuit["ttl_s"]


@pytest.mark.parametrize(
    ("name", "keys", "failures", "since_s"),
    [
        ("cb_split.redis", ("cb:upstream:state",), 7, 2.75),
        ("cb_split.redis", ("cb:*",), 7, 2.75),
        ("cb_pybreaker.redis", ("*:pybreaker:*",), 2, 30),
        ("cb_pybreaker.redis", ("upstream:pybreaker:state",), 2, 30),
    ],
)
async def test_records_of_several_keys(
    server: OwnRedis,
    tmp_path: Path,
    name: str,
    keys: tuple[str, ...],
    failures: int,
    since_s: float,
) -> None:
    await load(server, name)
    config = configured(tmp_path, server, any_circuit(*keys))
    (circuit,) = (await printed("circuits", config))["circuits"]
    assert (circuit["state"], circuit["failures"]) == ("open", failures)
    assert circuit["since_age_s"] >= since_s
    assert circuit["circuit"] == "upstream"
    assert circuit["shape"] == "split keys"


async def test_every_spelling_in_hashes(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "cb_hash_variants.redis")
    config = configured(tmp_path, server, any_circuit("cb:*", "circuit:*", "breaker:*"))
    found = {row["circuit"]: row for row in (await printed("circuits", config))["circuits"]}
    assert {name: row["state"] for name, row in found.items()} == {
        "a": "open",
        "b": "half-open",
        "c": "half-open",
        "d": "half-open",
        "default": "closed",
        "e": "half-open",
    }
    assert (found["a"]["failures"], found["b"]["failures"], found["d"]["successes"]) == (6, 3, 1)
    assert found["a"]["since_age_s"] >= 8.5
    assert found["c"]["raw_state"] == "2"
    assert "2 is read as half open" in found["c"]["note"]
    assert all(row["is_valid"] for row in found.values())


async def test_every_shape_of_limits(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "rl_variants.redis")
    config = configured(tmp_path, server, "    limits: [{name: any, keys: ['rl:*', 'LIMITS:*']}]\n")
    document = await printed("limits", config)
    rows = {row["keys"][0]: row for row in document["limits"]}
    assert {key: row["shape"] for key, row in rows.items()} == {
        "rl:ms": "token bucket",
        "rl:replicate": "token bucket",
        "rl:ts": "token bucket",
        "rl:last": "token bucket",
        "rl:count:203.0.113.36": "counter",
        "LIMITS:LIMITER/203.0.113.36/api/10/1/minute": "counter",
        "LIMITS:LIMITER/mw/203.0.113.147/10/1/minute": "moving window",
        "rl:z:203.0.113.218": "sliding window",
        "rl:split:203.0.113.207.tokens": "token bucket",
        "rl:badnum": "token bucket",
        "rl:future": "token bucket",
    }
    assert {key for key, row in rows.items() if not row["is_valid"]} == {"rl:badnum", "rl:future"}
    assert rows["rl:badnum"]["tokens_now"] is None
    assert "ahead" in rows["rl:future"]["problem"]
    full = rows["LIMITS:LIMITER/203.0.113.36/api/10/1/minute"]
    assert (full["is_limited"], full["capacity"], full["tokens_now"]) == (True, 10, 0)
    assert 0 < full["retry_after_s"] <= 42
    assert rows["rl:replicate"]["capacity"] == 3000
    assert rows["rl:replicate"]["tokens_now"] >= 40
    assert rows["LIMITS:LIMITER/mw/203.0.113.147/10/1/minute"]["tokens_now"] == 8
    assert rows["rl:split:203.0.113.207.tokens"]["keys"][1] == "rl:split:203.0.113.207.timestamp"
    assert rows["rl:last"]["was_exhausted"] is True
    assert rows["rl:count:203.0.113.36"]["client"] == "203.0.113.36"
    assert rows["rl:count:203.0.113.36"]["is_limited"] is None
    assert document["servers"][0]["counted"] == 11


async def test_a_limit_of_another_type_hinders_no_other(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_real_open.redis")
    await server.tell("SADD", "rate_limit:odd", "x")
    await server.tell("SET", "rate_limit:text", "OPEN\x1b]0;x\x07")
    rows = (await printed("limits", configured(tmp_path, server)))["limits"]
    assert len(rows) == 5
    odd = [row for row in rows if not row["is_valid"]]
    assert len(odd) == 2
    assert all(row["tokens_now"] is None for row in odd)


async def test_junk_in_a_breaker_is_invalid(server: OwnRedis, tmp_path: Path) -> None:
    for at, fields in enumerate(
        (["state", "OPEN\x1b]0;x\x07"], ["state", "OPEN", "failure_count", "-1"],
         ["state", "OPEN", "last_state_change_time", "1e400"], ["failure_count", "3"])
    ):  # fmt: skip
        await server.tell("HSET", f"circuit_breaker:{at}", *fields)
    document = await printed("circuits", configured(tmp_path, server))
    assert [row["state"] for row in document["circuits"]] == ["invalid"] * 4
    assert all(row["problem"] for row in document["circuits"])
    assert document["exit_code"] == 1


async def test_lines_for_people_name_state_and_client(server: OwnRedis, tmp_path: Path) -> None:
    await load(server, "003_real_open.redis")
    config = configured(tmp_path, server)
    done = await asyncio.to_thread(run, "circuits", "--config", config)
    assert "✖ open" in done.stdout
    assert "upstream_service" in done.stdout
    done = await asyncio.to_thread(run, "limits", "--config", config, "--limit", "1")
    assert "3 records" in done.stdout
    assert "and 2 more" in done.stdout


async def test_a_refused_server_is_named(tmp_path: Path) -> None:
    server = OwnRedis("nowhere", tmp_path)
    for verb in ("limits", "circuits"):
        document = await printed(verb, configured(tmp_path, server))
        assert document["exit_code"] == 3
        assert document["servers"][0]["trouble"]["word"]


async def test_changes_are_seen_from_look_to_look(server: OwnRedis) -> None:
    spec = RedisSpec("shop/redis", circuits=(CircuitSpec("upstream", ("circuit_breaker:*",)),))
    book = CircuitsBook(spec, SystemClock(), lambda: None)
    keyspace = keyspace_of(server)
    key = "circuit_breaker:upstream"
    try:
        await server.tell("HSET", key, "state", "CLOSED")
        await book.look(keyspace)
        await server.tell("HSET", key, "state", "OPEN")
        await book.look(keyspace)
        await server.tell("DEL", key)
        await book.look(keyspace)
        await server.tell("HSET", key, "state", "CLOSED")
        for _ in range(6):  # what is likely is looked for at every fifth
            await book.look(keyspace)
    finally:
        await keyspace.aclose()
    (row,) = book.view.rows
    assert [one.after for one in row.history] == [
        CircuitState.OPEN,
        CircuitState.ABSENT,
        CircuitState.CLOSED,
    ]
