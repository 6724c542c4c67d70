"""INFO as numbers, and rates between looks."""

import pytest

from core.redis.server.figures import figures_of, sample_of
from core.redis.server.rates import (
    evicting_per_s,
    evictions_per_s,
    hit_percent,
    hit_percents,
    share_percent,
)
from tests.unit.core.redis.server.infos import info, sample


def test_what_is_not_told_is_not_known() -> None:
    figures = figures_of({})
    assert figures.memory.used_bytes is None
    assert figures.traffic.hits is None
    assert figures.persistence.is_save_ok is None
    assert figures.replication.is_link_up is None
    assert figures.databases == ()


@pytest.mark.parametrize("text", ["", "abc", "1e400", "nan", "9" * 500, "-", "0x10"])
def test_a_field_that_is_no_number_is_not_known(text: str) -> None:
    figures = figures_of(info(used_memory=text, mem_fragmentation_ratio=text, db0=f"keys={text}"))
    assert figures.memory.used_bytes is None
    assert not figures.memory.fragmentation or figures.memory.fragmentation < 1e400
    assert [one.number for one in figures.databases] == [3]


def test_databases_come_by_number() -> None:
    databases = figures_of(info(db10="keys=5,expires=1", db2="keys=x")).databases
    assert [(one.number, one.keys, one.expires) for one in databases] == [
        (0, 42, 7),
        (3, 1, 0),
        (10, 5, 1),
    ]


def test_a_valkey_is_called_so() -> None:
    assert figures_of(info()).product == "redis 7.0.15"
    assert figures_of(info(valkey_version="9.1.2")).product == "valkey 9.1.2"


def test_a_replica_lags_by_what_it_read_and_did_not_apply() -> None:
    told = {"role": "slave", "slave_read_repl_offset": 500, "slave_repl_offset": 480}
    assert figures_of(info(**told)).replication.lag_bytes == 20


def test_no_limit_is_kept_apart_from_a_limit_that_is_not_told() -> None:
    assert figures_of(info(maxmemory=0)).memory.max_bytes == 0
    assert figures_of(info(maxmemory=None)).memory.max_bytes is None
    assert sample_of(figures_of(info(maxmemory=0)), 1.0).max_bytes is None


def test_the_hit_rate_is_of_the_window_not_since_the_start() -> None:
    history = tuple(sample(5.0 * i, hits=1_000_000 + i, misses=9 * i) for i in range(10))
    assert hit_percent(history) == pytest.approx(10.0)
    assert hit_percent(history[:1]) is None
    assert hit_percent((sample(0.0), sample(5.0))) is None, "no lookups is no rate"
    assert hit_percents((sample(0.0), sample(5.0, hits=3, misses=1))) == (75.0,)
    assert share_percent(None, 3) is None


def test_evictions_are_a_rate_and_a_restart_is_a_gap() -> None:
    history = (sample(0.0, 5), sample(5.0, 15), sample(10.0, 2), sample(10.0, 3))
    assert evictions_per_s(history) == (2.0, None, None)
    assert evicting_per_s(history[:2]) == 2.0
    assert evicting_per_s(history[:1]) is None
