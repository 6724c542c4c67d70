"""One file of a store as it was last looked at, and its keys as they are shown. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache

from core.clients.key_files import Stamp, owner_words
from core.keys.ids import masked, masked_hash
from core.keys.store import fields as known
from core.keys.store.findings import KeyFacts, Rules, key_findings, percent_of
from core.keys.store.graces import Grace
from core.keys.store.shapes import Record, Shape
from core.keys.store.usage import KeyUsage, latest
from core.model.key_store import ApiKey, KeyShape, StoreFile, StoreState
from core.model.masking import mask_text
from core.model.text import EMPTY, SafeText, clean

NO_USAGE = KeyUsage()


@dataclass(frozen=True, slots=True)
class Held:
    """One file of a store."""

    path: str
    state: StoreState
    why: SafeText = EMPTY
    shape: Shape | None = field(default=None, compare=False)
    """Of the last good read."""
    stamp: Stamp | None = None
    read_at: datetime | None = None
    """When `shape` was read."""
    real: str = ""
    """Where the path leads."""
    is_mounted: bool = False
    is_in_git: bool | None = False

    @property
    def is_current(self) -> bool:
        """Whether its keys are those of now."""
        return self.state in {StoreState.READ, StoreState.EMPTY, StoreState.READ_ONLY}

    def actives(self, now: datetime) -> "Lives":
        """Return every key with whether it is live, expired ones are not."""
        return lives_of(self.shape.all_records if self.shape and self.is_current else (), now)

    def as_file(self, actives: Mapping[str, bool], *, is_server_file: bool | None) -> StoreFile:
        """Return what is shown of the file, of whose keys these are live or not."""
        has_keys = self.is_current and self.shape is not None
        return StoreFile(
            path=clean(self.path),
            state=self.state,
            why=self.why,
            shape=self.shape.kind if self.shape else KeyShape.UNKNOWN,
            keys=len(actives) if has_keys else None,
            active=sum(actives.values()) if has_keys else None,
            modified=_moment(self.stamp.modified_ns) if self.stamp else None,
            mode=owner_words(self.stamp) if self.stamp else EMPTY,
            is_server_file=is_server_file,
            is_bind_mount=self.is_mounted,
        )

    def unreadable(self, state: StoreState, why: str, stamp: Stamp | None) -> "Held":
        """Return the same with what was read last kept."""
        return replace(self, state=state, why=clean(why), stamp=stamp)


@dataclass(frozen=True, slots=True)
class Lives:
    """Which keys are live, found in one pass."""

    of: Mapping[str, bool]
    """By every word of their records, as they were read; expired ones are not."""
    expired: int = 0
    """Active by their words, and expired."""
    next_end: datetime | None = None
    """When the next one expires."""


def lives_of(records: Sequence[Record], now: datetime) -> Lives:
    """Return which keys are live now."""
    lives: dict[str, bool] = {}
    expired, ends = 0, list[datetime]()
    for one in records:
        is_live, has = one.was_active, one.has or known.present(one.fields)
        expires = known.moment_in(one.fields, has.expires) if has.expires else None
        if expires is not None:
            if expires > now:
                ends.append(expires)
            elif is_live:
                is_live, expired = False, expired + 1
        lives[one.identity] = is_live
    return Lives(lives, expired, min(ends, default=None))


def active_tiers(records: Sequence[Record], lives: Mapping[str, bool]) -> Counter[str]:
    """Return how many live keys each tier has."""
    return Counter(
        one.tier or known.text_in(one.fields, (one.has or known.present(one.fields)).tier) or ""
        for one in records
        if lives.get(one.identity)
    )


@dataclass(frozen=True, slots=True)
class KeyMore:
    """What is known of a key beside its own record and its usage."""

    findings: tuple[SafeText, ...] = ()
    differs: tuple[SafeText, ...] = ()
    grace_until: datetime | None = None
    grace_by: SafeText = EMPTY


NO_MORE = KeyMore()


def more_of(
    grace: Grace | None, differs: tuple[SafeText, ...], is_live: bool, now: datetime
) -> KeyMore:
    """Return what is known of a key beside its own record."""
    if grace is None:
        return KeyMore(differs=differs)
    said = grace.finding(now) if is_live else ""
    return KeyMore((clean(said),) if said else (), differs, grace.until, grace.waits)


def api_key(
    record: Record,
    short_id: str,
    is_live_now: bool,
    usage: KeyUsage,
    rules: Rules,
    never_live: frozenset[str],
    quotas: Mapping[str, int],
    more: "KeyMore" = NO_MORE,
) -> ApiKey:
    """Return what is shown of one key."""
    fields, now = record.fields, rules.now
    has = known.present(fields)
    tier = record.tier or known.text_in(fields, has.tier) or ""
    quota = _quota(fields, has.quota) if has.quota else quotas.get(tier)
    created = known.moment_in(fields, has.created) if has.created else None
    expires = known.moment_in(fields, has.expires) if has.expires else None
    last_used = known.moment_in(fields, has.last_used) if has.last_used else None
    is_expired = expires is not None and expires <= now
    is_sample = record.identity in never_live
    facts = KeyFacts(record.was_active, is_expired, is_sample, tier, quota, created, last_used)
    percent = percent_of(usage.month, quota)
    name = known.text_in(fields, has.name) if has.name else None
    return ApiKey(
        short_id=short_id,
        masked=_mask(record),
        tier=_tier_text(tier),
        is_tier_known=not rules.tiers or tier in rules.tiers,
        quota=quota,
        is_active=is_live_now,
        used_month=usage.month,
        used_today=usage.today,
        percent=percent,
        last_used=latest(last_used, usage.last_used) if usage is not NO_USAGE else last_used,
        created=created,
        expires=expires,
        name=_name(name, record.identity) if name else EMPTY,
        findings=(*more.findings, *key_findings(facts, usage, rules, percent)),
        differs=more.differs,
        grace_until=more.grace_until,
        grace_by=more.grace_by,
    )


def _quota(fields: known.Fields, names: tuple[str, ...]) -> int | None:
    stored = known.number_in(fields, names)
    return int(stored) if stored is not None and stored >= 0 else None


@lru_cache(maxsize=256)
def _tier_text(tier: str) -> SafeText:
    return clean(mask_text(tier), 40)


def _name(name: str, identity: str) -> SafeText:
    """Return what a record calls its key, which may be the key itself."""
    return masked(identity) if identity in name else clean(mask_text(name), 80)


def _mask(record: Record) -> SafeText:
    if record.is_hash:
        return masked_hash(known.text_of(record.fields, known.PREFIX) or "")
    return masked(record.identity)


def _moment(nanoseconds: int) -> datetime:
    return datetime.fromtimestamp(nanoseconds / 1e9, UTC)
