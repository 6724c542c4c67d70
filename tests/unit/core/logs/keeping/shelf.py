"""A folder of real log files with the ages that a test gives them."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.logs.keeping.facts import LogListing
from core.logs.keeping.listing import read_log_files
from core.logs.keeping.plan import KeepingPlan, LeftOutReason
from core.logs.keeping.rules import DAY_S, DEFAULT_RULES, LogClaim

NOW_S = datetime(2026, 3, 14, 9, 26, 53, tzinfo=UTC).timestamp()


def base_name(raw_path: bytes) -> str:
    """Return the last part of a path."""
    return Path(os.fsdecode(raw_path)).name


@dataclass(frozen=True)
class Shelf:
    """Makes files in one folder."""

    folder: Path

    def put(
        self, name: str | bytes, days: float = 0.0, size_bytes: int = 1_000, ago_s: float = 0.0
    ) -> bytes:
        """Write a file that was last changed `days` days (and `ago_s` seconds) ago."""
        path = self.folder / os.fsdecode(name)
        path.write_bytes(b"x" * size_bytes)
        at_s = NOW_S - days * DAY_S - ago_s
        os.utime(path, (at_s, at_s))
        return os.fsencode(path)

    def claim(self, pattern: str, retention: str = "application", log: str = "") -> LogClaim:
        """Return the claim of a configured log in this folder."""
        return LogClaim(log or f"shop/api/{retention}", f"{self.folder}/{pattern}", retention)

    def read(
        self, *claims: LogClaim, open_files: frozenset[tuple[int, int]] | None = None
    ) -> LogListing:
        """List the folder."""
        return read_log_files(
            [str(self.folder)],
            claims,
            DEFAULT_RULES,
            cancelled=lambda: False,
            open_files=open_files,
        )

    def touched(self, plan: KeepingPlan) -> set[str]:
        """Return the names of the files that a plan touches."""
        return {base_name(planned.file.raw_path) for planned in plan.files}

    def reasons(self, plan: KeepingPlan) -> dict[str, LeftOutReason]:
        """Return why each other file is left out, by name."""
        return {base_name(left.raw_path): left.reason for left in plan.left_out}
