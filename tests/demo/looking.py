"""How the demo's tests look at its systems: over HTTP, in Redis, in files, through the console."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from demo.resp import Redis
from demo.supervisor import Demo

ENTRY = [sys.executable, "-c", "from cli.main import main; main()"]
_Found = TypeVar("_Found")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_NoRedirect)


@dataclass(frozen=True)
class Seen:
    """One HTTP answer."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(
    demo: Demo,
    service: str,
    path: str,
    method: str = "GET",
    headers: dict[str, str] | None = None,
    body: str = "",
) -> Seen:
    """Return a service's answer, whatever its code."""
    url = f"http://127.0.0.1:{demo.home.ports()[service]}{path}"
    request = urllib.request.Request(
        url, body.encode() or None, headers=headers or {}, method=method
    )
    try:
        with _OPENER.open(request, timeout=10) as reply:
            return _seen(reply.status, reply)
    except urllib.error.HTTPError as reply:
        with reply:
            return _seen(reply.code, reply)


def _seen(status: int, reply: Any) -> Seen:
    headers = {name.lower(): value for name, value in reply.headers.items()}
    return Seen(status, headers, reply.read().decode())


def redis_of(demo: Demo, db: int = 0) -> Redis:
    return Redis(demo.home.ports()["redis"], db)


def lines_of(path: Path) -> list[str]:
    """Return the lines that have ended: the last one may just be being written."""
    return path.read_text("utf-8").rpartition("\n")[0].splitlines()


def until(found: Callable[[], _Found], limit_s: float = 60.0) -> _Found:
    """Return what is found as soon as it is true; fail when it never is."""
    end = time.monotonic() + limit_s
    while True:
        value = found()
        if value or time.monotonic() > end:
            assert value, f"nothing within {limit_s} s"
            return value
        time.sleep(0.02)


def checked(config: Path, system: str = "") -> dict[str, Any]:
    """Return the document of `quarterdeck check --json`, run as a person runs it."""
    words = ["check", "--config", str(config), "--json", *([system] if system else [])]
    done = subprocess.run(
        [*ENTRY, *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)
