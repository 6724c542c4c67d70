"""The shapes that stores have, and edits that touch nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from core.errors import ClientDenied
from core.keys.store.shapes import (
    Fresh,
    Number,
    Shape,
    Unrecognised,
    differences,
    parse,
    recognise,
    style_of,
    write,
)
from core.model.key_store import KeyShape

NOW = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC)
RECORD = (
    '{"tier": "pro", "requests_per_month": 10000,'
    ' "created_at": "2025-12-04T09:26:53.000000", "active": true}'
)
HASH = "f16d05ec6b29248d2c61adb1e9263f78e4f7bace1b955014a2d17872cfe4064d"


def shape_of(text: str) -> Shape:
    shape = recognise(parse(text.encode()))
    assert isinstance(shape, Shape), shape
    return shape


@pytest.mark.parametrize(
    ("text", "kind", "keys"),
    [
        (f'{{"key_a": {RECORD}, "key_b": {RECORD}}}', KeyShape.BY_KEY, 2),
        (f'{{"keys": {{"key_a": {RECORD}}}, "version": 1}}', KeyShape.KEYS_BY_KEY, 1),
        ('{"keys": [{"key": "key_a", "tier": "pro"}]}', KeyShape.KEYS_LIST, 1),
        ('[{"api_key": "key_a", "plan": "pro"}]', KeyShape.LIST, 1),
        (f'[{{"key_hash": "{HASH}", "prefix": "ak_", "is_active": true}}]', KeyShape.HASHED, 1),
        (f'{{"keys": [{{"hash": "{HASH}", "revoked": false}}]}}', KeyShape.HASHED, 1),
        (f'{{"{HASH}": {{"key_prefix": "ak_", "enabled": true}}}}', KeyShape.HASHED, 1),
        (f'{{"pro": {{"key_a": {RECORD}}}, "free": {{}}}}', KeyShape.BY_TIER, 1),
        ('{"pro": ["key_a", "key_b"], "free": []}', KeyShape.BY_TIER, 2),
        ('{"pro": [{"key": "key_a", "enabled": true}]}', KeyShape.BY_TIER, 1),
        ("{}", KeyShape.BY_KEY, 0),
        ('{"keys": {}}', KeyShape.KEYS_BY_KEY, 0),
        ('{"keys": []}', KeyShape.KEYS_LIST, 0),
        (f'{{"key_a": {RECORD}, "key_b": null, "version": 2}}', KeyShape.BY_KEY, 1),
    ],
)  # fmt: skip
def test_a_shape_is_recognised(text: str, kind: KeyShape, keys: int) -> None:
    shape = shape_of(text)
    assert (shape.kind, len(list(shape.records()))) == (kind, keys)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[]", "empty list"),
        ("null", "neither"),
        ("3", "neither"),
        ('"key"', "neither"),
        ('["key_a"]', "no field for a key"),
        ('{"openai": "sk-1", "stripe": "sk-2"}', "secrets by their names"),
        ('{"version": 1}', "no known shape"),
        (f'{{"keys": {{"key_a": {RECORD}}}, "key_b": {RECORD}}}', "2 ways"),
        (f'[{{"key": "a", "key_hash": "{HASH}"}}]', "several ways"),
        ('[{"key": "a", "tier": "pro", "plan": "free"}]', "two tiers"),
        ('[{"key": "a", "status": "frozen"}]', "`status`"),
        ('[{"key": "a"}, {"key": "a"}]', "two records"),
        (f'{{"{HASH}": {RECORD}}}', "hexadecimal"),
        ('{"free": {"key": "key_a", "limit": 100}}', "2 ways"),
        ('{"client-a": {"key": "key_a", "active": true}}', "names of its records"),
        (f'{{"id_1": {{"key_hash": "{HASH}", "active": true}}}}', "names of its records"),
        ('{"free": {"limit": 100}, "pro": {"limit": 1000}}', "tiers"),
    ],
)  # fmt: skip
def test_what_fits_no_shape_or_two_says_why(text: str, why: str) -> None:
    found = recognise(parse(text.encode()))
    assert isinstance(found, Unrecognised)
    assert why in found.why
    assert "key_a" not in found.why


@pytest.mark.parametrize(
    ("fields", "is_active"),
    [
        ('"active": true', True),
        ('"is_active": false', False),
        ('"enabled": 1', True),
        ('"enabled": "no"', False),
        ('"status": "active"', True),
        ('"status": "Revoked"', False),
        ('"revoked": true', False),
        ('"revoked": false, "active": true', True),
        ('"revoked": true, "active": true', False),
        ('"revoked_at": null, "active": true', True),
        ('"revoked_at": "2026-01-01", "active": true', False),
        ('"tier": "pro"', True),
    ],
)  # fmt: skip
def test_every_word_for_active_counts(fields: str, is_active: bool) -> None:
    (record,) = shape_of(f'[{{"key": "key_a", {fields}}}]').records()
    assert record.is_active is is_active


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('"active": true', '"active": false'),
        ('"enabled": 1', '"enabled": 0'),
        ('"enabled": "yes"', '"enabled": "no"'),
        ('"status": "ACTIVE"', '"status": "INACTIVE"'),
        ('"is_active": true, "revoked": false', '"is_active": false, "revoked": true'),
    ],
)  # fmt: skip
def test_deactivating_changes_the_words_for_it_and_no_other_byte(before: str, after: str) -> None:
    data = f'[ {{"key": "key_a",{before},"x":1e3}}, {{"key":"key_b",{before}}} ]'.encode()
    tree = parse(data)
    shape = recognise(tree)
    assert isinstance(shape, Shape)
    shape.set_active(next(shape.records()), False)
    assert write(tree, style_of(data)) == data.replace(before.encode(), after.encode(), 1)
    shape.set_active(next(shape.records()), True)
    assert write(tree, style_of(data)) == data


def test_the_files_own_word_for_a_key_that_is_off_is_used() -> None:
    shape = shape_of('[{"key": "a", "status": "live"}, {"key": "b", "status": "suspended"}]')
    first, _ = shape.records()
    shape.set_active(first, False)
    assert first.fields["status"] == "suspended"


def test_a_record_without_the_field_gets_the_one_of_the_others_or_is_refused() -> None:
    shape = shape_of('{"a": {"tier": "pro"}, "b": {"tier": "pro", "enabled": true}}')
    first, _ = shape.records()
    shape.set_active(first, False)
    assert first.fields == {"tier": "pro", "enabled": False}
    shape = shape_of('{"pro": ["key_a"]}')
    with pytest.raises(ClientDenied, match="no record of the store"):
        shape.set_active(next(shape.records()), False)


def test_a_new_key_gets_the_fields_and_the_date_format_of_its_like() -> None:
    data = f'{{\n  "key_a": {RECORD}\n}}'.encode()
    tree = parse(data)
    shape = recognise(tree)
    assert isinstance(shape, Shape)
    shape.insert("key_new", shape.newest(), Fresh("dev", 1000, NOW))
    again = parse(write(tree, style_of(data)))
    assert isinstance(again.root, dict)
    assert again.root["key_new"] == {
        "tier": "dev",
        "requests_per_month": Number("1000"),
        "created_at": "2026-03-14T09:26:53.000000",
        "active": True,
    }
    assert differences(parse(data).root, again.root) == (("key_new",),)
    assert write(tree, style_of(data)).startswith(data[:-2])


def test_a_new_record_of_a_list_forgets_the_past_of_its_like() -> None:
    shape = shape_of(
        '[{"id": "id_7", "name": "ci", "key": "ak_old", "prefix": "ak_o", "plan": "pro",'
        ' "created_at": "2026-03-01T00:00:00Z", "expires_at": "2026-03-31T00:00:00Z",'
        ' "last_used_at": 1700000000, "usage_count": 9, "revoked": true, "scopes": ["read"]}]'
    )
    made = shape.insert("ak_newer", shape.newest(), Fresh("pro", None, NOW, "client")).fields
    assert made == {
        "id": "id_8", "name": "client", "key": "ak_newer", "prefix": "ak_n", "plan": "pro",
        "created_at": "2026-03-14T09:26:53Z", "expires_at": "2026-04-13T09:26:53Z",
        "last_used_at": None, "usage_count": Number("0"), "revoked": False, "scopes": ["read"],
    }  # fmt: skip


def test_the_first_key_of_an_empty_store_looks_as_its_tool_would_write_it() -> None:
    shape = shape_of("{}")
    shape.insert("key_a", None, Fresh("free", 100, NOW))
    expected = (
        b'{\n  "key_a": {\n    "tier": "free",\n    "requests_per_month": 100,\n'
        b'    "created_at": "2026-03-14T09:26:53.000000",\n    "active": true\n  }\n}'
    )
    assert write(shape.tree, style_of(b"{}")) == expected


def test_hashes_are_made_only_where_the_store_says_how() -> None:
    shape = shape_of(f'[{{"key_hash": "{HASH}", "prefix": "ak_"}}]')
    with pytest.raises(ClientDenied, match="how they are made"):
        shape.insert("ak_new", shape.newest(), Fresh("pro", None, NOW))
    shape = shape_of(f'[{{"key_hash": "{HASH}", "prefix": "ak_", "algorithm": "SHA-256"}}]')
    made = shape.insert("ak_new", shape.newest(), Fresh("pro", None, NOW))
    assert len(made.identity) == 64
    assert "ak_new" not in str(made.fields)


def test_a_key_that_is_there_is_not_added_again() -> None:
    shape = shape_of(f'{{"key_a": {RECORD}}}')
    with pytest.raises(ClientDenied, match="already"):
        shape.insert("key_a", shape.newest(), Fresh("pro", None, NOW))


def test_another_tier_and_quota_keep_the_rest() -> None:
    shape = shape_of(f'{{"key_a": {RECORD}}}')
    record = next(shape.records())
    shape.set_tier(record, "enterprise", 1_000_000)
    assert record.fields["tier"] == "enterprise"
    assert record.fields["requests_per_month"] == Number("1000000")


def test_a_store_whose_records_have_names_is_shown_by_their_keys() -> None:
    found = recognise(parse(b'{"client-a": {"key": "key_a", "active": false}}'))
    assert isinstance(found, Unrecognised)
    assert found.shape is not None
    assert [(one.identity, one.was_active) for one in found.shape.records()] == [("key_a", False)]


def test_no_record_shows_its_key() -> None:
    shape = shape_of(f'{{"key_abcdef": {RECORD}}}')
    show: Callable[[object], str] = repr
    assert "key_abcdef" not in show(next(shape.records()))
