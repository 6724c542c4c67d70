"""003 behaves as facts 20 to 24 say."""

import signal
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.breaker import KEY
from demo.processes import argv_of, send
from demo.supervisor import Demo
from tests.demo.looking import ask, lines_of, redis_of, until
from tests.demo.test_lifetime import processes_of

FIELDS = {"state", "failure_count", "success_count", "last_state_change_time"}


@pytest.fixture
def without_load(demo: Demo) -> Iterator[Demo]:
    """The running demo while its load stands still: nobody else turns the circuit."""
    started = processes_of(demo.home.folder)
    load = next(one for one in started if "demo.load" in argv_of(one.pid))
    send(load, signal.SIGSTOP)
    stat = Path(f"/proc/{load.pid}/stat")
    until(lambda: stat.read_text("latin-1").rpartition(")")[2].split()[0] == "T")
    yield demo
    send(load, signal.SIGCONT)


def test_keys_have_the_real_names_and_not_the_runbooks(demo: Demo) -> None:
    ask(demo, "proxy-service", "/proxy/ok", headers={"X-Forwarded-For": "2001:db8::9"})
    redis = redis_of(demo)
    bucket = redis.mapping("HGETALL", "rate_limit:2001:db8::9")
    left_s = redis.call("TTL", "rate_limit:2001:db8::9")
    circuit = redis.mapping("HGETALL", KEY)
    runbooks = redis.call("KEYS", "api-gateway:*")
    redis.close()
    assert set(bucket) == {"tokens", "last_refill_time"}
    assert 3300 <= int(str(left_s)) <= 3600, "an hour, less what has passed since"
    assert set(circuit) == FIELDS
    assert runbooks == []


def test_a_busy_client_is_limited_with_a_body_that_never_says_429(demo: Demo) -> None:
    busy = {"X-Forwarded-For": "203.0.113.90"}
    # Its bucket fills while it asks: how many requests empty it is up to the machine.
    seen = (ask(demo, "proxy-service", "/proxy/ok", headers=busy) for _ in range(500))
    limited = next(one for one in seen if one.status == 429)
    assert limited.json == {"error": "Too many requests, please try again later."}
    assert "429" not in limited.text
    assert int(limited.headers["retry-after"]) >= 1


def test_a_dead_upstream_gives_502_until_the_circuit_opens(without_load: Demo) -> None:
    demo = without_load
    demo.set_fault("upstream-down", True)

    def code() -> int:
        return ask(
            demo, "proxy-service", "/proxy/ok", headers={"X-Forwarded-For": "203.0.113.91"}
        ).status

    assert code() == 502
    until(lambda: code() == 503)
    redis = redis_of(demo)
    circuit = redis.mapping("HGETALL", KEY)
    redis.close()
    assert (circuit["state"], circuit["failure_count"]) == ("OPEN", "0")
    assert ask(demo, "proxy-service", "/health").json == {"status": "healthy"}


def test_an_open_circuit_is_rewritten_closed_after_its_key_is_deleted(demo: Demo) -> None:
    redis = redis_of(demo)
    redis.call("DEL", KEY)
    ask(demo, "proxy-service", "/proxy/ok", headers={"X-Forwarded-For": "203.0.113.92"})
    state = redis.call("HGET", KEY, "state")
    redis.close()
    assert state == "CLOSED"


def test_without_redis_health_is_good_and_the_proxy_answers_plain_500(demo: Demo) -> None:
    demo.set_fault("redis-down", True)
    seen = ask(demo, "proxy-service", "/proxy/ok")
    assert ask(demo, "proxy-service", "/health").json == {"status": "healthy"}
    assert (seen.status, seen.text) == (500, "Internal Server Error")
    assert seen.headers["content-type"].startswith("text/plain")


def test_there_are_no_metrics(demo: Demo) -> None:
    seen = ask(demo, "proxy-service", "/metrics")
    assert (seen.status, seen.json) == (404, {"detail": "Not Found"})


def test_the_log_holds_python_dicts_and_clients_with_port_0(demo: Demo) -> None:
    ask(demo, "proxy-service", "/proxy/ok", headers={"X-Forwarded-For": "2001:db8::7"})
    lines = lines_of(demo.home.system("api-gateway") / "logs" / "proxy-service.log")
    told = [line.partition(" proxy ")[2] for line in lines if " INFO proxy {" in line]
    asked = {
        one["client_ip"]
        for text in told
        if (one := literal_eval(text))["event"] == "incoming_request"
    }
    assert "2001:db8::7" in asked
    assert any(line.startswith('INFO:     2001:db8::7:0 - "GET /proxy/ok') for line in lines)
