"""Changes of a store can be made again, touch what was meant, and take in what others added."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.errors import ClientDenied, ClientGarbled
from core.keys.ids import KeyIds
from core.keys.store.edits import Insert, NewKey, PutBack, Remove, SetActive, SetTier, shape_of
from core.keys.store.making import make_key, packed, prefix_of, unpacked
from core.keys.store.merging import merged
from core.keys.store.restoring import merge_of
from core.model.secret import Secret

IDS = KeyIds(b"e" * 32)
AT = datetime(2026, 5, 6, 7, 8, 9, tzinfo=UTC)
A, B, NEW = (f"key_{letter * 43}" for letter in "abn")
STORE = {
    A: {"tier": "pro", "requests_per_month": 10, "active": True, "x": {"n": [1, None, "é"]}},
    B: {"tier": "free", "requests_per_month": 5, "active": False},
}
STYLES = {
    "as the tool writes": json.dumps(STORE, indent=2).encode(),
    "tabs and a last newline": (json.dumps(STORE, indent="\t") + "\n").encode(),
    "one line": json.dumps(STORE, separators=(",", ":")).encode(),
    "BOM, CRLF and letters": b"\xef\xbb\xbf"
    + json.dumps(STORE, indent=4, ensure_ascii=False).replace("\n", "\r\n").encode(),
    "below keys": json.dumps({"version": 1e3, "keys": STORE}, indent=1).encode(),
    "a list": json.dumps([{"key": name, **one} for name, one in STORE.items()]).encode(),
}


def data(records: Any) -> bytes:
    return json.dumps(records, indent=2).encode()


def off(key: str) -> SetActive:
    return SetActive(ids=IDS, marks=(IDS.mark(key),), is_active=False)


def new(key: str = NEW, like: str = "") -> Insert:
    return Insert(ids=IDS, keys=(NewKey(Secret(key), like, "dev", 1000, AT),))


@pytest.mark.parametrize("style", STYLES)
def test_a_flag_changes_nothing_else_and_a_second_time_nothing(style: str) -> None:
    before = STYLES[style]
    after = off(A).edited(before)
    assert after == before.replace(b"true", b"false", 1)
    assert off(A).edited(after) == after


@pytest.mark.parametrize("style", STYLES)
def test_a_key_that_is_added_and_removed_leaves_every_byte(style: str) -> None:
    before = STYLES[style]
    after = new().edited(before)
    assert NEW.encode() in after
    assert new().edited(after) == after
    assert Remove(ids=IDS, marks=(IDS.mark(NEW),)).edited(after) == before


def test_what_is_put_back_leaves_what_others_changed() -> None:
    base = data(STORE)
    edit = SetTier(ids=IDS, mark=IDS.mark(A), tier="enterprise", quota=99)
    live = json.loads(edit.edited(base))
    live[A]["x"] = 7
    live[NEW] = {"tier": "dev", "active": True}
    back = PutBack(ids=IDS, marks=(IDS.mark(A),), base=base, done=edit).edited(data(live))
    assert json.loads(back) == {**live, A: {**STORE[A], "x": 7}}


def test_a_key_that_is_gone_or_ambiguous_is_refused() -> None:
    with pytest.raises(ClientDenied, match="not in the store"):
        off(NEW).edited(data(STORE))
    with pytest.raises(ClientDenied, match="two keys"):
        SetActive(ids=IDS, marks=("",), is_active=False).edited(data(STORE))


def test_another_ones_additions_and_deactivations_are_merged_and_nothing_else() -> None:
    base = data(STORE)
    orphan = json.loads(base)
    orphan[NEW] = {"tier": "dev", "active": True}
    orphan[A]["active"] = False
    orphan[B]["active"] = True
    orphan[B]["tier"] = "pro"
    found = json.loads(merged(base, data(orphan), base))
    assert found == {
        **STORE, A: {**STORE[A], "active": False}, NEW: orphan[NEW],
    }  # fmt: skip
    assert merged(base, data({}), base) == base, "what it lost is not lost here"


def test_half_of_what_another_one_writes_is_not_merged() -> None:
    with pytest.raises(ClientGarbled):
        merged(data(STORE), data(STORE)[:40], data(STORE))


def test_a_merge_says_what_comes_what_stays_and_what_stays_off() -> None:
    live = shape_of(
        data({A: {**STORE[A], "active": False}, NEW: {"tier": "x", "active": True}}), ()
    )
    found = merge_of(IDS, live.all_records, shape_of(data(STORE), ()).all_records)
    assert (found.added, found.newer, found.off) == (
        (IDS.mark(B),), (IDS.mark(NEW),), (IDS.mark(A),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("keys", "prefix"),
    [
        ([A, B], "key_"),
        (["sk_live_" + "Q" * 30], "sk_live_"),
        (["sk-proj-" + "Q" * 30], "sk-proj-"),
        (["dev_key_123", A, B], "key_"),
        (["QQQ" * 12], "key_"),
    ],
)
def test_new_keys_begin_as_the_others_do(keys: list[str], prefix: str) -> None:
    shape = shape_of(data({key: {"tier": "x", "active": True} for key in keys}), ())
    assert prefix_of(shape.records(), None) == prefix


def test_new_keys_are_long_and_wait_as_they_were_made() -> None:
    made = {make_key("key_", frozenset()).reveal() for _ in range(50)}
    assert {len(one) for one in made} == {47}
    assert len(made) == 50
    keys = (NewKey(Secret(NEW), "m", "dev", None, AT, "shop"),)
    assert unpacked(packed(keys)) == keys
    assert NEW not in repr(keys)
    with pytest.raises(ClientGarbled):
        unpacked(b"{}")
