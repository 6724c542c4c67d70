"""001: the AI-DIY application with its JSON lines and its security report (facts 7 to 12)."""

import json
import os
import random
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from demo.ballast import Ballast
from demo.console_log import Appended, Printed
from demo.home import Home, home_of, read_env
from demo.stamps import naive, now
from demo.web import NOT_FOUND, Answer, Request, access_line, begin, said, serve

SERVICE = "ai-diy"
Reply = Callable[[], Answer]
ATTACK_WINDOW_S = 3.0
ATTACK_LIMIT = 3
_PER_MINUTE = 100
_SECURE = {
    "x_content_type_options": "nosniff",
    "x_frame_options": "DENY",
    "strict_transport_security": "max-age=31536000; includeSubDomains",
}
_FEATURES = ("config_manager", "logging_middleware", "security_middleware", "data_manager")


class Logs:
    """`API_CALL: {json}` lines in a file per day (fact 7: a space after the colon)."""

    def __init__(self, home: Home) -> None:
        self._folder = home.system("ai-diy") / "logs"

    def call(self, request: Request, took_s: float, error: str = "") -> None:
        """Write one API call, as an error when it failed."""
        fields: dict[str, object] = {
            "ts": naive(now()),
            "route": request.path,
            "action": request.query.get("action", "get"),
            "status": "error" if error else "success",
        }
        if error:
            trace = f'Traceback (most recent call last):\n  File "x.py", line 3\n{error}\n'
            kind, _, message = error.partition(": ")
            fields |= {"error_type": kind, "error_message": message, "traceback": trace}
        self._say("API_ERROR" if error else "API_CALL", fields | {"duration_ms": _ms(took_s)})

    def audit(self, event: str, severity: str, details: dict[str, object]) -> None:
        """Write one security event."""
        fields = {"timestamp": naive(now()), "event": event, "severity": severity}
        self._say("SECURITY_AUDIT", {**fields, "details": details})

    def _say(self, prefix: str, fields: dict[str, object]) -> None:
        name = f"ai_diy_api_{now():%Y%m%d}.jsonl"
        Appended(self._folder / name).say(f"{prefix}: {json.dumps(fields)}")


class Guard:
    """The security middleware: a limit per client and minute, and what it saw lately."""

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._lock = threading.Lock()
        self._clients: dict[str, deque[float]] = {}
        self._attacks: deque[tuple[float, str, str]] = deque(maxlen=200)

    @property
    def clients(self) -> int:
        """How many clients the limiter knows now."""
        return len(self._clients)

    def refuses(self, client: str) -> bool:
        """Count a request; tell whether the client had too many in the last minute."""
        moment = time.monotonic()
        with self._lock:
            seen = self._clients.setdefault(client, deque(maxlen=_PER_MINUTE + 1))
            seen.append(moment)
            while seen[0] < moment - 60:
                seen.popleft()
            for other in [one for one, times in self._clients.items() if times[-1] < moment - 60]:
                del self._clients[other]
            count = len(seen)
        if count > _PER_MINUTE:
            details: dict[str, object] = {"client_id": client, "request_count": count}
            self._logs.audit("rate_limit_exceeded", "medium", details)
        return count > _PER_MINUTE

    def attacked(self, client: str, path: str) -> None:
        """Remember an attempt to leave the data folder."""
        self._attacks.append((time.monotonic(), client, path))
        details: dict[str, object] = {"path": path, "client_ip": client}
        self._logs.audit("path_traversal_attempt", "high", details)

    def alarm(self) -> str:
        """Return what is going on in words; empty when nothing is."""
        since = time.monotonic() - ATTACK_WINDOW_S
        recent = [one for one in tuple(self._attacks) if one[0] > since]
        if len(recent) < ATTACK_LIMIT:
            return ""
        _, client, path = recent[-1]
        count = f"{len(recent)} path traversal attempts in {ATTACK_WINDOW_S:.0f} s"
        return f"{count}, last from {client}: {path}"


