"""One store, looked at again and again: its keys, its files, what is wrong, what vanished."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from core.clients.clock import Clock
from core.clients.key_files import KeyFiles
from core.clients.key_server import ServerFile
from core.keys.ids import KeyIds, masked
from core.keys.store import analytics, comparing
from core.keys.store.comparing import Copies, Counts, Side
from core.keys.store.findings import Rules
from core.keys.store.graces import Grace, by_name, next_end
from core.keys.store.held import NO_MORE, NO_USAGE, Held, active_tiers, api_key, lives_of, more_of
from core.keys.store.losses import Losses
from core.keys.store.reading import SideFiles, StoreReader
from core.keys.store.rows import KeyRows
from core.keys.store.usage import KeyUsage, parse_usage
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import ApiKey, KeyAnalytics, KeyStoreView, StoreState
from core.model.text import SafeText, clean

_USAGE_BYTES = 64 * 1024 * 1024
_SERVER_EVERY_S = 10.0
_KINDS = {
    "sqlite": "kept in a database: not readable here",
    "http": "kept behind an address: not readable here",
}
_NOBODY = ServerFile(None, clean("no service is configured for it"))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a book asks others for."""

    server: Callable[[], ServerFile] = lambda: _NOBODY
    """Finds the file that the server reads."""
    copies: Callable[[str], Sequence[str]] = lambda _: ()
    """Returns the copies of a file, newest first."""
    trouble: str = ""
    """What is wrong with the console itself here; empty: nothing."""
    graces: Callable[[], tuple[Grace, ...]] = lambda: ()
    """Returns the graces that were confirmed for keys of this store."""


