"""Writes a tree back: what did not change keeps every byte, what is new takes the file's style.

Pure. The new tree is compared with the text it came from; only what differs is written anew.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ClientGarbled
from core.keys.store.tree import Number, Tree, Value, is_same, parse_text

_BOM = b"\xef\xbb\xbf"
_BLANK = re.compile(r"[ \t\r\n]*")
_FIRST_MEMBER = re.compile(r"[\[{](\r?\n)([ \t]+)")
_COLON = re.compile(r'"([ \t]*:[ \t]*)')
_COMMA = re.compile(r'(?:["}\]\d]|true|false|null)(,[ \t]*)["{]')
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Only ends are asked for: a number of five thousand digits need not become one.
_decoder = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written."""

    has_bom: bool = False
    newline: str = "\n"
    indent: str | None = "  "
    """None: all on one line."""
    item_separator: str = ", "
    """Between items on one line; before a line's end it has no blank."""
    key_separator: str = ": "
    is_ascii: bool = True
    """Other characters are written as `\\u00e9`."""
    end: str = "\n"
    """What stands after the last bracket."""


def style_of(data: bytes) -> Style:
    """Return the style of a file's bytes, which are UTF-8."""
    text = data.removeprefix(_BOM).decode("utf-8")
    first = _FIRST_MEMBER.search(text)
    newline = "\r\n" if "\r\n" in text else "\n"
    colon = _COLON.search(text)
    comma = _COMMA.search(text)
    body = text.rstrip(" \t\r\n")
    return Style(
        has_bom=data.startswith(_BOM),
        newline=first.group(1) if first else newline,
        indent=_indent_of(text, first),
        item_separator=comma.group(1) if comma else (", " if not first else ","),
        key_separator=colon.group(1) if colon else ": ",
        is_ascii=_NOT_ASCII.search(text) is None,
        end=text[len(body) :],
    )


def write(tree: Tree, style: Style) -> bytes:
    """Return the bytes of a tree; those it was read from when nothing has changed.

    Raises:
        ClientGarbled: it is nested too deeply to be compared.
    """
    try:
        text = _text_of(tree, style)
    except RecursionError:
        raise ClientGarbled("it is nested too deeply") from None
    return (_BOM if style.has_bom else b"") + text.encode("utf-8")


def _text_of(tree: Tree, style: Style) -> str:
    if tree.source is None:
        return _rendered(tree.root, style, 0) + style.end
    old = parse_text(tree.source)
    return _spliced(tree.source, list(_Patch(tree.source, style).of(old, tree.root)))


def _indent_of(text: str, first: re.Match[str] | None) -> str | None:
    if first is not None:
        return first.group(2)
    # An empty store says nothing: the tools of such stores write two blanks.
    return "  " if text.strip() in {"{}", "[]"} else None


_Splice = tuple[int, int, str]
"""From, to, and what stands there instead."""


def _spliced(text: str, pieces: list[_Splice]) -> str:
    parts: list[str] = []
    at = 0
    for begin, end, new in sorted(pieces, key=lambda piece: piece[:2]):
        parts += [text[at:begin], new]
        at = end
    return "".join([*parts, text[at:]])


@dataclass(frozen=True, slots=True)
class _Member:
    """Where a member of an object, or an item of a list, stands in the text."""

    begin: int
    value: int
    end: int


