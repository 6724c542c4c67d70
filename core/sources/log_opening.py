"""Opens logs, whatever they are: files, what a container prints, the journal, standard input."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Protocol
from zoneinfo import ZoneInfo

from core.logs.browse.opened_log import OpenedLog
from core.logs.files.log_file import LogFile
from core.logs.parse.custom import Format, custom
from core.logs.segment import Segment
from core.logs.stream.followed import FollowedLog, LogChange
from core.model.follow import FollowState, FollowWord
from core.model.text import SafeText, clean
from core.model.topology import LogFormatSpec, LogSpec, RunsAs
from core.sources.log_places import LogPlace


class LogStreams(Protocol):
    """Opens logs that are no files. Each call returns at once; what fails becomes the state."""

    def container(self, source: str, runs_as: RunsAs) -> FollowedLog:
        """Return what the service's container prints, with its past."""
        ...

    def journal(self, source: str, unit: str) -> FollowedLog:
        """Return what a unit writes to the journal."""
        ...


class NoLog:
    """A log that cannot be opened here; its state says why."""

    segments: tuple[Segment, ...] = ()
    watched_paths: tuple[str, ...] = ()

    def __init__(self, source: str, reason: SafeText) -> None:
        self.source = source
        self.state = FollowState(FollowWord.REFUSED, reason)

    def poll(self, now_s: float) -> LogChange:
        """Return that nothing has come."""
        return LogChange()

    def close(self) -> None:
        """Hold nothing."""


@dataclass(frozen=True, slots=True)
class LogOpening:
    """Opens logs with the clients and formats that it was given."""

    streams: LogStreams | None = None
    formats: Sequence[LogFormatSpec] = ()
    _compiled: dict[str, Format] = field(default_factory=dict[str, Format])

    def open_place(self, place: LogPlace, now_s: float) -> OpenedLog:
        """Open a configured log. Blocking; nothing is raised, its state says how it stands."""
        spec = place.spec
        zone = ZoneInfo(spec.zone) if spec.zone else UTC
        return OpenedLog(self._followed(place), now_s, self._formats(spec), zone, spec.note)

    def open_path(self, path: str, now_s: float, zone: tzinfo = UTC) -> OpenedLog:
        """Open a file, a glob or a dated path that somebody names; siblings come with it."""
        return OpenedLog(LogFile(path), now_s, self._formats(_ANY), zone)

    def open_followed(self, log: FollowedLog, now_s: float, zone: tzinfo = UTC) -> OpenedLog:
        """Open what somebody else follows, such as a pipe."""
        return OpenedLog(log, now_s, self._formats(_ANY), zone)

    def _followed(self, place: LogPlace) -> FollowedLog:
        spec, streams = place.spec, self.streams
        if spec.container:
            if streams is None or place.runs_as is None:
                return _unsupported(place.source)
            return streams.container(place.source, place.runs_as)
        if spec.journal:
            return (
                streams.journal(place.source, spec.unit) if streams else _unsupported(place.source)
            )
        return LogFile(spec.path, place.source, zone=ZoneInfo(spec.zone) if spec.zone else None)

    def _formats(self, spec: LogSpec) -> tuple[Format, ...]:
        """Return the formats to try first: the one that the log names, otherwise all."""
        is_any = spec.format == "auto"
        return tuple(self._format(one) for one in self.formats if is_any or one.name == spec.format)

    def _format(self, spec: LogFormatSpec) -> Format:
        if spec.name not in self._compiled:
            self._compiled[spec.name] = custom(spec.name, spec.pattern, spec.time_format)
        return self._compiled[spec.name]


_ANY = LogSpec("")


def _unsupported(source: str) -> NoLog:
    return NoLog(source, clean("nothing here can read it"))


def literal_path(path: str) -> str:
    """Return a pattern that means just this file, though its name has `*`, `[` or `%` in it."""
    if glob.has_magic(path) or "%" in path:
        return glob.escape(path).replace("%", "[%]")
    return path
