"""The composition root of the books of key stores; loaded when somebody looks at them."""

import glob
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.clients.acting import file_places
from core.clients.acting.key_store_copies import StoreCopies
from core.clients.clock import Clock
from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFinder
from core.errors import ClientError
from core.keys.ids import KeyIds, key_ids_of, keys_folder
from core.keys.store.book import KeyBook, Surroundings
from core.keys.store.graces import Graces
from core.keys.store.losses import Losses
from core.keys.store.reading import SideFiles
from core.keys.store.sidecar import sidecar_of
from core.model.key_spec import KeyStoreSpec
from core.model.operation import OperationsSpec
from core.model.state import StateFolders
from core.model.text import SafeText, clean
from core.model.topology import RunsAs, SystemSpec, Topology

if TYPE_CHECKING:
    # What only stores in Redis need is loaded where there is one: it takes longer than to list
    # the keys of a file.
    from core.clients.keyspace.server import ServerKeyspace
    from core.keys.store.redis_book import RedisKeyBook
    from core.keys.store.redis_shapes import RedisStore

Learn = Callable[[str, "RedisStore | None"], None]
"""Told a store, and what was read of it where its keys are others; None: it has gone."""
_GIT_S = 2.0
_CODES = re.compile(r"(?:%[A-Za-z])+")


def key_books(
    topology: Topology,
    operations: Mapping[str, OperationsSpec],
    folders: StateFolders,
    clock: Clock,
    learn: Learn = lambda _target, _store: None,
) -> "tuple[KeyBook | RedisKeyBook, ...]":
    """Return a book for every configured store; `learn` is told the keys that no file holds."""
    ids, trouble = _ids_of(folders)
    files = KeyFiles(is_mounted=_is_mounted, is_ignored=_is_ignored)
    finder = ServerFinder(clock)
    made: list[KeyBook | RedisKeyBook] = []
    for system in topology.systems:
        own = operations.get(system.name)
        for spec in own.keys if own else ():
            if spec.kind == "redis":
                way = partial(_keyspace_of, topology, spec.server, clock)
                made.append(
                    _redis_book(folders, system.name, spec, way, clock, ids, trouble, learn)
                )
                continue
            around = Surroundings(
                partial(finder.find, _runs_as(system, spec.service), spec.path, spec.variable),
                partial(_copies_of, folders, own),
                trouble,
                Graces(keys_folder(folders), system.name, spec.name).look,
            )
            sidecar = sidecar_of(folders, system.name, spec.name)
            losses = None if trouble else Losses(sidecar, ids)
            made.append(KeyBook(system.name, spec, files, clock, ids, losses, around))
    return tuple(made)


def overdue_graces(
    topology: Topology,
    operations: Mapping[str, OperationsSpec],
    folders: StateFolders,
    clock: Clock,
) -> tuple[SafeText, ...]:
    """Return a line for each store in which the grace of a live key is over."""
    now = clock.now()
    lines: list[SafeText] = []
    for book in key_books(topology, operations, folders, clock):
        system, _, store = book.target.partition("/")
        noted = Graces(keys_folder(folders), system, store).look()
        if any(one.until <= now for one in noted) and (count := book.look().overdue):
            keys = "1 key is" if count == 1 else f"{count} keys are"
            lines.append(
                clean(f"{book.target}: {keys} still live though the grace is over: key.end")
            )
    return tuple(lines)


def _redis_book(
    folders: StateFolders,
    system: str,
    spec: KeyStoreSpec,
    way: "Callable[[], ServerKeyspace]",
    clock: Clock,
    ids: KeyIds,
    trouble: str,
    learn: Learn,
) -> "RedisKeyBook":
    """Return the book of a store in Redis, with what it asks besides its server."""
    from core.keys.store.redis_book import RedisKeyBook, RedisSurroundings
    from core.keys.store.redis_copies import newest_having
    from core.keys.store.redis_losses import RedisLosses

    place = f"redis {spec.server} {' '.join(spec.keys)}"
    copies = StoreCopies(keys_folder(folders) / "copies")

    def having(marks: frozenset[str]) -> SafeText:
        names: list[str] = []
        with suppress(ClientError):
            names = [one.name for one in reversed(copies.of(place))]
        return newest_having(names, partial(copies.read, place), marks, ids, dict(spec.tiers))

    losses = RedisLosses(sidecar_of(folders, system, spec.name), ids, place, having)
    graces = Graces(keys_folder(folders), system, spec.name)
    around = RedisSurroundings(
        None if trouble else losses, graces.look, SideFiles(KeyFiles()), trouble,
        partial(learn, f"{system}/{spec.name}"),
    )  # fmt: skip
    return RedisKeyBook(system, spec, way, clock, ids, around)


def _keyspace_of(topology: Topology, server: str, clock: Clock) -> "ServerKeyspace":
    """Return the way to a server; nothing is connected yet.

    Raises:
        ClientError: nobody says where it is.
    """
    from core.clients.keyspace.server import ServerKeyspace
    from core.redis.servers import address_of, cap_of, redis_addresses

    address = address_of(redis_addresses(topology), server)
    return ServerKeyspace(address, clock, cap_of(topology, server))


def _ids_of(folders: StateFolders) -> tuple[KeyIds, str]:
    """Return the ids of this machine, or of this run alone, and why."""
    try:
        return key_ids_of(folders), ""
    except ClientError as error:
        why = f"short ids are of this run only, and lost keys go unnoticed: {error}"
        return KeyIds(secrets.token_bytes(32)), why


def _runs_as(system: SystemSpec, service: str) -> RunsAs | None:
    return next((one.runs_as for one in system.services if one.id.service == service), None)


def _copies_of(folders: StateFolders, own: OperationsSpec | None, path: str) -> Sequence[str]:
    """Return the copies of a file, newest first: those that actions kept, and backups."""
    real = os.path.realpath(path)
    kept = keys_folder(folders) / "copies"
    found: list[str] = []
    with suppress(ClientError):
        for copy in StoreCopies(kept).of(real):
            found += map(str, kept.glob(f"*/{copy.name}"))
    for backup in own.backups if own else ():
        if any(os.path.realpath(source) == real for source in backup.sources):
            # Codes of a date stand for anything; what else is in a name stands for itself.
            found += glob.glob("*".join(map(glob.escape, _CODES.split(backup.target))))  # noqa: PTH207
    dated: list[tuple[int, str]] = []
    for one in set(found):
        with suppress(OSError):  # it has expired meanwhile
            dated.append((os.lstat(one).st_mtime_ns, one))
    return [name for _, name in sorted(dated, reverse=True)]


def _is_mounted(path: str) -> bool:
    tables = tuple(file_places.parse_mounts(table) for table in file_places.read_tables())
    return file_places.is_mounted_alone(path, tables)


def _is_ignored(path: str) -> bool | None:
    """Ask git whether it ignores a file; None: it does not say, as for another owner's tree."""
    import asyncio

    from core.clients.command import LocalCommands

    argv = ("git", "-C", str(Path(path).parent), "check-ignore", "-q", "--", path)
    try:
        result = asyncio.run(LocalCommands().run(argv, _GIT_S))
    except ClientError:
        return None
    return {0: True, 1: False}.get(result.exit_code)
