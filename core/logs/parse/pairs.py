"""Pairs such as `ip=203.0.113.9 path="/a b"`: structlog's console and logfmt."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from core.logs.parse.decode import shown
from core.logs.parse.fields import LEFT_OUT, MAX_FIELDS
from core.model.log import FieldValue

_ONE = re.compile(
    r"""([A-Za-z_@][\w.@-]*)=(?:'((?:[^'\\]|\\.)*+)'|"((?:[^"\\]|\\.)*+)"|([^\s"']*+))(?:\s+|$)""",
    re.DOTALL,
)
_LOGGER_AT_END = re.compile(r"\[([\w.-]{1,100})\]\s*$", re.ASCII)
_GAP = re.compile(r"(?:(?<!\s)\s{2,}+|\]\s+)(?=[A-Za-z_@][\w.@-]*=)")
_INTEGER = re.compile(r"-?(?:0|[1-9]\d{0,17})", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,18}\.\d{1,18}", re.ASCII)
_MAX_CHARS: Final = 8192
_ESCAPES: Final = {'\\"': '"', "\\'": "'", "\\\\": "\\", "\\n": "\n", "\\t": "\t"}
_ESCAPE = re.compile(r"\\[\"'\\nt]")


def value_of(text: str) -> FieldValue:
    """Return a number when the text is one that loses nothing by it, the clean text otherwise."""
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _DECIMAL.fullmatch(text) else shown(text)


def pairs_of(pairs: Iterable[tuple[str, str]]) -> dict[str, FieldValue]:
    """Return named texts as fields."""
    return {str(shown(name)): value_of(value) for name, value in pairs}


def split_pairs(text: str) -> tuple[str, str, Mapping[str, FieldValue]]:
    """Return the message, the logger in brackets and the pairs of `event  [logger] k=v k=v`.

    The pairs must reach to the end, and at least two spaces or a bracket must stand before them:
    `retry n=3` in a sentence is a sentence.
    """
    if "=" not in text or len(text) > _MAX_CHARS:
        return _without_logger(text, {})
    gap = _GAP.search(text)
    if gap is None:
        return _without_logger(text, {})
    fields = parse_pairs(text[gap.end() :])
    if fields is None:
        return _without_logger(text, {})
    head = text[: gap.start() + 1] if text[gap.start()] == "]" else text[: gap.start()]
    return _without_logger(head, fields)


def parse_pairs(text: str) -> dict[str, FieldValue] | None:
    """Return the pairs when the whole text consists of them; None otherwise."""
    found: dict[str, FieldValue] = {}
    left_out = at = 0
    while at < len(text):
        match = _ONE.match(text, at)
        if match is None:
            return None
        at = match.end()
        name, single, double, bare = match.groups()
        quoted = double if single is None else single
        if len(found) >= MAX_FIELDS:
            left_out += 1
        elif quoted is None:
            found[str(shown(name))] = value_of(bare)
        else:
            found[str(shown(name))] = shown(_ESCAPE.sub(lambda m: _ESCAPES[m[0]], quoted))
    if left_out:
        found[LEFT_OUT] = left_out
    return found or None


def _without_logger(
    text: str, fields: Mapping[str, FieldValue]
) -> tuple[str, str, Mapping[str, FieldValue]]:
    match = _LOGGER_AT_END.search(text) if fields else None
    if match is None:
        return text.rstrip(" "), "", fields
    return text[: match.start()].rstrip(" "), match[1], fields
