"""Loads the configuration: finds, reads, merges, validates, and says exactly what is wrong."""

from collections.abc import Iterator
from collections.abc import Mapping as Env
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from pydantic_core import ValidationError

from config.consistency import inconsistencies
from config.include import read_document
from config.operation_keys import OPERATION_KEYS
from config.problems import MISSING, ConfigProblems, Problem
from config.search import find_config
from config.section import Section
from config.settings import Settings
from config.validation import validate
from config.yaml_tree import Location, Mapping, plain_of

if TYPE_CHECKING:
    from config.operations import Operations


def _no_operations() -> "Env[str, Operations]":
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that can be used."""

    settings: Settings
    path: Path
    warnings: tuple[Problem, ...] = ()
    operations: "Env[str, Operations]" = field(default_factory=_no_operations)
    """System name to what may be done and known there; systems without any are absent."""


def load(path: Path | None, env: Env[str, str], *, checks_filters: bool = True) -> Loaded:
    """Return the configuration at `path`, or the one found in the usual places.

    `checks_filters=False` leaves the filters of log views, and the names that operations refer to,
    as they are: who asks none of them starts faster, and a wrong one is no reason not to start.

    Raises:
        ConfigProblems: it cannot be used; holds every problem found.
        ConfigError: there is none.
    """
    found = find_config(path, env, Path.cwd())
    tree, unread = read_document(found, env)
    watched, operated = _split(tree)
    problems: list[Problem] = []
    settings = _validated_settings(watched, tree, env, problems)
    operations = _validated_operations(operated, tree, env, problems) if operated else {}
    if operations and checks_filters:
        problems += _operation_problems(settings, operations, tree, found)
    if settings is not None and not unread:
        problems += inconsistencies(settings, tree, env)
    if unread:
        # What is missing may stand in the file that could not be read.
        problems = [*unread, *(one for one in problems if one.what != MISSING)]
    if problems or settings is None:
        raise ConfigProblems(sorted(set(problems)))
    return Loaded(settings, found, (), MappingProxyType(operations))


def _validated_settings(
    watched: Mapping, tree: Mapping, env: Env[str, str], problems: list[Problem]
) -> Settings | None:
    try:
        return validate(Settings, plain_of(watched), env)
    except ValidationError as error:
        problems += _explained(error, tree, Settings)
        return None


def _validated_operations(
    operated: dict[str, Mapping], tree: Mapping, env: Env[str, str], problems: list[Problem]
) -> "dict[str, Operations]":
    from config.operations import Operations  # noqa: PLC0415 - most files of one system have none

    done: dict[str, Operations] = {}
    for name, part in operated.items():
        try:
            done[name] = validate(Operations, plain_of(part), env)
        except ValidationError as error:
            problems += _explained(error, tree, Operations, ("systems", name))
    return done


def _operation_problems(
    settings: Settings | None, operations: "dict[str, Operations]", tree: Mapping, path: Path
) -> Iterator[Problem]:
    from config.log_questions import filter_problems  # noqa: PLC0415 - see `load`
    from config.operation_references import reference_problems  # noqa: PLC0415 - see `load`

    yield from filter_problems(operations, tree)
    if settings is not None:
        yield from reference_problems(settings, operations, tree, path)


def _explained(
    error: ValidationError, tree: Mapping, kind: type[Section], prefix: Location = ()
) -> Iterator[Problem]:
    from config.model_problems import problems_of  # noqa: PLC0415 - only an error needs it

    return problems_of(error, tree, kind, prefix)


def _split(tree: Mapping) -> tuple[Mapping, dict[str, Mapping]]:
    """Return the tree of what is watched, and per system that of what may be done."""
    systems = tree.entries.get("systems")
    if not isinstance(systems, Mapping):
        return tree, {}
    watched = dict(systems.entries)
    operated: dict[str, Mapping] = {}
    for name, system in systems.entries.items():
        if isinstance(system, Mapping) and not OPERATION_KEYS.isdisjoint(system.entries):
            own = {key: one for key, one in system.entries.items() if key in OPERATION_KEYS}
            rest = {key: one for key, one in system.entries.items() if key not in OPERATION_KEYS}
            operated[name] = Mapping(system.place, own)
            watched[name] = Mapping(system.place, rest)
    entries = tree.entries | {"systems": Mapping(systems.place, watched)}
    return Mapping(tree.place, entries), operated
