"""The ways to rotate a log, for `bench.rotation`: a writer of numbered lines, and what befalls it.

What no reader could do is kept out: before a file is emptied without a copy, the writer waits until
all of it was read; before it is deleted, or hidden where it has no name that belongs to the log,
until it was opened. copytruncate itself loses what is written between the copy and the cut, so here
it happens between two writes.
"""

import contextlib
import gzip
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import TypeAlias

_KEPT = 40
STALL_S = 20.0
Seen: TypeAlias = "Synchronized[int]"


class Writer:
    """Writes numbered lines into a folder. `seen` is how many different numbers were read."""

    def __init__(self, folder: Path, seen: Seen, seed: int = 1) -> None:
        self.folder = folder
        self.path = folder / "app.log"
        self.number = 0
        self._seen = seen
        self._dice = random.Random(seed)
        self.file = self.open(self.path)

    def open(self, path: Path) -> int:
        """Return a descriptor that appends."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def reopen(self, path: Path | None = None) -> None:
        """Go on in what the path names now."""
        os.close(self.file)
        self.file = self.open(path or self.path)

    def write(self, count: int | None = None, *, file: int | None = None) -> None:
        """Write some lines, in pieces that end anywhere."""
        for _ in range(count or self._dice.randint(1, 12)):
            line = b"2026-03-14 12:00:00,000 INFO number=%d " % self.number
            line += b"x" * self._dice.randint(0, 200) + b"\n"
            cut = self._dice.randint(0, len(line))
            for piece in (line[:cut], line[cut:]):
                os.write(self.file if file is None else file, piece)
            self.number += 1
        if self._dice.random() < 0.3:
            time.sleep(self._dice.random() * 0.003)

    def wait_until_read(self, number: int | None = None) -> None:
        """Wait until so many lines were read; all of them, if not said."""
        wanted = self.number if number is None else number
        end = time.monotonic() + STALL_S
        while self._seen.value < wanted:
            if time.monotonic() > end:
                raise SystemExit(f"reader stuck at {self._seen.value} of {wanted}")
            time.sleep(0.0005)

    def shift(self, kept: int = _KEPT, ending: str = "") -> None:
        """Rename app.log.1 to app.log.2 and so on; the last must have been read."""
        if (self.folder / f"app.log.{kept}{ending}").exists():
            self.wait_until_read()
        for at in range(kept, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                Path(f"{self.path}.{at}{ending}").rename(f"{self.path}.{at + 1}{ending}")
        Path(f"{self.path}.{kept + 1}{ending}").unlink(missing_ok=True)


def rename_create(writer: Writer, _turn: int) -> None:
    writer.shift()
    writer.path.rename(f"{writer.path}.1")
    writer.reopen()


def rename_late_writer(writer: Writer, _turn: int) -> None:
    """The writer does not notice for a while, and another file stands there already."""
    writer.shift()
    writer.path.rename(f"{writer.path}.1")
    new = writer.open(writer.path)
    writer.write()
    writer.write(file=new)
    writer.write()
    os.close(writer.file)
    writer.file = new


def rename_nocreate(writer: Writer, turn: int) -> None:
    """The file is missing until the writer has something to say."""
    writer.shift()
    writer.path.rename(f"{writer.path}.1")
    writer.write()
    time.sleep(0.002 * (turn % 3))
    writer.reopen()


def rename_dates(writer: Writer, turn: int) -> None:
    writer.path.rename(writer.folder / f"app.log-{20200101 + turn:08d}")
    writer.reopen()
    _prune(writer, sorted(writer.folder.glob("app.log-*")))


def rename_pack(writer: Writer, _turn: int) -> None:
    """As logrotate with delaycompress: .1 stays plain, older ones are packed."""
    if (rotated := Path(f"{writer.path}.1")).exists():
        writer.shift(ending=".gz")
        packed = Path(f"{writer.path}.2.gz")
        packed.write_bytes(gzip.compress(rotated.read_bytes(), 1))
        shutil.copystat(rotated, packed)
        writer.wait_until_read(writer.number - 60)
        rotated.unlink()
    writer.path.rename(rotated)
    writer.reopen()


def copytruncate(writer: Writer, _turn: int) -> None:
    writer.shift()
    shutil.copy2(writer.path, f"{writer.path}.1")
    os.truncate(writer.path, 0)


def copytruncate_pack(writer: Writer, _turn: int) -> None:
    """The copy is packed at once; only the packed one is left."""
    writer.shift(ending=".gz")
    Path(f"{writer.path}.1.gz").write_bytes(gzip.compress(writer.path.read_bytes(), 1))
    os.truncate(writer.path, 0)


def truncate(writer: Writer, turn: int) -> None:
    writer.wait_until_read()
    os.truncate(writer.path, 0)
    if turn % 2:  # longer than before at once: only its bytes tell
        writer.write(30)


def delete_create(writer: Writer, _turn: int) -> None:
    writer.wait_until_read()
    writer.write()
    writer.path.unlink()
    writer.write()
    writer.reopen()


def replace_same(writer: Writer, turn: int) -> None:
    """As an editor: a copy with more at its end, renamed over; every tenth time a new file."""
    copy = writer.folder / "app.log.tmp~"
    copy.unlink(missing_ok=True)
    if turn % 10:
        shutil.copy2(writer.path, copy)
    else:
        writer.wait_until_read()
    os.close(writer.file)
    writer.file = writer.open(copy)
    writer.write()
    copy.rename(writer.path)


def folder_moved(writer: Writer, turn: int) -> None:
    """The whole folder is moved away, and made again a little later."""
    writer.wait_until_read()
    writer.write()
    away = writer.folder.with_name(f"away-{turn}")
    writer.folder.rename(away)
    writer.write()
    writer.wait_until_read()
    writer.folder.mkdir()
    writer.reopen()
    shutil.rmtree(away)


def midnight(writer: Writer, turn: int) -> None:
    """The next day's file; the old one gets its last words afterwards."""
    old = writer.file
    writer.path = writer.folder / f"app_{day_of(turn)}.jsonl"
    writer.file = writer.open(writer.path)
    writer.write()
    writer.write(file=old)
    os.close(old)
    _prune(writer, sorted(writer.folder.glob("app_*.jsonl")))


