"""A steady, believable load on the five systems: a few requests a second from varied clients."""

import contextlib
import http.client
import random
import sys
import threading
import time
from collections.abc import Callable

from demo import events
from demo.home import Home, home_of, read_env
from demo.processes import die_with_parent
from demo.resp import Redis, RedisGone, RedisSaidNo
from demo.seed.decision_engine import BUILT_IN, FREE, PLATINUM, PRO, USED_UP
from demo.tokens import mint

CLIENTS = ("203.0.113.36", "203.0.113.147", "198.51.100.197", "203.0.113.207", "2001:db8::7")
ATTACKERS = tuple(f"203.0.113.{number}" for number in range(60, 68))
_BURST_EVERY_S = 25.0
_BURST = 30
_POISON = ('{"event_type": "run.started", broken', "{not json", "lead.intake;r=1")


class Client:
    """A connection that is kept, and opened again when it broke; it never fails."""

    def __init__(self, port: int) -> None:
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=6.0)

    def ask(
        self, method: str, path: str, headers: dict[str, str] | None = None, body: str = ""
    ) -> int:
        """Send a request; return the code, 0 when nothing answered."""
        named = {"X-Forwarded-For": random.choice(CLIENTS), **(headers or {})}
        try:
            self._line.request(method, path, body or None, named)
            reply = self._line.getresponse()
            reply.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            return 0
        return reply.status


class Load:
    """One loop per system; each is a visit and how long to wait until the next."""

    def __init__(self, home: Home) -> None:
        ports = home.ports()
        self._home = home
        self._decision = Client(ports["decision-engine"])
        self._ai_diy = Client(ports["ai-diy"])
        self._business = Client(ports["business-api"])
        self._gateway = Client(ports["proxy-service"])
        self._dashboard = Client(ports["cost-dashboard"])
        self._redis = Redis(ports["redis"], events.DB)
        self._secret = read_env(home.system("business-engine") / ".env")["JWT_SECRET"]
        self._next_burst = time.monotonic() + _BURST_EVERY_S / 2

    def run(self) -> None:
        """Visit every system until the process ends."""
        visits = (self._visit_decision, self._visit_ai_diy, self._visit_business)
        for visit in (*visits, self._visit_gateway, self._visit_dashboard):
            threading.Thread(target=_repeat, args=(visit,), daemon=True).start()
        threading.Event().wait()

    def _visit_decision(self) -> float:
        keys = (PRO, PRO, PRO, PRO, BUILT_IN, PLATINUM, USED_UP, FREE, "key_unknown", "")
        key = random.choice(keys)
        path = random.choice(("/decisions/evaluate", "/risk/assess", "/api/v1/decisions"))
        method = "GET" if path.startswith("/api") else "POST"
        body = (
            "" if method == "GET" else random.choice(('{"category": "FINANCIAL"}',) * 8 + ("{}",))
        )
        self._decision.ask(method, path, {"X-API-Key": key} if key else {}, body)
        return 0.25 if self._home.is_on("error-burst") else 1.2

    def _visit_ai_diy(self) -> float:
        if self._home.is_on("path-traversal"):
            path = random.choice(("../../etc/passwd", "../../../root/.ssh/id_rsa", "..%2f.env"))
            forwarded = {"X-Forwarded-For": random.choice(ATTACKERS)}
            self._ai_diy.ask("GET", f"/api/vision?path={path}", forwarded)
            return 0.25
        route = random.choice(("/api/vision", "/api/sprint", "/api/backlog", "/api/env"))
        suffix = (
            "?id=bad" if random.random() < 0.01 else f"?action={random.choice(('get', 'list'))}"
        )
        self._ai_diy.ask("GET", route + suffix)
        return 1.2

    def _visit_business(self) -> float:
        if self._home.is_on("poison-messages"):
            with contextlib.suppress(RedisGone, RedisSaidNo):
                data = random.choice(_POISON)
                events.add(self._redis, events.STREAM, events.STREAM_MAX, data)
        if random.random() < 0.7:
            self._business.ask("POST", f"/automation/run?intent={random.choice(events.INTENTS)}")
        elif random.random() < 0.5:
            token = mint(self._secret, random.choice(("alice", "bob")), ["runs.read"])
            self._business.ask("GET", "/auth/me", {"Authorization": f"Bearer {token}"})
        else:
            self._business.ask("GET", random.choice(("/runs?limit=20", "/auth/me", "/nowhere")))
        return 0.3 if self._home.is_on("poison-messages") else 0.9

    def _visit_gateway(self) -> float:
        if time.monotonic() > self._next_burst:
            self._next_burst = time.monotonic() + _BURST_EVERY_S
            busy = {"X-Forwarded-For": CLIENTS[0]}
            for _ in range(_BURST):  # more than its bucket holds: the last ones meet 429
                self._gateway.ask("GET", "/proxy/ok", busy)
        path = random.choice(
            ("ok", "ok", "ok", "users", "orders", "ok", "users", "missing", "fail")
        )
        self._gateway.ask("GET", f"/proxy/{path}")
        return 1.0

    def _visit_dashboard(self) -> float:
        user = {"Authorization": "Bearer demo"} if random.random() < 0.5 else {}
        if random.random() < 0.15:
            kinds = ("short",) * 3 + ("enough",) * 6 + ("broken",)
            self._dashboard.ask("POST", "/api/forecast/generate", user, random.choice(kinds))
        else:
            self._dashboard.ask("GET", random.choice(("/api/costs", "/api/costs", "/old")), user)
        return 1.5


def _repeat(visit: Callable[[], float]) -> None:
    while True:
        time.sleep(visit() * random.uniform(0.7, 1.3))


def main() -> None:
    """Put load on the systems until the demo ends."""
    die_with_parent()
    home = home_of(sys.argv)
    Load(home).run()


if __name__ == "__main__":
    main()
