"""A store that is kept in Redis, looked at again and again like any other."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.errors import ClientError, ClientMissing, ClientTimeout
from core.keys.ids import KeyIds
from core.keys.store.graces import Grace
from core.keys.store.reading import SideFiles
from core.keys.store.redis_losses import RedisLosses
from core.keys.store.redis_reading import read_counted, read_store
from core.keys.store.redis_shapes import RedisStore
from core.keys.store.redis_view import Around, failed, server_troubles, view_before, view_of
from core.keys.store.usage import KeyUsage, parse_usage
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import KeyLoss, KeyShape, KeyStoreView, StoreState
from core.model.text import clean

EVERY_S = 10.0
BESIDE_EVERY_S = 60.0
"""Records of use, and what the server may do to keys."""
DEADLINE_S = 60.0
"""Two thousand slices of a SCAN, and the records that it finds; as long again what is beside."""
GONE_S = 600.0
"""So long after its server has no such keys a store has gone: before, a restore may bring it."""
_WAITING = "it has not been read yet"
_USAGE_BYTES = 64 * 1024 * 1024
_GONE = RedisStore(KeyShape.UNKNOWN)
"""Of a server that answers, and has no such keys."""


@dataclass(frozen=True, slots=True)
class RedisSurroundings:
    """What a book of a store in Redis asks besides its server."""

    losses: RedisLosses | None = None
    """Notices what vanishes; None: nobody does."""
    graces: Callable[[], tuple[Grace, ...]] = lambda: ()
    """Returns the graces that were confirmed for keys of this store."""
    files: SideFiles | None = None
    """Reads files that count requests."""
    trouble: str = ""
    """What is wrong with the console itself here; empty: nothing."""
    learn: Callable[[RedisStore | None], None] = lambda _: None
    """Is told what was read where that holds other keys than before; None: they have gone."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was read besides the store, less often."""

    usage: Mapping[str, KeyUsage] | None = None
    troubles: tuple[str, ...] = ()


