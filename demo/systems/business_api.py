"""002, api: health, runs, identity and metrics of the business engine (facts 13 to 18)."""

import json
import os
import sys
import time
from datetime import UTC, datetime

from demo import events
from demo.console_log import Printed
from demo.exposition import KIND, Exposition
from demo.home import Home, home_of, read_env
from demo.resp import Redis, RedisGone
from demo.stamps import epoch, naive, now, zulu
from demo.tokens import TokenRefused, read
from demo.web import NOT_FOUND, Answer, Request, access_line, begin, said, serve

SERVICE = "business-api"
SLOW_S = 1.2
_STALLED_MS = 60_000
_SILENT_S = 6.0
_FAILING = 2
_FAILING_S = 2.0
_HARD_CODED: dict[str, object] = {
    "status": "healthy",
    "component": "manager_orchestrator",
    "timestamp": "2025-08-11T23:00:00Z",
    "details": dict.fromkeys(("redis_connection", "event_processing", "last_heartbeat"), "unknown"),
}


class Api:
    """Answers requests; while `slow-responses` is on, each takes 1.2 s longer."""

    def __init__(self, home: Home, metrics: Exposition) -> None:
        self._home = home
        self._metrics = metrics
        self._secret = read_env(home.system("business-engine") / ".env")["JWT_SECRET"]
        self._redis = Redis(home.ports()["redis"], events.DB)

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request and count it."""
        started = time.monotonic()
        if self._home.is_on("slow-responses"):
            time.sleep(SLOW_S)
        try:
            reply = self._reply(request)
        except RedisGone as error:
            reply = said({"detail": str(error)}, 500)
        route = "/runs/{run_id}" if request.path.startswith("/runs/") else request.path
        if reply is not NOT_FOUND:
            took_s = time.monotonic() - started
            self._metrics.add(request.method, route, reply.status, took_s)
        return reply

    def _reply(self, request: Request) -> Answer:
        match request.path:
            case "/health":
                return said({"status": "ok"})
            case "/health/manager":
                return said(self._manager())
            case "/readyz":
                return said({"status": "ready"})
            case "/metrics":
                return Answer(200, self._metrics.text().encode(), KIND)
            case "/auth/me":
                return self._identity(request)
            case "/runs":
                return self._runs(int(request.query.get("limit", "20")))
            case "/automation/run" if request.method == "POST":
                intent = request.query.get("intent", events.INTENTS[0])
                return said({"run_id": events.publish(self._redis, intent)}, 202)
            case path if path.startswith("/runs/"):
                return self._run(path.removeprefix("/runs/"))
            case _:
                return NOT_FOUND

    def _manager(self) -> dict[str, object]:
        if self._home.is_on("manager-hard-coded"):
            return _HARD_CODED
        named = {"component": "manager_orchestrator"}
        stamp = zulu(now())
        try:
            heartbeat = str(self._redis.call("GET", events.HEARTBEAT) or "unknown")
            trouble = self._stalled() or self._silent(heartbeat) or self._failing()
        except RedisGone as error:
            return {"status": "unhealthy", **named, "error": str(error), "timestamp": stamp}
        details = {"redis_connection": "ok", "event_processing": "ok", "last_heartbeat": heartbeat}
        if not trouble:
            return {"status": "healthy", **named, "timestamp": stamp, "details": details}
        details["event_processing"] = "error"
        words = {"status": "degraded", **named, "error": trouble, "timestamp": stamp}
        return {**words, "details": details}

    def _stalled(self) -> str:
        words = ("XPENDING", events.STREAM, events.GROUP, "IDLE", _STALLED_MS, "-", "+", 100)
        reply = self._redis.call(*words)
        pending = [one for one in reply if isinstance(one, list)] if isinstance(reply, list) else []
        if not pending:
            return ""
        name = str(pending[0][1])
        oldest_s = max(int(str(one[2])) for one in pending) // 1000
        return f"stalled: {name} holds {len(pending)} entries, the oldest idle for {oldest_s} s"

    def _silent(self, heartbeat: str) -> str:
        if heartbeat == "unknown":
            return "no heartbeat yet"
        beat = datetime.strptime(heartbeat, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        silent_s = (now() - beat).total_seconds()
        return f"no heartbeat for {silent_s:.0f} s" if silent_s > _SILENT_S else ""

    def _failing(self) -> str:
        failures = events.failures_within(self._redis, _FAILING_S)
        if len(failures) < _FAILING:
            return ""
        count = f"{len(failures)} events in {_FAILING_S:.0f} s"
        return f"failing: {count} went to {events.DEAD}: {failures[-1]}"

    def _identity(self, request: Request) -> Answer:
        word, _, token = request.headers.get("authorization", "").partition(" ")
        if word.lower() != "bearer" or not token:
            return said({"detail": "Not authenticated"}, 401)
        try:
            claims = read(self._secret, token)
        except TokenRefused as error:
            return said({"detail": str(error)}, 401)
        return said({"username": claims["sub"]})

    def _runs(self, limit: int) -> Answer:
        newest = self._redis.texts("ZREVRANGE", events.RUNS, 0, max(0, min(limit, 100) - 1))
        items = [item for run in newest if (item := self._item(run))]
        return said({"items": items, "total": len(items)})

    def _item(self, run: str) -> dict[str, object] | None:
        text = self._redis.call("GET", f"auto:run:{run}")
        if not isinstance(text, str):
            return None
        record = json.loads(text)
        stamp = naive(datetime.fromtimestamp(record["ts"], UTC))
        detail: dict[str, object] = record["detail"] or {}
        return {
            "id": run,
            "intent": detail.get("intent", ""),
            "status": record["status"],
            "created_at": stamp,
            "updated_at": stamp,
            "detail": detail or None,
        }

    def _run(self, run: str) -> Answer:
        item = self._item(run)
        if item is None:  # the real one answers 200 for an id it never saw (fact 16)
            return said({"run_id": run, "status": "queued", "detail": {}})
        return said({"run_id": run, "status": item["status"], "detail": item["detail"]})


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    log = Printed(home.system("business-engine") / "backend" / "logs" / "app.log")
    begin(home, SERVICE, lambda: log.ended(os.getpid()))
    api = Api(home, Exposition(epoch()))
    log.started(os.getpid(), home.ports()[SERVICE])

    def access(request: Request, answer: Answer) -> None:
        log.say(access_line(request, answer))

    serve(home, SERVICE, api.answer, access)


if __name__ == "__main__":
    main()
