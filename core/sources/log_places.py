"""The configured logs by name, and what can be said of one that has nothing to read. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from core.model.follow import FollowState, FollowWord
from core.model.text import SafeText, clean
from core.model.topology import LogQuerySpec, LogSpec, RunsAs, SystemSpec, Topology

_PRINTED = ("container", "journal", "output")
"""What the logs are called that hold what a service prints."""


@dataclass(frozen=True, slots=True)
class LogPlace:
    """A configured log and where it belongs."""

    source: str
    """`system/service/log`, or `system/log` for a log of no service."""
    spec: LogSpec
    system: SystemSpec
    runs_as: RunsAs | None = None

    @property
    def kind(self) -> str:
        """What it is: `file`, `container`, `journal`."""
        if self.spec.container:
            return "container"
        return "journal" if self.spec.journal else "file"


def log_places(topology: Topology) -> tuple[LogPlace, ...]:
    """Return every configured log, in the order of the configuration."""
    return tuple(place for system in topology.systems for place in _of_system(system))


def _of_system(system: SystemSpec) -> Iterator[LogPlace]:
    for service in system.services:
        for spec in service.logs:
            own = service.id.service
            name = spec.name.removeprefix(f"{own}.")
            source = f"{system.name}/{own}/{name}"
            yield LogPlace(source, spec, system, service.runs_as)
    for spec in system.logs:
        yield LogPlace(f"{system.name}/{spec.name}", spec, system)


def named(places: tuple[LogPlace, ...], name: str) -> tuple[LogPlace, ...]:
    """Return the logs that a name means: its whole name, or the end of it from a slash on.

    `api.journal` is understood beside `api/journal`. Several: the name is not enough.
    """
    exact = tuple(place for place in places if name in _names(place))
    ends = tuple(
        place for place in places if any(one.endswith(f"/{name}") for one in _names(place))
    )
    return exact or ends


def _names(place: LogPlace) -> tuple[str, str]:
    return place.source, f"{place.system.name}/{place.spec.name}"


@dataclass(frozen=True, slots=True)
class SavedQuery:
    """A saved query and the log that it asks."""

    system: str
    spec: LogQuerySpec
    place: LogPlace

    @property
    def name(self) -> str:
        """Its name with that of its system."""
        return f"{self.system}/{self.spec.name}"


def saved_queries(topology: Topology) -> tuple[SavedQuery, ...]:
    """Return the saved queries whose log is configured, in the order of the configuration."""
    places = log_places(topology)
    found: list[SavedQuery] = []
    for system in topology.systems:
        own = tuple(place for place in places if place.system is system)
        for spec in system.log_queries:
            place = next(iter(named(own, spec.log) or _printed(own, spec.log)), None)
            if place is not None:
                found.append(SavedQuery(system.name, spec, place))
    return tuple(found)


def _printed(own: tuple[LogPlace, ...], name: str) -> tuple[LogPlace, ...]:
    """Return where a service prints to, when a profile's container or journal is not what it has.

    The same lines come from a container, a unit or a plain process, by what it runs as here.
    """
    service, _, log = name.rpartition(".")
    if log not in _PRINTED:
        return ()
    return tuple(found for one in _PRINTED for found in named(own, f"{service}/{one}"))


def nearest(places: tuple[LogPlace, ...], name: str) -> str:
    """Return the configured name that is written most like it; empty: none is."""
    endings = {
        ending: place.source
        for place in reversed(places)
        for ending in (place.source, place.source.partition("/")[2], place.spec.name)
    }
    close = get_close_matches(name, list(endings), 1, 0.6)
    return endings[close[0]] if close else ""


def why_empty(state: FollowState, note: str) -> SafeText:
    """Return why a log cannot be read, and where its application really writes; empty: it can."""
    if state.word not in (FollowWord.WAITING, FollowWord.REFUSED):
        return clean("")
    what = state.note or clean("there is nothing to read yet")
    return clean(f"{what}; {note}") if note else what
