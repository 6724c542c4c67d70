"""A store that is kept in Redis, looked at again and again like any other."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.errors import ClientError, ClientMissing, ClientTimeout
from core.keys.ids import KeyIds
from core.keys.store.findings import SAMPLE_LIVE, Rules
from core.keys.store.held import NO_USAGE, api_key, lives_of
from core.keys.store.redis_reading import read_store
from core.keys.store.redis_shapes import RedisStore
from core.keys.store.rows import KeyRows
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import ApiKey, KeyStoreView, StoreFile, StoreState
from core.model.text import EMPTY, SafeText, clean

EVERY_S = 10.0
DEADLINE_S = 60.0
"""Two thousand slices of a SCAN, and the records that it finds."""
_WAITING = "it has not been read yet"


class RedisKeyBook:
    """Looks at one store. Blocking: call `look` in a thread.

    Args:
        system: Whose store.
        spec: Where it is.
        open_keyspace: Makes the way to its server.
        clock: Tells the time.
        ids: Names keys.
    """

    def __init__(
        self,
        system: str,
        spec: KeyStoreSpec,
        open_keyspace: Callable[[], Keyspace],
        clock: Clock,
        ids: KeyIds,
    ) -> None:
        self._system, self._spec, self._clock, self._ids = system, spec, clock, ids
        self._open = open_keyspace
        self._store: RedisStore | None = None
        self._due_s = float("-inf")
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
        """Do nothing: what vanishes from a server is not noticed."""

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
            return self._failed(StoreState.READ_ONLY, why)
        try:
            store = asyncio.run(self._read())
        except ClientMissing as error:
            self._store = None
            return self._failed(StoreState.MISSING, str(error))
        except ClientError as error:
            return self._failed(StoreState.UNREADABLE, str(error))
        self._store = store
        return self._shown(store, now)

    async def _read(self) -> RedisStore:
        keyspace = self._open()
        try:
            async with asyncio.timeout(DEADLINE_S):
                tiers = [tier for tier, _ in self._spec.tiers]
                return await read_store(keyspace, self._spec.keys, tiers)
        except TimeoutError as error:
            raise ClientTimeout(f"not read within {DEADLINE_S:.0f} s") from error
        finally:
            with suppress(ClientError):
                await keyspace.aclose()

    def _failed(self, state: StoreState, why: str) -> KeyStoreView:
        """Return what was read last, with what is wrong now; what is gone has no keys."""
        said = clean(why)
        files = tuple(replace(one, state=state, why=said) for one in self._view.files)
        gone = state is StoreState.MISSING
        return replace(
            self._view, state=state, why=said, files=files, findings=(said,),
            keys=() if gone else self._view.keys, active=0 if gone else self._view.active,
        )  # fmt: skip

    def _shown(self, store: RedisStore, now: datetime) -> KeyStoreView:
        records = [row.record for row in store.rows]
        tiers, lives = dict(self._spec.tiers), lives_of(records, now)
        rules = Rules(now, frozenset(tiers), self._spec.warning_percent, is_usage_known=False)
        short_id = self._ids.shortener(one.identity for one in records)
        never = frozenset(self._spec.never_live)

        def make(at: int) -> ApiKey:
            one = records[at]
            name = one.identity
            return api_key(
                one, short_id(name), lives.of[name], NO_USAGE, rules, never, tiers
            )  # fmt: skip

        against = clean(store.against, 300)
        state = StoreState.READ_ONLY if against else StoreState.READ
        state = state if records or against else StoreState.EMPTY
        active = sum(lives.of.values())
        samples = sum(one.was_active for one in records if one.identity in never)
        found = [clean(f"{samples} × {SAMPLE_LIVE}")] if samples else []
        found += [clean(f"not written to: {against}")] if against else []
        found += [clean(f"{store.skipped} members are no records of keys")] if store.skipped else []
        file = StoreFile(
            clean(f"redis {self._spec.server} {' '.join(self._spec.keys)}"), state, against,
            store.kind, len(records), active, None, EMPTY, None,
        )  # fmt: skip
        return replace(
            self._view, state=state, why=against, keys=KeyRows(len(records), make), files=(file,),
            findings=tuple(found), read_at=now, active=active,
        )  # fmt: skip


def view_before(system: str, spec: KeyStoreSpec, why: SafeText) -> KeyStoreView:
    """Return what is shown of a store of which nothing is known."""
    title = clean(spec.title or spec.name)
    return KeyStoreView(
        system, spec.name, title, StoreState.UNREADABLE, why, (), (), spec.tiers,
        note=clean(spec.note),
    )  # fmt: skip


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
