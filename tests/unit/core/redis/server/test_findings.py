"""What is said of a server, and what is not said."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.clients.http_values import HttpAnswer
from core.clients.prometheus import parse_scrape
from core.clients.redis import parse_info
from core.model.ids import ServiceId
from core.model.redis_figures import RedisMemory
from core.model.redis_server import Tokens
from core.model.redis_spec import RedisSpec
from core.model.stream import Progress
from core.model.text import clean
from core.redis.server.figures import figures_of, memory_of
from core.redis.server.findings import (
    Seen,
    findings_of,
    memory_finding,
    memory_text,
    tokens_finding,
)
from tests.fakes.clock import START
from tests.unit.core.redis.server.infos import IDENTITY, NOW_S, SPEC, UPTIME_S, found, info, sample

DATA = Path(__file__).parents[4] / "data"


def recorded(name: str) -> RedisMemory:
    return memory_of(parse_info((DATA / "system" / name).read_bytes()))


def exported(name: str) -> RedisMemory:
    body = (DATA / "manifest/metrics" / name).read_bytes()
    answer = HttpAnswer(200, (("content-type", clean("text/plain")),), body, False, 0.01)
    samples = parse_scrape(answer, ServiceId("s", "redis"), START, 100).samples
    values = {str(one.key.name): int(one.value) for one in samples}
    used, most = values["redis_memory_used_bytes"], values["redis_memory_max_bytes"]
    return RedisMemory(used_bytes=used, max_bytes=most)


def test_a_server_in_good_health_has_no_findings() -> None:
    assert found().failing == found().warnings == found().notes == ()


def test_the_recorded_memory_is_over_the_warning_and_says_that_writes_will_fail() -> None:
    memory = recorded("redis_info_memory.txt")
    assert memory.percent == pytest.approx(82.03, abs=0.01)
    assert memory_finding(memory, 80.0) == (
        "memory 82.0% of 512.0 MiB, over 80%: writes fail when full (noeviction)"
    )
    assert memory_finding(memory, 85.0) == "", "the profile's threshold decides"
    said = findings_of(Seen(SPEC, figures_of(parse_info(b"")))).warnings
    assert said == (), "what is not told is no finding"


def test_recorded_fragmentation_is_said_with_what_it_costs() -> None:
    info_text = (DATA / "system/redis_info_memory.txt").read_bytes()
    warnings = findings_of(Seen(SPEC, figures_of(parse_info(info_text)))).warnings
    assert warnings[1] == "fragmentation 4.97: 2.0 GiB are taken for 420.0 MiB"


def test_without_a_limit_there_is_no_share() -> None:
    for memory in (
        recorded("redis_info_memory_nomax.txt"),
        exported("003_redis_exporter_nomax.txt"),
    ):
        assert memory.percent is None
        assert "no limit set" in memory_text(memory)
        assert "%" not in memory_text(memory)
        assert memory_finding(memory, 80.0) == ""


def test_an_exporter_is_judged_as_info_is() -> None:
    memory = exported("003_redis_exporter_82pct.txt")
    assert memory.percent == pytest.approx(81.96, abs=0.01)
    assert "over 80%" in memory_finding(memory, 80.0)


def test_full_without_eviction_means_that_writes_fail_now() -> None:
    full = found(used_memory=512 * 2**20)
    assert full.failing == ("OOM: memory 100.0% of 512.0 MiB: writes fail (noeviction)",)
    assert full.warnings == ()
    nearly = found(used_memory=512 * 2**20 - 1)
    assert nearly.failing == ()
    assert "99.9%" in nearly.warnings[0], "what is not full never reads 100%"


def test_evicting_is_said_while_it_happens_and_not_after() -> None:
    figures = figures_of(info(maxmemory_policy="allkeys-lru"))
    history = (sample(0.0, 10), sample(5.0, 60))
    assert findings_of(Seen(SPEC, figures, history)).failing == (
        "evicting 10 keys/s: memory is full (allkeys-lru)",
    )
    assert findings_of(Seen(SPEC, figures, (*history, sample(10.0, 60)))).failing == ()
    reset = (*history, sample(10.0, 3))
    assert findings_of(Seen(SPEC, figures, reset)).failing == (), "a counter set back is no rate"


def test_a_policy_says_what_it_would_take_that_nobody_wants_to_lose() -> None:
    assert found(maxmemory_policy="allkeys-lru").warnings == (
        "allkeys-lru throws away stream events, tokens as well when memory is full",
    )
    (said,) = found(maxmemory_policy="volatile-ttl").warnings
    assert "tokens" in said
    assert "stream" not in said, "a stream has no time to live"
    assert found(maxmemory_policy="allkeys-lru", maxmemory=0).warnings == ()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"save": "3600 1", "stop-writes-on-bgsave-error": "yes"}, "writes are refused"),
        ({"save": "3600 1", "stop-writes-on-bgsave-error": "no"}, "in memory only"),
        ({"save": "", "stop-writes-on-bgsave-error": "yes"}, "in memory only"),
        ({"none": "told"}, "MISCONF: the last save to disk failed: writes may be refused"),
    ],
)
def test_a_failed_save_says_what_becomes_of_writes(settings: dict[str, str], said: str) -> None:
    (text,) = found(settings, rdb_last_bgsave_status="err").failing
    assert said in text


def test_what_was_never_saved_is_said_where_it_should_have_been() -> None:
    start = int(NOW_S) - UPTIME_S
    (said,) = found(rdb_last_save_time=start).warnings
    assert said == "never saved since it started 1 d ago: 17 changes are in memory only"
    assert found(rdb_last_save_time=start, rdb_changes_since_last_save=0).warnings == ()
    assert found(rdb_saves=0).warnings, "a server that counts its saves is believed"
    assert found(rdb_last_save_time=start, rdb_saves=3).warnings == ()
    assert found(rdb_last_save_time=start, aof_enabled=1).warnings == ()


def test_a_server_that_keeps_nothing_by_intent_has_a_note() -> None:
    said = found({"save": ""}, rdb_last_save_time=int(NOW_S) - UPTIME_S)
    assert said.warnings == ()
    assert said.notes == (
        "nothing is kept over a restart: saving and the append-only file are off",
    )


def test_a_replica_that_is_cut_off_says_since_when() -> None:
    down = {"role": "slave", "master_link_status": "down", "master_link_down_since_seconds": 340}
    assert found(**down).failing == (
        "MASTERDOWN: replica cut off from its master for 6 min: what it has is that old",
    )
    (syncing,) = found(**down, master_sync_in_progress=1).failing
    assert "copies all data anew" in syncing
    assert found(role="slave", master_link_status="up").failing == ()


def test_replicas_that_do_not_follow_are_counted() -> None:
    lines = {
        "connected_slaves": 2,
        "master_repl_offset": 900,
        "slave0": "ip=10.0.0.2,port=6379,state=online,offset=700,lag=1",
        "slave1": "ip=10.0.0.3,port=6379,state=wait_bgsave,offset=0,lag=0",
    }
    assert found(**lines).warnings == ("1 of 2 replicas do not follow",)
    assert figures_of(info(**lines)).replication.lag_bytes == 900


def test_the_append_only_file_has_findings_only_where_it_is_on() -> None:
    bad = {"aof_last_write_status": "err", "aof_last_bgrewrite_status": "err"}
    assert found(**bad, aof_enabled=1).failing == (
        "MISCONF: the append-only file cannot be written: writes are refused",
    )
    assert "rewrite" in found(**bad, aof_enabled=1).warnings[0]
    assert found(**bad).failing == found(**bad).warnings == ()


def test_small_memory_that_is_fragmented_is_nothing_to_act_on() -> None:
    assert found(used_memory=2**20, mem_fragmentation_ratio="9.00").warnings == ()
    (said,) = found(mem_fragmentation_ratio="0.60").warnings
    assert "swapped out" in said


def test_clocks_that_differ_are_said_with_the_direction() -> None:
    def skewed(seconds: float) -> tuple[str, ...]:
        who = replace(IDENTITY, skew_s=seconds)
        return findings_of(Seen(SPEC, figures_of(info()), identity=who)).warnings

    assert skewed(1.9) == ()
    assert "ahead of ours" in skewed(86_400.0)[0]
    assert "3 s behind ours" in skewed(-3.0)[0]


def test_loading_and_a_lack_of_connections_are_said() -> None:
    (said,) = found(loading=1, loading_loaded_perc="40.25").failing
    assert said.startswith("LOADING")
    assert "40% done" in said
    assert "9,500 of 10,000 connections" in found(connected_clients=9_500).warnings[0]


def test_tokens_without_a_time_to_live_are_a_finding() -> None:
    tokens = Tokens((), 3, 1, Progress(3, 3, True, 0.1), looked_at=3)
    assert tokens_finding(tokens).startswith("1 token has no time to live")
    part = replace(tokens, looked_at=2)
    assert tokens_finding(part).startswith("at least 1 token has")
    assert tokens_finding(replace(tokens, without_ttl=0)) == ""
    assert tokens_finding(None) == ""


def test_our_own_rights_are_a_note_and_offer_the_way_out() -> None:
    def notes(may_write: bool | None) -> tuple[str, ...]:
        seen = Seen(RedisSpec("s/r"), figures_of(info()), identity=IDENTITY, may_write=may_write)
        return findings_of(seen).notes

    assert "`quarterdeck doctor`" in notes(True)[0]
    assert notes(False) == notes(None) == ()


def test_the_most_urgent_comes_first() -> None:
    bad = found(used_memory=600 * 2**20, rdb_last_bgsave_status="err", connected_clients=9_999)
    assert [text.partition(":")[0] for text in bad.failing] == ["OOM", "MISCONF"]
    assert len(bad.warnings) == 1
