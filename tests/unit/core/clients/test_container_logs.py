"""A container's log is followed through its restarts and the engine's."""

from collections.abc import Iterator

import pytest

from core.clients import log_sink
from core.clients.container_logs import ContainerLogFeed, LogFacts
from core.clients.log_sink import ByteStream
from core.errors import ClientMissing, ClientRefused
from core.model.follow import FollowWord
from core.model.log import SeamKind
from core.model.text import clean
from tests.fakes.sinks import RecordingSink, ScriptedBytes
from tests.unit.core.clients.test_container_lines import LATER, STAMP, frame

RUNNING = LogFacts(is_terminal=False, driver=clean("json-file"), is_running=True, exit_code=None)
STOPPED = LogFacts(is_terminal=False, driver=clean("json-file"), is_running=False, exit_code=3)


class ScriptedLogs:
    """An engine that answers as a test says, and repeats its last answer."""

    def __init__(
        self,
        *turns: LogFacts | Exception,
        streams: tuple[ByteStream, ...] = (),
        past: bytes = b"",
    ) -> None:
        self._turns = list(turns)
        self._past = past
        self._streams: Iterator[ByteStream] = iter(streams)
        self.opened: list[tuple[int, str]] = []

    def read_facts(self, container: str) -> LogFacts:
        turn = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
        if isinstance(turn, Exception):
            raise turn
        return turn

    def open(
        self, container: str, tail_lines: int, since: str, *, is_followed: bool = True
    ) -> ByteStream:
        if not is_followed:
            return ScriptedBytes(self._past)
        self.opened.append((tail_lines, since))
        return next(self._streams, ScriptedBytes(is_endless=True))


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_sink, "FIRST_PAUSE_S", 0.01)


def fed(logs: ScriptedLogs) -> tuple[ContainerLogFeed, RecordingSink]:
    sink = RecordingSink()
    feed = ContainerLogFeed(logs, "c0ffee", sink, tail_lines=100)
    feed.start()
    return feed, sink


def test_what_it_prints_is_fed_and_closing_ends_the_thread() -> None:
    stream = ScriptedBytes(frame(1, STAMP + b"hello\n"), is_endless=True)
    logs = ScriptedLogs(RUNNING, streams=(stream,))
    feed, sink = fed(logs)
    sink.until_data(STAMP + b"hello\n")
    feed.close()
    assert feed.join(20)
    assert stream.closed.is_set()
    assert logs.opened == [(100, "")]


def test_a_stream_that_ends_silently_is_opened_again_with_a_seam_and_nothing_twice() -> None:
    first = ScriptedBytes(frame(1, STAMP + b"a\n") + frame(1, LATER + b"b\n"))
    again = ScriptedBytes(frame(1, LATER + b"b\n") + frame(1, LATER + b"c\n"), is_endless=True)
    logs = ScriptedLogs(RUNNING, streams=(first, again))
    feed, sink = fed(logs)
    sink.until_data(b"c\n")
    feed.close()
    assert sink.data == STAMP + b"a\n" + LATER + b"b\n" + LATER + b"c\n"
    assert sink.kinds == [SeamKind.REOPENED]
    assert logs.opened[1][1] == "1773489540.123456999"


def test_the_past_is_over_when_its_stream_is_and_is_followed_from_there() -> None:
    past = frame(1, STAMP + b"a\n") + frame(1, LATER + b"b\n") + frame(1, LATER + b"ha")
    then = frame(1, LATER + b"b\n") + frame(1, LATER + b"half\n")
    logs = ScriptedLogs(RUNNING, streams=(ScriptedBytes(then, is_endless=True),), past=past)
    feed, sink = fed(logs)
    sink.until_data(b"half\n")
    feed.close()
    assert sink.has_past
    assert sink.data == STAMP + b"a\n" + LATER + b"b\n" + LATER + b"half\n"
    assert logs.opened == [(100, "1773489540.123456999")]
    assert sink.kinds == []


def test_a_container_that_printed_nothing_has_a_past_that_is_over() -> None:
    feed, sink = fed(ScriptedLogs(RUNNING))
    sink.until_past()
    feed.close()
    assert sink.data == b""


def test_half_a_line_at_a_cut_is_not_shown_before_the_whole_one() -> None:
    first = ScriptedBytes(frame(1, STAMP + b"half"))
    again = ScriptedBytes(frame(1, STAMP + b"half a line\n"), is_endless=True)
    feed, sink = fed(ScriptedLogs(RUNNING, streams=(first, again)))
    sink.until_data(b"line\n")
    feed.close()
    assert sink.data == STAMP + b"half a line\n"


def test_a_stopped_container_says_how_and_is_waited_for() -> None:
    first = ScriptedBytes(frame(1, STAMP + b"bye"))
    again = ScriptedBytes(frame(1, LATER + b"back\n"), is_endless=True)
    logs = ScriptedLogs(RUNNING, STOPPED, STOPPED, RUNNING, streams=(first, again))
    feed, sink = fed(logs)
    sink.until_data(b"back\n")
    feed.close()
    assert sink.data == STAMP + b"bye\n" + LATER + b"back\n"
    assert [kind for kind, _ in sink.marks] == [SeamKind.VANISHED, SeamKind.REOPENED]
    assert "exit code 3" in sink.marks[0][1]
    assert "started again" in sink.marks[1][1]


def test_a_driver_that_keeps_nothing_is_stated() -> None:
    facts = LogFacts(is_terminal=False, driver=clean("none"), is_running=True, exit_code=None)
    feed, sink = fed(ScriptedLogs(facts))
    assert "log driver is none" in sink.until_told(FollowWord.REFUSED)
    feed.close()


def test_a_missing_container_and_a_dead_engine_are_told_apart() -> None:
    feed, sink = fed(ScriptedLogs(ClientMissing("no such container")))
    sink.until_told(FollowWord.REFUSED)
    feed.close()
    feed, sink = fed(ScriptedLogs(ClientRefused("no engine")))
    sink.until_told(FollowWord.WAITING)
    feed.close()


def test_a_stream_that_is_none_of_the_engines_is_told() -> None:
    feed, sink = fed(ScriptedLogs(RUNNING, streams=(ScriptedBytes(b"not frames at all"),)))
    assert "framed" in sink.until_told(FollowWord.GONE)
    feed.close()
