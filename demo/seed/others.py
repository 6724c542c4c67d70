"""001, 002, 003: settings, folders and older logs of the other systems."""

import gzip
import json
import os
import secrets
from pathlib import Path

from demo.json_file import write_json
from demo.stamps import ago, naive

_GATEWAY = """\
PORT=5000
REDIS_HOST=redis
REDIS_PORT=6379
UPSTREAM_URL=http://upstream-service:5001
RATE_LIMIT_CAPACITY=20
RATE_LIMIT_REFILL_RATE=1.7
CIRCUIT_BREAKER_FAILURE_THRESHOLD=5
CIRCUIT_BREAKER_RESET_TIMEOUT_SECONDS=30
CIRCUIT_BREAKER_HALF_OPEN_SUCCESS_THRESHOLD=2
"""
_AI_DIY = """\
# production
LOG_LEVEL=INFO
DATA_ROOT=static/appdocs
PORT=8000
OPENROUTER_API_KEY={key}
"""


def seed_gateway(root: Path) -> None:
    """Write the gateway's settings; a bucket of 20, so that a busy client meets its limit."""
    (root / "logs").mkdir(parents=True)
    (root / ".env").write_text(_GATEWAY, "utf-8")
    (root / ".env.prod").write_text(_GATEWAY.replace("=20\n", "=1000\n"), "utf-8")


def seed_business(root: Path) -> None:
    """Write the business engine's settings with a token secret of this demo alone."""
    for folder in ("backend/logs", "backend/artifacts", "platform/orchestration/manager"):
        (root / folder).mkdir(parents=True)
    settings = f"JWT_SECRET={secrets.token_hex(32)}\nREDIS_URL=redis://redis:6379/0\n"
    _write_private(root / ".env", settings)


def seed_ai_diy(root: Path) -> None:
    """Write models, settings and the logs of the days before."""
    for folder in ("logs", "development/src", "static/appdocs"):
        (root / folder).mkdir(parents=True)
    favorites = ["vendor/model-a", "vendor/model-b:free"]
    models: dict[str, object] = {"favorites": favorites, "default": favorites[0], "meta": {}}
    models["last_used"] = None
    write_json(root / "models_config.json", {**models, "last_session_name": ""})
    write_json(root / "models_config.json.backup", {**models, "last_session_name": "before"})
    settings = _AI_DIY.format(key=f"sk-demo-{secrets.token_hex(12)}")
    _write_private(root / ".env", settings)
    _write_private(root / ".env.backup", settings.replace("INFO", "DEBUG"))
    for days in (1, 2):
        _day_of_log(root / "logs", days).write_text(_calls(days, 60), "utf-8")
    for days in (9, 34):
        path = _day_of_log(root / "logs", days)
        with gzip.open(f"{path}.gz", "wt", encoding="utf-8") as file:
            file.write(_calls(days, 200))


def _day_of_log(folder: Path, days: int) -> Path:
    return folder / f"ai_diy_api_{ago(days=days):%Y%m%d}.jsonl"


def _calls(days: int, count: int) -> str:
    lines: list[str] = []
    for number in range(count):
        route = ("/api/vision", "/api/sprint", "/api/backlog")[number % 3]
        status = "error" if number % 25 == 24 else "success"
        fields = {"ts": naive(ago(days=days, seconds=-number)), "route": route, "action": "get"}
        took_ms = 40 + number * 37 % 900
        lines.append(
            f"API_CALL: {json.dumps({**fields, 'status': status, 'duration_ms': took_ms})}"
        )
    return "\n".join(lines) + "\n"


def _write_private(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
