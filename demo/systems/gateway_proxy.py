"""003, proxy-service: the gateway with its limiter and breaker in Redis (facts 20 to 24)."""

import http.client
import os
import sys

from demo.breaker import Breaker
from demo.console_log import Printed
from demo.home import Home, home_of, read_env
from demo.limiter import Limiter
from demo.resp import Redis, RedisGone
from demo.stamps import asctime, epoch, now
from demo.web import NOT_FOUND, Answer, Request, access_line, begin, phrase, said, serve

SERVICE = "proxy-service"
_TIMEOUT_S = 5.0
_BROKEN = Answer(500, b"Internal Server Error", "text/plain; charset=utf-8")
_TRACEBACK = (
    "ERROR:    Exception in ASGI application\n"
    "Traceback (most recent call last):\n"
    '  File "/app/src/main.py", line 61, in proxy\n'
    "    allowed, retry_after = rate_limiter.allow(client_ip)\n"
    '  File "/app/src/rate_limiter.py", line 38, in allow\n'
    "    bucket = self.redis.hgetall(key)\n"
    "redis.exceptions.ConnectionError: {}"
)


class Proxy:
    """Limits, breaks the circuit, forwards; says `healthy` whatever happens behind it."""

    def __init__(self, home: Home, log: Printed) -> None:
        settings = read_env(home.system("api-gateway") / ".env")
        ports = home.ports()
        redis = Redis(ports["redis"])
        self._log = log
        self._upstream_port = ports["upstream-service"]
        self._limiter = Limiter(
            redis,
            float(settings["RATE_LIMIT_CAPACITY"]),
            float(settings["RATE_LIMIT_REFILL_RATE"]),
        )
        self._breaker = Breaker(
            redis,
            int(settings["CIRCUIT_BREAKER_FAILURE_THRESHOLD"]),
            int(settings["CIRCUIT_BREAKER_RESET_TIMEOUT_SECONDS"]),
            int(settings["CIRCUIT_BREAKER_HALF_OPEN_SUCCESS_THRESHOLD"]),
            self._changed,
        )

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        if request.path == "/health":
            return said({"status": "healthy"})
        if not request.path.startswith("/proxy/"):
            return NOT_FOUND
        path = request.path.removeprefix("/proxy/")
        self._event("INFO", "incoming_request", request, path)
        try:
            return self._proxied(request, path)
        except RedisGone as error:
            self._log.say(_TRACEBACK.format(error))
            return _BROKEN

    def _proxied(self, request: Request, path: str) -> Answer:
        wait_s = self._limiter.take(request.client)
        if wait_s:
            fields: dict[str, object] = {
                "event": "rate_limit_block",
                "client_ip": request.client,
                "retry_after": wait_s,
            }
            self._say("INFO", "proxy", fields)
            words = {"error": "Too many requests, please try again later."}
            return said(words, 429, retry_after=str(wait_s))
        may_pass, state = self._breaker.allows()
        if not may_pass:
            self._say("INFO", "proxy", {"event": "circuit_open_block", "state": state})
            return said({"error": "Service temporarily unavailable due to circuit open."}, 503)
        return self._forwarded(request, path)

    def _forwarded(self, request: Request, path: str) -> Answer:
        try:
            status, body, kind = self._ask_upstream(request.method, path)
        except (OSError, http.client.HTTPException):
            self._breaker.failed()
            error = "All connection attempts failed"
            fields: dict[str, object] = {"event": "upstream_error", "error": error}
            self._say("ERROR", "proxy", fields)
            return said({"error": "Upstream request failed."}, 502)
        if status >= 500:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        url = f"http://upstream-service:5001/{path}"
        line = f'HTTP Request: {request.method} {url} "HTTP/1.1 {status} {phrase(status)}"'
        self._log.say(f"{asctime(now())} INFO httpx {line}")
        return Answer(status, body, kind)

    def _ask_upstream(self, method: str, path: str) -> tuple[int, bytes, str]:
        line = http.client.HTTPConnection("127.0.0.1", self._upstream_port, timeout=_TIMEOUT_S)
        try:
            line.request(method, f"/{path}")
            reply = line.getresponse()
            return reply.status, reply.read(), reply.getheader("content-type", "application/json")
        finally:
            line.close()

    def _changed(self, state: str) -> None:
        fields: dict[str, object] = {
            "event": "cb_state_change",
            "new_state": state,
            "timestamp": int(epoch()),
        }
        self._say("INFO", "circuit_breaker", fields)

    def _event(self, level: str, event: str, request: Request, path: str) -> None:
        fields = {"event": event, "method": request.method, "path": path}
        self._say(level, "proxy", {**fields, "client_ip": request.client})

    def _say(self, level: str, logger: str, fields: dict[str, object]) -> None:
        # The real gateway prints the dict itself: single quotes, not JSON (fact 24).
        self._log.say(f"{asctime(now())} {level} {logger} {fields!r}")


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    log = Printed(home.system("api-gateway") / "logs" / "proxy-service.log")
    begin(home, SERVICE, lambda: log.ended(os.getpid()))
    proxy = Proxy(home, log)
    log.started(os.getpid(), home.ports()[SERVICE])

    def access(request: Request, answer: Answer) -> None:
        log.say(access_line(request, answer))

    serve(home, SERVICE, proxy.answer, access)


if __name__ == "__main__":
    main()
