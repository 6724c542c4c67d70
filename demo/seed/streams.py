"""002: what has gathered in Redis before: dead letters, the legacy stream, tokens."""

from demo import events
from demo.home import Home
from demo.resp import Redis


def seed(home: Home) -> None:
    """Put into Redis what has gathered before: dead letters, the legacy stream, tokens."""
    redis = Redis(home.ports()["redis"], events.DB)
    events.ensure_group(redis, events.STREAM, events.GROUP)
    events.ensure_group(redis, events.DEAD, f"{events.GROUP}_dlq")
    good = '{"event_type": "automation.run.requested", "intent": "%s", "run_id": "r9%d"}'
    for number, intent in enumerate(events.INTENTS):
        events.bury(redis, good % (intent, number), "Connection refused")
    events.bury(redis, "{not json", "Parse error: Expecting property name")
    events.ensure_group(redis, events.LEGACY, events.LEGACY_GROUP)
    events.add(redis, events.LEGACY, events.STREAM_MAX, '{"event_type": "x"}')
    # Its consumer read everything before it went to the new stream: nothing waits for it.
    reading = ("XREADGROUP", "GROUP", events.LEGACY_GROUP, events.LEGACY_CONSUMER, "NOACK")
    redis.call(*reading, "COUNT", 10, "STREAMS", events.LEGACY, ">")
    for number, person in enumerate(("alice", "bob", "carol")):
        redis.call("SET", f"token:{number:064x}", person, "EX", 3600)
    redis.close()
