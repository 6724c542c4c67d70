"""Logs that are no files: what a container prints and what a unit writes, each in a spool."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Protocol, cast

from core.errors import ClientMissing, LogUnreadableError
from core.logs.stream.followed import FollowedLog
from core.logs.stream.spool import Spool
from core.logs.stream.spooled_log import SpooledLog
from core.model.text import SafeText, clean
from core.model.topology import ComposeService, DockerContainer, RunsAs, SwarmService
from core.sources.container_state import belongs, describe, queries_of
from core.sources.log_opening import NoLog

if TYPE_CHECKING:
    from core.clients.container_logs import ContainerLogs, LogFacts
    from core.clients.log_sink import ByteStream, LogSink

Place = ComposeService | DockerContainer | SwarmService


class Feed(Protocol):
    """Reads a stream in a thread of its own and puts it into a sink."""

    def start(self) -> None:
        """Begin."""
        ...

    def close(self) -> None:
        """Stop soon."""
        ...


class StreamedLog(SpooledLog):
    """A spool and what feeds it."""

    def __init__(self, spool: Spool, feed: Feed) -> None:
        """Begin to read."""
        super().__init__(spool)
        self._feed = feed
        feed.start()

    def close(self) -> None:
        """Stop reading and give the room back."""
        self._feed.close()
        super().close()


class EngineStreams:
    """Opens the logs of containers and units of this machine.

    Args:
        docker_url: Of the engine; empty: the usual one.
        on_change: Called from the reading threads whenever something came.
    """

    def __init__(self, docker_url: str = "", on_change: Callable[[], None] = lambda: None) -> None:
        self._docker_url = docker_url
        self._on_change = on_change

    def container(self, source: str, runs_as: RunsAs) -> FollowedLog:
        """Return what a service's container prints; a container made anew is found again."""
        if not isinstance(runs_as, ComposeService | DockerContainer | SwarmService):
            return NoLog(source, clean("the service runs in no container"))

        def feed_of(sink: "LogSink") -> Feed:
            # The engine's library takes a third of a second to import.
            from core.clients.container_logs import (  # noqa: PLC0415
                ContainerLogFeed,
                DockerLogs,
            )

            found = _FoundContainer(self._docker_url, runs_as, DockerLogs(self._docker_url))
            return ContainerLogFeed(found, describe(runs_as), sink)

        return self._streamed(source, feed_of)

    def journal(self, source: str, unit: str) -> FollowedLog:
        """Return what a unit writes to the journal."""

        def feed_of(sink: "LogSink") -> Feed:
            from core.clients.journal import JournalFeed  # noqa: PLC0415 - few logs are journals

            return JournalFeed(unit, sink)

        return self._streamed(source, feed_of)

    def _streamed(self, source: str, feed_of: "Callable[[LogSink], Feed]") -> FollowedLog:
        try:
            spool = Spool(source, on_change=self._on_change)
        except LogUnreadableError as error:
            return NoLog(source, clean(str(error)))
        return StreamedLog(spool, feed_of(spool))


class _FoundContainer:
    """Reads the log of whichever container a service runs in now."""

    def __init__(self, docker_url: str, place: Place, logs: "ContainerLogs") -> None:
        self._docker_url = docker_url
        self._place = place
        self._logs = logs
        self._id = ""

    def read_facts(self, container: str) -> "LogFacts":
        """Look for the container, and return how its log is kept.

        Raises:
            ClientError: there is none, or the engine cannot be asked.
        """
        self._id = _find(self._docker_url, self._place)
        return self._logs.read_facts(self._id)

    def open(
        self, container: str, tail_lines: int, since: str, *, is_followed: bool = True
    ) -> "ByteStream":
        """Read what the container prints that was found last.

        Raises:
            ClientError: it does not exist, or the engine cannot be asked.
        """
        return self._logs.open(self._id, tail_lines, since, is_followed=is_followed)


def _find(docker_url: str, place: Place) -> str:
    """Return the id of a service's container, a running and young one first.

    Raises:
        ClientError: there is none, or the engine cannot be asked.
    """
    from core.clients.docker_address import address_of  # noqa: PLC0415
    from core.clients.docker_connection import FAULTS, connect  # noqa: PLC0415
    from core.clients.docker_errors import translate  # noqa: PLC0415

    labels, names = queries_of([place])
    filters: dict[str, object] = {"label": list(labels)} if labels else {"name": list(names)}
    where = clean(address_of(docker_url).removeprefix("unix://"))
    try:
        api = connect(docker_url, _DEADLINE_S)
        try:
            rows = list(api.containers(all=True, filters=filters))
        finally:
            api.close()
    except (*FAULTS, ImportError) as error:
        raise translate(error, where) from error
    found = [row for row in map(_row, rows) if belongs(place, row[1], row[2])]
    if not found:
        raise ClientMissing(f"no container of {clean(describe(place))}")
    return max(found, key=lambda row: row[3])[0]


_DEADLINE_S = 5
_Row = tuple[str, str, Mapping[str, SafeText], tuple[bool, int]]


def _row(raw: object) -> _Row:
    """Return id, name, labels and (is running, when created) of a row of the engine's list."""
    from core.clients.docker_facts import dig, labels_of, number  # noqa: PLC0415

    names = dig(raw, "Names")
    first = next(iter(cast("Iterable[object]", names)), "") if isinstance(names, list) else ""
    return (
        str(dig(raw, "Id") or ""),
        str(first).removeprefix("/"),
        labels_of(dig(raw, "Labels")),
        (dig(raw, "State") == "running", number(dig(raw, "Created")) or 0),
    )
