"""Turns what pydantic found into problems with file, line, key and remedy."""

from collections.abc import Iterator
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic_core import ErrorDetails, ValidationError

from config.operation_keys import OPERATION_KEYS
from config.problems import MISSING, Problem, nearest, word
from config.section import Section, keys_of
from config.systems import System
from config.yaml_tree import Location, Mapping, path_text, place_at

_SHAPES = {
    "model_type": "keys and values",
    "dict_type": "keys and values",
    "tuple_type": "a list",
    "list_type": "a list",
    "string_type": "a text",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "none_required": "empty",
}


def problems_of(
    error: ValidationError, tree: Mapping, model: type[Section], prefix: Location = ()
) -> Iterator[Problem]:
    """Yield a problem per error; `prefix` is where the model's data stands in the tree."""
    for found in error.errors(include_url=False):
        location = tuple(part for part in found["loc"] if part != "[key]")
        path = (*prefix, *location)
        what, remedy = _explain(found, location, model)
        yield Problem(place_at(tree, path), path_text(path), what, remedy)


def _explain(found: ErrorDetails, location: Location, model: type[Section]) -> tuple[str, str]:
    """Return what is wrong and the remedy."""
    kind, context, given = found["type"], found.get("ctx", {}), found["input"]
    shape = _SHAPES.get(kind)
    explained = found["msg"], "correct the value"
    if kind == "quarterdeck":
        shown = f"{word(given)} " if context.get("is_shown") else ""
        explained = f"{shown}{context['what']}", str(context["remedy"])
    elif kind == "extra_forbidden":
        explained = "unknown key", nearest(str(location[-1]), keys_at(model, location[:-1]))
    elif kind == "missing":
        explained = MISSING, f"add `{location[-1]}:`"
    elif kind in ("literal_error", "enum"):
        explained = _explain_choice(str(given), str(context["expected"]))
    elif shape is not None:
        explained = f"should be {shape}, is {_shape_of(given)}", f"write {shape}"
    return explained


def _explain_choice(given: str, expected: str) -> tuple[str, str]:
    choices = [one.strip("'") for one in expected.replace(" or ", ", ").split(", ")]
    return f"{word(given)} is not one of the choices", nearest(given, choices)


def _shape_of(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "keys and values"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"the number {value}" if isinstance(value, int | float) else f"the text {word(value)}"


def keys_at(model: type[Section], location: Location) -> tuple[str, ...]:
    """Return the keys that may stand at a place of the model; empty when any may."""
    kind: Any = model  # a type form: typing has no static type for "any annotation"
    for part in location:
        owner = _model_in(kind)
        if owner is not None and part in keys_of(owner):
            kind = keys_of(owner)[str(part)]
        else:
            kind = _value_type(kind)
    owner = _model_in(kind)
    if owner is None:
        return ()
    more = OPERATION_KEYS if owner is System else ()
    return (*keys_of(owner), *more)


def _model_in(kind: Any) -> type[Section] | None:
    """Return the model in an annotation such as `Model | None`."""
    for one in _alternatives(kind):
        if isinstance(one, type) and issubclass(one, Section):
            return one
    return None


def _value_type(kind: Any) -> Any:
    """Return what a dict or tuple annotation holds."""
    for one in _alternatives(kind):
        arguments = get_args(one)
        if get_origin(one) is dict:
            return arguments[1]
        if get_origin(one) is tuple:
            return arguments[0]
    return None


def _alternatives(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
