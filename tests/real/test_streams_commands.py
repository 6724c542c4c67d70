"""`streams`, `pending` and `dlq` as a person or cron runs them, against real servers."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.ports import free_port
from tests.real.servers import OwnRedis, own_redis, redis_binary, valkey_binary
from tests.real.streams import CONFIGURATION, FIRST_MS, Writer, engine_streams

pytestmark = pytest.mark.real("redis")

ENTRY = [sys.executable, "-c", "from cli.main import main; main()"]
SHARED = Path(__file__).parents[3] / "shared/fixtures"
JOBS = """\
version: 1
environment: development
systems:
  shop:
    redis: {{url: "{url}"}}
    services: {{redis: {{title: Redis}}}}
    streams:
      - {{name: jobs, keys: [jobs], groups: [workers], max_lag: 60s}}
"""
Document = dict[str, Any]


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    async with engine_streams(redis_binary(), tmp_path) as own:
        yield own


@pytest.fixture
def writer(server: OwnRedis) -> Iterator[Writer]:
    own = Writer(server.port)
    yield own
    own.close()


def configured(folder: Path, url: str) -> Path:
    path = folder / "quarterdeck.yaml"
    path.write_text(CONFIGURATION.format(url=url), encoding="utf-8")
    path.chmod(0o600)
    return path


class Shell:
    """Runs commands over one configuration."""

    def __init__(self, folder: Path, url: str) -> None:
        self._file = configured(folder, url)

    def run(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*ENTRY, *words, "--config", str(self._file)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
        )

    def document(self, *words: str) -> Document:
        done = self.run(*words, "--json")
        assert done.stdout, done.stderr
        return json.loads(done.stdout)


@pytest.fixture
def shell(server: OwnRedis, tmp_path: Path) -> Shell:
    return Shell(tmp_path, server.url)


def streams_of(document: Document) -> dict[str, Document]:
    return {one["stream"]: one for one in document["streams"]}


def groups_of(stream: Document) -> dict[str, Document]:
    return {one["group"]: one for one in stream["groups"]}


def assert_as_expected(shell: Shell, expect: Document) -> None:
    """Hold what the command line says against the figures of the fixtures."""
    streams = streams_of(shell.document("streams"))
    events = streams[expect["stream"]]
    assert events["length"] == expect["length"]
    manager, wanted = groups_of(events)["manager"], expect["groups"]["manager"]
    assert manager["consumer_count"] == wanted["consumers"]
    assert manager["pending"] == wanted["pending"]
    held = {one["consumer"]: one["pending"] for one in manager["consumers"] if one["pending"]}
    assert held == wanted["pending_by_consumer"]
    assert groups_of(events)["audit"]["pending"] == expect["groups"]["audit"]["pending"]
    assert manager["stuck"] == expect["stuck_over_1h"]
    assert manager["max_deliveries"] == expect["max_deliveries"]
    assert "manager_group" in groups_of(streams["events"])

    pending = shell.document("pending", expect["stream"], "manager")["pending"]
    assert any(one["is_gone"] for one in pending) == expect["pending_deleted_entry"]
    assert max(one["deliveries"] for one in pending) == expect["max_deliveries"]
    stuck = shell.document("pending", expect["stream"], "manager", "--idle", "1h")
    assert len(stuck["pending"]) == expect["stuck_over_1h"]

    [dead] = shell.document("dlq")["streams"]
    assert dead["length"] == expect["dlq_length"]
    assert dead["requeueable"] == expect["dlq_reprocessable_json_events"]
    assert dead["not_requeueable"] == len(expect["dlq_not_reprocessable"])
    stays = [one["kind"] for one in dead["letters"] if not one["can_requeue"]]
    assert stays == ["init", "not json", "wrapped"]


EXPECT: Document = {
    "stream": "automation.events",
    "length": 9,
    "groups": {
        "manager": {
            "consumers": 3,
            "pending": 6,
            "pending_by_consumer": {"consumer1": 4, "consumer2": 2},
        },
        "audit": {"pending": 0},
    },
    "stuck_over_1h": 3,
    "max_deliveries": 7,
    "pending_deleted_entry": True,
    "dlq_length": 6,
    "dlq_reprocessable_json_events": 3,
    "dlq_not_reprocessable": ["init", "{not json", "raw_message wrapper"],
}


@pytest.mark.parametrize("binary", [redis_binary, valkey_binary])
async def test_the_figures_of_a_stuck_engine_come_out(
    tmp_path: Path, binary: Callable[[], str]
) -> None:
    async with engine_streams(binary(), tmp_path) as server:
        assert_as_expected(Shell(tmp_path, server.url), EXPECT)


async def test_the_figures_of_the_fixtures_come_out(tmp_path: Path) -> None:
    """The fixture itself, loaded the way it wants to be, where it is at hand."""
    script = SHARED / "redis/002_streams.sh"
    if not script.exists() or shutil.which("redis-cli") is None:
        pytest.skip("the fixtures, or redis-cli, are not here")
    expect = json.loads((SHARED / "EXPECT.json").read_text("utf-8"))["002_streams"]
    async with own_redis(redis_binary(), tmp_path) as server:
        client = f"redis-cli -p {server.port}"
        environment = {**os.environ, "REDIS": client}
        subprocess.run(["bash", str(script)], env=environment, check=True, capture_output=True)
        assert_as_expected(Shell(tmp_path, server.url), expect)


async def test_streams_say_what_lacks_and_what_nobody_named(shell: Shell, writer: Writer) -> None:
    writer.tell("DEL", "events")
    writer.add("other\x1b[2J", "5-5", a="b")
    done = shell.run("streams", "--json")
    assert done.returncode == 1
    streams = streams_of(json.loads(done.stdout))
    assert streams["events"]["presence"] == "missing"
    assert streams["events"]["length"] is None
    assert streams["other\\x1b[2J"]["presence"] == "unnamed"
    lines = shell.run("streams").stdout
    assert "\x1b" not in lines
    assert "not there; of its other names there is automation.events" in lines
    assert "not named in the configuration" in lines


async def test_streams_that_keep_up_are_exit_code_0(tmp_path: Path) -> None:
    async with own_redis(redis_binary(), tmp_path) as server:
        own = Writer(server.port)
        own.add("jobs", "*", data="{}")
        own.tell("XGROUP", "CREATE", "jobs", "workers", "0")
        own.take("jobs", "workers", "w1", 1)
        own.add("other", "*", data="{}")
        own.close()
        shell = Shell(tmp_path, server.url)
        (tmp_path / "quarterdeck.yaml").write_text(JOBS.format(url=server.url), "utf-8")
        done = shell.run("streams", "--json")
    jobs, other = json.loads(done.stdout)["streams"]
    assert (jobs["verdict"], other["verdict"]) == ("ok", "unknown")
    assert jobs["rate_in_per_s"] == 0
    assert done.returncode == 0


async def test_one_stream_shows_groups_consumers_and_why(shell: Shell) -> None:
    lines = shell.run("streams", "automation.events").stdout
    assert "stuck" in lines
    assert "3 of its 4 pending idle over 1 h" in lines
    assert "lag 4 entries" in lines
    assert "automation.dlq" not in lines


async def test_entries_from_either_end_and_from_a_time(shell: Shell) -> None:
    words = ("streams", "automation.events", "--entries", "2")
    newest = shell.document(*words)["entries"]
    assert [one["id"] for one in newest] == [f"{FIRST_MS + 108_000}-0", f"{FIRST_MS + 200_000}-0"]
    oldest = shell.document(*words, "--from-start")["entries"]
    assert [one["id"] for one in oldest] == [f"{FIRST_MS}-0", f"{FIRST_MS + 101_000}-0"]
    since = shell.document(*words, "--since", "2026-03-14T09:13:37Z")["entries"]
    assert since[0]["id"] == f"{FIRST_MS + 104_000}-0"
    found = shell.document(*words, "--search", "R3")["entries"]
    assert [one["id"] for one in found] == [f"{FIRST_MS + 103_000}-0"]


async def test_dead_letters_by_what_they_have_in_common(shell: Shell) -> None:
    lines = shell.run("dlq", "automation.dlq", "--group-by", "error").stdout
    assert "3 of 6 can go back to automation.events, events" in lines
    assert "1  Connection refused" in lines
    assert "\x1b" not in lines


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("streams", "nope"), 1, "no stream 'nope'"),
        (("pending", "nope", "g"), 1, "no stream 'nope' on engine/redis"),
        (("pending", "automation.events", "g"), 1, "no such group"),
        (("pending", "automation.events", "manager", "--idle", "soon"), 2, "write 90s"),
        (("streams", "automation.events", "--since", "1h"), 2, "go with --entries"),
        (("streams", "automation.events", "--entries", "1", "--since", "x"), 2, "write 1h"),
        (("streams", "--entries", "1"), 2, "needs the name"),
        (("dlq", "nope"), 1, "no stream 'nope'"),
    ],
)
async def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    shell: Shell, words: tuple[str, ...], code: int, said: str
) -> None:
    done = shell.run(*words)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""


@pytest.mark.parametrize("words", [("streams",), ("dlq",), ("pending", "automation.events", "g")])
def test_a_server_that_is_down_is_exit_code_3(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = Shell(tmp_path, f"redis://127.0.0.1:{free_port()}/0").run(*words)
    assert done.returncode == 3
    assert "connection refused" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_configuration_without_redis_is_exit_code_2(tmp_path: Path) -> None:
    path = tmp_path / "quarterdeck.yaml"
    path.write_text("version: 1\nenvironment: development\nsystems: {shop: {}}\n", "utf-8")
    path.chmod(0o600)
    words = [*ENTRY, "streams", "--config", str(path)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 2
    assert "add `redis: {url: …}`" in done.stderr
