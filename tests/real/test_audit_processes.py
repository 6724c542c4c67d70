"""Many processes at once, and processes that are killed while they write."""

import fcntl
import multiprocessing
import os
import random
import signal
from pathlib import Path

from core.actions.audit.chain import Link
from core.actions.audit.record import Event, parse_record
from core.actions.audit.writer import Limits
from tests.unit.core.actions.audit.logs import NAME, fill, lines_of, open_log, whole

WRITERS = 100
RECORDS = 20
KILLS = 200
LIMITS = Limits(ballast_bytes=4096, lock_s=120.0)


def _write(folder: Path) -> None:
    fill(open_log(folder, limits=LIMITS), RECORDS)


def test_a_hundred_writers_at_once_leave_one_dense_chain(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    fill(open_log(folder, limits=LIMITS), 1)
    context = multiprocessing.get_context("fork")
    gate = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    fcntl.flock(gate, fcntl.LOCK_EX)
    writers = [context.Process(target=_write, args=(folder,)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    fcntl.flock(gate, fcntl.LOCK_UN)
    for writer in writers:
        writer.join()
    os.close(gate)
    assert [writer.exitcode for writer in writers] == [0] * WRITERS
    result = whole(folder)
    records = [parse_record(line) for line in lines_of(folder)]
    assert [record.seq for record in records] == list(range(1, result.last.seq + 1))
    steps = sum(record.ev == Event.STEP_BEGIN for record in records)
    assert steps == WRITERS * RECORDS + 1


def _write_until_killed(folder: Path, told: int) -> None:
    log = open_log(folder, limits=LIMITS)
    while True:
        (link,) = fill(log, 1)
        os.write(told, f"{link.seq} {link.hash}\n".encode())


def _killed_writer(folder: Path, after: int) -> list[Link]:
    """Return what a writer was told to be written before it was killed."""
    heard, told = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _write_until_killed(folder, told)
        finally:
            os._exit(1)
    os.close(told)
    with os.fdopen(heard, "rb") as lines:
        said = [lines.readline() for _ in range(after)]
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        said += lines.readlines()
    assert os.WTERMSIG(status) == signal.SIGKILL
    pairs = [line.split() for line in said if line.endswith(b"\n")]
    return [Link(int(seq), own.decode()) for seq, own in pairs]


def test_no_acknowledged_record_is_lost_to_kill_9(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    dice = random.Random(9)
    acknowledged: list[Link] = []
    for _ in range(KILLS):
        acknowledged += _killed_writer(folder, dice.randrange(1, 5))
    fill(open_log(folder, limits=LIMITS), 1)
    whole(folder)
    records = [parse_record(line) for line in lines_of(folder, NAME)]
    written = {record.seq: record.hash for record in records}
    assert len(acknowledged) >= KILLS
    assert [link for link in acknowledged if written.get(link.seq) != link.hash] == []
    assert len(list(folder.glob("*.torn"))) <= KILLS
