"""002, manager: consumes the stream in a group with two consumers, one of which can get stuck."""

import json
import os
import sys
import threading
import time

from demo import events
from demo.console_log import Appended, Printed
from demo.home import Home, home_of
from demo.resp import Redis, RedisGone, RedisSaidNo, Reply
from demo.stamps import epoch, now, zulu
from demo.web import NOT_FOUND, Answer, Request, begin, said, serve

SERVICE = "business-manager"
_BLOCK_MS = 700
_WORK_S = 0.02
_STUCK_IDLE_MS = 7_200_000
_STUCK_ENTRIES = 4


class Consumer:
    """One consumer of the group; while `stuck-consumer` is on, consumer1 takes and never acks."""

    def __init__(self, home: Home, name: str, log: Printed, states: Appended) -> None:
        self._home = home
        self._name = name
        self._log = log
        self._states = states
        # A blocking read waits inside the server; a second connection is not blocked by it.
        self._redis = Redis(home.ports()["redis"], events.DB, timeout_s=5.0)
        self._is_stuck = False
        self._must_catch_up = True

    def run(self) -> None:
        """Consume until the process ends."""
        self._log.say(f"Consumer started: {self._name} in {events.GROUP} on {events.STREAM}")
        is_prepared = False
        while True:
            try:
                if not is_prepared:
                    events.ensure_group(self._redis, events.STREAM, events.GROUP)
                    is_prepared = True
                self._turn()
            except (RedisGone, RedisSaidNo) as error:
                self._log.say(f"Error: {error}")
                is_prepared = False
                time.sleep(0.5)

    def _turn(self) -> None:
        if self._name == "consumer1" and self._home.is_on("stuck-consumer"):
            self._hang()
            return
        self._is_stuck = False
        if self._must_catch_up:
            self._must_catch_up = False
            self._read("0", count=100)
        if self._name == "consumer2":
            events.beat(self._redis)
        self._read(">", count=10)

    def _hang(self) -> None:
        """Hold some entries for two hours, as XPENDING then tells, and do nothing with them."""
        self._must_catch_up = True
        if not self._is_stuck:
            self._is_stuck = True
            newest = self._redis.call("XREVRANGE", events.STREAM, "+", "-", "COUNT", _STUCK_ENTRIES)
            for number, reply in enumerate(newest if isinstance(newest, list) else []):
                entry, _ = _entry(reply)
                words = ("XCLAIM", events.STREAM, events.GROUP, self._name, 0, entry)
                count = ("IDLE", _STUCK_IDLE_MS, "RETRYCOUNT", 2 * number + 1)
                # FORCE: as if they had been delivered to it and nobody ever acknowledged them.
                self._redis.call(*words, *count, "FORCE", "JUSTID")
        events.wait(0.1)

    def _read(self, after: str, count: int) -> None:
        for entry, data in self._take(after, count, _BLOCK_MS):
            self._handle(entry, data)
            self._redis.call("XACK", events.STREAM, events.GROUP, entry)
            self._log.say(f"Acked: {entry}")

    def _take(self, after: str, count: int, block_ms: int) -> list[tuple[str, str]]:
        """Return id and `data` of entries read for this consumer."""
        words = ("XREADGROUP", "GROUP", events.GROUP, self._name, "COUNT", count)
        reply = self._redis.call(*words, "BLOCK", block_ms, "STREAMS", events.STREAM, after)
        stream = reply[0] if isinstance(reply, list) and reply else None
        entries = stream[1] if isinstance(stream, list) else None
        return [_entry(one) for one in entries] if isinstance(entries, list) else []

    def _handle(self, entry: str, data: str) -> None:
        if data in ("", "init"):
            return
        try:
            event = json.loads(data)
        except ValueError as error:
            self._log.say(f"Processing: unknown\nError: Parse error: {error}")
            events.bury(self._redis, data, f"Parse error: {error}")
            events.remember_failure(self._redis, entry, f"Parse error: {error}")
            return
        self._log.say(f"Processing: {event.get('event_type', 'unknown')}")
        run, intent = str(event.get("run_id", "?")), str(event.get("intent", ""))
        events.save_run(self._redis, run, "running", {"intent": intent})
        self._log.say("Published: run.started")
        time.sleep(_WORK_S)
        result = {"correlation_id": event.get("correlation_id", "")}
        events.save_run(
            self._redis, run, "succeeded", {"intent": intent, "executed": [], "result": result}
        )
        self._log.say("Published: run.status.updated")
        self._tell_state(run, intent)

    def _tell_state(self, run: str, intent: str) -> None:
        state: dict[str, object] = {
            "run_id": run,
            "event_type": "run.succeeded",
            "status": "succeeded",
            "timestamp": zulu(now()),
            "correlation_id": f"c-{run[:8]}",
            "intent": intent,
            "department": intent.partition(".")[0],
            "metadata": {},
        }
        stamp = now().strftime("%Y-%m-%d %H:%M:%S,%f")[:-3]
        self._states.say(f"{stamp} - run_state - INFO - RUN_STATE: {json.dumps(state)}")


def _entry(reply: Reply) -> tuple[str, str]:
    """Return id and `data` of one entry; no data when the entry was deleted meanwhile."""
    if not isinstance(reply, list) or len(reply) != 2:
        return "", ""
    fields = reply[1] if isinstance(reply[1], list) else []
    texts = [str(one) for one in fields]
    return str(reply[0]), dict(zip(texts[::2], texts[1::2], strict=False)).get("data", "")


def _health(request: Request) -> Answer:
    return said({"status": "ok"}) if request.path == "/health" else NOT_FOUND


def main() -> None:
    """Consume until TERM."""
    home = home_of(sys.argv)
    root = home.system("business-engine")
    log = Printed(root / "platform" / "orchestration" / "manager" / "manager.log")
    begin(home, SERVICE, lambda: log.say("Consumer stopped"))
    log.say(f"manager {os.getpid()} at {epoch():.0f}")
    states = Appended(root / "backend" / "logs" / "app.log", keep=0)
    second = Consumer(home, "consumer2", log, states)
    threading.Thread(target=Consumer(home, "consumer1", log, states).run, daemon=True).start()
    threading.Thread(target=second.run, daemon=True).start()
    # Its own word says only that the process runs; `/health/manager` of the API says more.
    serve(home, SERVICE, _health, lambda _request, _answer: None)


if __name__ == "__main__":
    main()