class KeyBook:
    """Looks at one store. Blocking: call `look` in a thread.

    Args:
        system: Whose store.
        spec: Where it is.
        files: Reads files.
        clock: Tells the time.
        ids: Names keys.
        losses: Notices what vanishes; None: nobody does.
        around: Whom it asks.
    """

    def __init__(
        self,
        system: str,
        spec: KeyStoreSpec,
        files: KeyFiles,
        clock: Clock,
        ids: KeyIds,
        losses: Losses | None = None,
        around: Surroundings | None = None,
    ) -> None:
        self._system, self._spec, self._clock, self._ids = system, spec, clock, ids
        self._losses, self._around = losses, around or Surroundings()
        self._reader = StoreReader(files, tuple(tier for tier, _ in spec.tiers))
        self._side = SideFiles(files)
        self._copies = Copies(files, self._around.copies)
        self._server, self._server_due_s = _NOBODY, float("-inf")
        self._made: tuple[object, KeyStoreView] | None = None
        self._until: datetime | None = None
        self._alive: object = None

    @property
    def target(self) -> str:
        """What the store is called."""
        return f"{self._system}/{self._spec.name}"

    def look(self) -> KeyStoreView:
        """Return what is known now; the very value of before where nothing has changed."""
        if self._spec.kind != "json":
            return self._empty(_KINDS.get(self._spec.kind, "not readable here"))
        if not self._spec.path:
            return self._empty("no file is configured for it")
        now = self._clock.now()
        server = self._find_server()
        held = self._look_at_files(server, now)
        main = main_of(held, server, self._spec.path)
        usage, usage_trouble = self._usage(main.path, now)
        seen, seen_trouble = self._analytics(main, now)
        graces = self._around.graces()
        basis = (
            tuple(map(id, held)), server, id(usage), id(seen), usage_trouble, seen_trouble, graces
        )  # fmt: skip
        loss = self._losses.look(held, self._copies, now) if self._losses else None
        if self._made and self._made[0] == (basis, loss) and not self._is_over(now):
            return self._made[1]
        troubles = (usage_trouble, seen_trouble, self._around.trouble)
        sides = comparing.sides_of(held, server, now)
        beside = next(one for one in sides if one.held is main)
        keys, counts = self._keys(beside, sides, usage, graces, now)
        view = KeyStoreView(
            system=self._system,
            name=self._spec.name,
            title=clean(self._spec.title or self._spec.name),
            state=main.state,
            why=main.why,
            keys=keys,
            files=tuple(one.file for one in sides),
            tiers=self._spec.tiers,
            findings=comparing.store_findings(
                beside, sides, server, self._copies, counts, troubles
            ),
            analytics=seen,
            loss=loss,
            read_at=main.read_at,
            note=clean(self._spec.note),
            active=sum(beside.lives.values()) if beside.lives else None,
            overdue=counts.overdue,
            active_tiers=_tiers_of(beside),
        )
        # What the values are made of must live as long as their addresses count.
        self._made, self._alive = ((basis, loss), view), (held, usage, seen)
        self._until = _next_change(beside, graces, now)
        return view

    def dismiss(self, noticed: datetime, who: str) -> None:
        """Keep that a person has read of a loss: it raises no alarm until more is lost.

        Raises:
            ClientError: it cannot be written.
        """
        if self._losses is not None:
            self._losses.dismiss(noticed, who, self._clock.now())

    def identity_of(self, is_it: Callable[[str], bool]) -> str | None:
        """Return the key, or its hash, that is looked for, of the files as they were last read."""
        for held in self._look_at_files(self._server, self._clock.now()):
            record = held.shape.find(is_it) if held.shape else None
            if record is not None:
                return record.identity
        return None

    def mark_of(self, identity: str) -> str:
        """Return a key's short id in full, of which every shorter one is the beginning."""
        return f"k-{self._ids.mark(identity)}"

    def _empty(self, why: str) -> KeyStoreView:
        title = clean(self._spec.title or self._spec.name)
        return KeyStoreView(
            self._system, self._spec.name, title, StoreState.READ_ONLY, clean(why), (), (),
            self._spec.tiers, note=clean(self._spec.note),
        )  # fmt: skip

    def _find_server(self) -> ServerFile:
        now_s = self._clock.monotonic()
        if now_s >= self._server_due_s:
            self._server, self._server_due_s = self._around.server(), now_s + _SERVER_EVERY_S
        return self._server

    def _look_at_files(self, server: ServerFile, now: datetime) -> tuple[Held, ...]:
        paths = [self._spec.path, *self._spec.also]
        if server.path is not None and not any(comparing.is_one(server.path, one) for one in paths):
            paths.append(server.path)
        return tuple(self._reader.look(path, now) for path in dict.fromkeys(paths) if path)

    def _usage(self, main: str, now: datetime) -> "tuple[Mapping[str, KeyUsage] | None, str]":
        paths = comparing.nearest_first(self._spec.usage, main)
        return self._side.read(
            paths, lambda data: parse_usage(data, now), _USAGE_BYTES, f"{now:%Y-%m-%d}"
        )

    def _analytics(self, main: Held, now: datetime) -> tuple[KeyAnalytics | None, str]:
        paths = comparing.nearest_first(self._spec.analytics, main.path)
        understood = partial(self._understood, main, now)
        return self._side.read(paths, understood, analytics.LIMIT_BYTES, f"{now:%Y-%m-%d %H}")

    def _understood(self, main: Held, now: datetime, data: bytes) -> KeyAnalytics:
        keys = [one.identity for one in main.shape.all_records] if main.shape else []

        def name_key(beginning: str) -> SafeText:
            bare = beginning.removesuffix("...").removesuffix("…")
            fitting = [key for key in keys if key.startswith(bare)] if bare else []
            return masked(fitting[0]) if len(fitting) == 1 else analytics.shortened(beginning)

        return analytics.parse_analytics(data, now, name_key)

    def _keys(
        self,
        main: Side,
        sides: tuple[Side, ...],
        usage: Mapping[str, KeyUsage] | None,
        graces: tuple[Grace, ...],
        now: datetime,
    ) -> tuple[KeyRows, Counts]:
        """Return the keys, none of them made yet, and what one pass over their records tells."""
        shape = main.held.shape
        records = shape.all_records if shape else ()
        tiers, others = dict(self._spec.tiers), comparing.comparable(main, sides)
        rules = Rules(now, frozenset(tiers), self._spec.warning_percent, usage is not None)
        never, used = frozenset(self._spec.never_live), usage or {}
        short_id = self._ids.shortener(record.identity for record in records)
        # Of a file that cannot be read now, what was read last stays in sight.
        lives = main.lives or lives_of(records, now).of
        over = by_name(graces, records, self._ids)

        def make(at: int) -> ApiKey:
            record = records[at]
            name = record.identity
            is_live, grace = lives[name], over.get(name)
            said = comparing.differences(others, name, is_live) if others else ()
            more = more_of(grace, said, is_live, now) if grace or said else NO_MORE
            spent = used.get(name, NO_USAGE)
            return api_key(record, short_id(name), is_live, spent, rules, never, tiers, more)

        overdue = sum(lives.get(name, False) and one.until <= now for name, one in over.items())
        samples = sum(one.was_active for one in records if one.identity in never) if never else 0
        return KeyRows(len(records), make), Counts(samples, main.live.expired, overdue)

    def _is_over(self, now: datetime) -> bool:
        return self._until is None or now >= self._until


def _tiers_of(main: Side) -> tuple[tuple[str, int], ...] | None:
    shape = main.held.shape
    if shape is None or not main.lives:
        return None
    return tuple(active_tiers(shape.all_records, main.lives).items())


def _next_change(main: Side, graces: Sequence[Grace], now: datetime) -> datetime:
    """Return when the view is another though no file has changed."""
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    ends = (hour, main.live.next_end, next_end(graces, now))
    return min(one for one in ends if one is not None)


def main_of(held: tuple[Held, ...], server: ServerFile, path: str) -> Held:
    """Return the file whose keys count: the server's, else the configured one, else any."""
    if server.path is not None:
        for one in held:
            if comparing.is_one(server.path, one.path):
                return one
    first = next(one for one in held if one.path == path)
    if first.state is StoreState.MISSING and first.shape is None:
        return next((one for one in held if one.state is not StoreState.MISSING), first)
    return first
