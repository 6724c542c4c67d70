"""Reads the `repr` of a Python dictionary as data. Nothing is evaluated; size and depth are capped.

Strings, numbers, True, False, None, lists, tuples, sets and dictionaries are understood; any
other text between commas (`datetime.date(2026, 3, 14)`) is refused, and the line stays text.
"""

import json
import re
from typing import Final, TypeAlias, cast

from core.logs.parse.digits import finite, whole

Literal: TypeAlias = "bool | int | float | str | list[Literal] | dict[str, Literal] | None"

MAX_CHARS: Final = 65_536
_MAX_DEPTH: Final = 32
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>b?(?:'(?:[^'\\]|\\.)*+'|"(?:[^"\\]|\\.)*+"))
    | (?P<number>[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)(?![\w.])
    | (?P<name>True|False|None|nan|-?inf)(?!\w)
    | (?P<mark>[][{}(),:])
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)", re.DOTALL)
_SHORT_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "b": "\b", "f": "\f"}
_WORDS: Final[dict[str, Literal]] = {
    "True": True,
    "False": False,
    "None": None,
    "nan": "nan",
    "inf": "inf",
    "-inf": "-inf",
}
_CLOSING: Final = {"{": "}", "[": "]", "(": ")"}
_decode_json = json.JSONDecoder(parse_constant=str, parse_float=finite, parse_int=whole).raw_decode


class _NotALiteral(ValueError):
    """The text is not the `repr` of plain data."""


def parse_literal(text: str) -> dict[str, Literal] | None:
    """Return the dictionary that `text` is the `repr` of; None when it is none, or too large.

    A repeated key keeps its last value, as in Python. Keys that are not text are written as text.
    """
    if not (text.startswith("{") and text.endswith("}")) or len(text) > MAX_CHARS:
        return None
    if '"' not in text and "\\" not in text:
        # Mostly the two notations differ in the quote alone, and the JSON decoder is ten times
        # as fast; it refuses tuples and Python's words, which go the long way.
        try:
            value, end = _decode_json(text.replace("'", '"'))
        except (ValueError, RecursionError):
            pass
        else:
            if end == len(text) and isinstance(value, dict):
                return cast("dict[str, Literal]", value)  # the decoder builds exactly these types
    try:
        value = _Reader(text).whole()
    except _NotALiteral:
        return None
    return value if isinstance(value, dict) else None


class _Reader:
    """Walks over the tokens of one text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def whole(self) -> Literal:
        """Return the value that the whole text is."""
        value = self._value(*self._next(), 0)
        if self._text[self._at :].strip():
            raise _NotALiteral
        return value

    def _next(self) -> tuple[str, str]:
        match = _TOKEN.match(self._text, self._at)
        if match is None or match.lastgroup is None:
            raise _NotALiteral
        self._at = match.end()
        return match.lastgroup, match[match.lastgroup]

    def _value(self, kind: str, word: str, depth: int) -> Literal:
        if depth > _MAX_DEPTH:
            raise _NotALiteral
        if kind == "text":
            return _unquoted(word)
        if kind == "number":
            return _number(word)
        if kind == "name":
            return _WORDS[word]
        if word == "{":
            return self._braces(depth + 1)
        if word in "[(":
            return self._items(_CLOSING[word], [], depth + 1)
        raise _NotALiteral

    def _items(self, closing: str, items: list[Literal], depth: int) -> list[Literal]:
        while True:
            kind, word = self._next()
            if word == closing and kind == "mark":
                return items
            items.append(self._value(kind, word, depth))
            if self._separator(closing):
                return items

    def _braces(self, depth: int) -> Literal:
        """Read a dictionary, or a set, which becomes a list."""
        found: dict[str, Literal] = {}
        while True:
            kind, word = self._next()
            if word == "}" and kind == "mark":
                return found
            key = self._value(kind, word, depth)
            mark = self._next()
            if not found and mark in {("mark", ","), ("mark", "}")}:
                return [key] if mark[1] == "}" else self._items("}", [key], depth)
            if mark != ("mark", ":"):
                raise _NotALiteral
            found[key if isinstance(key, str) else str(key)] = self._value(*self._next(), depth)
            if self._separator("}"):
                return found

    def _separator(self, closing: str) -> bool:
        """Return whether the collection ends here rather than going on after a comma."""
        kind, word = self._next()
        if kind != "mark" or word not in {",", closing}:
            raise _NotALiteral
        return word == closing


def _number(word: str) -> int | float | str:
    return whole(word) if word.lstrip("+-").isdecimal() else finite(word)


def _unquoted(word: str) -> str:
    inner = word.removeprefix("b")[1:-1]
    return _ESCAPE.sub(_unescaped, inner) if "\\" in inner else inner


def _unescaped(match: re.Match[str]) -> str:
    code = match[1]
    if len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else match[0]
    return _SHORT_ESCAPES.get(code, code)
