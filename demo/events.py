"""002: the streams of the business engine, in their real shapes (facts 13 to 15)."""

import json
import time
import uuid

from demo.resp import Redis, RedisSaidNo
from demo.stamps import epoch, now, zulu

DB = 1
STREAM = "automation.events"
GROUP = "manager"
DEAD = "automation.dlq"
LEGACY = "events"
LEGACY_GROUP = "manager_group"
LEGACY_CONSUMER = "manager_1"
HEARTBEAT = "manager:heartbeat"
FAILURES = "manager:failures"
RUNS = "auto:runs"
STREAM_MAX = 2000
DEAD_MAX = 500
RUNS_MAX = 200
INTENTS = ("lead.intake", "calendar.organize", "finance.report", "research.validate_idea")


def publish(redis: Redis, intent: str) -> str:
    """Ask for a run; return its id."""
    run = f"{uuid.uuid4().hex[:8]}-run"
    save_run(redis, run, "queued", {"intent": intent})
    event = {
        "event_type": "automation.run.requested",
        "intent": intent,
        "run_id": run,
        "correlation_id": f"c-{run[:8]}",
    }
    add(redis, STREAM, STREAM_MAX, json.dumps(event))
    return run


def add(redis: Redis, stream: str, keep: int, data: str) -> None:
    """Append an entry as the real publisher does: JSON text in `data`, and a `timestamp`."""
    words = ("XADD", stream, "MAXLEN", "~", keep, "*", "data", data)
    redis.call(*words, "timestamp", f"{epoch():.6f}")


def bury(redis: Redis, data: str, error: str, stream: str = STREAM) -> None:
    """Append a dead letter: the event with what happened, or the raw text in a wrapper."""
    try:
        event = json.loads(data)
    except ValueError:
        event = {"raw_message": {"data": data}}
    dead = {"dlq_error": error, "dlq_timestamp": round(epoch(), 3), "original_stream": stream}
    add(redis, DEAD, DEAD_MAX, json.dumps({**event, **dead}))


def save_run(redis: Redis, run: str, status: str, detail: dict[str, object]) -> None:
    """Write a run's state; forget the oldest."""
    moment = round(epoch(), 3)
    record = json.dumps({"status": status, "detail": detail, "ts": moment})
    redis.call("SET", f"auto:run:{run}", record, "EX", 86400)
    redis.call("ZADD", RUNS, moment, run)
    redis.call("ZREMRANGEBYRANK", RUNS, 0, -RUNS_MAX - 1)


def ensure_group(redis: Redis, stream: str, group: str) -> None:
    """Create a stream with its group; the first entry is `init`, which is not JSON."""
    try:
        if not redis.call("EXISTS", stream):
            redis.call("XADD", stream, "*", "data", "init")
        redis.call("XGROUP", "CREATE", stream, group, "0")
    except RedisSaidNo as error:
        if "BUSYGROUP" not in str(error):
            raise


def beat(redis: Redis) -> None:
    """Say that the manager lives."""
    redis.call("SET", HEARTBEAT, zulu(now()), "EX", 600)


def remember_failure(redis: Redis, entry: str, error: str) -> None:
    """Keep when and why events failed, the newest hundred."""
    redis.call("ZADD", FAILURES, round(epoch(), 3), f"{entry} {error}")
    redis.call("ZREMRANGEBYRANK", FAILURES, 0, -101)


def failures_within(redis: Redis, span_s: float) -> list[str]:
    """Return the errors of the last seconds, oldest first."""
    found = redis.texts("ZRANGEBYSCORE", FAILURES, round(epoch() - span_s, 3), "+inf")
    return [one.partition(" ")[2] for one in found]


def wait(seconds: float) -> None:
    """Pause a consumer."""
    time.sleep(seconds)
