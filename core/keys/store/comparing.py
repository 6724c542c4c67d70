"""Files of one store beside each other: which one counts, and in what they do not agree."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFile
from core.errors import ClientError
from core.keys.store.findings import (
    EXPIRED,
    SAMPLE_LIVE,
    file_findings,
    names_of,
    split_finding,
    state_finding,
)
from core.keys.store.held import Held
from core.keys.store.shapes import Record, Shape, recognise
from core.keys.store.tree import parse
from core.model.key_store import ApiKey, KeyShape, StoreFile
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


def files_of(held: Sequence[Held], server: ServerFile, now: datetime) -> tuple[StoreFile, ...]:
    """Return what is shown of every file."""
    return tuple(
        one.as_file(
            now, is_server_file=None if server.path is None else is_one(server.path, one.path)
        )
        for one in held
    )


def with_differences(
    keys: Sequence[ApiKey],
    records: Sequence[Record],
    main: Held,
    held: Sequence[Held],
    now: datetime,
) -> tuple[ApiKey, ...]:
    """Return keys with the files in which they are something else."""
    others = _comparable(main, held)
    if not others:
        return tuple(keys)
    names = names_of([one.path for one in held])
    actives = [(names[one.path], one.actives(now)) for one in others]
    made: list[ApiKey] = []
    for key, record in zip(keys, records, strict=True):
        said = [
            clean(f"{name}: {_word(other.get(record.identity))}")
            for name, other in actives
            if other.get(record.identity) is not key.is_active
        ]
        made.append(replace(key, differs=tuple(said)) if said else key)
    return tuple(made)


def store_findings(
    held: Sequence[Held],
    main: Held,
    server: ServerFile,
    copies: Copies,
    keys: Sequence[ApiKey],
    now: datetime,
    troubles: Sequence[str],
) -> tuple[SafeText, ...]:
    """Return what is wrong with a store as a whole, most urgent first."""
    names = names_of([one.path for one in held])
    found = _of_states(held, main, names, copies, now)
    found += _of_split(main, held, server, names, now)
    samples = sum(SAMPLE_LIVE in key.findings for key in keys)
    expired = sum(EXPIRED in key.findings for key in keys)
    found += [f"{_keys(samples)} everybody knows {_are(samples)} live"] if samples else []
    found += [f"{_keys(expired)} {_are(expired)} active though expired"] if expired else []
    for one in held:
        file = one.as_file(now, is_server_file=None)
        found += file_findings(names[one.path], file, one.stamp, one.is_in_git)
    skipped = main.shape.skipped if main.shape and main.is_current else 0
    found += [f"{skipped} members of the file are no records of keys"] if skipped else []
    found += [trouble for trouble in troubles if trouble]
    if server.path is None and server.why and len(held) > 1:
        found.append(f"which file the server reads is not known: {server.why}")
    return tuple(map(clean, found))


def _of_states(
    held: Sequence[Held], main: Held, names: dict[str, str], copies: Copies, now: datetime
) -> list[str]:
    found: list[str] = []
    for one in (main, *(other for other in held if other is not main)):
        if one.is_current and not one.why:
            continue
        if one is not main and one.stamp is None and one.shape is None:
            continue  # a copy that nobody has made
        copy = "" if one.is_current else copies.newest(one.path)
        found += state_finding(one.as_file(now, is_server_file=None), names[one.path], copy)
    return found


def _of_split(
    main: Held, held: Sequence[Held], server: ServerFile, names: dict[str, str], now: datetime
) -> list[str]:
    mine = main.actives(now)
    others: list[tuple[str, set[str], set[str]]] = []
    for one in _comparable(main, held):
        theirs = one.actives(now)
        differing = {key for key in {**mine, **theirs} if mine.get(key) is not theirs.get(key)}
        live = {key for key in differing if mine.get(key) and key in theirs}
        others.append((names[one.path], live, differing))
    is_known = server.path is not None
    return split_finding(names[main.path] if is_known else "", str(server.why), others)


def _comparable(main: Held, held: Sequence[Held]) -> list[Held]:
    """Return the other files whose keys can be told to be the same or not."""
    if not main.is_current or main.shape is None:
        return []
    is_hashed = main.shape.kind is KeyShape.HASHED
    return [
        one
        for one in held
        if one is not main
        and one.is_current
        and one.shape is not None
        and (one.shape.kind is KeyShape.HASHED) is is_hashed
        and not is_one(one.path, main.path)
    ]


def _word(is_active: bool | None) -> str:
    return "not there" if is_active is None else "active" if is_active else "inactive"


def _keys(count: int) -> str:
    return "1 key that" if count == 1 else f"{count} keys that"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
