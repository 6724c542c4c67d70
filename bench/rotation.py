"""`python -m bench.rotation [ROUNDS] [KIND…]`: rotates a log in every way while it is followed.

A writer in a process of its own numbers its lines and writes them in pieces that end anywhere. The
reader must have each number once. `unordered` counts lines that arrived after younger ones; their
positions are right all the same.
"""

import contextlib
import multiprocessing
import multiprocessing.synchronize
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from bench.rotation_kinds import KINDS, STALL_S, Seen, Writer, day_of
from core.logs.files.log_file import LogFile
from core.logs.files.waiter import Waiter
from core.logs.stream.followed import FollowedLog
from core.logs.stream.tail import Tail
from core.model.log import LogPosition


def write_all(
    name: str,
    rounds: int,
    folder: str,
    seen: Seen,
    total: Seen,
    ready: multiprocessing.synchronize.Event,
) -> None:
    """Write and rotate in the writer's process, then tell how many lines there were."""
    writer = Writer(Path(folder), seen)
    if name == "midnight":
        writer.path = writer.folder / f"app_{day_of(0)}.jsonl"
        writer.reopen()
    if name == "link-switched":
        (writer.folder / "current.log").symlink_to(writer.path)
    ready.wait()
    for turn in range(1, rounds + 1):
        writer.write()
        KINDS[name].rotate(writer, turn)
    writer.write()
    total.value = writer.number


@dataclass(frozen=True, slots=True)
class Tally:
    """What a reader had in the end."""

    written: int
    missing: int
    doubled: int
    seams: int
    lost_bytes: int
    unordered: int
    seconds: float
    reader_cpu_s: float


class Reader:
    """Keeps what the tail gives, by position, as a screen does."""

    def __init__(self, log: FollowedLog) -> None:
        self.log = log
        self.tail = Tail(log, lambda _line, _before: False)
        self.records: dict[LogPosition, bytes] = {}
        self.numbers: Counter[int] = Counter()
        self.seams = 0
        self.lost_bytes = 0
        self.unordered = 0
        self._latest = -1

    def read(self) -> bool:
        """Read once; return whether there is more."""
        batch = self.tail.read(time.time())
        for position in batch.withdrawn:
            self._take_back(position)
        for record in batch.records:
            self._take_back(record.position)
            self.records[record.position] = record.raw
            number = number_of(record.raw)
            if number is not None:
                self.numbers[number] += 1
                self.unordered += number < self._latest
                self._latest = max(number, self._latest)
        self.seams += len(batch.seams)
        self.lost_bytes += batch.lost_bytes
        return batch.has_more

    def _take_back(self, position: LogPosition) -> None:
        number = number_of(self.records.pop(position, b""))
        if number is not None:
            self.numbers[number] -= 1
            if not self.numbers[number]:
                del self.numbers[number]


def number_of(raw: bytes) -> int | None:
    """Return a line's number when all of the number is there."""
    _, found, rest = raw.partition(b"number=")
    digits, space, _ = rest.partition(b" ")
    return int(digits) if found and space else None


@contextlib.contextmanager
def _folder() -> Generator[Path, None, None]:
    with tempfile.TemporaryDirectory(prefix="qd-rotation-") as name:
        folder = Path(name) / "logs"
        folder.mkdir()
        yield folder


def torture(name: str, rounds: int, *, may_watch: bool = True) -> Tally:
    """Follow a log while it is rotated so many times, and count."""
    context = multiprocessing.get_context("spawn")
    seen: Seen = context.Value("q", 0)
    total: Seen = context.Value("q", -1)
    ready = context.Event()
    with _folder() as folder:
        arguments = (name, rounds, str(folder), seen, total, ready)
        writer = context.Process(target=write_all, args=arguments, daemon=True)
        reader = Reader(LogFile(str(folder / KINDS[name].pattern), "torture"))
        waiter = Waiter(may_watch=may_watch)
        reader.read()
        writer.start()
        ready.set()
        began, cpu = time.monotonic(), time.process_time()
        deadline = began + STALL_S
        while not (writer.exitcode is not None and time.monotonic() > deadline):
            waiter.watch(reader.log.watched_paths)
            before = len(reader.numbers)
            while reader.read():
                pass
            seen.value = len(reader.numbers)
            if len(reader.numbers) != before:
                deadline = time.monotonic() + 3
            if total.value == len(reader.numbers) or time.monotonic() > deadline + STALL_S:
                break
            waiter.wait(0.02)
        writer.join(10)
        if writer.is_alive():
            writer.terminate()
        reader.log.close()
        waiter.close()
        written = max(total.value, 0)
        return Tally(
            written,
            written - sum(1 for number in range(written) if reader.numbers[number]),
            sum(count - 1 for count in reader.numbers.values() if count > 1),
            reader.seams,
            reader.lost_bytes,
            reader.unordered,
            time.monotonic() - began,
            time.process_time() - cpu,
        )


def main() -> None:
    """Print one line a kind; exit status 1 when a number is missing or doubled."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    chosen = sys.argv[2:] or list(KINDS)
    print("kind\trounds\tlines\tmissing\tdoubled\tunordered\tseams\ts\treader CPU s")
    is_fine = True
    for name in chosen:
        tally = torture(name, rounds)
        is_fine = is_fine and tally.written > 0 and not (tally.missing or tally.doubled)
        print(
            f"{name}\t{rounds}\t{tally.written}\t{tally.missing}\t{tally.doubled}"
            f"\t{tally.unordered}\t{tally.seams}\t{tally.seconds:.1f}\t{tally.reader_cpu_s:.1f}",
            flush=True,
        )
    sys.exit(not is_fine)


if __name__ == "__main__":
    main()
