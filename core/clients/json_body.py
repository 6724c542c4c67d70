"""Reads JSON that decides a verdict, and refuses what two readers could read differently.

Duplicate keys, NaN and endless nesting are refused rather than interpreted: `{"status":"down",
"status":"ok"}` must not be ok. Text inside is raw; whoever keeps a part of it cleans it.
"""

import json
import re
from collections.abc import Sequence
from typing import NoReturn, cast

JsonValue = None | bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"]

MAX_DEPTH = 64
_MAX_DIGITS = 400
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class UnusableJson(ValueError):
    """The body is not JSON that we accept. Its text is our own short word for the case."""


def parse_json(body: bytes) -> JsonValue:
    """Return the value of a JSON body.

    A byte-order mark is accepted. Numbers keep Python's types; lone surrogates may occur in text.

    Raises:
        UnusableJson: `empty body`, `not UTF-8`, `too deeply nested`, `duplicate key`,
            `NaN or Infinity`, `number too long` or `not JSON`.
    """
    text = body.removeprefix(b"\xef\xbb\xbf").strip()
    if not text:
        raise UnusableJson("empty body")
    if _depth(text) > MAX_DEPTH:
        raise UnusableJson("too deeply nested")
    try:
        return cast(
            JsonValue,  # json.loads builds exactly these types
            json.loads(
                text.decode("utf-8"),
                object_pairs_hook=_object,
                parse_constant=_refuse_constant,
                parse_int=_whole,
            ),
        )
    except UnusableJson:
        raise
    except UnicodeDecodeError as error:
        raise UnusableJson("not UTF-8") from error
    except (ValueError, RecursionError) as error:
        raise UnusableJson("not JSON") from error


def _depth(text: bytes) -> int:
    """Return the deepest nesting of brackets outside strings."""
    deepest = depth = 0
    for byte in _STRINGS.sub(b"", text).translate(None, _BORING):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > MAX_DEPTH:
            break
    return deepest


_BORING = bytes(set(range(256)) - set(b"[]{}"))


def _object(pairs: Sequence[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnusableJson("duplicate key")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise UnusableJson("NaN or Infinity")


def _whole(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise UnusableJson("number too long")
    return int(digits)
