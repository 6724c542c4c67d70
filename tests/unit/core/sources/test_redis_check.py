"""A Redis-compatible server as a check."""

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from core.clients.redis import RedisFacts, parse_info
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientMissing, ClientRefused, ClientTimeout
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec, Expectation
from core.model.detail import RedisDetail
from core.model.events import CheckObserved, Noted
from core.model.ids import ServiceId
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict
from core.sources.redis_check import RedisCheckSource
from core.sources.redis_judge import judge_redis
from tests.fakes.clock import FakeClock

DATA = Path(__file__).parents[3] / "data" / "system"
SPEC = CheckSpec(CheckId(ServiceId("gw", "redis"), "ping"), CheckKind.REDIS, "redis://x:6379/0")
WELL = {
    "redis_version": "7.0.15",
    "role": "master",
    "run_id": "run1",
    "used_memory": "1000",
    "maxmemory": "0",
    "connected_clients": "3",
    "evicted_keys": "0",
    "uptime_in_seconds": "60",
}


def facts(**fields: str) -> RedisFacts:
    info = {key: clean(value) for key, value in (WELL | fields).items()}
    return RedisFacts(MappingProxyType(info), 12, EMPTY)


class Server:
    """Answers as told."""

    def __init__(self, answer: RedisFacts | ClientError) -> None:
        self.answer = answer
        self.is_closed = False

    async def ping(self) -> None:
        if isinstance(self.answer, ClientError):
            raise self.answer

    async def read_facts(self) -> RedisFacts:
        assert isinstance(self.answer, RedisFacts)
        return self.answer

    async def read_user(self) -> SafeText:
        return clean("default")

    async def may(self, command: str, *arguments: str) -> bool | None:
        return None

    async def aclose(self) -> None:
        self.is_closed = True


async def looked(answer: RedisFacts | ClientError) -> CheckResult:
    (event, *_) = await RedisCheckSource(SPEC, FakeClock(), Server(answer)).look()
    assert isinstance(event, CheckObserved)
    return event.result


async def test_a_server_that_is_well() -> None:
    result = await looked(facts())
    assert (result.verdict, result.state) == (Verdict.OK, "ok")
    assert result.reason == "redis 7.0.15, master, memory 1000 B, no limit set"
    assert isinstance(result.detail, RedisDetail)
    assert (result.detail.keys, result.detail.clients) == (12, 3)


async def test_valkey_is_called_by_its_own_name() -> None:
    result = await looked(
        facts(redis_version="7.2.4", valkey_version="9.1.2", server_name="valkey")
    )
    assert isinstance(result.detail, RedisDetail)
    assert result.detail.server == "valkey 9.1.2"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("NOAUTH", Verdict.UNKNOWN),
        ("WRONGPASS", Verdict.UNKNOWN),
        ("NOPERM", Verdict.UNKNOWN),
        ("TLS", Verdict.UNKNOWN),
        ("LOADING", Verdict.DOWN),
        ("BUSY", Verdict.DOWN),
        ("MASTERDOWN", Verdict.DOWN),
        ("MAXCLIENTS", Verdict.DOWN),
        ("MISCONF", Verdict.DEGRADED),
        ("OOM", Verdict.DEGRADED),
        ("READONLY", Verdict.DEGRADED),
        ("ERR", Verdict.DOWN),
    ],
)
async def test_each_refusal_is_named_and_never_ok(code: str, verdict: Verdict) -> None:
    result = await looked(RedisSaid(code, "its own words"))
    assert (result.verdict, result.state) == (verdict, code)
    assert "its own words" in result.reason


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ClientRefused("x"), "refused"),
        (ClientTimeout("x"), "timeout"),
        (ClientMissing("x"), "unreachable"),
    ],
)
async def test_a_server_out_of_reach_is_down_without_a_latency(
    error: ClientError, state: str
) -> None:
    result = await looked(error)
    assert (result.verdict, result.state, result.latency_s) == (Verdict.DOWN, state, None)


def judged(name: str) -> tuple[Verdict, str]:
    info = parse_info((DATA / name).read_bytes())
    opinion = judge_redis(RedisFacts(info, None, EMPTY), 0, 0.0)
    return opinion.verdict, opinion.reason


def test_memory_over_four_fifths_is_degraded_with_the_reason() -> None:
    verdict, reason = judged("redis_info_memory.txt")
    assert verdict is Verdict.DEGRADED
    assert "82.0% of 512.0 MiB (noeviction: writes fail when full)" in reason


def test_without_a_limit_there_is_no_percentage() -> None:
    verdict, reason = judged("redis_info_memory_nomax.txt")
    assert verdict is Verdict.OK
    assert "no limit set" in reason
    assert "%" not in reason


async def test_full_memory_refuses_writes() -> None:
    result = await looked(facts(used_memory="200", maxmemory="100", maxmemory_policy="noeviction"))
    assert (result.verdict, result.state) == (Verdict.DEGRADED, "OOM")


async def test_a_failed_save_and_a_lost_master_are_degraded() -> None:
    assert (await looked(facts(rdb_last_bgsave_status="err"))).state == "MISCONF"
    assert (await looked(facts(role="slave", master_link_status="down"))).state == "MASTERDOWN"


async def test_evictions_are_told_in_the_reason_and_noted_when_they_begin() -> None:
    clock, server = FakeClock(), Server(facts())
    source = RedisCheckSource(SPEC, clock, server)
    await source.look()
    noted: list[str] = []
    for count in ("83", "90"):
        await clock.advance(10)
        server.answer = facts(evicted_keys=count)
        observed, *notes = await source.look()
        assert isinstance(observed, CheckObserved)
        assert observed.result.verdict is Verdict.DEGRADED
        noted += [note.text for note in notes if isinstance(note, Noted)]
    assert noted == ["83 keys evicted: Redis memory is full"]


async def test_a_restart_and_a_change_of_role_are_noted() -> None:
    source = RedisCheckSource(SPEC, FakeClock(), server := Server(facts()))
    await source.look()
    server.answer = facts(run_id="run2", role="slave", evicted_keys="5")
    _, *notes = await source.look()
    texts = [note.text for note in notes if isinstance(note, Noted)]
    assert texts == ["the Redis server was restarted", "Redis role changed: master to slave"]


async def test_a_user_who_may_only_ping_still_sees_that_it_answers() -> None:
    result = await looked(RedisFacts(MappingProxyType({}), None, clean("NOPERM: no INFO")))
    assert result.verdict is Verdict.OK
    assert "INFO not allowed" in result.reason


async def test_a_slow_answer_is_degraded() -> None:
    clock = FakeClock()

    class Slow(Server):
        async def ping(self) -> None:
            await clock.advance(0.5)

    spec = replace(SPEC, expect=Expectation(slow_s=0.2))
    (event, *_) = await RedisCheckSource(spec, clock, Slow(facts())).look()
    assert isinstance(event, CheckObserved)
    assert (event.result.verdict, event.result.state) == (Verdict.DEGRADED, "slow")
