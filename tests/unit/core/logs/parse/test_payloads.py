"""What a line carries: JSON and Python dictionaries, hostile ones too."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from core.logs.parse.fields import LEFT_OUT, MAX_FIELDS
from core.logs.parse.parser import detect
from core.logs.parse.payload import parse_object
from core.logs.parse.python_literal import parse_literal
from core.model.log import LogLevel, LogPosition
from core.model.text import clean
from tests.unit.core.logs.parse.corpus import record_of

TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = some.one_of(some.none(), some.booleans(), some.integers(), TEXTS)
VALUES = some.recursive(
    some.one_of(SCALARS, some.floats(allow_nan=False, allow_infinity=False)),
    lambda inner: some.one_of(
        some.lists(inner, max_size=4), some.dictionaries(TEXTS, inner, max_size=4)
    ),
    max_leaves=12,
)


def test_objects_are_flattened_and_lists_stay_lists() -> None:
    record = record_of('{"a": {"b": {"c": 1}, "d": []}, "e": [1, "x", {"f": 2}], "g": {}}')
    assert record.fields == {"a.b.c": 1, "a.d": (), "e": (1, "x", '{"f": 2}'), "g": "{}"}


def test_a_key_that_is_there_twice_keeps_both_values_and_the_worse_level() -> None:
    record = record_of('{"level": "INFO", "message": "fine", "level": "ERROR"}')
    assert record.fields["level"] == ("INFO", "ERROR")
    assert record.level is LogLevel.ERROR
    forged = record_of('{"message": "real", "message": "forged"}')
    assert forged.fields["message"] == ("real", "forged")
    assert forged.message == '{"message": "real", "message": "forged"}'


def test_numbers_that_are_none_stay_text() -> None:
    huge = "9" * 5000
    record = record_of(f'{{"a": NaN, "b": -Infinity, "c": 1e999, "d": {huge}, "e": {10**30}}}')
    assert record.fields["a"] == "NaN"
    assert record.fields["b"] == "-Infinity"
    assert record.fields["c"] == "1e999"
    assert record.fields["d"] == huge
    assert record.fields["e"] == 10**30


def test_too_many_fields_are_counted() -> None:
    record = record_of(json.dumps({f"k{number}": number for number in range(300)}))
    assert len(record.fields) == MAX_FIELDS + 1
    assert record.fields[LEFT_OUT] == 300 - MAX_FIELDS


@pytest.mark.parametrize("opening", ["[", '{"a":', "{'a': [", "("])
def test_endless_nesting_is_text(opening: str) -> None:
    record = record_of("{" + opening * 50_000)
    assert record.fields == {}
    whole = record_of('{"a":' * 400 + "1" + "}" * 400)
    assert record.raw.startswith(b"{")
    assert len(whole.fields) == 1


def test_controls_inside_json_are_shown_and_colours_removed() -> None:
    record = record_of(
        r'{"msg": "\u001b[31mred\u001b[0m \u001b]0;x\u0007 \u202e", "k\u001b": "\u009b"}'
    )
    assert record.message == r"red ␛]0;x␇ \u202e"
    assert dict(record.fields) == {"msg": record.message, "k␛": r"\x9b"}


def test_raw_tabs_in_json_are_forgiven() -> None:
    assert record_of('{"level": "error", "msg": "a\tb"}').level is LogLevel.ERROR


def test_a_half_written_object_is_text() -> None:
    record = record_of('{"level":"ERROR","mess')
    assert (record.format, record.level) == ("text", None)


def test_of_a_record_that_was_cut_the_whole_pairs_count() -> None:
    raw = b'{"level":"ERROR","n":7,"nested":{"a":1},"message":"' + b"x" * 50_000
    record = detect([raw]).parse("log", LogPosition(0, 0), raw, is_cut=True)
    assert record.level is LogLevel.ERROR
    assert record.fields["n"] == 7
    assert record.fields["nested.a"] == 1
    assert record.message.startswith("xxx")
    assert record.is_cut


def test_a_payload_cannot_forge_its_carrier() -> None:
    entry = {"log": '{"transport.stream": "stdout", "transport": {"time": "x"}}\n'}
    record = record_of(json.dumps({**entry, "stream": "stderr", "time": "2026-03-14T09:26:53Z"}))
    assert record.fields["transport.stream"] == "stderr"
    assert record.fields["transport.time"] == "2026-03-14T09:26:53Z"


def test_the_names_of_a_carriers_facts_are_clean_too() -> None:
    record = record_of('{"_PID": "1", "_H\\u001b]0;x": {"\\u202e": 1}, "MESSAGE": "x"}')
    assert list(record.fields) == ["transport._PID", "transport._H␛]0;x.\\u202e"]


@given(content=some.dictionaries(TEXTS, VALUES, max_size=6))
def test_the_repr_of_a_dictionary_is_read_back(content: dict[str, object]) -> None:
    assert parse_literal(repr(content)) == content


@given(content=some.dictionaries(TEXTS, VALUES, max_size=6), is_ascii=some.booleans())
def test_json_is_read_back(content: dict[str, object], is_ascii: bool) -> None:
    found = parse_object(json.dumps(content, ensure_ascii=is_ascii))
    assert found is not None
    assert found[0] == content


@given(content=some.dictionaries(TEXTS, VALUES, min_size=1, max_size=6))
def test_every_field_is_clean(content: dict[str, object]) -> None:
    def check(value: object) -> None:
        if isinstance(value, tuple):
            for item in value:
                check(item)
        elif isinstance(value, str):
            assert value == clean(value, 10_000)

    for name, value in record_of(json.dumps(content, ensure_ascii=False)).fields.items():
        check(name)
        check(value)


@pytest.mark.parametrize(
    "text",
    [
        "{'a': __import__('os')}",
        "{'a': 1 + 1}",
        "{'a': open('x')}",
        "{'a': f'{1}'}",
        "{'a': lambda: 0}",
        "{'a': 1, }x}",
        "{'a' 1}",
        "{'a': }",
        "{",
        "{'a': '" + "x" * 70_000 + "'}",
    ],
)
def test_what_is_not_plain_data_is_refused(text: str) -> None:
    assert parse_literal(text) is None


def test_python_notations() -> None:
    text = r"""{'a': "it's", 'b': b'\x00', 3: (1,), 'd': {1, 2}, 'e': -1.5e3, 'f': [None, True,]}"""
    assert parse_literal(text) == {
        "a": "it's",
        "b": "\0",
        "3": [1],
        "d": [1, 2],
        "e": -1500.0,
        "f": [None, True],
    }
