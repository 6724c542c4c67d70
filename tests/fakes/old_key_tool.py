"""The key tool that these systems ship: reads bad JSON as no keys, writes over in place."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEYS = 4


def new_record(tier: str = "pro") -> dict[str, Any]:
    return {
        "tier": tier, "requests_per_month": 10_000, "created_at": "2026-01-02T03:04:05.678901",
        "active": True,
    }  # fmt: skip


def named(number: int) -> str:
    """Return a key that is none."""
    return f"key_{number:043d}"


def seed(path: Path, count: int = KEYS) -> dict[str, Any]:
    """Write a store with keys, each with a field that nobody knows."""
    records = {
        named(number): {**new_record(), "policy": {"ips": [f"10.0.0.{number}"], "burst": 1.50}}
        for number in range(count)
    }
    path.write_text(json.dumps(records, indent=2), "utf-8")
    return records


class OldTool:
    """Each of its commands reads everything, and writes everything, with no lock."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        try:
            return json.loads(self._path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def write(self, records: dict[str, Any]) -> None:
        with self._path.open("w", encoding="utf-8") as file:
            json.dump(records, file, indent=2)

    def generate(self, key: str) -> None:
        records = self.read()
        records[key] = new_record()
        self.write(records)

    def deactivate(self, key: str) -> None:
        records = self.read()
        if key in records:
            records[key]["active"] = False
            self.write(records)


class SlowWriter:
    """The same tool, stopped where it has opened the file and not yet written it."""

    def __init__(self, path: Path, change: Callable[[dict[str, Any]], None]) -> None:
        records = OldTool(path).read()
        change(records)
        self._text = json.dumps(records, indent=2)
        # Opened for writing without cutting it off yet, so that a comparison still finds it whole.
        self._handle = os.open(path, os.O_WRONLY)

    def finish(self) -> None:
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, self._text.encode(), 0)
        os.close(self._handle)
