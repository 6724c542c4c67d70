"""Looks at the files of a store: cheap where nothing has changed, what was read last is kept."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from core.clients.key_files import KeyFiles, Stamp
from core.errors import ClientError, ClientMissing
from core.keys.store.held import Held
from core.keys.store.shapes import Shape, Unrecognised, recognise
from core.keys.store.tree import Value, parse
from core.model.key_store import StoreState
from core.model.text import clean

_LOOK_AGAIN = timedelta(minutes=1)
"""Whether a file is mounted alone, or ignored by git, may change without the file."""
_T = TypeVar("_T")


class StoreReader:
    """Reads the files that hold keys.

    Args:
        files: Reads them.
        tiers: Tiers that the configuration names.
    """

    def __init__(self, files: KeyFiles, tiers: Collection[str]) -> None:
        self._files, self._tiers = files, tiers
        self._held: dict[str, tuple[Held, datetime]] = {}

    def look(self, path: str, now: datetime) -> Held:
        """Return a file as it is now; the same value as before where nothing has changed."""
        held, looked_at = self._held.get(path, (Held(path, StoreState.MISSING), None))
        stamp = self._files.stamp(path)
        is_fresh = looked_at is not None and now - looked_at < _LOOK_AGAIN
        # What could not be read without a stamp may be readable by now.
        if held.stamp == stamp and is_fresh and stamp is not None:
            return held
        is_read = held.stamp == stamp and held.is_current
        found = self._placed(held) if is_read else self._read(path, held, stamp, now)
        found = held if held == found else found
        self._held[path] = found, now
        return found

    def _read(self, path: str, before: Held, stamp: Stamp | None, now: datetime) -> Held:
        try:
            whole, (root, shape) = self._files.read(path, self._understood)
        except ClientMissing as error:
            return before.unreadable(StoreState.MISSING, str(error), None)
        except ClientError as error:
            return self._placed(before.unreadable(StoreState.UNREADABLE, str(error), stamp))
        if isinstance(shape, Unrecognised) and shape.shape is None:
            # Nothing, where keys were or may be, is a moment of a rewrite sooner than a shape.
            is_odd = not isinstance(root, dict | list) or not root or before.shape is not None
            state = StoreState.UNREADABLE if is_odd else StoreState.READ_ONLY
            seen = replace(before.unreadable(state, shape.why, whole.stamp), real=whole.path)
            return self._placed(seen)
        why, readable = ("", shape) if isinstance(shape, Shape) else (shape.why, shape.shape)
        state = _state(shape)
        held = Held(path, state, clean(why), readable, whole.stamp, now, whole.path)
        return self._placed(held)

    def _understood(self, data: bytes) -> tuple[Value, Shape | Unrecognised]:
        tree = parse(data)
        return tree.root, recognise(tree, self._tiers)

    def _placed(self, held: Held) -> Held:
        if held.stamp is None:
            return held
        real = held.real or held.path
        return replace(
            held,
            is_mounted=self._files.is_mounted(real),
            is_in_git=self._files.is_exposed_to_git(real),
        )


def _state(shape: Shape | Unrecognised) -> StoreState:
    if isinstance(shape, Unrecognised):
        return StoreState.READ_ONLY
    return StoreState.READ if shape.all_records else StoreState.EMPTY


@dataclass(slots=True)
class _Seen:
    stamp: Stamp | None
    value: object
    problem: str


class SideFiles:
    """Reads files beside a store, the first of several that is there; keeps the last good read."""

    def __init__(self, files: KeyFiles) -> None:
        self._files = files
        self._seen: dict[str, _Seen] = {}

    def read(
        self, paths: tuple[str, ...], understood: Callable[[bytes], _T], limit_bytes: int, key: str
    ) -> tuple[_T | None, str]:
        """Return what was understood of the first file that is there, and what is wrong with it.

        `key` tells apart what else the understanding depends on, such as the day.
        """
        for path in paths:
            stamp = self._files.stamp(path)
            if stamp is None:
                continue
            place = f"{key} {path}"
            seen = self._seen.get(place)
            if seen is None or seen.stamp != stamp:
                seen = self._read(path, stamp, understood, limit_bytes, seen)
                self._seen = {
                    name: one for name, one in self._seen.items() if not name.endswith(f" {path}")
                }
                self._seen[place] = seen
            value: _T | None = seen.value  # pyright: ignore[reportAssignmentType] - one reader per key
            return value, seen.problem
        return None, ""

    def _read(
        self,
        path: str,
        stamp: Stamp,
        understood: Callable[[bytes], object],
        limit_bytes: int,
        before: _Seen | None,
    ) -> _Seen:
        try:
            whole, value = self._files.read(path, understood, limit_bytes)
        except ClientError as error:
            return _Seen(stamp, before.value if before else None, f"{clean(path)}: {error}")
        return _Seen(whole.stamp, value, "")
