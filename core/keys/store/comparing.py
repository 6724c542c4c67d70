"""Files of one store beside each other: which one counts, and in what they do not agree."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFile
from core.errors import ClientError
from core.keys.store.findings import (
    file_findings,
    names_of,
    split_findings,
    state_finding,
)
from core.keys.store.held import Held, Lives
from core.keys.store.shapes import Shape, recognise
from core.keys.store.tree import parse
from core.model.key_store import KeyShape, StoreFile
from core.model.text import SafeText, clean

_MOST_COPIES = 60


class Copies:
    """Looks into the copies of a store's files.

    Args:
        files: Reads them.
        copies_of: Returns the copies of a file, newest first.
    """

    def __init__(self, files: KeyFiles, copies_of: Callable[[str], Sequence[str]]) -> None:
        self._files, self._copies_of = files, copies_of

    def newest(self, path: str, is_it: Callable[[Shape], bool] = lambda _: True) -> str:
        """Return the newest copy of a file that can be read and is asked for; empty: none."""
        for copy in tuple(self._copies_of(path))[:_MOST_COPIES]:
            try:
                _, shape = self._files.read(copy, lambda data: recognise(parse(data)))
            except ClientError:
                continue
            if isinstance(shape, Shape) and shape.all_records and is_it(shape):
                return copy
        return ""


def is_one(path: str, other: str) -> bool:
    """Tell whether two paths lead to one file."""
    return os.path.realpath(path) == os.path.realpath(other)


def nearest_first(paths: Sequence[str], main: str) -> tuple[str, ...]:
    """Return paths with those first that lie beside a file: a server keeps its files together."""
    folder = os.path.dirname(os.path.realpath(main))  # noqa: PTH120
    beside = [one for one in paths if os.path.dirname(os.path.realpath(one)) == folder]  # noqa: PTH120
    return tuple(dict.fromkeys([*beside, *paths]))


@dataclass(frozen=True, slots=True)
class Side:
    """One file beside the others."""

    held: Held
    file: StoreFile
    live: Lives
    name: str
    """Short, and none of the others'."""

    @property
    def lives(self) -> Mapping[str, bool]:
        """Its keys, and whether each is live."""
        return self.live.of


def sides_of(held: Sequence[Held], server: ServerFile, now: datetime) -> tuple[Side, ...]:
    """Return every file of a store with what is shown of it."""
    names = names_of([one.path for one in held])
    made: list[Side] = []
    for one in held:
        live = one.actives(now)
        is_server = None if server.path is None else is_one(server.path, one.path)
        file = one.as_file(live.of, is_server_file=is_server)
        made.append(Side(one, file, live, names[one.path]))
    return tuple(made)


def differences(others: Sequence[Side], identity: str, is_active: bool) -> tuple[SafeText, ...]:
    """Return the files, of those that can be compared, in which a key is something else."""
    return tuple(
        clean(f"{one.name}: {_word(one.lives.get(identity))}")
        for one in others
        if one.lives.get(identity) is not is_active
    )


@dataclass(frozen=True, slots=True)
class Counts:
    """Keys of the file that counts, of which something is wrong."""

    samples: int = 0
    """Published sample keys that are live."""
    expired: int = 0
    """Active by their words, and expired."""
    overdue: int = 0
    """Live, though their grace is over."""


def store_findings(
    main: Side,
    sides: Sequence[Side],
    server: ServerFile,
    copies: Copies,
    counts: Counts,
    troubles: Sequence[str],
) -> tuple[SafeText, ...]:
    """Return what is wrong with a store as a whole, most urgent first."""
    split = _of_split(main, sides, server)
    found = _of_states(main, sides, copies) + split
    overdue, samples, expired = counts.overdue, counts.samples, counts.expired
    found += (
        [f"{_keys(overdue)} had a grace {_are(overdue)} still live: key.end"] if overdue else []
    )
    found += [f"{_keys(samples)} everybody knows {_are(samples)} live"] if samples else []
    found += [f"{_keys(expired)} {_are(expired)} active though expired"] if expired else []
    for one in sides:
        found += file_findings(one.name, one.file, one.held.stamp, one.held.is_in_git)
    skipped = main.held.shape.skipped if main.held.shape and main.held.is_current else 0
    found += [f"{skipped} members of the file are no records of keys"] if skipped else []
    found += [trouble for trouble in troubles if trouble]
    if server.path is None and len(sides) > 1 and not split:
        found.append(f"which file the server reads is not known: {server.why}")
    return tuple(map(clean, found))


def _of_states(main: Side, sides: Sequence[Side], copies: Copies) -> list[str]:
    found: list[str] = []
    for one in (main, *(other for other in sides if other is not main)):
        held = one.held
        if held.is_current and not held.why:
            continue
        if one is not main and held.stamp is None and held.shape is None:
            continue  # a copy that nobody has made
        copy = "" if held.is_current else copies.newest(held.path)
        found += state_finding(one.file, one.name, copy)
    return found


def _of_split(main: Side, sides: Sequence[Side], server: ServerFile) -> list[str]:
    mine = main.lives
    others: list[tuple[str, int, int]] = []
    for one in comparable(main, sides):
        theirs = one.lives
        differing = [key for key in {**mine, **theirs} if mine.get(key) is not theirs.get(key)]
        live = sum(bool(mine.get(key)) and key in theirs for key in differing)
        others.append((one.name, live, len(differing)))
    return split_findings(main.name, server, others)


def comparable(main: Side, sides: Sequence[Side]) -> list[Side]:
    """Return the other files whose keys can be told to be the same or not."""
    shape = main.held.shape
    if not main.held.is_current or shape is None:
        return []
    is_hashed = shape.kind is KeyShape.HASHED
    return [
        one
        for one in sides
        if one is not main
        and one.held.is_current
        and one.held.shape is not None
        and (one.held.shape.kind is KeyShape.HASHED) is is_hashed
        and not is_one(one.held.path, main.held.path)
    ]


def _word(is_active: bool | None) -> str:
    return "not there" if is_active is None else "active" if is_active else "inactive"


def _keys(count: int) -> str:
    return "1 key that" if count == 1 else f"{count} keys that"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
