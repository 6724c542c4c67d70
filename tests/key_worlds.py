"""A store of keys, ours and the old tool that writes to it, and a model of what must come of it.

Used by `tests/unit/core/keys/test_store_machine.py`, and for longer by `python -m bench.key_store`.
"""

import asyncio
import copy
import json
import os
import signal
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.key_store_writes import PLACES
from core.keys.ids import KeyIds
from core.keys.store.edits import Edit, Insert, NewKey, SetActive
from core.keys.store.sidecar import Known, compared
from core.model.secret import Secret
from tests.fakes.acting_ground import QuickClock
from tests.fakes.old_key_tool import OldTool, SlowWriter, named, new_record, seed

_IDS = KeyIds(b"w" * 32)


@dataclass(frozen=True)
class Meddling:
    """What the old tool does while we write: a whole command, or one that is cut into two."""

    begins: int
    """The place, by number; both in one command where `ends` is the same."""
    ends: int
    switches_off: bool = False
    """It switches a key off; else it makes one."""
    reopens: bool = False
    """It reads at the one place and opens the file at the other; else it opens it at once."""


class World:
    """One store. Every step leaves the model and the file the same, or raises AssertionError."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.path = folder, folder / "api_keys.json"
        self._usage = folder / "rate_limits.json"
        self.model: dict[str, Any] = seed(self.path, 6)
        self._tool = OldTool(self.path)
        self._count = 100
        self.seen = Counter[str]()
        self._known: Known | None = None
        self._look_for_losses(expected=0)

    @property
    def keys(self) -> list[str]:
        return list(self.model)

    def _fresh(self) -> int:
        self._count += 1
        return self._count

    # What we do.

    def switch(self, number: int, *, is_active: bool, meddling: Meddling | None = None) -> None:
        """Switch one key, perhaps while the old tool writes."""
        if not self.model:
            return
        key = self.keys[number % len(self.model)]
        edit = SetActive(ids=_IDS, marks=(_IDS.mark(key),), is_active=is_active)
        effects = self._meddled(meddling, but=key)
        self._change(edit, effects)
        self.model[key]["active"] = is_active
        self.check()

    def generate(self, meddling: Meddling | None = None) -> None:
        """Make a key, perhaps while the old tool writes."""
        key = named(self._fresh())
        at = datetime(2026, 1, 1, tzinfo=UTC)
        new = NewKey(Secret(key), "", "dev", 1000, at)
        effects = self._meddled(meddling)
        self._change(Insert(ids=_IDS, keys=(new,)), effects)
        self.model[key] = self.records()[key]
        assert (self.model[key]["tier"], self.model[key]["active"]) == ("dev", True)
        self.check()

    def kill(self, number: int, place: int, *, is_writer: bool = False) -> None:
        """Switch a key off in a process that dies at a place; then do it again."""
        if not self.model:
            return
        key = self.keys[number % len(self.model)]
        edit = SetActive(ids=_IDS, marks=(_IDS.mark(key),), is_active=not self._is_on(key))
        token, added = f"T{self._fresh()}", named(self._fresh())
        writer = None
        if is_writer:
            writer = SlowWriter(self.path, lambda one: one.update({added: new_record()}))
        if not self._die(edit, token, PLACES[place]):
            self.seen["killed"] += 1
        assert set(self.records()) == set(self.model), "a kill lost a key, or left half a file"
        if writer is not None:
            writer.finish()
            self.model[added] = new_record()
        self._run(edit, token, {})
        self.model[key]["active"] = edit.is_active
        self.check()

    def _is_on(self, key: str) -> bool:
        return bool(self.model[key]["active"])

    def _die(self, edit: Edit, token: str, place: str) -> bool:
        """Make a change in a process that kills itself at a place; tell whether it lived."""
        pid = os.fork()
        if not pid:
            try:

                def passed(name: str) -> None:
                    if name == place:
                        os.kill(os.getpid(), signal.SIGKILL)

                control = LocalKeyStores(self.folder / "state", QuickClock(), passed)
                asyncio.run(control.change(str(self.path), edit, token))
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        return not os.WIFSIGNALED(status)

    def _change(self, edit: Edit, effects: dict[str, Any]) -> None:
        self._run(edit, f"T{self._fresh()}", effects)

    def _run(self, edit: Edit, token: str, effects: dict[str, Any]) -> None:
        left = dict(effects)

        def passed(name: str) -> None:
            self._read_as_server()
            act = left.pop(name, None)
            if act is not None:
                act()

        control = LocalKeyStores(self.folder / "state", QuickClock(), passed)
        try:
            changed = asyncio.run(control.change(str(self.path), edit, token))
        finally:
            control.close()
        self.seen["changes"] += 1
        self.seen["merged"] += changed.merged
        self.seen["redone"] += changed.redone
        for act in left.values():  # a place that this change did not pass
            act()
        if left:
            self._run(edit, token, {})

    def _read_as_server(self) -> None:
        """Nobody who reads while we write meets half a file, or none."""
        self.seen["reads"] += 1
        json.loads(self.path.read_text("utf-8"))

    # What the old tool does.

    def _meddled(self, meddling: Meddling | None, but: str = "") -> dict[str, Any]:
        """Return what happens at which place, and have the model expect it."""
        if meddling is None:
            return {}
        others = [key for key in self.model if key != but]
        if meddling.switches_off and others:
            key = others[self._fresh() % len(others)]
            self.model[key]["active"] = False

            def change(records: dict[str, Any]) -> None:
                records[key]["active"] = False

        else:
            key = named(self._fresh())
            self.model[key] = new_record()

            def change(records: dict[str, Any]) -> None:
                records[key] = new_record()

        self.seen["meddled"] += 1
        return _acts(self.path, meddling, change)

    def tool_generates(self) -> None:
        """The old tool makes a key while nobody else writes."""
        key = named(self._fresh())
        self._tool.generate(key)
        self.model[key] = new_record()
        self.check()

    def tool_switches_off(self, number: int) -> None:
        """The old tool switches a key off."""
        if self.model:
            key = self.keys[number % len(self.model)]
            self._tool.deactivate(key)
            self.model[key]["active"] = False
            self.check()

    def tool_loses(self, number: int) -> None:
        """Two of the old tool write at once: one of them has read half a file, and so nothing."""
        key = named(self._fresh())
        kept = {name: self.model[name] for name in self.keys[: number % 3]}
        lost = len(self.model) - len(kept)
        self._look_for_losses(expected=0)
        self._tool.write({**kept, key: new_record()})
        self.model = {**copy.deepcopy(kept), key: new_record()}
        self._look_for_losses(expected=lost)
        self._known = None
        self._look_for_losses(expected=0)
        self.seen["losses"] += 1
        self.check()

    def uses(self, number: int) -> None:
        """The server counts a request, in its own file."""
        usage: dict[str, int] = {}
        if self._usage.exists():
            usage = json.loads(self._usage.read_text("utf-8"))
        usage[f"key_{number}"] = usage.get(f"key_{number}", 0) + 1
        self._usage.write_text(json.dumps(usage), "utf-8")

    # What must hold.

    def records(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.path.read_text("utf-8"))
        return found

    def check(self) -> None:
        """The file is what the model says: every key, every field, nothing more."""
        assert self.records() == self.model
        beside = {one.name for one in self.folder.iterdir() if one.name.startswith(".")}
        assert not beside, beside
        self._look_for_losses(expected=0)

    def _look_for_losses(self, *, expected: int) -> None:
        marks = frozenset(map(_IDS.mark, self.records()))
        now = datetime(2026, 1, 1, tzinfo=UTC)
        self._known = compared(self._known, marks, frozenset(), now)
        assert len(self._known.lost) == expected


def _acts(path: Path, meddling: Meddling, change: Any) -> dict[str, Any]:
    begins, ends = sorted((meddling.begins, meddling.ends))
    if begins == ends:

        def whole() -> None:
            tool = OldTool(path)
            records = tool.read()
            change(records)
            tool.write(records)

        return {PLACES[begins]: whole}
    if meddling.reopens:
        return _stale(path, PLACES[begins], PLACES[ends], change)
    writers: list[SlowWriter] = []
    return {
        PLACES[begins]: lambda: writers.append(SlowWriter(path, change)),
        PLACES[ends]: lambda: [one.finish() for one in writers],
    }


def _stale(path: Path, begins: str, ends: str, change: Any) -> dict[str, Any]:
    """Return a command that writes what it read before we did."""
    tool, held = OldTool(path), list[dict[str, Any]]()

    def write() -> None:
        for records in held:
            change(records)
            tool.write(records)

    return {begins: lambda: held.append(tool.read()), ends: write}
