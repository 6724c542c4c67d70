"""Checks plain data against sections, with pydantic's validator.

`Section` classes are turned into the schema that pydantic's core reads: what `pydantic.BaseModel`
does too, without importing and building what the configuration does not use.
"""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, cast, get_args, get_origin

from pydantic_core import CoreSchema, SchemaValidator

from config.fields import Matches, Reads, problem
from config.section import Section, fields_of, key_of

AnySection = TypeVar("AnySection", bound=Section)
Schema = dict[str, object]

_PLAIN: dict[type, Schema] = {
    str: {"type": "str"},
    int: {"type": "int"},
    float: {"type": "float"},
    bool: {"type": "bool"},
}


def validate(kind: type[AnySection], data: object, env: Mapping[str, str]) -> AnySection:
    """Return the section that plain data describes; references are looked up in `env`.

    Raises:
        pydantic_core.ValidationError: with every problem found.
    """
    # The validator was built to make this very class.
    return cast("AnySection", _validator_of(kind).validate_python(data, context=env))


@cache
def _validator_of(kind: type[Section]) -> SchemaValidator:
    # `CoreSchema` is the union of typed dicts that says what these plain dicts are.
    return SchemaValidator(cast("CoreSchema", _section(kind)))


@cache
def _section(kind: type[Section]) -> Schema:
    fields = {
        name: {
            "type": "model-field",
            "schema": _field(annotation, vars(kind).get(name, _NOTHING)),
            "validation_alias": key_of(name),
        }
        for name, annotation in fields_of(kind).items()
    }
    schema: Schema = {
        "type": "model",
        "cls": kind,
        "schema": {"type": "model-fields", "fields": fields, "extra_behavior": "forbid"},
    }
    if kind.reason_against is Section.reason_against:
        return schema
    return {
        "type": "function-after",
        "function": {"type": "no-info", "function": _judged},
        "schema": schema,
    }


_NOTHING = object()


def _field(annotation: Any, default: object) -> Schema:
    schema = _schema(annotation)
    if default is _NOTHING:
        return schema
    is_shared = isinstance(default, dict)
    return {"type": "default", "schema": schema, "default": default, "copy_default": is_shared}


def _judged(section: Section) -> Section:
    reason = section.reason_against()
    if reason is not None:
        raise problem(*reason)
    return section


def _schema(annotation: Any) -> Schema:
    """Return the schema of an annotation; only the forms that sections use are known."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _class_schema(annotation)
    if origin is Annotated:
        return _marked(arguments[1])
    if origin is tuple:
        items = [_schema(arguments[0])]
        return {"type": "tuple", "items_schema": items, "variadic_item_index": 0}
    if origin is dict:
        keys, values = (_schema(argument) for argument in arguments)
        return {"type": "dict", "keys_schema": keys, "values_schema": values}
    if origin is Literal:
        return {"type": "literal", "expected": list(arguments)}
    return _optional(annotation)


def _class_schema(kind: type) -> Schema:
    if kind in _PLAIN:
        return _PLAIN[kind]
    if issubclass(kind, Section):
        return _section(kind)
    if issubclass(kind, Enum):
        return {"type": "enum", "cls": kind, "members": list(kind), "sub_type": "str"}
    raise TypeError(f"no section may hold a {kind}")


def _marked(mark: object) -> Schema:
    if isinstance(mark, Reads):
        return {"type": "function-plain", "function": {"type": "with-info", "function": mark.read}}
    if isinstance(mark, Matches):
        return {
            "type": "custom-error",
            "schema": {"type": "str", "pattern": mark.pattern},
            "custom_error_type": "quarterdeck",
            "custom_error_message": "{what}",
            "custom_error_context": {
                "what": "is not possible here",
                "remedy": f"write {mark.words}",
                "is_shown": 1,
            },
        }
    raise TypeError(f"no field is marked with {mark!r}")


def _optional(annotation: Any) -> Schema:
    inner = [one for one in get_args(annotation) if one is not NoneType]
    if get_origin(annotation) not in (Union, UnionType) or len(inner) != 1:
        raise TypeError(f"no section may hold a {annotation}")
    return {"type": "nullable", "schema": _schema(inner[0])}
