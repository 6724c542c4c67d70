"""What the tests of followed files share: a log in a folder, and what was shown of it."""

from pathlib import Path

from core.logs.files.log_file import LogFile
from core.logs.stream.reading import records_before
from core.logs.stream.tail import Tail
from core.model.log import LogPosition, Seam, SeamKind
from tests.unit.core.logs.stream.segments import continues

NOW_S = 1_773_489_600.0  # 2026-03-14 12:00 UTC


class Shown:
    """A reader as the screen is one: it polls, and keeps what it was given by position."""

    def __init__(self, log: LogFile, now_s: float = NOW_S) -> None:
        self.log = log
        self.now_s = now_s
        self.tail = Tail(log, continues)
        self.records: dict[LogPosition, bytes] = {}
        self.order: list[bytes] = []
        self.seams: list[Seam] = []
        self.lost_bytes = 0
        self.read()

    def read(self) -> list[bytes]:
        """Read the tail to its end; return the records given this time."""
        given: list[bytes] = []
        while True:
            batch = self.tail.read(self.now_s)
            for position in batch.withdrawn:
                del self.records[position]
            for record in batch.records:
                self.records[record.position] = record.raw
                given.append(record.raw)
            self.seams += batch.seams
            self.lost_bytes += batch.lost_bytes
            if not batch.has_more:
                self.order += given
                return given

    @property
    def kinds(self) -> list[SeamKind]:
        return [seam.kind for seam in self.seams]

    def history(self) -> list[bytes]:
        """Everything that can be read back, oldest first."""
        return [record.raw for record in records_before(self.log.segments, None, continues)]


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)