class Application:
    """Answers requests."""

    def __init__(self, home: Home, logs: Logs) -> None:
        self._home = home
        self._root = home.system("ai-diy")
        self._logs = logs
        self._guard = Guard(logs)
        self._ballast = Ballast(lambda: home.is_on("memory-growth"))
        self._ballast.start()

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        match request.path:
            case "/health":
                return self._health()
            case "/api/security/status":
                return self._security()
            case "/" | "/login":
                return Answer(200, b"<html></html>", "text/html", _dashed(_SECURE))
            case "/api/env":
                return self._limited(request, self._env)
            case "/api/vision" | "/api/sprint" | "/api/backlog":
                return self._limited(request, lambda: self._data(request))
            case _:
                return NOT_FOUND

    def _limited(self, request: Request, reply: Reply) -> Answer:
        started = time.monotonic()
        if self._guard.refuses(request.client):
            words = "Rate limit exceeded. Please try again later."
            data = {"error_code": "VALIDATION_ERROR"}
            body = {"success": False, "message": words, "data": data}
            return said(body, 429, x_ratelimit_remaining="0")
        answer = reply()
        error = "" if answer.status < 400 else "ValueError: bad id"
        self._logs.call(request, time.monotonic() - started + random.uniform(0.005, 0.4), error)
        return answer

    def _data(self, request: Request) -> Answer:
        path = request.query.get("path", "")
        if ".." in path:
            self._guard.attacked(request.client, path)
            return said({"success": False, "message": "Invalid path", "data": {}}, 400)
        if request.query.get("id") == "bad":
            return said({"success": False, "message": "bad id", "data": {}}, 400)
        return said({"success": True, "message": "ok", "data": {"items": []}})

    def _health(self) -> Answer:
        alarm = self._guard.alarm()
        body: dict[str, object] = {
            "status": "healthy",
            "version": "1.0.0",
            "approach": "ai-first",
            "features": dict.fromkeys(_FEATURES, True),
            **self._settings(),
            "data_manager_healthy": True,
            "security_healthy": not alarm,
        }
        return said(body | ({"security_error": alarm} if alarm else {}))

    def _settings(self) -> dict[str, object]:
        """Return what the configuration says, read as it is now."""
        try:
            models: Any = json.loads((self._root / "models_config.json").read_text("utf-8"))
            env = read_env(self._root / ".env")
        except (OSError, ValueError) as error:
            return {"config_valid": False, "config_error": str(error)}
        favorites: list[str] = models.get("favorites") or []
        is_valid = bool(favorites) and models.get("default") in favorites
        is_valid = is_valid and bool(env.get("LOG_LEVEL")) and bool(env.get("DATA_ROOT"))
        return {
            "config_valid": is_valid,
            "models_available": len(favorites),
            "default_model": models.get("default"),
            "data_root": env.get("DATA_ROOT", ""),
        }

    def _security(self) -> Answer:
        if self._home.is_on("login-wall"):
            return Answer(307, kind="text/plain", headers={"location": "/login"})
        report = {
            "timestamp": naive(now()),
            "security_enabled": True,
            "rate_limiter_active_clients": self._guard.clients,
            "max_rate_limit": _PER_MINUTE,
            "resource_usage": self._ballast.usage(),
            "allowed_paths": ["static/appdocs"],
            "allowed_extensions": [".json", ".md"],
            "rate_limiter_clients": self._guard.clients,
            "request_size_limit_mb": 10.0,
            "file_size_limit_mb": 10.0,
        }
        return said({"security_status": "active", "report": report})

    def _env(self) -> Answer:
        env = read_env(self._root / ".env")
        body = {
            "environment": "PRODUCTION",
            "app_env": "DEV",
            "features": dict.fromkeys(_FEATURES, True),
            "data_root": env.get("DATA_ROOT"),
            "log_level": env.get("LOG_LEVEL"),
        }
        return said(body)


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    log = Printed(home.system("ai-diy") / "logs" / "console.log")
    begin(home, SERVICE, lambda: log.ended(os.getpid()))
    application = Application(home, Logs(home))
    log.started(os.getpid(), home.ports()[SERVICE])

    def access(request: Request, answer: Answer) -> None:
        log.say(access_line(request, answer))

    serve(home, SERVICE, application.answer, access)


if __name__ == "__main__":
    main()
