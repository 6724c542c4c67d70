"""Small worlds for `tests.crashes` with a real systemd: units, a release of one, a service away."""

import os
import subprocess
import time
from pathlib import Path

from tests.crash_engine import ask, clean, containers, name_of
from tests.crash_engine import running as container_running
from tests.crashes import Scenario
from tests.real.repositories import commit, git, made

_SLEEPS = "[Service]\nExecStart=/bin/sleep 1000\n"
_RUNS: dict[str, str] = {}
"""By world, the invocation that ran when the world was made."""
_GOES_S = 120.0


def _units() -> Path:
    return Path(os.environ.get("QD_TEST_UNITS", "/run/systemd/system"))


def _systemctl(*words: str) -> str:
    done = subprocess.run(
        ["systemctl", *words], check=True, capture_output=True, text=True, timeout=300
    )
    return done.stdout


def _show(folder: Path) -> dict[str, str]:
    names = "ActiveState,SubState,InvocationID,Job"
    said = _systemctl("show", f"--property={names}", f"{name_of(folder)}.service")
    return dict(line.split("=", 1) for line in said.splitlines())


def _written(folder: Path, text: str = _SLEEPS) -> str:
    """Write the world's unit and return its configuration."""
    name = f"{name_of(folder)}.service"
    (_units() / name).write_text(text, "utf-8")
    _systemctl("daemon-reload")
    return f"    services:\n      app:\n        runs_as: {{systemd: {{unit: {name}}}}}\n"


def _running(folder: Path) -> str:
    text = _written(folder)
    _systemctl("start", f"{name_of(folder)}.service")
    _RUNS[name_of(folder)] = _show(folder)["InvocationID"]
    return text


def _state(folder: Path) -> object:
    """Return the unit's state, and whether a job of it is left."""
    now = _show(folder)
    return now["ActiveState"], now["SubState"], now.get("Job", "")


def _run(folder: Path) -> object:
    """Return that, and whether it is the very run from before."""
    return _state(folder), _show(folder)["InvocationID"] == _RUNS[name_of(folder)]


def _removed(folder: Path) -> None:
    name = f"{name_of(folder)}.service"
    for words in (("stop", name), ("reset-failed", name)):
        subprocess.run(["systemctl", *words], check=False, capture_output=True, timeout=300)
    (_units() / name).unlink(missing_ok=True)
    _systemctl("daemon-reload")
    _RUNS.pop(name_of(folder), None)


def _left(folder: Path) -> list[str]:
    """Return what is left of a guardian and of the results; it goes within its next look."""
    place, until_s = folder.parent / "state" / "results", time.monotonic() + _GOES_S
    while (found := sorted(one.suffix for one in place.glob("*"))) and ".alive" in found:
        if time.monotonic() > until_s:
            break
        time.sleep(0.05)
    return found


def _unit_back(folder: Path) -> object:
    """Return the unit's state, and what is left of what was to bring it back."""
    return _state(folder), _left(folder)


def _container_back(folder: Path) -> object:
    return containers(folder), _left(folder)


def _deployed(folder: Path) -> str:
    """Have a release behind a link, run by a unit, one commit behind its remote."""
    upstream = made(folder.parent / "upstream")
    commit(upstream, "first", {"app.py": "one\n"})
    commit(upstream, "second", {"app.py": "two\n", "new.py": "new\n"})
    first = folder / "releases" / "first"
    first.parent.mkdir()
    subprocess.run(["git", "clone", "-q", str(upstream), str(first)], check=True)
    git(first, "reset", "-q", "--hard", "HEAD~1")
    (folder / "current").symlink_to("releases/first")
    return (
        f"{_running(folder)}    repos:\n"
        f"      repo: {{path: current, url: {upstream}, service: app}}\n"
    )


def _current(folder: Path) -> object:
    """Return what the link shows, how many releases there are, and the unit."""
    repo = folder / "current"
    files = {one.name: one.read_text("utf-8") for one in sorted(repo.iterdir()) if one.is_file()}
    files.pop(".git", None)
    beside = sum(1 for _ in (folder / "releases").iterdir())
    return files, git(repo, "status", "--porcelain"), beside, _state(folder)


_SYSTEMD = ("systemd",)
_AWAY_HURRY = 1.5
"""A guardian, which hurries for nobody, has twenty seconds of this clock to answer."""

UNITS = (
    Scenario(
        "service.restart, unit", _running, ask("service.restart"), _run, _removed,
        may_need_human="the run that was ended is gone", needs=_SYSTEMD, hurry=20.0,
    ),
    Scenario(
        "service.stop, unit", _running, ask("service.stop"), _state, _removed, needs=_SYSTEMD
    ),
    Scenario(
        "service.start, unit", _written, ask("service.start"), _state, _removed, needs=_SYSTEMD,
        hurry=20.0,
    ),
    Scenario(
        "release.deploy", _deployed, ask("release.deploy", "repo"), _current, _removed,
        needs=("systemd", "git"), hurry=20.0,
    ),
    Scenario(
        "chaos.stop, unit", _running, ask("chaos.stop", **{"for": "2s"}), _unit_back, _removed,
        needs=_SYSTEMD, hurry=_AWAY_HURRY,
    ),
    Scenario(
        "chaos.stop, container", container_running, ask("chaos.stop", **{"for": "2s"}),
        _container_back, clean, needs=("docker",), hurry=_AWAY_HURRY,
    ),
)  # fmt: skip
