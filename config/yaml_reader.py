"""YAML text to a tree in which every value knows its file and line.

Built from parser events, without recursion: depth, size and aliases are bounded before anything
is constructed. Plain values follow YAML 1.2 (`yes` and `on` are texts, `1:30` is one too).
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from config.problems import ConfigProblems, Place, Problem, word
from config.yaml_tree import Listing, Mapping, Node, Scalar, Value, at, path_text

MAX_DEPTH = 32
MAX_NODES = 200_000
_MAX_PROBLEMS = 50
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_INT = re.compile(r"[-+]?[0-9]{1,18}", re.ASCII)
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]{1,20}|[0-9]{1,20}(\.[0-9]{0,20})?)([eE][-+]?[0-9]{1,3})?", re.ASCII
)
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:str"}


@dataclass(slots=True)
class _Open:
    """A collection whose end has not been seen."""

    place: Place
    is_mapping: bool
    anchor: str | None
    items: list[Node] = field(default_factory=list[Node])
    entries: dict[str, Node] = field(default_factory=dict[str, Node])
    key: str | None = None
    key_place: Place | None = None
    is_duplicate: bool = False
    size: "_Size" = field(default_factory=lambda: _Size(1, 1))


@dataclass(slots=True)
class _Size:
    """What a node holds once its aliases are written out."""

    nodes: int
    height: int


def parse_tree(text: str, file: str) -> Node:
    """Return the tree of one document.

    Raises:
        ConfigProblems: not YAML, more than one document, a duplicate key, a tag, a key that is
            not a text, too deep, too large, or aliases that multiply.
    """
    builder = _Builder(file)
    try:
        for event in _events(text):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = error.problem or error.context or "cannot be read"
        builder.fail(mark.line + 1 if mark else 0, f"not YAML: {what}", "put the syntax right here")
    except (yaml.YAMLError, UnicodeError) as error:
        reason = str(getattr(error, "reason", error)).splitlines()[0]
        builder.fail(0, f"not YAML: {reason}", "remove the character that does not belong in text")
    return builder.result()


def _events(text: str) -> Iterator[Event]:
    # PyYAML is untyped here: its parse() yields Event objects.
    yield from yaml.parse(text, Loader=_LOADER)  # pyright: ignore[reportUnknownMemberType]


class _Builder:
    """Takes parser events one by one."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._open: list[_Open] = []
        self._root: Node | None = None
        self._documents = 0
        self._anchors: dict[str, tuple[Node, _Size]] = {}
        self._problems: list[Problem] = []

    def fail(self, line: int, what: str, remedy: str, key: str = "") -> None:
        """Remember a problem and go no further."""
        self._problems.append(Problem(Place(self._file, line), key, what, remedy))
        raise ConfigProblems(self._problems)

    def result(self) -> Node:
        """Return the finished tree."""
        if self._problems:
            raise ConfigProblems(self._problems)
        if self._root is None:
            self.fail(0, "is empty", "start with `version: 1`")
            raise AssertionError
        return self._root

    def take(self, event: Event) -> None:
        """Take the next event."""
        if isinstance(event, ScalarEvent):
            self._take_scalar(event)
        elif isinstance(event, CollectionStartEvent):
            self._take_start(event)
        elif isinstance(event, CollectionEndEvent):
            self._take_end()
        elif isinstance(event, AliasEvent):
            self._take_alias(event)
        elif isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                line = self._place(event).line
                self.fail(
                    line, "a second document", "keep one document; use `include` for more files"
                )

    def _place(self, event: Event) -> Place:
        return Place(self._file, event.start_mark.line + 1)

    def _take_scalar(self, event: ScalarEvent) -> None:
        top = self._open[-1] if self._open else None
        place = self._place(event)
        tag, text = event.tag, event.value
        if tag not in _PLAIN_TAGS:
            self.fail(
                place.line, f"a tag {word(tag)}", "remove it; plain values are enough", self._path()
            )
        if top is not None and top.is_mapping and top.key is None:
            self._take_key(top, text, place)
            return
        is_text = not event.implicit[0]
        node = Scalar(place, text if is_text else _value(text))
        self._add(node, _LEAF, event.anchor)

    def _take_key(self, top: _Open, key: str, place: Place) -> None:
        top.key, top.key_place = key, place
        top.is_duplicate = key in top.entries
        if top.is_duplicate:
            first = top.entries[key].place.line
            what = f"the key is there twice (first on line {first})"
            path = self._path()
            self._problems.append(Problem(place, path, what, "keep one of the two"))
            if len(self._problems) >= _MAX_PROBLEMS:
                raise ConfigProblems(self._problems)

    def _take_start(self, event: CollectionStartEvent) -> None:
        place = self._place(event)
        top = self._open[-1] if self._open else None
        if top is not None and top.is_mapping and top.key is None:
            self.fail(
                place.line, "a key that is not a text", "write the key as a word", self._path()
            )
        if event.tag is not None:
            self.fail(
                place.line,
                f"a tag {word(event.tag)}",
                "remove it; plain values are enough",
                self._path(),
            )
        if len(self._open) >= MAX_DEPTH:
            self._fail_depth(place.line)
        self._open.append(_Open(place, isinstance(event, MappingStartEvent), event.anchor))

    def _take_end(self) -> None:
        done = self._open.pop()
        node: Node = (
            Mapping(done.place, done.entries)
            if done.is_mapping
            else Listing(done.place, tuple(done.items))
        )
        self._add(node, done.size, done.anchor)

    def _take_alias(self, event: AliasEvent) -> None:
        line = self._place(event).line
        top = self._open[-1] if self._open else None
        if top is not None and top.is_mapping and top.key is None:
            self.fail(line, "an alias as a key", "write the key as a word", self._path())
        known = self._anchors.get(event.anchor)
        if known is None:
            what = (
                f"the alias {word('*' + str(event.anchor))} stands for nothing finished before it"
            )
            self.fail(line, what, "define the anchor before, outside of itself", self._path())
        else:
            self._add(at(known[0], self._place(event)), known[1], None)

    def _add(self, node: Node, size: _Size, anchor: str | None) -> None:
        """Put a finished node where it belongs; count it with everything below it."""
        if anchor is not None:
            self._anchors[anchor] = (node, size)
        if not self._open:
            self._root = node
            return
        top = self._open[-1]
        top.size.nodes += size.nodes
        top.size.height = max(top.size.height, size.height + 1)
        if len(self._open) + size.height - 1 > MAX_DEPTH:
            self._fail_depth(node.place.line)
        if top.size.nodes > MAX_NODES:
            what = f"more than {MAX_NODES} values once its aliases are written out"
            self.fail(
                node.place.line, what, "remove the aliases that multiply each other", self._path()
            )
        if not top.is_mapping:
            top.items.append(node)
        elif top.key is not None and top.key_place is not None:
            if not top.is_duplicate:
                top.entries[top.key] = at(node, top.key_place)
            top.key = None

    def _fail_depth(self, line: int) -> None:
        self.fail(line, f"nested deeper than {MAX_DEPTH} levels", "flatten it", self._path())

    def _path(self) -> str:
        """Return the path of what is being read."""
        return path_text(
            one.key if one.is_mapping else len(one.items)
            for one in self._open
            if one.key is not None or not one.is_mapping
        )


_LEAF = _Size(1, 0)


def _value(text: str) -> Value:
    """Return what a plain, unquoted scalar means."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text
