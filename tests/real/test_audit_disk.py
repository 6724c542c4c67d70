"""The audit log on disks that are really full, read-only, failing or in memory."""

import errno
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.actions.audit.names import BALLAST
from core.actions.audit.place import weaknesses
from core.actions.audit.record import Event
from core.actions.audit.writer import Limits
from core.errors import AuditError
from tests.unit.core.actions.audit.logs import NAME, fill, open_log, whole

LIMITS = Limits(ballast_bytes=16 * 1024)
ROOT = Path(__file__).parents[2]


def _run(*argv: str | Path) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    return done.stderr if done.returncode else ""


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 KiB."""
    problem = _run("mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "qd-test", tmp_path)
    if problem:
        pytest.skip(f"not run: no file system can be mounted here ({problem.strip()})")
    try:
        yield tmp_path
    finally:
        assert _run("umount", "-l", tmp_path) == ""


@pytest.mark.real("root")
def test_a_full_disk_refuses_what_is_new_and_takes_the_end_of_what_runs(small: Path) -> None:
    folder = small / "audit"
    log = open_log(folder, limits=LIMITS)
    with pytest.raises(AuditError, match="No space left") as refused:
        fill(log, 1000)
    assert isinstance(refused.value.__cause__, OSError)
    assert refused.value.__cause__.errno == errno.ENOSPC
    written = whole(folder).records
    assert written > 5
    with pytest.raises(AuditError, match="No space left"):
        log.append(Event.INTENT)
    assert log.append(Event.ROLLED_BACK, is_ending=True).ev == Event.ROLLED_BACK
    assert not (folder / BALLAST).exists()
    with pytest.raises(AuditError, match="No space left"):
        log.check()
    assert whole(folder).records == written + 1


@pytest.mark.real("root")
def test_a_disk_filled_by_others_is_told_by_the_check_and_heals_when_they_go(small: Path) -> None:
    log = open_log(small / "audit", limits=LIMITS)
    fill(log, 3)
    filler = small / "core.dump"
    with pytest.raises(OSError, match="No space left"):
        filler.write_bytes(b"." * 1024 * 1024)
    with pytest.raises(AuditError, match="No space left"):
        log.check()
    filler.unlink()
    log.check()
    assert fill(log, 1)[0].seq == 5
    whole(small / "audit")


@pytest.mark.real("root")
def test_a_read_only_file_system_is_refused_and_can_be_verified(small: Path) -> None:
    folder = small / "audit"
    log = open_log(folder, limits=LIMITS)
    fill(log, 3)
    log.close()
    assert _run("mount", "-o", "remount,ro", small) == ""
    again = open_log(folder, limits=LIMITS)
    for attempt in (lambda: again.append(Event.INTENT), again.check):
        with pytest.raises(AuditError, match="Read-only file system"):
            attempt()
    assert whole(folder).records == 4


@pytest.mark.real("root")
def test_a_folder_in_memory_is_said_to_be_weaker(small: Path) -> None:
    assert any("in memory" in text for text in weaknesses(small))


def _in_child(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_limit_on_the_size_of_files_refuses_and_leaves_no_half_record(tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    fill(open_log(folder, limits=LIMITS), 3)
    size = (folder / NAME).stat().st_size

    def work() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + 2000, size + 2000))
        log = open_log(folder, limits=Limits(ballast_bytes=1024))
        with pytest.raises(AuditError, match="File too large"):
            fill(log, 10)

    assert _in_child(work) == 0
    assert 4 < whole(folder).records < 14
    assert fill(open_log(folder, limits=LIMITS), 1)[0].seq > 5


PROGRAM = """
import sys
from pathlib import Path
from core.errors import AuditError
from tests.unit.core.actions.audit.logs import fill, open_log
log = open_log(Path(sys.argv[1]))
for _ in range(2):
    try:
        fill(log, 20)
    except AuditError as error:
        print(error)
"""


def test_a_flush_that_really_fails_ends_the_file(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("not run: no strace on PATH")
    folder = tmp_path / "audit"
    inject = "inject=fdatasync:error=EIO:when=6"
    argv = [strace, "-f", "-qq", "-e", "trace=fdatasync", "-e", inject, "-o", os.devnull]
    done = subprocess.run(
        [*argv, sys.executable, "-c", PROGRAM, str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
        cwd=ROOT,
    )
    if "ptrace" in done.stderr:
        pytest.skip(f"not run: no tracing here ({done.stderr.strip()[:80]})")
    said = done.stdout.splitlines()
    assert len(said) == 2, done.stderr
    assert said[0] == said[1]
    assert "flushing failed: Input/output error" in said[0]
    assert (folder / f"{NAME}.dead").exists()
    fill(open_log(folder), 1)
    assert (folder / "audit-202603-02.jsonl").exists()
    whole(folder)
