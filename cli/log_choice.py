"""Which logs are meant: names of the configuration, paths, or standard input."""

import glob
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from core.errors import ConfigError
from core.model.text import clean
from core.model.topology import Topology
from core.sources.log_opening import literal_path
from core.sources.log_places import (
    LogPlace,
    SavedQuery,
    log_places,
    named,
    nearest,
    saved_queries,
)

STANDARD_INPUT = "-"


@dataclass(frozen=True, slots=True)
class ChosenLog:
    """One log to read."""

    name: str
    """What to call it: the configured name, the path as it was given, or `-`."""
    place: LogPlace | None = None
    path: str = ""

    @property
    def note(self) -> str:
        """What the configuration says of it."""
        return self.place.spec.note if self.place is not None else ""


def needs_configuration(names: Sequence[str]) -> bool:
    """Return whether any of the names may be one of the configuration."""
    return any(name != STANDARD_INPUT and not _is_path(name) for name in names)


def _is_path(name: str) -> bool:
    """Return whether a name can only be a path, or is one of something that is there."""
    return name.startswith(("/", "./", "../", "~/")) or os.path.lexists(name) or _is_glob(name)


def _is_glob(name: str) -> bool:
    return glob.has_magic(name)


def choose(names: Sequence[str], topology: Topology | None) -> tuple[ChosenLog, ...]:
    """Return the logs that are meant, each once.

    Raises:
        ConfigError: a name that is no log, or of several; says which are near.
    """
    places = log_places(topology) if topology is not None else ()
    chosen = [_chosen(name, places) for name in names]
    return tuple({one.name: one for one in chosen}.values())


def _chosen(name: str, places: tuple[LogPlace, ...]) -> ChosenLog:
    if name == STANDARD_INPUT:
        return ChosenLog("-")
    whole = next((place for place in places if place.source == name), None)
    if whole is not None:
        return ChosenLog(whole.source, whole)
    if _is_path(name):
        path = str(Path(name).expanduser()) if name.startswith("~/") else name
        return ChosenLog(name, path=literal_path(path) if os.path.lexists(path) else path)
    return _configured(name, places)


def _configured(name: str, places: tuple[LogPlace, ...]) -> ChosenLog:
    found = named(places, name)
    if len(found) == 1:
        return ChosenLog(found[0].source, found[0])
    shown = clean(name, 80)
    if found:
        options = ", ".join(place.source for place in found[:8])
        raise ConfigError(f"{shown!r} is the end of several logs: {options}; write more of it")
    near = nearest(places, name)
    hint = f"did you mean {near}?" if near else "see `quarterdeck logs --list`"
    raise ConfigError(f"no log {shown!r} in the configuration and no such file; {hint}")


def saved_query(name: str, topology: Topology) -> SavedQuery:
    """Return the saved query of a name, or of `system/name`.

    Raises:
        click.UsageError: there is none, or there are several.
    """
    known = saved_queries(topology)
    found = [one for one in known if name in (one.name, one.spec.name)]
    exact = [one for one in found if one.name == name]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        options = ", ".join(one.name for one in found)
        raise click.UsageError(f"several saved queries are called {clean(name, 80)!r}: {options}.")
    from difflib import get_close_matches

    names = {alias: one.name for one in known for alias in (one.spec.name, one.name)}
    close = get_close_matches(name, list(names), 1)
    hint = f"did you mean {names[close[0]]}?" if close else "see `quarterdeck logs --list`."
    raise click.UsageError(f"no saved query {clean(name, 80)!r}; {hint}")


def tags_of(chosen: Sequence[ChosenLog]) -> list[str]:
    """Return the shortest ends of the names that tell them apart; nothing for a single one."""
    if len(chosen) == 1:
        return [""]
    parts = [one.name.strip("/").split("/") for one in chosen]
    longest = max(len(part) for part in parts)
    for count in range(1, longest + 1):
        tags = ["/".join(part[-count:]) for part in parts]
        if len(set(tags)) == len(tags):
            return [clean(tag) for tag in tags]
    return [clean(one.name) for one in chosen]
