"""004: a git checkout with several releases, one commit behind its origin; hooks off."""

import os
import shutil
import subprocess
from pathlib import Path

from demo.stamps import ago

RELEASES = (
    ("1.0.0", "Collect costs of two providers"),
    ("1.1.0", "Add automated scheduler"),
    ("1.2.0", "Add forecasting"),
    ("1.2.1", "fix: refresh aggregates after a failed collection"),
    ("1.3.0", "Add authentication"),
    ("1.4.0", "Cache forecasts per user"),
)
"""Oldest first. The checkout stands at the last but one: there is something to deploy."""

_IGNORED = "python-service/logs/\nrun/\n.env\n"
_ENV = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
}


def seed(root: Path) -> None:
    """Make the checkout; without git the same files are there, and no history."""
    git = shutil.which("git")
    if git is None:
        _write_plain(root)
    else:
        _write_checkout(git, root)
    (root / "python-service" / "logs").mkdir(parents=True, exist_ok=True)
    settings = root / "python-service" / ".env"
    settings.write_text("ENVIRONMENT=production\nENABLE_INTERNAL_SCHEDULER=true\n", "utf-8")


def _write_checkout(git: str, root: Path) -> None:
    origin = root.with_name("cost-dashboard.git")
    _run(git, "init", "-q", "--bare", "-b", "main", str(origin))
    _run(git, "-C", str(origin), "fast-import", "--quiet", stdin=_stream())
    _run(git, "clone", "-q", str(origin), str(root))
    _run(git, "-C", str(root), "config", "core.hooksPath", os.devnull)
    _run(git, "-C", str(root), "reset", "-q", "--hard", f"v{RELEASES[-2][0]}")


def _run(git: str, *words: str, stdin: bytes = b"") -> None:
    command = [git, "-c", f"core.hooksPath={os.devnull}", "-c", "gc.auto=0", *words]
    environment = {**os.environ, **_ENV}
    subprocess.run(command, input=stdin, check=True, capture_output=True, env=environment)


def _stream() -> bytes:
    """Return every release as one stream, so that the whole history is one process."""
    parts: list[str] = []
    for number, (version, subject) in enumerate(RELEASES):
        moment = int(ago(days=9 * (len(RELEASES) - number)).timestamp())
        person = f"Demo <demo@example.invalid> {moment} +0000"
        parts.append(f"commit refs/heads/main\nauthor {person}\ncommitter {person}\n")
        parts.append(f"data {len(subject.encode())}\n{subject}\n")
        for path, text in _files(version).items():
            parts.append(f"M 100644 inline {path}\ndata {len(text.encode())}\n{text}\n")
        parts.append(f"\nreset refs/tags/v{version}\nfrom refs/heads/main\n\n")
    return "".join(parts).encode()


def _files(version: str) -> dict[str, str]:
    notes = "\n".join(f"{number} {subject}" for number, subject in RELEASES if number <= version)
    return {
        ".gitignore": _IGNORED,
        "CHANGES": f"{notes}\n",
        "python-service/app/__init__.py": f'__version__ = "{version}"\n',
        "python-service/requirements.txt": "fastapi\nprophet\nAPScheduler\n",
    }


def _write_plain(root: Path) -> None:
    for name, text in _files(RELEASES[-2][0]).items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
