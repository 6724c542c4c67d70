"""Decodes what a line carries: a JSON object, the `repr` of a dictionary, or either after a word.

A key that occurs twice keeps all its values, as a list, so that neither of two readings is
believed in silence. `NaN` and integers beyond use become text.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias, cast

from core.logs.parse.digits import finite, whole
from core.logs.parse.python_literal import parse_literal

_CLEAN_CHARS: Final = 8192
_KEY = re.compile(r'\s*[{,]\s*"((?:[^"\\]|\\.)*+)"\s*:\s*', re.DOTALL)
_PREFIX = re.compile(r"([A-Za-z_][\w .-]{0,63}):? ?", re.ASCII)


Payload: TypeAlias = tuple[dict[str, object], bool]
"""A decoded object, and whether its texts are printable ASCII as they stand. Its numbers are finite
and convert to a float."""


def _all_values(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = dict(pairs)
    if len(found) != len(pairs):
        for key in found:
            values = [value for name, value in pairs if name == key]
            if len(values) > 1:
                found[key] = values
    return found


# Both are only asked about text that begins with a brace, so that what they build is an object.
_decode_quickly: Callable[[str], tuple[dict[str, object], int]] = json.JSONDecoder(
    parse_constant=str, parse_float=finite, parse_int=whole
).raw_decode
_decode_carefully: Callable[[str], tuple[dict[str, object], int]] = json.JSONDecoder(
    strict=False,
    parse_constant=str,
    parse_float=finite,
    parse_int=whole,
    object_pairs_hook=_all_values,
).raw_decode
_decode_value: Callable[[str, int], tuple[object, int]] = json.JSONDecoder(
    strict=False,
    parse_constant=str,
    parse_float=finite,
    parse_int=whole,
    object_pairs_hook=_all_values,
).raw_decode


def parse_object(text: str) -> Payload | None:
    """Return the JSON object that the whole text is; None for anything else."""
    if not text.startswith("{") or not text.endswith("}"):
        return None
    try:
        content, end = _decode_quickly(text)
    except (ValueError, RecursionError):
        return _parse_carefully(text)
    if end != len(text):
        return None
    # As many `":` as keys: no object inside, none of the keys twice, no space before a colon.
    if text.count('":') != len(content):
        return _parse_carefully(text)
    is_clean = (
        text.isascii() and "\\" not in text and "\x7f" not in text and end <= _CLEAN_CHARS
    )  # a strict decoder has refused the controls below space
    return content, is_clean


def _parse_carefully(text: str) -> Payload | None:
    try:
        content, end = _decode_carefully(text)
    except (ValueError, RecursionError):
        return None
    return (content, False) if end == len(text) else None


def parse_beginning(text: str) -> Payload | None:
    """Return the whole pairs at the beginning of a JSON object that is longer than is kept."""
    found: dict[str, object] = {}
    at = 0
    while match := _KEY.match(text, at):
        at = match.end()
        try:
            found[match[1]], at = _decode_value(text, at)
        except (ValueError, RecursionError):
            if text.startswith('"', at):
                found[match[1]] = text[at + 1 : at + 1 + 2 * _CLEAN_CHARS]
            break
    return (found, False) if found else None


def parse_prefixed(text: str) -> tuple[str, Payload] | None:
    """Return the word before a JSON object or dictionary, and the object; None when it is none.

    `API_CALL: {"ts": 1}`, `SECURITY_AUDIT: {…}`, `{'event': 'x'}`.
    """
    if not text.endswith("}"):
        return None
    begin = text.find("{")
    prefix = ""
    if begin:
        match = _PREFIX.fullmatch(text, 0, begin)
        if match is None:
            return None
        prefix = match[1].strip()
    body = text[begin:] if begin else text
    payload = (parse_object(body) or _literal(body)) if body[1:2] != "'" else _literal(body)
    return None if payload is None else (prefix, payload)


def _literal(text: str) -> Payload | None:
    content = parse_literal(text)
    if content is None:
        return None
    is_clean = text.isascii() and text.isprintable() and "\\" not in text
    return cast("dict[str, object]", content), is_clean and len(text) <= _CLEAN_CHARS
