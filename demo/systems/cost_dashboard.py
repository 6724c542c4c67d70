"""004: the cost dashboard: detailed health, a scheduler, JSON metrics and logs (facts 27 to 30)."""

import json
import os
import random
import re
import sys
import threading
import time
from pathlib import Path

from demo.console_log import Appended, Printed
from demo.home import Home, home_of
from demo.schedule import Job, Scheduler
from demo.stamps import naive, now
from demo.web import NOT_FOUND, Answer, Request, begin, said, serve

SERVICE = "cost-dashboard"
NAME = "ai-cost-dashboard-backend"
USER = "0f8fad5b-d9cb-469f-a165-70867728950e"
_TRIGGER = re.compile(r"/api/scheduler/jobs/([^/]+)/trigger")
_TRACE = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/api/forecast.py", line 88, in generate\n'
    "    model.fit(frame)\n"
    "ValueError: Dataframe has less than 2 non-NaN rows."
)


class Logs:
    """Lines of python-json-logger: `+0000`, `exc_info` inside; errors also in their own file."""

    def __init__(self, folder: Path) -> None:
        self._app = Appended(folder / "app.log")
        self._error = Appended(folder / "error.log")
        self._audit = Appended(folder / "audit.log")

    def access(self, request: Request, answer: Answer, took_ms: float) -> None:
        """Write one request."""
        status = answer.status
        level, word = ("INFO", "Request")
        if status >= 500:
            level, word = ("ERROR", "Request failed")
        elif status >= 400:
            level, word = ("WARNING", "Request error")
        line = f"{request.method} {request.path}"
        fields: dict[str, object] = {"method": request.method, "path": request.path}
        fields |= {"status_code": status, "duration_ms": round(took_ms, 2)}
        if "authorization" in request.headers:
            fields["user_id"] = USER
        self._say(level, "api", f"{word}: {line}", fields, _TRACE if status >= 500 else "")

    def scheduler(self, job: Job) -> None:
        """Write that a job has run."""
        self._say("INFO", "app.utils.scheduler", f"Job {job.id} executed successfully", {})

    def audit(self, action: str, resource: str) -> None:
        """Write an audit event."""
        event = {"event_type": f"{resource}_{action}", "user_id": USER, "action": action}
        fields: dict[str, object] = {**event, "resource_type": resource, "resource_id": None}
        head = _head("INFO", "audit", f"Audit: {resource}_{action}")
        self._audit.say(json.dumps(head | fields))

    def _say(
        self, level: str, logger: str, message: str, fields: dict[str, object], trace: str = ""
    ) -> None:
        place = {"module": "logging_config", "function": "log_request", "line": 204}
        record = _head(level, logger, message) | fields
        record |= {"service": NAME, "environment": "production", **place}
        line = json.dumps(record | ({"exc_info": trace} if trace else {}))
        self._app.say(line)
        if level == "ERROR":
            self._error.say(line)


def _head(level: str, logger: str, message: str) -> dict[str, object]:
    stamp = now().strftime("%Y-%m-%dT%H:%M:%S+0000")
    return {"timestamp": stamp, "level": level, "name": logger, "message": message}


