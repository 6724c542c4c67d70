"""What of an entry a person sees first, and that nothing in it does harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.keyspace.port import RawEntry
from core.model.stream import EntryId, StreamEntry
from core.model.text import clean
from core.redis.streams.payload import entry_of, has_text, members_of, payload_of, shown

NOW_S = 1_773_479_623.0


def entry(*fields: tuple[bytes, bytes]) -> StreamEntry:
    return entry_of(RawEntry(EntryId(1_773_479_613_000), fields), "data", NOW_S)


def test_of_json_what_matters_comes_first() -> None:
    text = b'{"z": 1, "run_id": "r1", "nested": {"a": [1.50]}, "event_type": "started"}'
    seen = entry((b"data", text), (b"timestamp", b"17"))
    assert seen.preview == 'event_type=started run_id=r1 z=1 nested={"a": [1.50]}'
    assert seen.is_json
    assert seen.age_s == 10.0
    assert [one.name for one in seen.fields] == ["data", "timestamp"]


def test_what_is_no_json_is_shown_by_its_fields() -> None:
    assert entry((b"data", b"{broken"), (b"n", b"2")).preview == "data={broken n=2"
    assert entry((b"event_type", b"x"), (b"a", b"\xff")).preview == "event_type=x a=\\ufffd"


@pytest.mark.parametrize("fields", [((b"data", b"init"),), ((b"init", b"1"),)])
def test_a_publishers_first_entry_is_marked(fields: tuple[tuple[bytes, bytes], ...]) -> None:
    assert entry(*fields).preview == "init: a publisher's first entry, no message"


def test_another_name_of_the_payload_is_recognised_where_the_own_is_not_there() -> None:
    assert entry((b"payload", b'{"a": 1}')).is_json
    assert not entry((b"payload", b'{"a": 1}'), (b"data", b"x")).is_json


def test_hostile_bytes_are_shown_harmless() -> None:
    seen = entry((b"data", b'{"intent": "\\u001b[2J\\u202e", "\x07": 1}'), (b"\x1b]0;x", b"\x9b"))
    text = seen.preview + "".join(one.name + one.value for one in seen.fields)
    assert text.isprintable()


def test_a_large_value_is_cut_and_keeps_its_size() -> None:
    seen = entry((b"data", b"x" * 100_000))
    assert seen.fields[0].size_bytes == 100_000
    assert seen.fields[0].value.endswith("… (100000 bytes)")
    assert len(seen.fields[0].value) < 9000
    assert len(seen.preview) < 500
    assert shown("ä".encode() * 10, 5) == "ää… (20 bytes)"


def test_nothing_is_too_deep_or_too_long_to_be_shown() -> None:
    assert not entry((b"data", b'{"a": ' + b"[" * 200_000)).is_json
    digits = b'{"a": %s}' % (b"9" * 20_000)
    assert entry((b"data", digits)).is_json
    assert len(entry((b"data", digits)).preview) < 500


def test_text_is_found_in_any_case_and_behind_escapes() -> None:
    fields = ((b"data", b'{"name": "Qu\\u006fte", "x": "STRASSE"}'),)
    assert has_text(fields, "quote")
    assert has_text(fields, "stra\u00dfe")
    assert has_text(fields, "NAME")
    assert not has_text(fields, "quotes")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@given(JSON, st.sampled_from([None, 2]), st.booleans())
def test_the_members_of_an_object_are_those_that_the_library_reads(
    value: object, indent: int | None, is_ascii: bool
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    members = members_of(text)
    assert (members is not None) == isinstance(value, dict)
    read = {one.name: json.loads(text[one.value_at : one.end]) for one in members or ()}
    if members is not None:
        assert json.dumps(read) == json.dumps(json.loads(text))


@given(st.text(alphabet='{}[]",: 1ae\\\n', max_size=12))
def test_what_the_library_refuses_is_no_object_to_us(text: str) -> None:
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    assert (members_of(text) is not None) == isinstance(value, dict)


@given(st.lists(st.tuples(st.binary(max_size=6), st.binary(max_size=20)), max_size=4))
def test_any_fields_can_be_shown(fields: list[tuple[bytes, bytes]]) -> None:
    seen = entry(*fields)
    assert clean(seen.preview) == seen.preview
    assert seen.is_json == (payload_of(fields, "data") is not None)
