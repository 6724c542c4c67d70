"""Where secrets were looked for, and what was found: bounded, however long it goes on."""

import base64
import re
import threading
from collections import Counter
from dataclasses import dataclass, field

from bench.canary_world import CanaryWorld
from tests.planted import leaks, written

SEQUENCES = re.compile(r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b\[[\d;?<>$]*[A-Za-z]|\x1b.")
_COPIED = re.compile(rb"\x1b\]52;c;([A-Za-z0-9+/=]*)(?:\x07|\x1b\\)")
_TITLES = re.compile(rb"\x1b\][012];[^\x07\x1b]*")
_COPY_BEGINS = b"\x1b]52;"
_PIECE_BYTES, _OVERLAP_BYTES = 64 * 1024, 16 * 1024
"""How much a stream is searched at a time, and how much of the piece before once more."""


@dataclass(slots=True)
class Findings:
    """What was put out where, and what was found in it."""

    leaks: set[tuple[str, str, str]] = field(default_factory=set[tuple[str, str, str]])
    """Place, format of the secret, and its beginning."""
    texts: Counter[str] = field(default_factory=Counter[str])
    """Characters looked through, by kind of place."""
    done: Counter[str] = field(default_factory=Counter[str])
    carried_out: Counter[str] = field(default_factory=Counter[str])
    """Actions by their ids."""
    refused: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Actions that could not be planned, with the reason."""
    failed: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Actions that were begun and did not end well, with what was said last."""
    ended: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])
    """Actions by id and phase, as the journals have them."""
    broken: Counter[str] = field(default_factory=Counter[str])
    """Parts of a round that did not come to their end."""


class Search:
    """Looks for the secrets of one world. Any thread may ask it."""

    def __init__(self, world: CanaryWorld, findings: Findings) -> None:
        self._world, self._findings = world, findings
        self._lock = threading.Lock()
        self._more: frozenset[str] = frozenset()
        self._retired: frozenset[str] = frozenset()

    def learn(self, *values: str) -> None:
        """Look also for what was made on the way."""
        with self._lock:
            self._more |= set(values)

    def retire(self, value: str) -> None:
        """Look for a value no more: no file has it any longer, and who starts now knows it not."""
        with self._lock:
            self._retired |= {value}

    def look(self, place: str, text: str) -> None:
        """Look for every secret in a text."""
        found: set[tuple[str, str, str]] = set()
        for plant in self._world.plants:
            if plant.value in self._retired:
                continue
            for value in written(plant.form, plant.value):
                if leaks(value, text):
                    found.add((place, plant.form, plant.value[:12]))
        for value in self._more:
            if value not in self._retired and leaks(value, text):
                found.add((place, "made on the way", value[:12]))
        with self._lock:
            self._findings.texts[place.partition(":")[0]] += len(text)
            for one in found - self._findings.leaks:
                print("LEAK", *one, flush=True)
            self._findings.leaks |= found

    def count(self, what: str, by: int = 1) -> None:
        """Count something that was done."""
        with self._lock:
            self._findings.done[what] += by


class Ear:
    """Searches what a terminal is sent, a piece at a time, and keeps no more than a piece."""

    def __init__(self, search: Search, mode: str) -> None:
        self._search, self._mode = search, mode
        self._held, self._fresh = b"", 0

    def hear(self, data: bytes) -> None:
        """Take what was sent."""
        self._held += data
        self._fresh += len(data)
        if self._fresh >= _PIECE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Search what has come since the last time, and a little of what was before."""
        held, self._fresh = self._held, 0
        text = SEQUENCES.sub("", held.decode(errors="replace"))
        titles = b"".join(_TITLES.findall(held)).decode(errors="replace")
        copied = "\n".join(
            base64.b64decode(one).decode(errors="replace") for one in _COPIED.findall(held)
        )
        self._search.look(f"terminal: {self._mode}", text)
        self._search.look(f"titles: {self._mode}", titles)
        self._search.look(f"clipboard: {self._mode}", copied)
        self._search.count("copies", bool(copied))
        keep_from = max(0, len(held) - _OVERLAP_BYTES)
        begins = held.rfind(_COPY_BEGINS)
        if begins >= 0 and not _COPIED.match(held, begins):
            keep_from = min(keep_from, begins)  # a copy of which the end is still to come
        self._held = held[keep_from:]
