"""Reads the variables that compose files hand to services. Pure.

Only the few places that matter are walked, as nodes: aliases cost nothing, tags make nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import yaml
from yaml.events import CollectionEndEvent, CollectionStartEvent, Event
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from core.errors import ClientGarbled

_REFERENCE = re.compile(r"\$\{?(?P<name>[A-Za-z_][A-Za-z0-9_]*)")
_DEFAULT = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*:?-(?P<value>[^}]*)\}")
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST_DEPTH = 64
_MOST_SERVICES, _MOST_VARIABLES = 200, 500


@dataclass(frozen=True, slots=True)
class ComposeVariable:
    """One variable of one service."""

    service: str
    name: str
    value: str | None
    """As it stands in the file; None: it is taken from somewhere else."""
    refers: tuple[str, ...]
    """Variables that its value is made of."""
    line: int
    """From 1."""


@dataclass(frozen=True, slots=True)
class ComposeText:
    """What a compose file says of variables."""

    variables: tuple[ComposeVariable, ...]
    env_files: tuple[tuple[str, str], ...]
    """Service and path, as it is written."""


def parse_compose(data: bytes) -> ComposeText:
    """Return the variables of a compose file.

    Raises:
        ClientGarbled: it is not YAML, or no compose file.
    """
    try:
        text = data.decode("utf-8-sig")
        _guard_depth(text)
        tree = cast("Node | None", yaml.compose(text, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ClientGarbled("it is not YAML") from error
    services = _child(tree, "services")
    if services is None:
        raise ClientGarbled("it has no services")
    variables: list[ComposeVariable] = []
    files: list[tuple[str, str]] = []
    for name, service in list(_pairs(services))[:_MOST_SERVICES]:
        variables += _variables(name, _child(service, "environment"))
        files += [(name, path) for path in _paths(_child(service, "env_file"))]
    return ComposeText(tuple(variables), tuple(files))


def _guard_depth(text: str) -> None:
    """Refuse what is nested so deep that making nodes of it would end the process.

    Raises:
        ClientGarbled: it is.
        YAMLError: it is not YAML.
    """
    depth = 0
    events = cast("Iterator[Event]", yaml.parse(text, Loader=_LOADER))  # pyright: ignore[reportUnknownMemberType]
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > _MOST_DEPTH:
            raise ClientGarbled("it is nested too deep")


def _pairs(node: Node | None) -> Iterator[tuple[str, Node]]:
    if isinstance(node, MappingNode):
        for key, value in cast("list[tuple[Node, Node]]", node.value):
            if isinstance(key, ScalarNode):
                yield str(key.value), value


def _child(node: Node | None, name: str) -> Node | None:
    return next((value for key, value in _pairs(node) if key == name), None)


def _items(node: Node | None) -> list[Node]:
    return cast("list[Node]", node.value) if isinstance(node, SequenceNode) else []


def _variables(service: str, node: Node | None) -> list[ComposeVariable]:
    found = [
        _variable(service, name, value.value if isinstance(value, ScalarNode) else None, value)
        for name, value in _pairs(node)
    ]
    for one in _items(node):
        if isinstance(one, ScalarNode):
            name, equals, value = str(one.value).partition("=")
            found.append(_variable(service, name, value if equals else None, one))
    return found[:_MOST_VARIABLES]


def _variable(service: str, name: str, value: str | None, node: Node) -> ComposeVariable:
    refers = tuple(one["name"] for one in _REFERENCE.finditer(value or ""))
    if value is None or value == "":
        own = None
    elif not refers:
        own = value
    else:
        default = _DEFAULT.search(value)
        own = default["value"] if default and default["value"] else None
    mark = node.start_mark
    return ComposeVariable(service, name, own, refers or (name,), mark.line + 1 if mark else 1)


def _paths(node: Node | None) -> list[str]:
    if isinstance(node, ScalarNode):
        return [str(node.value)]
    found: list[str] = []
    for one in _items(node):
        path = _child(one, "path") if isinstance(one, MappingNode) else one
        if isinstance(path, ScalarNode):
            found.append(str(path.value))
    return found
