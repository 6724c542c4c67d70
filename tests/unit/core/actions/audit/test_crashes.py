"""Killed at every effect of rotating, packing and expiring: nothing acknowledged is ever lost."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.actions.audit.chain import Link
from core.actions.audit.disk import SystemDisk
from core.actions.audit.folder import AuditFolder
from core.actions.audit.names import Segment
from core.actions.audit.reading import read_records
from core.actions.audit.record import Event
from core.actions.audit.sealing import pack
from core.actions.audit.writer import AuditLog, Limits
from tests.unit.core.actions.audit.logs import NAME, SetClock, fill, open_log, problem, whole

LIMITS = Limits(ballast_bytes=4096, anchor_records=3)
EFFECTS = (
    "write",
    "pwrite",
    "fdatasync",
    "fsync",
    "ftruncate",
    "rename",
    "unlink",
    "fchmod",
    "posix_fallocate",
)


class Killed(BaseException):
    """As kill -9: no handler of ours may stop it."""


@contextmanager
def killed_at(number: int, is_half_done: bool, patch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Kill at the effect of this number, before it or with half of a write done."""
    seen: list[str] = []

    def wrapped(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            seen.append(name)
            if len(seen) != number:
                return real(*arguments, **more)
            if is_half_done and name == "write":
                real(arguments[0], arguments[1][: len(arguments[1]) // 2])
            elif is_half_done:
                real(*arguments, **more)
            raise Killed

        return call

    with patch.context() as patched:
        for name in EFFECTS:
            patched.setattr(os, name, wrapped(name, getattr(os, name)))
        yield seen


def prepared(folder: Path) -> tuple[AuditLog, SetClock, list[Link]]:
    """A log of three months, the next record of which rotates, packs and expires."""
    clock = SetClock()
    log = open_log(folder, clock, limits=LIMITS)
    done = fill(log, 4)
    for days in (40, 80):
        clock.shift = timedelta(days=days)
        done += fill(log, 4)
    clock.shift = timedelta(days=460)
    return log, clock, done


def survivors(folder: Path) -> dict[int, str]:
    opened = AuditFolder(folder)
    try:
        return {record.seq: record.hash for record in read_records(opened)}
    finally:
        opened.close()


@pytest.mark.parametrize("is_half_done", [False, True])
def test_killed_at_every_effect_of_a_rotation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_half_done: bool
) -> None:
    number = 0
    was_killed = True
    while was_killed:
        number += 1
        folder = tmp_path / str(number)
        log, clock, done = prepared(folder)
        was_killed = False
        with killed_at(number, is_half_done, monkeypatch) as seen:
            try:
                log.append(Event.INTENT)
            except Killed:
                was_killed = True
        again = open_log(folder, clock, limits=LIMITS)
        done += fill(again, 2)
        again.tidy()
        assert problem(folder) == "", seen
        result = whole(folder)
        kept = survivors(folder)
        lost = [one for one in done if one.seq >= result.first_seq and kept[one.seq] != one.hash]
        assert lost == [], seen
        assert result.last.seq == max(kept), seen
    assert number > 30


def test_what_another_process_has_packed_meanwhile_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "audit"
    fill(open_log(folder, limits=LIMITS), 4)
    opened = AuditFolder(folder)
    real = fcntl.flock

    def late(file: int, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", real)
        assert pack(opened, Segment(202603), SystemDisk())
        real(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    assert not pack(opened, Segment(202603), SystemDisk())
    opened.close()
    assert (folder / f"{NAME}.gz").stat().st_size > 100
    assert whole(folder).records > 4
