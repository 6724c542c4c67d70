"""Logs of real containers: stamped, joined, resumed, and stated where there are none."""

import gc
import os
from collections.abc import Callable, Iterator
from typing import Any

import docker
import pytest
from docker.models.containers import Container

from core.clients.container_logs import ContainerLogFeed, DockerLogs
from core.logs.stream.reading import records_before
from core.logs.stream.spool import Spool
from core.model.follow import FollowWord
from core.model.log import SeamKind
from tests.fakes.sinks import RecordingSink

pytestmark = [
    pytest.mark.xdist_group("docker"),
    pytest.mark.real("docker"),
    # The SDK leaves the socket of a failed connection to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

IMAGE = "qd/busybox:latest"
Run = Callable[..., Container]
Feed = Callable[[Container], RecordingSink]


@pytest.fixture
def run() -> Iterator[Run]:
    """Start containers, and remove them afterwards."""
    client = docker.from_env()
    started: list[Container] = []

    def start(command: str, **options: Any) -> Container:
        name = f"qdlogs-{os.getpid()}-{len(started)}"
        words = ["sh", "-c", command]
        started.append(client.containers.run(IMAGE, words, name=name, detach=True, **options))
        return started[-1]

    yield start
    for container in started:
        container.remove(force=True)
    client.close()


@pytest.fixture
def follow() -> Iterator[Feed]:
    """Follow containers, and stop doing so afterwards."""
    feeds: list[ContainerLogFeed] = []
    engines: list[DockerLogs] = []

    def start(container: Container) -> RecordingSink:
        sink = RecordingSink()
        engines.append(DockerLogs(""))
        feeds.append(ContainerLogFeed(engines[-1], str(container.id), sink))
        feeds[-1].start()
        return sink

    yield start
    for feed in feeds:
        feed.close()
        assert feed.join(120)
    for engine in engines:
        engine.close()
    gc.collect()


def texts(sink: RecordingSink) -> list[bytes]:
    return [line.split(b" ", 1)[1] for line in sink.data.split(b"\n")[:-1]]


def test_both_streams_are_followed_from_the_past_into_the_future(run: Run, follow: Feed) -> None:
    script = "echo one; echo two >&2; read go; echo three"
    container = run(script, stdin_open=True)
    sink = follow(container)
    sink.until_data(b"two\n")
    sink.until_data(b"one\n")
    container.client.api.attach_socket(container.id, {"stdin": 1, "stream": 1})._sock.sendall(
        b"go\n"
    )
    sink.until_data(b"three\n")
    assert sorted(texts(sink)) == [b"one", b"three", b"two"]
    assert sink.data.startswith(b"20")


def test_a_line_of_100_kib_comes_whole(run: Run, follow: Feed) -> None:
    script = "head -c 100000 /dev/zero | tr '\\0' x; echo; echo after; sleep 1000"
    sink = follow(run(script))
    sink.until_data(b"after\n")
    assert texts(sink)[0] == b"x" * 100_000


def test_a_terminals_lines_end_like_others(run: Run, follow: Feed) -> None:
    script = "printf '10%%\\r100%%\\n'; head -c 40000 /dev/zero | tr '\\0' x; echo; sleep 1000"
    sink = follow(run(script, tty=True))
    sink.until_data(b"x\n")
    assert texts(sink) == [b"10%\r100%", b"x" * 40_000]


def test_a_restart_is_a_seam_and_nothing_comes_twice(run: Run, follow: Feed) -> None:
    container = run("echo begun; trap 'echo over; exit 4' TERM; while :; do sleep 0.1; done")
    sink = follow(container)
    sink.until_data(b"begun\n")
    container.stop(timeout=10)
    assert "exit code 4" in sink.until_told(FollowWord.GONE)
    container.start()
    sink.until_marked(SeamKind.REOPENED)
    sink.until_data(b"over\n")
    sink.until_count(b"begun\n", 2)
    assert texts(sink) == [b"begun", b"over", b"begun"]


def test_a_driver_that_keeps_no_log_is_stated(run: Run, follow: Feed) -> None:
    config = docker.types.LogConfig(type="none")
    sink = follow(run("echo unseen; sleep 1000", log_config=config))
    assert "log driver is none" in sink.until_told(FollowWord.REFUSED)


def test_a_container_that_does_not_exist_is_told() -> None:
    sink, engine = RecordingSink(), DockerLogs("")
    feed = ContainerLogFeed(engine, "qd-no-such-container", sink)
    feed.start()
    assert "does not know it" in sink.until_told(FollowWord.REFUSED)
    feed.close()
    assert feed.join(120)
    engine.close()


def test_it_all_lands_in_a_spool(run: Run) -> None:
    container = run("for i in $(seq 1 3000); do echo line $i; done; echo end; sleep 1000")
    spool, engine, sink = Spool("shop/api/container"), DockerLogs(""), RecordingSink()

    class Both:
        """Feeds the spool, and tells the test."""

        def feed(self, data: bytes) -> None:
            spool.feed(data)
            sink.feed(data)

        def mark(self, kind: SeamKind, note: str) -> None:
            spool.mark(kind, note)

        def tell(self, word: FollowWord, note: str = "") -> None:
            spool.tell(word, note)

        def end_past(self) -> None:
            spool.end_past()

    feed = ContainerLogFeed(engine, str(container.id), Both())
    feed.start()
    sink.until_data(b" end\n")
    records = records_before(spool.segments, None, lambda _line, _before: False)
    assert [record.raw.split(b" ", 1)[1] for record in records[-2:]] == [b"line 3000", b"end"]
    assert spool.state.word is FollowWord.FOLLOWING
    feed.close()
    assert feed.join(120)
    engine.close()
    spool.close()
