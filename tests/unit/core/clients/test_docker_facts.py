"""The engine's JSON as values, and the SDK's errors as ours."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from docker import errors

from core.clients.docker_errors import translate
from core.clients.docker_facts import (
    COMPOSE_SERVICE,
    parse_container,
    parse_event,
    parse_swarm,
    parse_task,
    parse_use,
    stamp,
)
from core.errors import (
    ClientDenied,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
)

DATA = Path(__file__).parents[3] / "data" / "docker"
JUNK = [None, 1, "x", [], [1], {}, {"State": []}, {"State": {"Health": 3}}, {"Config": "x"}]


def read(name: str) -> object:
    return json.loads((DATA / name).read_text())


def test_an_inspected_container() -> None:
    facts = parse_container(read("inspect_unhealthy.json"))
    assert (facts.name, facts.status, facts.health) == ("shop-api-1", "running", "unhealthy")
    assert facts.health_output == "probe says no"
    assert facts.labels[COMPOSE_SERVICE] == "api"
    assert facts.memory_limit_bytes == 64 * 1024 * 1024
    assert facts.started_at == datetime(2026, 11, 20, 23, 20, 3, 618791, tzinfo=UTC)
    assert facts.restarts == 0


def test_memory_is_without_the_cache_that_can_be_dropped() -> None:
    use = parse_use(read("stats_cgroup1.json"))
    assert use.memory_bytes == 1011712 - 208896
    assert use.cpu_percent == pytest.approx(100 * 2 * 10216 / 1_990_000_000)
    assert use.limit_bytes == 64 * 1024 * 1024


def test_cgroup_2_names_the_cache_differently() -> None:
    use = parse_use({"memory_stats": {"usage": 1000, "stats": {"inactive_file": 400}}})
    assert use.memory_bytes == 600


def test_a_stopped_container_uses_nothing_known_rather_than_zero() -> None:
    use = parse_use({"memory_stats": {}, "cpu_stats": {"cpu_usage": {"total_usage": 0}}})
    assert use.memory_bytes is None
    assert use.cpu_percent is None


def test_an_event_tells_the_exit_code_and_whose_container_it_was() -> None:
    event = parse_event(read("event_die.json"))
    assert event is not None
    assert (event.action, event.exit_code, event.name) == ("die", 137, "shop-api-1")
    assert event.labels[COMPOSE_SERVICE] == "api"


def test_terminal_sequences_in_names_are_shown_not_sent() -> None:
    facts = parse_container({"Name": "/a\x1b]0;own\x07", "Config": {"Image": "i\u202etxt"}})
    assert facts.name == "a␛]0;own␇"
    assert facts.image == "i\\u202etxt"


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_nothing_and_no_crash(junk: object) -> None:
    assert parse_container(junk).status == ""
    assert parse_use(junk).memory_bytes is None
    assert parse_event(junk) is None
    assert parse_swarm(junk, (parse_task(junk),)).wanted is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("0001-01-01T00:00:00Z", None),
        ("2026-03-01T03:00:00.123456789Z", datetime(2026, 3, 1, 3, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T03:00:00+02:00", datetime(2026, 3, 1, 1, tzinfo=UTC)),
        ("soon", None),
        (7, None),
    ],
)
def test_stamps(text: object, moment: datetime | None) -> None:
    assert stamp(text) == moment


def answer(status: int, text: str) -> errors.APIError:
    response = requests.Response()
    response.status_code = status
    return errors.APIError("failed", response=response, explanation=text)


def wrapped(error: OSError) -> errors.DockerException:
    """Wrap an error the way requests and the SDK do: inside `args`, twice."""
    inner = requests.exceptions.ConnectionError(
        requests.packages.urllib3.exceptions.ProtocolError("Aborted", error)
    )
    outer = errors.DockerException(f"Error while fetching server API version: {inner}")
    outer.__cause__ = inner
    return outer


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (wrapped(FileNotFoundError(2, "No such file")), ClientMissing, "no Docker socket at /s"),
        (wrapped(PermissionError(13, "denied")), ClientDenied, "Docker socket /s: sudo"),
        (wrapped(ConnectionRefusedError(111, "refused")), ClientRefused, "daemon does not run"),
        (requests.exceptions.ReadTimeout("slow"), ClientTimeout, "is it frozen"),
        (answer(404, "No such container: x"), ClientMissing, "No such container"),
        (answer(400, "client version 1.10 is too old"), ClientGarbled, "same API"),
        (answer(503, "This node is not a swarm manager."), ClientMissing, "not a swarm manager"),
        (answer(500, "boom\x1b[2J"), ClientGarbled, "boom␛"),
        (errors.InvalidVersion("old"), ClientGarbled, "API is too old"),
        (errors.DockerException("odd"), ClientRefused, "cannot talk to Docker"),
        (NameError("SSHHTTPAdapter"), ClientMissing, "ssh -L"),
    ],
)
def test_errors_are_named(error: Exception, kind: type[Exception], words: str) -> None:
    translated = translate(error, "/s")
    assert type(translated) is kind
    assert words in str(translated)
