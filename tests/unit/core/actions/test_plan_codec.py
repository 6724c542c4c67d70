"""Plans as text: what is read is what was written, and the hash means every field."""

import dataclasses
import json
import types
import typing
from enum import Enum
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.actions.plan_codec import (
    code_of,
    from_text,
    is_confirmed_by,
    phrase_of,
    plan_hash,
    to_text,
)
from core.errors import ActionError
from core.model.action import Plan, Rung, Target
from core.model.text import SafeText, clean
from tests.unit.core.actions.test_planning import plain

TEXTS = st.text(max_size=12)
NUMBERS = st.floats(0, 1e9, allow_nan=False)


def values_of(hint: Any) -> st.SearchStrategy[Any]:
    """Return values of a field, from its type alone: a new field is tested from its first day."""
    if hint is SafeText:
        return TEXTS.map(clean)
    plain = {str: TEXTS, int: st.integers(-1, 2**40), float: NUMBERS, bool: st.booleans()}
    if hint in plain:
        return plain[hint]
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and inner[1:] == (...,):
        return st.lists(values_of(inner[0]), max_size=2).map(tuple)
    if origin is tuple:
        return st.tuples(*map(values_of, inner))
    if origin is types.UnionType:
        return st.one_of(*(st.none() if one is type(None) else values_of(one) for one in inner))
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    cls = cast("Any", hint)
    hints = typing.get_type_hints(cls)
    return st.builds(cls, **{one.name: values_of(hints[one.name]) for one in fields(cls)})


def fields(cls: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(cls)


PLANS: st.SearchStrategy[Plan] = values_of(Plan)
NAMES = [one.name for one in fields(Plan)]
HINTS = typing.get_type_hints(Plan)


@settings(max_examples=60, deadline=None)
@given(PLANS)
def test_what_is_read_is_what_was_written(plan: Plan) -> None:
    text = to_text(plan)
    assert from_text(text) == plan
    assert to_text(from_text(text)) == text
    assert text.isascii()
    assert "\n" not in text


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_the_hash_is_another_when_a_field_is(name: str, data: st.DataObject) -> None:
    plan = data.draw(PLANS)
    other = dataclasses.replace(plan, **{name: data.draw(values_of(HINTS[name]))})
    assert (plan_hash(plan) == plan_hash(other)) == (plan == other)


@settings(max_examples=40, deadline=None)
@given(PLANS, st.data())
def test_a_plan_damaged_in_any_field_is_none_or_another(plan: Plan, data: st.DataObject) -> None:
    row = json.loads(to_text(plan))
    name = data.draw(st.sampled_from(NAMES))
    odd: list[Any] = [None, [], {}, [[]], "x", -1, [{"a": 1}]]
    row[name] = data.draw(st.sampled_from(odd))
    try:
        read = from_text(json.dumps(row))
    except ActionError:
        return
    assert read == plan or plan_hash(read) != plan_hash(plan)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "1", "{}", '{"id":"x","id2":1}', "\ud800"])
def test_what_is_no_plan_is_told_as_that(text: str) -> None:
    with pytest.raises(ActionError, match="not of this version"):
        from_text(text)


@settings(max_examples=40, deadline=None)
@given(PLANS)
def test_a_code_is_four_letters_that_cannot_be_misread(plan: Plan) -> None:
    code = code_of(plan)
    assert len(code) == 4
    assert code.isalpha()
    assert code.isupper()
    assert not set(code) & set("IO")


def near(said: str) -> list[str]:
    """Return what is almost it: safety.md, F14."""
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in said)
    return [
        "", " ", f"{said} ", f" {said}", f"{said}\n", said.lower(), said.swapcase(), said[:-1],
        f"{said}X", wide, said.replace(said[-1], "\u0410"), f"{said}\u200b",
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(PLANS, st.sampled_from([Rung.ENTER, Rung.LIST, Rung.PHRASE]))
def test_only_the_very_words_are_a_yes(plan: Plan, rung: Rung) -> None:
    plan = dataclasses.replace(
        plan, rung=rung, verb="restart", called="api", targets=(Target("unit", "a", clean("a")),)
    )
    said = phrase_of(plan) if rung is Rung.PHRASE else code_of(plan)
    assert is_confirmed_by(plan, said)
    assert not [one for one in near(said) if one != said and is_confirmed_by(plan, one)]
    other = dataclasses.replace(plan, id=f"{plan.id}x")
    assert not is_confirmed_by(other, said) or code_of(other) == code_of(plan)
    if rung is Rung.PHRASE:
        assert not is_confirmed_by(plan, code_of(plan))


def test_several_targets_are_counted_in_the_phrase() -> None:
    two = (Target("unit", "a", clean("a")), Target("unit", "b", clean("b")))
    plan = dataclasses.replace(plain(), verb="restart", called="api", targets=two)
    assert phrase_of(plan) == f"restart api 2 {code_of(plan)}"
