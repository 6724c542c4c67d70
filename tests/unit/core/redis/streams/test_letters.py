"""What a dead letter is, and what of it would go back."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clients.keyspace.port import RawEntry
from core.model.dead_letter import LetterKind
from core.model.redis_key import KeyName
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.stream import EntryId
from core.redis.streams.letters import is_stripped, letter_of, requeued_fields, spec_of

NOW_S = 1_773_480_413.0
SPEC = StreamSpec(
    "automation.events",
    ("automation.events", "events"),
    dead_letters=("automation.dlq",),
    strip_on_requeue=("dlq_*", "original_stream"),
)
DIED = (
    '{"event_type": "automation.run.requested", "intent": "lead.intake", "run_id": "r90", '
    '"correlation_id": "c-90", "dlq_error": "Connection refused", "dlq_timestamp": 1773479913.6, '
    '"original_stream": "automation.events"}'
)


def entry(*fields: tuple[str, str]) -> RawEntry:
    pairs = tuple((name.encode(), value.encode()) for name, value in fields)
    return RawEntry(EntryId(1_773_479_913_000), pairs)


def payload_of(fields: tuple[tuple[bytes, bytes], ...]) -> bytes:
    return dict(fields)[b"data"]


def test_a_letter_of_json_says_why_it_died_where_it_was_from_and_goes_back() -> None:
    letter = letter_of(entry(("data", DIED)), SPEC, NOW_S)
    assert letter.kind is LetterKind.JSON
    assert letter.can_requeue
    assert letter.error == "Connection refused"
    assert (letter.event_type, letter.intent, letter.run) == (
        "automation.run.requested",
        "lead.intake",
        "r90",
    )
    assert letter.died_age_s is not None
    assert round(letter.died_age_s, 1) == 499.4
    assert letter.origin == KeyName(b"automation.events")


def test_a_letter_of_flat_fields_goes_back_as_flat_fields() -> None:
    flat = entry(
        ("event_type", "automation.run.requested"),
        ("intent", "finance.report"),
        ("error", "Timeout"),
        ("retry_count", "3"),
        ("failed_at", "1773480013"),
        ("dlq_reason", "gave up"),
    )
    letter = letter_of(flat, SPEC, NOW_S)
    assert (letter.kind, letter.can_requeue) == (LetterKind.FLAT, True)
    assert (letter.error, letter.retries, letter.died_age_s) == ("Timeout", 3, 400.0)
    assert requeued_fields(flat.fields, SPEC) == flat.fields[:-1]


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ([("data", "init")], LetterKind.INIT),
        ([("data", "{not json")], LetterKind.NOT_JSON),
        ([("data", "[1, 2]")], LetterKind.NOT_JSON),
        ([("data", "[" * 100_000)], LetterKind.NOT_JSON),
        ([("data", '{"raw_message": {"x": "1"}, "dlq_error": "Parse error"}')], LetterKind.WRAPPED),
        ([("raw_message", "{oh"), ("dlq_error", "Parse error")], LetterKind.WRAPPED),
        ([("data", '{"original_message": {"a": 1}, "error": "x"}')], LetterKind.WRAPPED),
        ([("payload", "{not json")], LetterKind.NOT_JSON),
        ([("data", '{"dlq_error": "x", "dlq_timestamp": 1}')], LetterKind.JSON),
        ([("error", "x"), ("failed_at", "17")], LetterKind.FLAT),
    ],
)
def test_what_holds_no_message_does_not_go_back_and_says_why(
    fields: list[tuple[str, str]], kind: LetterKind
) -> None:
    letter = letter_of(entry(*fields), SPEC, NOW_S)
    assert letter.kind is kind
    assert not letter.can_requeue
    assert letter.why_not


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ([("payload", '{"a": 1}'), ("error", "x")], LetterKind.JSON),
        ([("type", "mail"), ("message", "a text"), ("error", "x")], LetterKind.FLAT),
        ([("data", '{"raw": 1, "event_type": "x"}')], LetterKind.JSON),
    ],
)
def test_messages_of_other_shapes_go_back_too(
    fields: list[tuple[str, str]], kind: LetterKind
) -> None:
    letter = letter_of(entry(*fields), SPEC, NOW_S)
    assert (letter.kind, letter.can_requeue) == (kind, True)


def test_what_dying_added_is_taken_out_and_all_else_keeps_its_bytes() -> None:
    left = payload_of(requeued_fields(entry(("data", DIED)).fields, SPEC))
    assert left == (
        b'{"event_type": "automation.run.requested", "intent": "lead.intake", "run_id": "r90", '
        b'"correlation_id": "c-90"}'
    )


def test_numbers_keep_their_digits_and_names_may_come_twice() -> None:
    text = '{ "a":1e400,"dlq_x":0 , "a" : 0.10,\n "big": %s, "u":"\\u0027" }' % ("9" * 5000)
    left = payload_of(requeued_fields(entry(("data", text)).fields, SPEC)).decode()
    assert left == text.replace('"dlq_x":0 , ', "").replace('"a":1e400,"a"', '"a":1e400 , "a"')


def test_a_first_member_that_goes_takes_its_comma_along() -> None:
    fields = entry(("data", '{"dlq_error": "x", "a": 1}')).fields
    assert payload_of(requeued_fields(fields, SPEC)) == b'{"a": 1}'


def test_nothing_to_take_out_changes_nothing_even_of_bytes_that_are_no_text() -> None:
    fields = ((b"data", b'{"a" :1 }\xff'), (b"\xff", b"\x00"), (b"original", b""))
    assert requeued_fields(fields, SPEC) == fields


def test_hostile_values_are_shown_harmless_and_go_back_as_they_are() -> None:
    message = '{"intent": "a b; rm -rf /", "run_id": "$(id)", "x": "\\u001b[2J"'
    text = message + ', "dlq_error": "\\u001b]0;"}'
    letter = letter_of(entry(("data", text)), SPEC, NOW_S)
    assert letter.can_requeue
    assert letter.run == "$(id)"
    assert "\x1b" not in letter.error + letter.entry.preview
    left = payload_of(requeued_fields(entry(("data", text)).fields, SPEC))
    assert left == message.encode() + b"}"


def test_without_a_configuration_the_usual_additions_are_taken_out() -> None:
    assert is_stripped("dlq_error", StreamSpec("", ()))
    assert not is_stripped("original_id", StreamSpec("", ()))


def test_dead_letters_are_read_as_the_stream_that_they_died_in_is() -> None:
    own = StreamSpec("automation.dlq", ("automation.dlq",))
    server = RedisSpec("engine/redis", streams=(own, SPEC))
    assert spec_of(server, KeyName(b"automation.dlq")) is SPEC
    assert spec_of(server, KeyName(b"events")) is SPEC
    assert spec_of(server, KeyName(b"other")).keys == ()


NAMES = st.text(max_size=6) | st.sampled_from(["dlq_error", "dlq_x", "original_stream"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(NAMES, VALUES, max_size=6), st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_message_that_goes_back_is_the_letter_less_what_was_added(
    message: dict[str, object], indent: int | str | None, is_ascii: bool
) -> None:
    text = json.dumps(message, indent=indent, ensure_ascii=is_ascii).encode("utf-8", "replace")
    [(name, left)] = requeued_fields(((b"data", text),), SPEC)
    kept = {key: value for key, value in json.loads(text).items() if not is_stripped(key, SPEC)}
    assert name == b"data"
    assert json.loads(left) == kept
    if len(kept) == len(json.loads(text)):
        assert left == text


@given(st.lists(st.tuples(st.binary(max_size=8), st.binary(max_size=24)), max_size=5))
def test_any_bytes_are_a_letter_and_flat_fields_stay(fields: list[tuple[bytes, bytes]]) -> None:
    raw = RawEntry(EntryId(1), tuple(fields))
    letter = letter_of(raw, SPEC, NOW_S)
    assert letter.can_requeue != bool(letter.why_not)
    kept = requeued_fields(raw.fields, SPEC)
    assert [name for name, _ in kept] == [name for name, _ in fields if b"dlq_" not in name[:4]]
