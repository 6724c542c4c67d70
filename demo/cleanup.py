"""Ends what a demo started and removes its folder, by recorded pids and start times only."""

import contextlib
import json
import os
import shutil
import stat
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from demo.home import PREFIX, Home, temporary_parent, write_whole
from demo.processes import Identity, argv_of, end_all, identity_of, is_running

_EMPTY_FOR_S = 60


def write_record(home: Home, supervisor: Identity, processes: Iterable[Identity]) -> None:
    """Write what was started, so that another process can end it."""
    words = {
        "supervisor": _pair(supervisor),
        "pid_namespace": _pid_namespace(),
        "processes": [_pair(one) for one in processes],
    }
    write_whole(home.record, json.dumps(words))


def supervisor_of(home: Home) -> Identity | None:
    """Return who runs a demo folder; None when it is none, or not ours to judge."""
    try:
        facts = home.folder.lstat()
        if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.geteuid():
            return None
        record = _record(home)
        # A container may share the temporary folder: its pids mean nothing here.
        is_here = record["pid_namespace"] == _pid_namespace()
        return _identity(record["supervisor"]) if is_here else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_alive(home: Home) -> bool:
    """Tell whether a demo runs in the folder."""
    supervisor = supervisor_of(home)
    return supervisor is not None and is_running(supervisor)


def end_processes(home: Home, reap: Callable[[], object] = lambda: None) -> None:
    """End what was recorded, last started first, and what a console started in its place."""
    recorded: list[Identity] = []
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        recorded = [_identity(one) for one in _record(home)["processes"]]
    replaced = [one for one in _replacements(home) if one not in recorded]
    end_all([*replaced, *reversed(recorded)], reap=reap)


def remove(home: Home) -> None:
    """Remove the folder; what a dying process writes meanwhile is removed with it.

    The record goes last: whoever is killed in the middle leaves a demo that the caretaker, or the
    next demo, still knows as one.
    """
    for _ in range(20):
        with contextlib.suppress(OSError):
            for path in home.folder.iterdir():
                if path.is_dir() and not path.is_symlink():
                    shutil.rmtree(path, ignore_errors=True)
                elif path != home.record:
                    path.unlink(missing_ok=True)
        if all(path == home.record for path in _inside(home.folder)):
            shutil.rmtree(home.folder, ignore_errors=True)
        if not home.folder.exists():
            return
        time.sleep(0.02)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def clean(home: Home) -> bool:
    """Clean up a demo whose supervisor has ended; tell whether there was one."""
    if supervisor_of(home) is None or is_alive(home):
        return False
    end_processes(home)
    remove(home)
    return True


def demo_folders() -> list[Path]:
    """Return the demo folders of this user in the temporary folder."""
    found = sorted(temporary_parent().glob(f"{PREFIX}*"))
    return [folder for folder in found if supervisor_of(Home(folder)) is not None]


def clean_stale() -> list[Path]:
    """Clean up every demo that was killed; return their folders."""
    for folder in temporary_parent().glob(f"{PREFIX}*"):
        # Killed before it wrote its record: an empty folder, which rmdir alone can remove.
        with contextlib.suppress(OSError):
            if time.time() - folder.lstat().st_mtime > _EMPTY_FOR_S:
                folder.rmdir()
    return [folder for folder in demo_folders() if clean(Home(folder))]


def _replacements(home: Home) -> list[Identity]:
    """Return the processes of pidfiles, if their command line names this very folder."""
    found: list[Identity] = []
    for pidfile in (home.folder / "run").glob("*.pid"):
        # Redis writes its own in place: it may be met empty.
        with contextlib.suppress(OSError, ValueError, IndexError):
            identity = identity_of(int(pidfile.read_text("ascii").split()[0]))
            if identity is not None and _names(argv_of(identity.pid), home.folder):
                found.append(identity)
    return found


def _names(argv: Iterable[str], folder: Path) -> bool:
    return any(word == str(folder) or word.startswith(f"{folder}/") for word in argv)


def _record(home: Home) -> dict[str, Any]:
    return json.loads(home.record.read_text("utf-8"))


def _pid_namespace() -> str:
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _pair(identity: Identity) -> list[int]:
    return [identity.pid, identity.start_ticks]


def _identity(pair: list[int]) -> Identity:
    pid, ticks = pair
    return Identity(int(pid), int(ticks))
