"""000: the decision API with its JSON file of keys (facts 1 to 6)."""

import os
import random
import sys
import time

from demo.console_log import Printed
from demo.home import Home, home_of
from demo.keys import Analytics, KeyStore
from demo.stamps import asctime, naive, now
from demo.web import NOT_FOUND, Answer, Request, access_line, begin, said, serve

SERVICE = "decision-engine"
_OPEN = {"/health", "/", "/docs"}
_PATHS = {"/api/v1/decisions", "/decisions/evaluate", "/risk/assess", "/autonomy/level"}
_FULL = "[Errno 28] No space left on device: 'ai_memory.json'"
_PAGE = b"<!doctype html><title>Decision Engine</title><h1>Welcome</h1>"
_TRACEBACK = (
    "ERROR:    Exception in ASGI application\n"
    "Traceback (most recent call last):\n"
    '  File "/srv/api/main.py", line 382, in evaluate_decision\n'
    "    decision = decision_engine.evaluate_decision(data)\n"
    '  File "/srv/ai_decision_engine.py", line 210, in evaluate_decision\n'
    '    raise OSError(28, "No space left on device")\n'
    "OSError: [Errno 28] No space left on device"
)


class Engine:
    """Answers; while `error-burst` is on its memory file cannot be written and it says so."""

    def __init__(self, home: Home, log: Printed) -> None:
        # Started as the runbook says: in api/, so these relative files are the ones in api/.
        folder = home.system("decision-engine") / "api"
        self._home = home
        self._log = log
        self._keys = KeyStore(folder)
        self._analytics = Analytics(folder / "api_analytics.json")

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        started = time.monotonic()
        reply = self._reply(request)
        if request.path not in _OPEN:
            took_s = time.monotonic() - started + random.uniform(0.004, 0.03)
            key = request.headers.get("x-api-key", "")
            self._analytics.add(request.method, request.path, key, reply.status, took_s)
        return reply

    def _reply(self, request: Request) -> Answer:
        if request.path == "/health":
            return self._health()
        if request.path == "/":
            return Answer(200, _PAGE, "text/html; charset=utf-8")
        if request.path not in _PATHS:
            return NOT_FOUND
        refusal = self._keys.admit(request.headers.get("x-api-key", ""), request.path)
        if refusal:
            return said({"detail": refusal}, 401)
        if self._home.is_on("error-burst"):
            self._log.say(_TRACEBACK)
            words = {
                "error": "Internal Server Error",
                "message": "An unexpected error occurred",
                "timestamp": naive(now()),
            }
            return said(words, 500)
        return self._decided(request)

    def _health(self) -> Answer:
        stamp = naive(now())
        if self._home.is_on("error-burst"):
            return said({"status": "unhealthy", "error": _FULL, "timestamp": stamp}, 503)
        words = {"status": "healthy", "version": "1.0.0", "timestamp": stamp}
        return said({**words, "autonomy_level": 25.0, "system": "operational"})

    def _decided(self, request: Request) -> Answer:
        if request.method == "GET":
            return said({"decisions": [], "total": 0})
        if b"category" not in request.body:
            fault = "[{'type': 'value_error', 'loc': ('body', 'category')}]"
            self._say("main", "WARNING", f"Validation error: {fault}")
            return said({"detail": [{"loc": ["body", "category"], "type": "missing"}]}, 422)
        amount = random.choice((401.0, 950.0, 4030.0, 12500.0))
        self._say("main", "INFO", f"Evaluating decision: FINANCIAL - ${amount}")
        approved = amount < 10000
        return said({"approved": approved, "requires_human": not approved, "confidence": 0.87})

    def _say(self, logger: str, level: str, text: str) -> None:
        self._log.say(f"{asctime(now())} - {logger} - {level} - {text}")


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    log = Printed(home.system("decision-engine") / "api" / "api.log")
    begin(home, SERVICE, lambda: log.ended(os.getpid()))
    engine = Engine(home, log)
    log.started(os.getpid(), home.ports()[SERVICE])

    def access(request: Request, answer: Answer) -> None:
        log.say(access_line(request, answer))

    serve(home, SERVICE, engine.answer, access)


if __name__ == "__main__":
    main()