class _Patch:
    """Finds the places of a text that have to be written anew."""

    def __init__(self, text: str, style: Style) -> None:
        self._text, self._style = text, style

    def of(self, old: Value, new: Value) -> Iterator[_Splice]:
        """Yield the splices that make `old`, which is the whole text, into `new`."""
        begin = self._blank(0)
        yield from self._change(old, new, begin, len(self._text.rstrip(" \t\r\n")), 0)

    def _change(
        self, old: Value, new: Value, begin: int, end: int, depth: int
    ) -> Iterator[_Splice]:
        if is_same(old, new):
            return
        if isinstance(old, dict) and isinstance(new, dict) and _is_appended(old, new):
            yield from self._object(old, new, begin, depth)
        elif isinstance(old, list) and isinstance(new, list) and 0 < len(old) <= len(new):
            yield from self._list(old, new, begin, depth)
        else:
            yield begin, end, _rendered(new, self._style, depth)

    def _object(
        self, old: dict[str, Value], new: dict[str, Value], begin: int, depth: int
    ) -> Iterator[_Splice]:
        members = dict(zip(old, self._members(begin, has_names=True), strict=True))
        yield from self._cuts([(member, name in new) for name, member in members.items()])
        for name, member in members.items():
            if name in new:
                yield from self._change(old[name], new[name], member.value, member.end, depth + 1)
        added = [_pair(name, new[name], self._style, depth + 1) for name in new if name not in old]
        yield from self._added(added, list(members.values()), depth)

    def _list(
        self, old: list[Value], new: list[Value], begin: int, depth: int
    ) -> Iterator[_Splice]:
        items = list(self._members(begin, has_names=False))
        for place, item in enumerate(items):
            yield from self._change(old[place], new[place], item.value, item.end, depth + 1)
        added = [_rendered(one, self._style, depth + 1) for one in new[len(old) :]]
        yield from self._added(added, items, depth)

    def _cuts(self, members: list[tuple[_Member, bool]]) -> Iterator[_Splice]:
        """Yield what takes members away that are not kept, each with one comma."""
        first = next(place for place, (_, is_kept) in enumerate(members) if is_kept)
        if first > 0:
            yield members[0][0].begin, members[first][0].begin, ""
        for place in range(first + 1, len(members)):
            member, is_kept = members[place]
            if not is_kept:
                yield members[place - 1][0].end, member.end, ""

    def _added(self, added: list[str], members: list[_Member], depth: int) -> Iterator[_Splice]:
        if not added:
            return
        last = members[-1]
        gap = self._text[members[-2].end : last.begin] if len(members) > 1 else self._gap(depth)
        yield last.end, last.end, "".join(f"{gap}{one}" for one in added)

    def _gap(self, depth: int) -> str:
        if self._style.indent is None:
            return self._style.item_separator
        return "," + self._style.newline + self._style.indent * (depth + 1)

    def _members(self, begin: int, *, has_names: bool) -> Iterator[_Member]:
        at = self._blank(begin + 1)
        while self._text[at] not in "]}":
            first = at
            if has_names:
                at = self._blank(self._after(at))
                at = self._blank(at + 1)
            end = self._after(at)
            yield _Member(first, at, end)
            at = self._blank(end)
            at = self._blank(at + 1) if self._text[at] == "," else at

    def _after(self, at: int) -> int:
        return _decoder.raw_decode(self._text, at)[1]

    def _blank(self, at: int) -> int:
        found = _BLANK.match(self._text, at)
        return found.end() if found else at


def _is_appended(old: dict[str, Value], new: dict[str, Value]) -> bool:
    """Tell whether `new` is `old` without some and with others at its end, and not without all."""
    kept = [name for name in old if name in new]
    return bool(kept) and kept == list(new)[: len(kept)]


def _pair(name: str, value: Value, style: Style, depth: int) -> str:
    return _text(name, style) + style.key_separator + _rendered(value, style, depth)


def _rendered(value: Value, style: Style, depth: int) -> str:
    if isinstance(value, dict):
        pairs = [_pair(name, one, style, depth + 1) for name, one in value.items()]
        return _wrapped("{", pairs, "}", style, depth)
    if isinstance(value, list):
        return _wrapped("[", [_rendered(one, style, depth + 1) for one in value], "]", style, depth)
    if isinstance(value, Number):
        return value.text
    return _text(value, style) if isinstance(value, str) else json.dumps(value)


def _wrapped(opening: str, items: list[str], closing: str, style: Style, depth: int) -> str:
    if not items:
        return opening + closing
    if style.indent is None:
        return opening + style.item_separator.join(items) + closing
    inner = style.newline + style.indent * (depth + 1)
    return (
        f"{opening}{inner}{f',{inner}'.join(items)}{style.newline}{style.indent * depth}{closing}"
    )


def _text(value: str, style: Style) -> str:
    is_half = any("\ud800" <= one <= "\udfff" for one in value)
    return json.dumps(value, ensure_ascii=style.is_ascii or is_half)
