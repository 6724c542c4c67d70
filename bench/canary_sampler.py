"""Reads the command lines of all processes as another user would, and environments as root."""

import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

NOBODY = 65534
_EVERY_S = 0.01
_ENVIRONMENTS_EVERY_S = 0.03
_READS = 3


@dataclass(slots=True)
class Sampled:
    """What was seen while the body ran."""

    command_lines: list[str] = field(default_factory=list[str])
    environments: list[str] = field(default_factory=list[str])
    """Of processes that `own` did not start; empty where we are not root."""
    looks: int = 0
    uid: int = -1
    """Who read the command lines."""


@contextmanager
def sampled() -> Generator[Sampled]:
    """Collect while the body runs: command lines as nobody where we are root, else as ourselves."""
    found, stop = Sampled(), os.pipe()
    uid = NOBODY if os.geteuid() == 0 else os.geteuid()
    lines = _forked(lambda: _sample("cmdline", _EVERY_S, stop[0]), uid, stop[1])
    environments = _forked(
        lambda: _sample("environ", _ENVIRONMENTS_EVERY_S, stop[0]), os.geteuid(), stop[1]
    )
    os.close(stop[0])
    try:
        yield found
    finally:
        os.close(stop[1])
        report = _report(lines)
        found.command_lines, found.looks, found.uid = report.texts, report.looks, uid
        found.environments = _report(environments).texts


@dataclass(frozen=True, slots=True)
class _Report:
    texts: list[str]
    looks: int


def _forked(work: Callable[[], object], uid: int, unused: int) -> tuple[int, int]:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    try:
        os.close(ours)
        os.close(unused)
        if uid != os.geteuid():
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
        with os.fdopen(theirs, "wb") as report:
            report.write(json.dumps(work()).encode())
    finally:
        os._exit(0)


def _sample(name: str, every_s: float, stop: int) -> dict[str, object]:
    """Read one file of every process until the other end of a pipe is closed."""
    os.set_blocking(stop, False)
    seen: set[str] = set()
    looks, read = 0, dict[str, int]()
    while True:
        looks += 1
        there = {one.name: one for one in Path("/proc").iterdir() if one.name.isdigit()}
        read = {pid: count for pid, count in read.items() if pid in there}
        for pid, place in there.items():
            # Another program may be begun in a process: it is read a few times, then left alone.
            if name == "environ" and read.get(pid, 0) >= _READS:
                continue
            try:
                seen.add((place / name).read_bytes().decode(errors="replace"))
            except OSError:
                continue
            read[pid] = read.get(pid, 0) + 1
        try:
            if os.read(stop, 1) == b"":
                return {"texts": sorted(seen), "looks": looks}
        except BlockingIOError:
            time.sleep(every_s)


def _report(child: tuple[int, int]) -> _Report:
    pid, pipe = child
    with os.fdopen(pipe, "rb") as said:
        report = _Report(**json.loads(said.read()))
    os.waitpid(pid, 0)
    return report
