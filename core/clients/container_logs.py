"""Container logs: follows what a container prints and feeds it, stamped, into a sink."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, cast

import requests
from docker.types import CancellableStream

from core.clients.container_lines import FrameError, LineMaker, Resume
from core.clients.docker_address import address_of
from core.clients.docker_api import EngineApi
from core.clients.docker_connection import FAULTS, EngineStream, connect
from core.clients.docker_errors import translate
from core.clients.docker_facts import dig, number
from core.clients.log_sink import ByteStream, FeedThread, LogSink
from core.errors import ClientDenied, ClientError, ClientMissing
from core.model.follow import FollowWord
from core.model.log import SeamKind
from core.model.text import SafeText, clean

_DEADLINE_S = 5
_SILENCE_S = 600.0
"""A log may be silent; after so long the stream is opened anew, should the engine be gone."""
_UNREADABLE_DRIVERS = frozenset({"none"})


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What decides how a container's log is read."""

    is_terminal: bool
    driver: SafeText
    """`json-file`, `local`, `journald`, `none`, …"""
    is_running: bool
    exit_code: int | None


class ContainerLogs(Protocol):
    """What the feed needs of a container engine. Blocking."""

    def read_facts(self, container: str) -> LogFacts:
        """Return how a container's log is kept.

        Raises:
            ClientError: it does not exist, or the engine cannot be asked.
        """
        ...

    def open(
        self, container: str, tail_lines: int, since: str, *, is_followed: bool = True
    ) -> ByteStream:
        """Read what it prints: its last lines, or those since a stamp, and what comes.

        Unless it is followed, the stream's end is that of the past.

        Raises:
            ClientError: it does not exist, its log cannot be read, or the engine cannot be asked.
        """
        ...


class _EngineBytes:
    """The bytes of an engine's stream; its faults are ours, and silence is an end."""

    def __init__(self, response: requests.Response, place: SafeText) -> None:
        stream = CancellableStream(response.iter_content(chunk_size=None), response)
        self._stream = EngineStream(cast("EngineStream", stream))  # generic in the stubs only
        self._place = place

    def __iter__(self) -> Iterator[bytes]:
        try:
            for chunk in self._stream:
                yield cast("bytes", chunk)  # iter_content without decoding gives bytes
        except FAULTS as error:
            named = translate(error, self._place)
            if "Read timed out" not in str(error):
                raise named from error

    def close(self) -> None:
        self._stream.close()


class DockerLogs:
    """Reads container logs from one engine, on a connection of its own."""

    def __init__(self, url: str) -> None:
        """Take `unix://…` or `tcp://…`; empty: DOCKER_HOST, else the usual socket."""
        self._url = url
        self._api: EngineApi | None = None
        self._place = clean(address_of(url).removeprefix("unix://"))

    def _connect(self) -> EngineApi:
        if self._api is None:
            self._api = connect(self._url, _DEADLINE_S)
        return self._api

    def read_facts(self, container: str) -> LogFacts:
        """Return how a container's log is kept.

        Raises:
            ClientError: it does not exist, or the engine cannot be asked.
        """
        try:
            shown = self._connect().inspect_container(container)
        except (*FAULTS, ImportError) as error:
            self._forget()
            raise translate(error, self._place) from error
        return LogFacts(
            is_terminal=dig(shown, "Config", "Tty") is True,
            driver=clean(str(dig(shown, "HostConfig", "LogConfig", "Type") or "")),
            is_running=dig(shown, "State", "Running") is True,
            exit_code=number(dig(shown, "State", "ExitCode")),
        )

    def open(
        self, container: str, tail_lines: int, since: str, *, is_followed: bool = True
    ) -> ByteStream:
        """Read what it prints, stamped, both streams in frames.

        Raises:
            ClientError: it does not exist, its log cannot be read, or the engine cannot be asked.
        """
        wanted = {"since": since} if since else {"tail": str(tail_lines)}
        follow = "1" if is_followed else "0"
        params = {"follow": follow, "stdout": "1", "stderr": "1", "timestamps": "1", **wanted}
        try:
            api = self._connect()
            url = f"{api.base_url}/v{api.api_version}/containers/{container}/logs"
            response = api.get(url, params=params, stream=True, timeout=_SILENCE_S)
            if not response.ok:
                said = clean(response.text[:300])
                raise ClientMissing(f"the engine does not give its log: {said}")
            return _EngineBytes(response, self._place)
        except (*FAULTS, ImportError) as error:
            self._forget()
            raise translate(error, self._place) from error

    def _forget(self) -> None:
        if self._api is not None:
            with suppress(*FAULTS):
                self._api.close()
            self._api = None

    def close(self) -> None:
        """Close the connection."""
        self._forget()


