"""Replies of both protocols mean the same; other shapes are told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.keyspace.port import RawEntry
from core.clients.keyspace.replies import (
    after,
    as_map,
    before,
    parse_consumer,
    parse_entries,
    parse_group,
    parse_look,
    parse_pending,
    parse_slow,
    parse_stream,
    parse_time,
)
from core.clients.keyspace.whole import MASTERS, merge_infos
from core.errors import ClientError, ClientGarbled
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import clean

GROUP = [b"name", b"g", b"consumers", 2, b"pending", 3, b"last-delivered-id", b"5-1"]


def paired(flat: list[object]) -> dict[object, object]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def test_a_map_is_read_from_both_protocols() -> None:
    newer = [*GROUP, b"entries-read", 7, b"lag", None]
    assert parse_group(newer) == parse_group(paired(newer))
    old = parse_group(GROUP)
    assert (old.name, old.entries_read, old.lag) == (KeyName(b"g"), None, None)


def test_a_stream_without_entries_has_no_ends() -> None:
    facts = parse_stream(
        {
            b"length": 0,
            b"groups": 0,
            b"last-generated-id": b"7-0",
            b"first-entry": None,
            b"last-entry": None,
            b"something-new": [1, 2],
        }
    )
    assert (facts.first, facts.last, facts.entries_added) == (None, None, None)
    assert facts.last_generated == EntryId(7)


def test_who_never_got_anything_is_not_inactive() -> None:
    line = {b"name": b"c", b"pending": 0, b"idle": 1500, b"inactive": -1}
    facts = parse_consumer(line)
    assert (facts.idle_s, facts.inactive_s) == (1.5, None)
    assert parse_consumer({**line, b"inactive": 2000}).inactive_s == 2.0


def test_entries_that_are_gone_are_left_out() -> None:
    reply = [None, [b"1-2", [b"a", b"b", b"a", b"c"]]]
    assert parse_entries(reply) == (RawEntry(EntryId(1, 2), ((b"a", b"b"), (b"a", b"c"))),)


def test_the_other_lines() -> None:
    pending = parse_pending([b"1-1", b"c", 61_000, 3])
    assert (pending.idle_s, pending.deliveries) == (61.0, 3)
    slow = parse_slow([14, 1700000000, 250, [b"GET", b"k"]])
    assert (slow.took_us, slow.words, slow.client) == (250, (b"GET", b"k"), b"")
    assert parse_time([b"1700000000", b"500000"]) == 1700000000.5
    assert parse_look(b"hash", -1).ttl_s is None
    assert parse_look(b"hash", 0).ttl_s == 0.0


JUNK = st.recursive(
    st.none() | st.integers() | st.binary(max_size=8) | st.floats() | st.booleans(),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.binary(max_size=4), inner),
    max_leaves=12,
)
PARSERS = [
    parse_stream,
    parse_group,
    parse_consumer,
    parse_entries,
    parse_pending,
    parse_slow,
    parse_time,
    as_map,
]


@given(junk=JUNK)
def test_no_reply_breaks_a_parser(junk: object) -> None:
    for parse in PARSERS:
        try:
            parse(junk)
        except ClientError as error:
            assert isinstance(error, ClientGarbled)  # noqa: PT017 - most junk is refused


IDS = st.builds(EntryId, st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))


@given(one=IDS)
def test_a_range_goes_on_right_after_and_right_before(one: EntryId) -> None:
    following, previous = EntryId.read(after(one).decode()), EntryId.read(before(one).decode())
    if one != EntryId(2**64 - 1, 2**64 - 1):
        assert following is not None
        assert following > one
        assert EntryId.read(before(following).decode()) == one
    if one != EntryId(0):
        assert previous is not None
        assert previous < one


@pytest.mark.parametrize("name", ["used_memory", "evicted_keys"])
def test_figures_of_masters_are_added(name: str) -> None:
    infos = [{name: clean(str(number)), "used_memory_human": clean("1G")} for number in (3, 4)]
    merged = merge_infos(infos)
    assert (merged[name], merged[MASTERS]) == ("7", "2")
    assert "used_memory_human" not in merged


def test_the_worst_master_is_told_and_databases_are_added() -> None:
    good = {"rdb_last_bgsave_status": "ok", "db0": "keys=3,expires=1,avg_ttl=9", "run_id": "a"}
    bad = {"rdb_last_bgsave_status": "err", "db0": "keys=4,expires=0,avg_ttl=0", "run_id": "b"}
    infos = [{name: clean(value) for name, value in one.items()} for one in (good, bad)]
    merged = merge_infos(infos)
    assert merged["rdb_last_bgsave_status"] == "err"
    assert merged["db0"] == "keys=7,expires=1"
    assert merged["run_id"] == "a"
    assert merge_infos(infos[:1]) == infos[0]