class Dashboard:
    """Answers requests."""

    def __init__(self, home: Home, scheduler: Scheduler, logs: Logs, version: str) -> None:
        self._home = home
        self._scheduler = scheduler
        self._logs = logs
        self._version = version
        self._started = time.monotonic()

    def answer(self, request: Request) -> Answer:
        """Return the answer to one request."""
        trigger = _TRIGGER.fullmatch(request.path)
        if trigger and request.method == "POST":
            return self._trigger(trigger[1])
        match request.path:
            case "/health":
                return said({**self._head("healthy"), "version": self._version})
            case "/health/detailed":
                return said(self._detailed())
            case "/health/db":
                took_ms = round(random.uniform(9, 22), 2)
                body = {"status": "healthy", "database": "connected", "timestamp": naive(now())}
                return said({**body, "response_time_ms": took_ms})
            case "/health/scheduler":
                return said(self._scheduler_health())
            case "/metrics":
                return said(self._metrics())
            case "/api/forecast/health":
                words = {"status": "healthy", "model_version": "prophet-1.1.6"}
                return said({**words, "min_training_days": 30})
            case "/api/forecast/generate" if request.method == "POST":
                return self._forecast(request)
            case "/api/costs":
                return said({"items": [], "total": 0})
            case _:
                return NOT_FOUND

    def _head(self, status: str) -> dict[str, object]:
        return {"status": status, "timestamp": naive(now()), "service": NAME}

    def _detailed(self) -> dict[str, object]:
        checks = {
            "database": {
                "healthy": True,
                "response_time_ms": round(random.uniform(9, 22), 2),
                "message": "Database connected",
            },
            "scheduler": {
                "healthy": True,
                "jobs": self._scheduler.as_jobs(),
                "message": "Scheduler running",
            },
            "system": {"healthy": True, **self._machine()},
        }
        up_s = time.monotonic() - self._started
        hours, rest = divmod(int(up_s), 3600)
        human = f"{hours}h {rest // 60}m {rest % 60}s"
        body = {**self._head("healthy"), "version": self._version, "checks": checks}
        return {**body, "uptime_seconds": round(up_s, 1), "uptime_human": human}

    def _machine(self) -> dict[str, object]:
        """Return the machine's figures: made up, for the demo must not depend on its host."""
        is_full = self._home.is_on("disk-nearly-full")
        disk = {"disk_percent": 98.1, "disk_free_gb": 0.7}
        if not is_full:
            disk = {"disk_percent": 60.5, "disk_free_gb": 50.21}
        cpu = round(random.uniform(11, 19), 1)
        return {"cpu_percent": cpu, "memory_percent": 45.8, "memory_available_mb": 2048.11, **disk}

    def _scheduler_health(self) -> dict[str, object]:
        body: dict[str, object] = {"status": "healthy", "timestamp": naive(now()), "running": True}
        jobs = {"jobs": self._scheduler.as_jobs(), "job_history": self._scheduler.history()}
        return {**body, "timezone": "UTC", **jobs}

    def _metrics(self) -> dict[str, object]:
        resident = int(Path("/proc/self/statm").read_text("ascii").split()[1]) * 4096
        system = {
            "cpu_percent": round(random.uniform(11, 19), 1),
            "memory_percent": 45.8,
            "memory_used_mb": round(resident / 1024 / 1024, 1),
            "threads": threading.active_count(),
            "open_files": len(list(Path("/proc/self/fd").iterdir())),
        }
        body = {"timestamp": naive(now()), "service": NAME, "system": system}
        return {**body, "application": {"cost_records_24h": 1542}}

    def _trigger(self, job_id: str) -> Answer:
        job = self._scheduler.find(job_id)
        if job is None:
            return said({"detail": f"Job '{job_id}' not found"}, 404)
        self._logs.audit("trigger", "scheduler_job")
        # A run by hand does not appear in job_history (fact 28).
        words = {"status": "success", "job_id": job.id}
        message = f"Job {job.id} executed successfully"
        return said({**words, "message": message, "error": None})

    def _forecast(self, request: Request) -> Answer:
        if b"short" in request.body:
            message = "Need at least 30 days of data, got 12"
            return said({"detail": {"error": "insufficient_data", "message": message}}, 422)
        if b"broken" in request.body:
            message = "Failed to generate forecast"
            return said({"detail": {"error": "internal_error", "message": message}}, 500)
        return said({"forecast_id": "f-1", "days": 30}, 201)


def _version(folder: Path) -> str:
    """Return the version in the checkout, so that a rollback shows after a restart."""
    text = (folder / "app" / "__init__.py").read_text("utf-8")
    found = re.search(r'__version__ = "([^"]+)"', text)
    return found[1] if found else "unknown"


def main() -> None:
    """Serve until TERM."""
    home = home_of(sys.argv)
    folder = home.system("cost-dashboard") / "python-service"
    console = Printed(folder / "logs" / "console.log")
    begin(home, SERVICE, lambda: console.ended(os.getpid()))
    logs = Logs(folder / "logs")
    scheduler = Scheduler(lambda: home.is_on("scheduler-stalled"), logs.scheduler)
    dashboard = Dashboard(home, scheduler, logs, _version(folder))
    scheduler.start()
    console.started(os.getpid(), home.ports()[SERVICE])

    def access(request: Request, answer: Answer) -> None:
        logs.access(request, answer, random.uniform(4, 60))

    serve(home, SERVICE, dashboard.answer, access)


if __name__ == "__main__":
    main()
