"""What is shown of a store in Redis: its keys with their use, what is wrong with it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from core.keys.ids import KeyIds
from core.keys.store import fields as known
from core.keys.store.findings import SAMPLE_LIVE, Rules
from core.keys.store.graces import Grace, by_name
from core.keys.store.held import NO_MORE, NO_USAGE, api_key, lives_of, more_of
from core.keys.store.redis_shapes import RedisStore, Row
from core.keys.store.rows import KeyRows
from core.keys.store.usage import KeyUsage
from core.model.key_spec import KeyStoreSpec
from core.model.key_store import ApiKey, KeyLoss, KeyStoreView, StoreFile, StoreState
from core.model.text import EMPTY, SafeText, clean

_NAMED = 3


@dataclass(frozen=True, slots=True)
class Around:
    """What is known of a store beside its records."""

    usage: Mapping[str, KeyUsage] | None = None
    """By key; None: nothing says how much any is used."""
    graces: tuple[Grace, ...] = ()
    loss: KeyLoss | None = None
    troubles: tuple[str, ...] = ()
    """What is wrong with its server, with records of usage, with the console itself here."""


def view_of(
    before: KeyStoreView,
    spec: KeyStoreSpec,
    ids: KeyIds,
    store: RedisStore,
    around: Around,
    now: datetime,
) -> KeyStoreView:
    """Return what is shown of a store that was read.

    Args:
        before: What was shown of it.
        spec: Where it is.
        ids: Names keys.
        store: What was read.
        around: What else is known.
        now: By our clock.
    """
    records = [row.record for row in store.rows]
    lives, over = lives_of(records, now), by_name(around.graces, records, ids)
    against = clean(store.against, 300)
    state = StoreState.READ_ONLY if against else StoreState.READ
    state = state if records or against else StoreState.EMPTY
    active = sum(lives.of.values())
    overdue = sum(lives.of.get(name, False) and one.until <= now for name, one in over.items())
    samples = sum(one.was_active for one in records if one.identity in spec.never_live)
    file = StoreFile(
        _place(spec), state, against, store.kind, len(records), active, None, EMPTY, None
    )
    found = [f"{_keys(overdue)} had a grace {_are(overdue)} still live: key.end"] if overdue else []
    found += [f"{samples} × {SAMPLE_LIVE}"] if samples else []
    found += (
        [f"{_keys(lives.expired)} {_are(lives.expired)} active though expired"]
        if lives.expired
        else []
    )
    found += [f"not written to: {against}"] if against else []
    found += (
        [f"{store.skipped} members are no records of keys{_why(store)}"] if store.skipped else []
    )
    found += [one for one in around.troubles if one]
    return replace(
        before, state=state, why=against, keys=_rows(spec, ids, store, lives.of, around, over, now),
        files=(file,), findings=tuple(map(clean, found)), read_at=now, active=active,
        overdue=overdue, loss=around.loss,
    )  # fmt: skip


def _why(store: RedisStore) -> str:
    whys = [one.why for one in store.unread if one.member][:_NAMED]
    return f": {'; '.join(whys)}" if whys else ""


def _rows(
    spec: KeyStoreSpec,
    ids: KeyIds,
    store: RedisStore,
    lives: Mapping[str, bool],
    around: Around,
    over: Mapping[str, Grace],
    now: datetime,
) -> KeyRows:
    tiers, used = dict(spec.tiers), around.usage or {}
    rules = Rules(now, frozenset(tiers), spec.warning_percent, around.usage is not None)
    counting = replace(rules, is_usage_known=True)
    short_id = ids.shortener(row.record.identity for row in store.rows)
    never = frozenset(spec.never_live)

    def make(at: int) -> ApiKey:
        row = store.rows[at]
        record, name = row.record, row.record.identity
        # A record that counts, and has counted nothing, says that its key was never used.
        is_counted = known.number_of(record.fields, known.USED) == 0
        more = more_of(over[name], (), lives[name], now) if name in over else NO_MORE
        made = api_key(
            record, short_id(name), lives[name], used.get(name, NO_USAGE),
            counting if is_counted else rules, never, tiers, more,
        )  # fmt: skip
        return _until(made, row, store, now)

    return KeyRows(len(store.rows), make)


def _until(made: ApiKey, row: Row, store: RedisStore, now: datetime) -> ApiKey:
    """Return a key with the end that the server gives its record, where that is earlier."""
    left_s = store.ttl_s.get(row.key)
    if left_s is None:
        return made
    at = now + timedelta(seconds=left_s)
    return replace(made, expires=min(at, made.expires) if made.expires else at)


def failed(before: KeyStoreView, state: StoreState, why: str, loss: KeyLoss | None) -> KeyStoreView:
    """Return what was read last, with what is wrong now; what is gone has no keys."""
    said = clean(why)
    files = tuple(replace(one, state=state, why=said) for one in before.files)
    gone = state is StoreState.MISSING
    return replace(
        before, state=state, why=said, files=files, findings=(said,), loss=loss,
        keys=() if gone else before.keys, active=0 if gone else before.active,
    )  # fmt: skip


def view_before(system: str, spec: KeyStoreSpec, why: SafeText) -> KeyStoreView:
    """Return what is shown of a store of which nothing is known."""
    title = clean(spec.title or spec.name)
    return KeyStoreView(
        system, spec.name, title, StoreState.UNREADABLE, why, (), (), spec.tiers,
        note=clean(spec.note),
    )  # fmt: skip


def server_troubles(info: Mapping[str, SafeText], *, has_ends: bool) -> tuple[str, ...]:
    """Return what of a server's settings endangers keys: that it may evict them.

    Args:
        info: Fields of INFO.
        has_ends: Whether any Redis key of the store expires.
    """
    policy, most = info.get("maxmemory_policy", ""), info.get("maxmemory", "")
    if not most.isdecimal() or not int(most):
        return ()
    if policy.startswith("allkeys") or (policy.startswith("volatile") and has_ends):
        mib = int(most) / 2**20
        return (f"its server evicts keys ({policy}) when {mib:.0f} MiB are full: API keys too",)
    return ()


def _place(spec: KeyStoreSpec) -> SafeText:
    return clean(f"redis {spec.server} {' '.join(spec.keys)}")


def _keys(count: int) -> str:
    return "1 key that" if count == 1 else f"{count} keys that"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
