"""Many processes read a key store while we and the old tool write to it as fast as they can.

The old tool empties the file and writes it anew, so whoever reads just then sees half of it, with
or without us. A counter in shared memory is odd while it does: what is torn beside that is ours.
"""

import asyncio
import json
import mmap
import os
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.clients.acting.key_store import LocalKeyStores
from core.clients.clock import SystemClock
from core.errors import ClientError
from core.keys.ids import KeyIds
from core.keys.store.edits import SetActive
from tests.fakes.old_key_tool import OldTool, SlowWriter, named, new_record, seed

_IDS = KeyIds(b"b" * 32)
_OURS, _THEIRS = 64, 16
_WRITERS = 2
"""Processes of ours."""
_TOOL_PAUSE_S, _READ_PAUSE_S = 0.015, 0.5
_SLOW_S = 0.01
_TOOL_TURN = 20
"""Commands of the old tool of which one makes a key and one switches it off."""
_Child = tuple[int, int]
"""Its pid, and where its report is read."""


@dataclass(slots=True)
class ReadersTally:
    """What all of them saw and did."""

    counts: Counter[str] = field(default_factory=Counter[str])
    wrong: list[str] = field(default_factory=list[str])
    """Changes that were acknowledged, or made by the old tool, and are not there at the end."""

    @property
    def text(self) -> str:
        """The tally in one line."""
        one = self.counts
        return (
            f"{one['whole']} whole reads, {one['torn']} torn by us, {one['missing']} missing,"
            f" {one['short']} without a key, {one['theirs']} torn by the old tool itself; "
            f"{one['ours']} changes of ours ({one['merged']} merged, {one['redone']} done again, "
            f"{one['refused']} refused) in {one['writes']} writes, {one['tool']} of the old tool; "
            f"{len(self.wrong)} lost"
        )


def read_while_written(folder: Path, readers: int, seconds: float) -> ReadersTally:
    """Let processes read all the time while a store is changed by us and by the old tool."""
    path = folder / "api_keys.json"
    seed(path, _OURS + _THEIRS)
    end_s = time.monotonic() + seconds
    counter = mmap.mmap(-1, 8)
    children = [_forked(lambda: _reading(path, counter, end_s)) for _ in range(readers)]
    tool = _forked(lambda: _tool(path, counter, end_s))
    writers = [_forked(lambda at=at: _writing(path, folder, at, end_s)) for at in range(_WRITERS)]
    tally = ReadersTally()
    for child in children:
        tally.counts.update(_report(child))
    expected: dict[str, bool] = {}
    for child in (tool, *writers):
        report = _report(child)
        expected |= report.pop("expected")
        tally.counts.update(report)
    records = json.loads(path.read_text("utf-8"))
    for key, is_active in expected.items():
        if records.get(key, {}).get("active") is not is_active:
            tally.wrong.append(f"{key}: {records.get(key)} instead of active={is_active}")
    counter.close()
    return tally


def _forked(work: Callable[[], object]) -> _Child:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return pid, ours
    try:
        os.close(ours)
        with os.fdopen(theirs, "wb") as report:
            report.write(json.dumps(work()).encode())
    finally:
        os._exit(0)


def _report(child: _Child) -> dict[str, Any]:
    pid, pipe = child
    with os.fdopen(pipe, "rb") as said:
        report: dict[str, Any] = json.loads(said.read())
    os.waitpid(pid, 0)
    return report


def _count_of(counter: mmap.mmap) -> int:
    return int.from_bytes(counter[:8], "little")


def _reading(path: Path, counter: mmap.mmap, end_s: float) -> dict[str, int]:
    os.nice(19)  # else nobody writes while so many read
    seen, first = Counter[str](), set(map(named, range(_OURS + _THEIRS)))
    # On a busy machine the time may be over before its first look.
    while time.monotonic() < end_s or seen.total() == seen["theirs"]:
        before = _count_of(counter)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            seen["missing"] += 1
            continue
        is_theirs = before % 2 == 1 or before != _count_of(counter)
        try:
            seen["whole" if first <= set(json.loads(data)) else "short"] += 1
        except ValueError:
            seen["theirs" if is_theirs else "torn"] += 1
        time.sleep(_READ_PAUSE_S)
    return seen


class _CountedTool(OldTool):
    """The old tool; the counter is odd while it writes."""

    def __init__(self, path: Path, counter: mmap.mmap) -> None:
        super().__init__(path)
        self._counter = counter

    def write(self, records: dict[str, Any]) -> None:
        self._step()
        super().write(records)
        self._step()

    def generate_slowly(self, key: str) -> None:
        """Read, take a while, and write what was read before others wrote."""
        records = self.read()
        records[key] = new_record()
        time.sleep(_SLOW_S)
        self.write(records)

    def deactivate_slowly(self, key: str) -> None:
        """Open the file, take a while, and write into it, whatever its name is by then."""

        def change(records: dict[str, Any]) -> None:
            if key in records:
                records[key]["active"] = False

        writer = SlowWriter(self._path, change)
        time.sleep(_SLOW_S)
        self._step()
        writer.finish()
        self._step()

    def _step(self) -> None:
        self._counter[:8] = (_count_of(self._counter) + 1).to_bytes(8, "little")


def _tool(path: Path, counter: mmap.mmap, end_s: float) -> dict[str, object]:
    """Make keys and switch them off, and switch the first ones off, by turns, with no lock."""
    tool, count, expected = _CountedTool(path, counter), 0, dict[str, bool]()
    while time.monotonic() < end_s or not count:
        made, key = named(100_000 + count // _TOOL_TURN), named(_OURS + count % _THEIRS)
        match count % _TOOL_TURN:
            case 0:
                tool.generate_slowly(made)
                expected[made] = True
            case 10 if made in tool.read():  # else it was replaced, until we merge it
                tool.deactivate_slowly(made)
                expected[made] = False
            case _:
                tool.deactivate(key)
                expected[key] = False
        count += 1
        time.sleep(_TOOL_PAUSE_S)
    return {"tool": count, "expected": expected}


def _writing(path: Path, folder: Path, at: int, end_s: float) -> dict[str, object]:
    return asyncio.run(_Writers(path, folder, at).run(end_s))


class _Writers:
    """Many changes of ours at once, as each is watched for two seconds; one per key at a time."""

    def __init__(self, path: Path, folder: Path, at: int) -> None:
        self._path, self._at = path, at
        self._seen = Counter[str]()
        self._expected: dict[str, bool] = {}
        self._control = LocalKeyStores(folder / f"state-{at}", SystemClock(), self._pass)

    async def run(self, end_s: float) -> dict[str, object]:
        """Change keys until it is time, and see the last changes stay."""
        keys = range(self._at, _OURS, _WRITERS)
        await asyncio.gather(*(self._turn(number, end_s) for number in keys))
        self._control.close()
        return {**self._seen, "expected": self._expected}

    async def _turn(self, number: int, end_s: float) -> None:
        key, is_active, turn = named(number), True, 0
        while time.monotonic() < end_s or not turn:
            is_active, turn = not is_active, turn + 1
            edit = SetActive(ids=_IDS, marks=(_IDS.mark(key),), is_active=is_active)
            try:
                done = await self._control.change(str(self._path), edit, f"T{number}X{turn}")
            except ClientError:  # told to whoever asked: the key may be either
                self._seen["refused"] += 1
                self._expected.pop(key, None)
                continue
            self._expected[key] = is_active
            self._seen.update(ours=1, merged=done.merged, redone=done.redone)

    def _pass(self, place: str) -> None:
        self._seen["writes"] += place == "renamed"