class RedisKeyBook:
    """Looks at one store. Blocking: call `look` in a thread.

    Args:
        system: Whose store.
        spec: Where it is.
        open_keyspace: Makes the way to its server.
        clock: Tells the time.
        ids: Names keys.
        around: Whom it asks.
    """

    def __init__(
        self,
        system: str,
        spec: KeyStoreSpec,
        open_keyspace: Callable[[], Keyspace],
        clock: Clock,
        ids: KeyIds,
        around: RedisSurroundings | None = None,
    ) -> None:
        self._spec, self._clock, self._ids = spec, clock, ids
        self._open, self._around = open_keyspace, around or RedisSurroundings()
        self._store: RedisStore | None = None
        self._learnt: tuple[str, ...] | None = None
        self._seen_s = float("-inf")
        self._beside = _Beside()
        self._due_s = self._beside_due_s = float("-inf")
        self._view = view_before(system, spec, clean(_WAITING))

    @property
    def target(self) -> str:
        """What the store is called."""
        return self._view.target

    @property
    def view(self) -> KeyStoreView:
        """What was known when it was last looked at."""
        return self._view

    def look(self) -> KeyStoreView:
        """Return what is known now; the server is asked no more often than every ten seconds."""
        if self._clock.monotonic() >= self._due_s:
            self._view = self._looked(self._clock.now())
            self._due_s = self._clock.monotonic() + EVERY_S
        return self._view

    def dismiss(self, noticed: datetime, who: str) -> None:
        """Keep that a person has read of a loss: it raises no alarm until more is lost.

        Raises:
            ClientError: it cannot be written.
        """
        if self._around.losses is not None:
            self._around.losses.dismiss(noticed, who, self._clock.now())
            self._due_s = float("-inf")

    def identity_of(self, is_it: Callable[[str], bool]) -> str | None:
        """Return the key, or its hash, that is looked for, as it was last read."""
        row = self._store.find(is_it) if self._store else None
        return row.record.identity if row else None

    def mark_of(self, identity: str) -> str:
        """Return a key's short id in full, of which every shorter one is the beginning."""
        return f"k-{self._ids.mark(identity)}"

    def _looked(self, now: datetime) -> KeyStoreView:
        if not (self._spec.server and self._spec.keys):
            why = "the configuration names no server (`redis`), or no names (`redis_keys`)"
            return failed(self._view, StoreState.READ_ONLY, why, None)
        try:
            store = asyncio.run(self._read(now))
        except ClientMissing as error:
            self._store = None
            self._learn(None)
            return failed(self._view, StoreState.MISSING, str(error), self._loss(_GONE, now))
        except ClientError as error:
            return failed(self._view, StoreState.UNREADABLE, str(error), self._view.loss)
        self._store = store
        self._learn(store)
        usage, troubles = self._usage(now)
        around = Around(
            usage, self._around.graces(), self._loss(store, now),
            (*self._beside.troubles, *troubles, self._around.trouble),
        )  # fmt: skip
        return view_of(self._view, self._spec, self._ids, store, around, now)

    def _learn(self, store: RedisStore | None) -> None:
        """Tell who hides keys of those that were read; nobody is told the same twice."""
        now_s = self._clock.monotonic()
        if store is not None:
            self._seen_s, keys = now_s, (*store.identities, *store.odd)
        elif now_s - self._seen_s < GONE_S:
            return
        else:
            keys = None
        if keys != self._learnt:
            self._around.learn(store)
            self._learnt = keys

    def _loss(self, store: RedisStore, now: datetime) -> KeyLoss | None:
        losses = self._around.losses
        return losses.look(store, now) if losses is not None else None

    def _usage(self, now: datetime) -> tuple[Mapping[str, KeyUsage] | None, tuple[str, ...]]:
        """Return what counts requests: the server's keys, else a file, as they were last read."""
        files, paths = self._around.files, self._spec.usage
        if self._spec.usage_keys or files is None:
            return self._beside.usage, ()
        found, trouble = files.read(
            paths, lambda data: parse_usage(data, now), _USAGE_BYTES, f"{now:%Y-%m-%d}"
        )
        return found, (trouble,)

    async def _read(self, now: datetime) -> RedisStore:
        keyspace = self._open()
        try:
            async with asyncio.timeout(DEADLINE_S):
                tiers = [tier for tier, _ in self._spec.tiers]
                counters = self._spec.usage_keys
                store = await read_store(keyspace, self._spec.keys, tiers, counters)
        except TimeoutError as error:
            raise ClientTimeout(f"not read within {DEADLINE_S:.0f} s") from error
        else:
            if self._clock.monotonic() >= self._beside_due_s:
                self._beside = await self._read_beside(keyspace, store, now)
                self._beside_due_s = self._clock.monotonic() + BESIDE_EVERY_S
            return store
        finally:
            with suppress(ClientError):
                await keyspace.aclose()

    async def _read_beside(self, keyspace: Keyspace, store: RedisStore, now: datetime) -> _Beside:
        """Read what may fail without the store being unreadable; what was read last stays."""
        usage, troubles = self._beside.usage, list[str]()
        try:
            info, _ = await keyspace.info()
            troubles += server_troubles(info, has_ends=bool(store.ttl_s))
        except ClientError as error:
            troubles.append(f"whether its server may evict keys is not known: {error}")
        try:
            async with asyncio.timeout(DEADLINE_S):
                if self._spec.usage_keys:
                    counted, why = await read_counted(keyspace, self._spec.usage_keys, store, now)
                    usage = counted.of
                    troubles += [f"use: {why}"] if why else []
        except ClientError as error:
            troubles.append(f"use is not known: {error}")
        except TimeoutError:
            troubles.append(f"use is not known: not read within {DEADLINE_S:.0f} s")
        return _Beside(usage, tuple(troubles))


class Slow(Protocol):
    """A book that may take its time."""

    @property
    def target(self) -> str:
        """What the store is called."""
        ...

    @property
    def view(self) -> KeyStoreView:
        """What was known when it was last looked at."""
        ...

    def look(self) -> KeyStoreView:
        """Look; return what is known now."""
        ...

    def dismiss(self, noticed: datetime, who: str) -> None:
        """Keep that a person has read of a loss."""
        ...

    def mark_of(self, identity: str) -> str:
        """Return a key's short id in full."""
        ...


class Beside:
    """A slow book that is looked at in a thread of its own: nobody waits for a server.

    Args:
        book: The book.
    """

    def __init__(self, book: Slow) -> None:
        self._book = book
        self._thread: threading.Thread | None = None

    @property
    def target(self) -> str:
        """What the store is called."""
        return self._book.target

    def look(self) -> KeyStoreView:
        """Return what is known, and have it looked at meanwhile."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(
                target=self._book.look, name="qd-redis-keys", daemon=True
            )
            self._thread.start()
        return self._book.view

    def dismiss(self, noticed: datetime, who: str) -> None:
        """Keep that a person has read of a loss."""
        self._book.dismiss(noticed, who)

    def mark_of(self, identity: str) -> str:
        """Return a key's short id in full."""
        return self._book.mark_of(identity)