def day_of(turn: int) -> str:
    return f"{2000 + turn // 336:04d}{1 + turn // 28 % 12:02d}{1 + turn % 28:02d}"


def glob_gains(writer: Writer, turn: int) -> None:
    """One file more, and an older one goes on."""
    old = writer.file
    writer.file = writer.open(writer.folder / f"part-{turn}.log")
    writer.write()
    writer.write(file=old)
    os.close(old)
    _prune(writer, sorted(writer.folder.glob("*.log"), key=lambda path: path.stat().st_mtime_ns))


def link_switched(writer: Writer, turn: int) -> None:
    """`current.log` is made to point at another file; each was opened before it is left."""
    writer.wait_until_read(writer.number - 1)
    target = writer.folder / f"run-{turn}.txt"
    writer.write(1)
    writer.reopen(target)
    spare = writer.folder / "spare"
    spare.symlink_to(target)
    spare.rename(writer.folder / "current.log")
    writer.write(1)
    writer.wait_until_read()
    _prune(writer, sorted(writer.folder.glob("run-*"), key=lambda path: path.stat().st_mtime_ns))


def _prune(writer: Writer, files: list[Path]) -> None:
    if len(files) > _KEPT:
        writer.wait_until_read()
        for path in files[: -_KEPT // 2]:
            path.unlink()


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to rotate, and the name by which the log is followed."""

    rotate: Callable[[Writer, int], None]
    pattern: str = "app.log"


KINDS = {
    "rename-create": Kind(rename_create),
    "rename-late-writer": Kind(rename_late_writer),
    "rename-nocreate": Kind(rename_nocreate),
    "rename-dates": Kind(rename_dates),
    "rename-pack": Kind(rename_pack),
    "copytruncate": Kind(copytruncate),
    "copytruncate-pack": Kind(copytruncate_pack),
    "truncate": Kind(truncate),
    "delete-create": Kind(delete_create),
    "replace-same": Kind(replace_same),
    "folder-moved": Kind(folder_moved),
    "midnight": Kind(midnight, "app_%Y%m%d.jsonl"),
    "glob-gains": Kind(glob_gains, "*.log"),
    "link-switched": Kind(link_switched, "current.log"),
}
