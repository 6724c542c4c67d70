"""The JSON Schema of `quarterdeck.yaml` (draft 2020-12), for editors.

It is made from the sections themselves: their annotations, defaults, and the texts below their
attributes. Addresses, durations and references are the texts that people write.
"""

import ast
import inspect
from enum import Enum
from functools import cache
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from config.fields import Matches, Reads
from config.include import shipped_profiles
from config.operations import Operations
from config.section import Section, fields_of, key_of
from config.settings import Settings
from config.systems import System

Schema = dict[str, Any]
"""JSON Schema is JSON: any value may stand in it."""

_PLAIN: dict[type, str] = {str: "string", int: "integer", float: "number", bool: "boolean"}
_REMOVE: Schema = {"type": "null", "description": "Removes what a profile or include says."}


def json_schema() -> Schema:
    """Return the schema of a configuration file."""
    definitions: dict[str, Schema] = {}
    root = _object(Settings, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "quarterdeck.yaml",
        **root,
        "$defs": dict(sorted(definitions.items())),
    }


def _object(kind: type[Section], definitions: dict[str, Schema]) -> Schema:
    """Return the schema of a section: its keys, and no others."""
    properties = _properties(kind, definitions)
    if kind is System:
        # What is watched and what may be done stand in one mapping of the file.
        properties |= _properties(Operations, definitions)
        names = " or ".join((*shipped_profiles(), "a file of your own"))
        properties["profile"] = properties["profile"] | {
            "examples": list(shipped_profiles()),
            "description": f"What the system starts from: {names}.",
        }
    required = [key_of(name) for name in fields_of(kind) if name not in vars(kind)]
    found: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    if required and kind is Settings:  # elsewhere a profile may already say it
        found["required"] = required
    return found | {"description": _first_line(inspect.getdoc(kind))}


def _properties(kind: type[Section], definitions: dict[str, Schema]) -> dict[str, Schema]:
    texts = _attribute_texts(kind)
    properties: dict[str, Schema] = {}
    for name, annotation in fields_of(kind).items():
        schema = _of(annotation, definitions)
        if name in texts:
            schema = schema | {"description": texts[name]}
        properties[key_of(name)] = schema | _default(kind, name, schema)
    return properties


def _default(kind: type[Section], name: str, schema: Schema) -> Schema:
    default = vars(kind).get(name)
    is_plain = isinstance(default, str | bool | int | float) and default != ""
    if not is_plain or (schema.get("type") == "string" and not isinstance(default, str)):
        return {}  # a duration's default is seconds, which nobody may write
    return {"default": default}


def _of(annotation: Any, definitions: dict[str, Schema]) -> Schema:
    """Return the schema of an annotation: the forms that `config.validation` knows."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None:
        return _of_class(annotation, definitions)
    if origin is Annotated:
        return _of_mark(arguments[1])
    if origin is tuple:
        return {"type": "array", "items": _of(arguments[0], definitions)}
    if origin is dict:
        return _of_dict(arguments, definitions)
    if origin is Literal:
        return {"enum": list(arguments)}
    inner = next(one for one in arguments if one is not NoneType)
    return {"anyOf": [_of(inner, definitions), _REMOVE]}


def _of_dict(arguments: tuple[Any, ...], definitions: dict[str, Schema]) -> Schema:
    values = _of(arguments[1], definitions)
    found: Schema = {"type": "object", "additionalProperties": {"anyOf": [values, _REMOVE]}}
    keys = _of(arguments[0], definitions)
    return found | {"propertyNames": keys} if "pattern" in keys else found


def _of_class(kind: type, definitions: dict[str, Schema]) -> Schema:
    if kind in _PLAIN:
        return {"type": _PLAIN[kind]}
    if issubclass(kind, Enum):
        return {"enum": [str(member.value) for member in kind]}
    if not issubclass(kind, Section):
        raise TypeError(f"no section may hold a {kind}")
    if kind.__name__ not in definitions:
        definitions[kind.__name__] = {}  # holds the name while its own parts are described
        definitions[kind.__name__] = _object(kind, definitions)
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _of_mark(mark: object) -> Schema:
    if isinstance(mark, Matches):
        return {"type": "string", "pattern": mark.pattern}
    if not isinstance(mark, Reads):
        raise TypeError(f"no field is marked with {mark!r}")
    types = ["string", "number"] if mark.is_number_text else "string"
    found: Schema = {"type": types, "examples": [mark.example]}
    return found | {"pattern": mark.pattern} if mark.pattern else found


@cache
def _attribute_texts(kind: type[Section]) -> dict[str, str]:
    """Return the text below each attribute, read from the source."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    if not isinstance(body, ast.ClassDef):
        return {}
    texts: dict[str, str] = {}
    for this, below in zip(body.body, body.body[1:], strict=False):
        if isinstance(this, ast.AnnAssign) and isinstance(this.target, ast.Name):
            text = _text_of(below)
            if text:
                texts[this.target.id] = text
    return texts


def _text_of(node: ast.stmt) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return inspect.cleandoc(str(node.value.value))
    return ""


def _first_line(text: str | None) -> str:
    return (text or "").split("\n", 1)[0]
