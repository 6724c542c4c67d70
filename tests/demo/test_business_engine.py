"""002 behaves as facts 13 to 18 say."""

import json

from demo import events
from demo.home import read_env
from demo.supervisor import Demo
from demo.tokens import mint
from tests.demo.looking import ask, lines_of, redis_of, until


def data_of(reply: object) -> list[str]:
    assert isinstance(reply, list)
    return [dict(zip(fields[::2], fields[1::2], strict=True))["data"] for _, fields in reply]


def test_the_stream_begins_with_an_entry_that_is_not_json(demo: Demo) -> None:
    redis = redis_of(demo, events.DB)
    first = data_of(redis.call("XRANGE", events.STREAM, "-", "+", "COUNT", 1))
    redis.close()
    assert first == ["init"]


def test_groups_and_streams_have_the_real_names(demo: Demo) -> None:
    redis = redis_of(demo, events.DB)
    groups = {
        name: [group[1] for group in redis.call("XINFO", "GROUPS", name)]
        for name in ("automation.events", "automation.dlq", "events")
    }
    words = ("XINFO", "CONSUMERS", events.STREAM, events.GROUP)
    until(lambda: "consumer2" in {one[1] for one in redis.call(*words)})
    redis.close()
    assert groups == {
        "automation.events": ["manager"],
        "automation.dlq": ["manager_dlq"],
        "events": ["manager_group"],
    }


def test_a_dead_letter_is_the_event_with_what_happened(demo: Demo) -> None:
    redis = redis_of(demo, events.DB)
    letters = data_of(redis.call("XRANGE", events.DEAD, "-", "+"))
    redis.close()
    assert letters[0] == "init"
    bodies = [json.loads(one) for one in letters[1:]]
    for body in bodies:
        assert {"dlq_error", "dlq_timestamp", "original_stream"} <= set(body)
    assert any("raw_message" in body for body in bodies), "what is not JSON is wrapped"


def test_a_poisoned_entry_is_acknowledged_and_buried(demo: Demo) -> None:
    redis = redis_of(demo, events.DB)
    before = redis.call("XLEN", events.DEAD)
    events.add(redis, events.STREAM, 2000, "{broken by the test")

    def letters() -> list[str]:
        newest = data_of(redis.call("XREVRANGE", events.DEAD, "+", "-", "COUNT", 10))
        return [one for one in newest if "broken by the test" in one]

    buried = until(letters)
    assert "Parse error" in buried[0]
    assert redis.call("XLEN", events.DEAD) > before
    redis.close()


def test_a_stuck_consumer_holds_entries_idle_for_hours(demo: Demo) -> None:
    redis = redis_of(demo, events.DB)
    words = ("XPENDING", events.STREAM, events.GROUP, "IDLE", 3_600_000, "-", "+", 10)
    demo.set_fault("stuck-consumer", True)
    until(lambda: any(one[3] >= 3 for one in redis.call(*words)))  # delivered more than once
    assert {one[1] for one in redis.call(*words)} == {"consumer1"}
    demo.set_fault("stuck-consumer", False)
    until(lambda: redis.call(*words) == [])
    redis.close()


def test_a_run_goes_through_the_stream_to_its_end(demo: Demo) -> None:
    asked = ask(demo, "business-api", "/automation/run?intent=finance.report", "POST")
    run = asked.json["run_id"]
    until(
        lambda: ask(demo, "business-api", f"/runs/{run}").json["status"] == "succeeded",
    )
    listed = ask(demo, "business-api", "/runs?limit=5").json
    assert listed["total"] == len(listed["items"]) <= 5


def test_an_unknown_run_is_called_queued(demo: Demo) -> None:
    body = ask(demo, "business-api", "/runs/nope").json
    assert body == {"run_id": "nope", "status": "queued", "detail": {}}


def test_lag_and_depth_are_declared_and_never_have_samples(demo: Demo) -> None:
    ask(demo, "business-api", "/health")
    seen = ask(demo, "business-api", "/metrics")
    assert seen.headers["content-type"] == "text/plain; version=1.0.0; charset=utf-8"
    for name in ("redis_stream_lag_seconds", "queue_depth"):
        assert f"# TYPE {name} gauge" in seen.text
        assert not any(line.startswith(name) for line in seen.text.splitlines())
    assert 'api_requests_total{method="GET",route="/health",status_class="2xx"}' in seen.text


def test_identity_is_only_a_name(demo: Demo) -> None:
    secret = read_env(demo.home.system("business-engine") / ".env")["JWT_SECRET"]

    def me(token: str) -> tuple[int, object]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        seen = ask(demo, "business-api", "/auth/me", headers=headers)
        return seen.status, seen.json

    assert me(mint(secret, "alice", ["runs.read"])) == (200, {"username": "alice"})
    assert me("") == (401, {"detail": "Not authenticated"})
    assert me(mint(secret, "alice", [], ttl_s=-5)) == (401, {"detail": "token_expired"})
    assert me(mint("another secret", "alice", [])) == (401, {"detail": "invalid_token"})


def test_without_redis_the_manager_is_unhealthy_with_http_200(demo: Demo) -> None:
    demo.set_fault("redis-down", True)
    seen = ask(demo, "business-api", "/health/manager")
    assert (seen.status, seen.json["status"]) == (200, "unhealthy")
    assert "Connection refused" in seen.json["error"]


def test_the_manager_prints_without_times_or_levels(demo: Demo) -> None:
    folder = demo.home.system("business-engine") / "platform" / "orchestration" / "manager"
    lines = until(lambda: [one for one in lines_of(folder / "manager.log") if "Acked" in one])
    assert lines[0].startswith("Acked: ")
