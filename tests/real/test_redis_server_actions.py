"""Settings changed, kept, and databases emptied on a real server."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.actions.families import files, redis_config, redis_flush
from core.errors import ActionError
from core.model.action import Danger, Phase, Rung
from core.model.operation import TuningSpec
from tests.fakes.ports import free_port
from tests.real.redis_stage import RedisStage, ask, is_done
from tests.real.servers import OwnRedis, redis_binary, valkey_binary
from tests.unit.core.actions.stage import Places

CONFIGURE, REWRITE = redis_config.ACTIONS
[FLUSH] = redis_flush.ACTIONS
[TUNE] = (one for one in files.ACTIONS if one.id == "tuning.apply")
REDIS = "shop/redis"

pytestmark = pytest.mark.real("redis")


@pytest.fixture(params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisStage]:
    folder = tmp_path / "redis"
    folder.mkdir()
    own = OwnRedis(request.param(), folder)
    tuning = (
        TuningSpec("more", "More memory", redis=(("maxmemory", "2gb"), ("hz", "20"))),
        TuningSpec("evict", "Eviction", redis=(("maxmemory-policy", "allkeys-lru"),)),
    )
    try:
        asyncio.run(own.start())
        yield RedisStage(own, tmp_path, tuning=tuning)
    finally:
        own.stop()


def setting(stage: RedisStage, name: str) -> bytes:
    return stage.tell("CONFIG", "GET", name)[1]


def populate(stage: RedisStage, count: int, size_bytes: int) -> None:
    script = "for i=1,ARGV[1] do redis.call('SET','key:'..i,string.rep('x',ARGV[2])) end"
    stage.tell("EVAL", script, "0", str(count), str(size_bytes))


# settings


def test_a_setting_is_changed_with_its_unit_and_back(stage: RedisStage) -> None:
    plan = stage.plan(CONFIGURE, REDIS, name="maxmemory", value="2gb")
    assert plan.preview == ("maxmemory: 0 (no limit) → 2147483648 (2.0 GiB)",)
    assert "lost at its next start" in " ".join(plan.radius)
    assert plan.danger is Danger.INTERRUPT
    state = stage.execute()
    assert is_done(state), state.text
    assert setting(stage, "maxmemory") == b"2147483648"
    assert stage.undo().phase is Phase.COMMITTED
    assert setting(stage, "maxmemory") == b"0"


@pytest.mark.parametrize(
    ("name", "value", "after"),
    [
        ("save", "900 1 300 10", b"900 1 300 10"),
        ("slowlog-log-slower-than", "5000", b"5000"),
        ("slowlog-max-len", "256", b"256"),
        ("latency-monitor-threshold", "100", b"100"),
        ("timeout", "300", b"300"),
        ("tcp-keepalive", "60", b"60"),
        ("appendfsync", "always", b"always"),
        ("hz", "20", b"20"),
        ("maxmemory-policy", "volatile-lru", b"volatile-lru"),
    ],
)
def test_each_of_the_list_is_read_back(
    stage: RedisStage, name: str, value: str, after: bytes
) -> None:
    state = stage.do(CONFIGURE, REDIS, name=name, value=value)
    assert is_done(state), state.text
    assert setting(stage, name) == after


@pytest.mark.parametrize("name", ["dir", "dbfilename", "requirepass", "bind", "loadmodule"])
def test_what_is_not_on_the_list_is_refused(stage: RedisStage, name: str) -> None:
    with pytest.raises(ActionError, match="name is one of"):
        stage.plan(CONFIGURE, REDIS, name=name, value="x")


@pytest.mark.parametrize(
    ("name", "value"), [("maxmemory", "lots"), ("hz", "0"), ("save", "1"), ("maxmemory", "-1")]
)
def test_what_is_no_value_is_refused(stage: RedisStage, name: str, value: str) -> None:
    with pytest.raises(ActionError, match=name):
        stage.plan(CONFIGURE, REDIS, name=name, value=value)


def test_a_limit_below_what_is_used_is_refused_with_what_would_go(stage: RedisStage) -> None:
    populate(stage, 2000, 500)
    told = stage.stops(CONFIGURE, REDIS, name="maxmemory", value="1mb")
    assert "is below the" in told
    assert "every write would be refused at once (OOM)" in told
    stage.tell("CONFIG", "SET", "maxmemory-policy", "allkeys-lru")
    told = stage.stops(CONFIGURE, REDIS, name="maxmemory", value="1mb")
    assert "of 2000 keys would be evicted at once (allkeys-lru)" in told
    assert "hz is 10 already" in stage.stops(CONFIGURE, REDIS, name="hz", value="10")


def test_a_policy_says_what_it_would_evict_and_offers_another(stage: RedisStage) -> None:
    stage.tell("XADD", "events", "*", "data", "x")
    stage.tell("SET", "token:abc", "alice", "EX", "100")
    warned = stage.warns(CONFIGURE, REDIS, name="maxmemory-policy", value="allkeys-lru")
    assert "it does nothing while maxmemory is 0" in warned
    stage.tell("CONFIG", "SET", "maxmemory", "100mb")
    plan = stage.plan(CONFIGURE, REDIS, name="maxmemory-policy", value="allkeys-lru")
    told = " ".join(f"{one.text} {one.remedy}" for one in plan.preflight)
    assert "1 stream" in told
    assert "tokens (token:*)" in told
    assert "volatile-lru takes only keys with a time to live" in told
    assert (plan.danger, plan.rung) == (Danger.DESTROY, Rung.PHRASE)


def test_tuning_sets_values_of_redis(stage: RedisStage) -> None:
    state = stage.do(TUNE, "shop/more")
    assert is_done(state), state.text
    assert (setting(stage, "maxmemory"), setting(stage, "hz")) == (b"2147483648", b"20")
    assert stage.undo().phase is Phase.COMMITTED
    assert (setting(stage, "maxmemory"), setting(stage, "hz")) == (b"0", b"10")
    assert is_done(stage.do(TUNE, "shop/evict"))
    assert setting(stage, "maxmemory-policy") == b"allkeys-lru"


def test_a_lost_answer_to_config_set_is_decided_by_config_get(stage: RedisStage) -> None:
    """F43."""
    stage.plan(CONFIGURE, REDIS, name="hz", value="20")
    stage.lose("configure")
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert stage.sent["configure"] == 1
    stage.plan(CONFIGURE, REDIS, name="hz", value="30")
    stage.lose("configure", is_heard=False)
    state = stage.execute(Places())
    assert state.phase is Phase.ROLLED_BACK
    assert setting(stage, "hz") == b"20"


def test_a_change_that_is_killed_anywhere_is_done_or_undone(stage: RedisStage) -> None:
    def plan() -> None:
        stage.tell("CONFIG", "SET", "hz", "10")
        stage.plan(CONFIGURE, REDIS, name="hz", value="20")

    assert stage.killed_anywhere(plan, lambda: setting(stage, "hz"), b"20") > 15


def test_a_file_is_rewritten_only_where_there_is_one(stage: RedisStage, tmp_path: Path) -> None:
    assert "without a configuration file" in stage.stops(REWRITE, REDIS)
    stage.server.stop()
    file = tmp_path / "redis" / "redis.conf"
    file.write_text(f"port {stage.server.port}\nbind 127.0.0.1\nsave ''\n", "utf-8")
    asyncio.run(stage.server.run([stage.server.binary, str(file)]))
    assert is_done(stage.do(CONFIGURE, REDIS, name="hz", value="25"))
    state = stage.do(REWRITE, REDIS)
    assert is_done(state), state.text
    assert "hz 25" in file.read_text("utf-8")


def test_renamed_and_forbidden_commands_are_refused_early(
    stage: RedisStage, tmp_path: Path
) -> None:
    """F55."""
    stage.server.stop()
    asyncio.run(stage.server.start("--rename-command", "CONFIG", "hidden"))
    told = stage.stops(CONFIGURE, REDIS, name="hz", value="20")
    assert "the server knows no CONFIG: it is renamed" in told
    stage.tell("ACL", "SETUSER", "low", "on", ">p", "~*", "+@all", "-flushdb")
    stage.tell("SET", "a", "1")
    told = stage.as_user("low", "p", tmp_path / "low").stops(FLUSH, REDIS)
    assert "NOPERM: our user may not run FLUSHDB" in told
    assert "ACL SETUSER … +flushdb" in told


# flush


def filled(stage: RedisStage, count: int = 300) -> None:
    pairs = [word for number in range(count) for word in (f"page:{number}", f"v{number}")]
    stage.tell("MSET", *pairs)
    stage.tell("EXPIRE", "page:0", "3600")
    stage.tell("HSET", "rate_limit:1.2.3.4", "tokens", "0", "last_refill_time", "1")
    stage.tell("HSET", "circuit_breaker:upstream_service", "state", "OPEN")


def test_a_database_is_emptied_and_put_back(stage: RedisStage) -> None:
    filled(stage)
    plan = stage.plan(FLUSH, REDIS, database="0")
    assert plan.rung is Rung.PHRASE
    told = "\n".join(plan.radius)
    assert "all 302 keys of database 0" in told
    assert "300 page:*" in told
    assert "1 limits clients (rate_limit:*)" in told
    assert "1 circuit upstream (circuit_breaker:*)" in told
    before = stage.value("rate_limit:1.2.3.4")
    state = stage.execute()
    assert is_done(state), state.text
    assert stage.tell("DBSIZE") == 0
    assert stage.undo().phase is Phase.COMMITTED
    assert stage.tell("DBSIZE") == 302
    assert stage.value("rate_limit:1.2.3.4") == before
    assert 3500 < stage.tell("TTL", "page:0") <= 3600


def test_only_the_database_that_was_named_is_emptied(stage: RedisStage) -> None:
    filled(stage)
    stage.redis_in(3, "SET", "other", "1")
    state = stage.do(FLUSH, REDIS, database="3")
    assert is_done(state), state.text
    assert stage.tell("DBSIZE") == 302
    assert stage.redis_in(3, "DBSIZE") == 0
    assert stage.undo().phase is Phase.COMMITTED
    assert stage.redis_in(3, "GET", "other") == b"1"
    assert stage.tell("DBSIZE") == 302
    assert "database 7 has no key" in stage.stops(FLUSH, REDIS, database="7")


def test_streams_and_tokens_go_only_when_they_are_named(stage: RedisStage) -> None:
    """F52, H24."""
    filled(stage)
    stage.tell("XADD", "events", "*", "data", "x")
    stage.tell("SET", "token:abc", "alice")
    stage.tell("SET", "revoked_jwt:1", "1")
    told = stage.stops(FLUSH, REDIS)
    assert "1 stream, groups and pending entries too: events" in told
    assert "--set including=streams" in told
    assert "tokens (token:*)" in told
    assert "revoked_jwt:*" in told
    assert "what was revoked is valid again" in told
    assert "tokens or revocations" in stage.stops(FLUSH, REDIS, including="streams")
    state = stage.do(FLUSH, REDIS, including="streams,tokens")
    assert is_done(state), state.text
    assert stage.tell("DBSIZE") == 0
    assert stage.undo().phase is Phase.COMMITTED
    assert stage.tell("XLEN", "events") == 1


def test_what_is_written_meanwhile_is_counted_and_stays(stage: RedisStage) -> None:
    """F52: a thousand writes while it is emptied."""
    filled(stage)

    async def write() -> None:
        for number in range(1000):
            await ask(stage.server, "SET", f"new:{number}", "1")
        await ask(stage.server, "SET", "page:1", "newer")

    stage.after["flush"] = write
    stage.plan(FLUSH, REDIS)
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert "1001 new keys since" in stage.said
    assert stage.tell("DBSIZE") == 1001
    assert stage.undo().phase is Phase.COMMITTED
    assert stage.tell("DBSIZE") == 1301 + 1
    assert stage.tell("GET", "page:1") == b"newer"


def test_a_replica_is_not_flushed(stage: RedisStage) -> None:
    filled(stage)
    stage.tell("REPLICAOF", "127.0.0.1", "1")
    assert "READONLY: it is a replica" in stage.stops(FLUSH, REDIS)


def test_a_cluster_is_not_flushed(stage: RedisStage) -> None:
    stage.server.stop()
    port = str(free_port())
    asyncio.run(stage.server.start("--cluster-enabled", "yes", "--cluster-port", port))
    assert "a cluster: FLUSHDB empties one node" in stage.stops(FLUSH, REDIS)


def test_what_is_too_much_to_copy_is_saved_by_the_server_or_not_at_all(stage: RedisStage) -> None:
    populate(stage, 100_500, 10)
    plan = stage.plan(FLUSH, REDIS)
    assert "too much to copy (100500 keys): a snapshot is written to" in str(plan.preflight)
    assert [one.is_irreversible for one in plan.steps] == [False, True]
    state = stage.execute()
    assert is_done(state), state.text
    assert (stage.server.folder / "dump.rdb").stat().st_size > 1_000_000
    assert stage.tell("DBSIZE") == 0
    filled(stage)
    plan = stage.plan(FLUSH, REDIS, backup="NO-BACKUP")
    assert "there is no way back at all" in str(plan.preflight)
    assert is_done(stage.execute())


def test_a_lost_answer_to_flushdb_is_decided_by_the_keys(stage: RedisStage) -> None:
    """F43."""
    filled(stage)
    stage.plan(FLUSH, REDIS)
    stage.lose("flush")
    state = stage.execute(Places())
    assert is_done(state), state.text
    assert stage.sent["flush"] == 1
    filled(stage)
    stage.plan(FLUSH, REDIS)
    stage.lose("flush", is_heard=False)
    state = stage.execute(Places())
    assert state.phase is Phase.ROLLED_BACK
    assert stage.tell("DBSIZE") == 302


@pytest.mark.parametrize("backup", ["", "NO-BACKUP"])
def test_a_flush_that_is_killed_anywhere_is_done_or_undone(stage: RedisStage, backup: str) -> None:
    def plan() -> None:
        stage.tell("FLUSHDB")
        filled(stage, 30)
        stage.plan(FLUSH, REDIS, **({"backup": backup} if backup else {}))

    def look() -> object:
        keys = stage.tell("KEYS", "*")
        return sorted(one for one in keys if not one.startswith(b"quarterdeck:rehearsal:"))

    assert stage.killed_anywhere(plan, look, []) > 15