class ContainerLogFeed(FeedThread):
    """Follows one container's log in a daemon thread, through restarts of both."""

    def __init__(
        self, logs: ContainerLogs, container: str, sink: LogSink, tail_lines: int = 10_000
    ) -> None:
        """Take an engine that nobody else uses, and a container's id or name."""
        super().__init__(f"log-{container[:12]}")
        self._logs = logs
        self._container = container
        self._sink = sink
        self._tail_lines = tail_lines
        self._resume = Resume()
        self._has_read = False
        self._is_over_told = False
        self._has_past = False
        self._rest: list[bytes] = []

    def _turn(self) -> bool:
        try:
            facts = self._logs.read_facts(self._container)
            if facts.driver in _UNREADABLE_DRIVERS:
                note = f"its log driver is {facts.driver}: the engine keeps no log of it"
                self._sink.tell(FollowWord.REFUSED, note)
                return False
            if not facts.is_running:  # nothing more comes to a line that never ended
                self._pass_on(self._rest)
            self._rest = []
            if not facts.is_running and self._has_read:
                return self._wait_for_start(facts)
            return self._read(facts)
        except ClientMissing as error:
            self._sink.tell(FollowWord.GONE if self._has_read else FollowWord.REFUSED, str(error))
        except ClientDenied as error:
            self._sink.tell(FollowWord.REFUSED, str(error))
        except (ClientError, FrameError) as error:
            self._sink.tell(FollowWord.GONE if self._has_read else FollowWord.WAITING, str(error))
        return False

    def _wait_for_start(self, facts: LogFacts) -> bool:
        how = "" if facts.exit_code is None else f" with exit code {facts.exit_code}"
        if not self._is_over_told:
            self._is_over_told = True
            self._sink.mark(SeamKind.VANISHED, f"the container has stopped{how}")
        self._sink.tell(FollowWord.GONE, f"the container has stopped{how}")
        return True  # it costs one question a second

    def _read(self, facts: LogFacts) -> bool:
        has_come = False
        if not self._has_past:
            has_come = self._pass(facts, is_followed=False)
            if self.is_closing:
                return has_come
            self._has_past = True
            self._sink.end_past()
        if self._has_read:
            why = "was started again" if self._is_over_told else "log stream ended; reading on"
            self._sink.mark(SeamKind.REOPENED, f"the container {why}")
        self._has_read, self._is_over_told = True, False
        return self._pass(facts, is_followed=True) or has_come

    def _pass(self, facts: LogFacts, *, is_followed: bool) -> bool:
        """Feed what a stream brings that is new, to its end; return whether anything did."""
        since = self._resume.since
        stream = self._logs.open(self._container, self._tail_lines, since, is_followed=is_followed)
        self.hold(stream)
        self._sink.tell(FollowWord.FOLLOWING)
        self._resume.reopen()
        lines, count = LineMaker(is_terminal=facts.is_terminal), 0
        try:
            for chunk in stream:
                count += self._pass_on(lines.feed(chunk))
                if self.is_closing:
                    break
        finally:
            self._rest = lines.rest()
            self.hold(None)
            stream.close()
        return count > 0

    def _pass_on(self, lines: list[bytes]) -> int:
        fresh = b"".join(line for line in lines if self._resume.is_new(line))
        if fresh:
            self._sink.feed(fresh)
        return len(fresh)
