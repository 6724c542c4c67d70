"""What a database holds, by families of keys: who would miss what when keys go. Bounded."""

from collections.abc import Iterator
from dataclasses import dataclass

from core.actions.families.redis_key_copies import keys_of, slices
from core.actions.ports import Ports
from core.actions.verdicts.judged import counted
from core.model.redis_key import KeyName
from core.model.redis_spec import KeyFamilySpec, RedisSpec
from core.model.text import SafeText, clean
from core.redis.server.families import (
    Tally,
    is_token_family,
    purposes_of,
    shown_family,
)

MOST_KEYS = 100_000
"""So many are counted, and may be copied; more are estimated."""
_SCAN_S = 2.5
_TOKENS_S = 1.5
"""A plan has to be made within ten seconds, on a busy machine too."""
_SAMPLE = 30_000
"""Of more keys than can be copied, so many are counted."""
_KINDS = 2000
"""Keys whose type, time to live and size are read."""
_FAMILIES = 12


@dataclass(frozen=True, slots=True)
class Family:
    """One family of keys."""

    name: SafeText
    count: int
    is_token: bool = False


@dataclass(frozen=True, slots=True)
class Census:
    """What a database holds."""

    total: int
    """DBSIZE."""
    counted: int
    is_whole: bool
    """False: counts are of a part, and `≈`."""
    families: tuple[Family, ...]
    streams: tuple[KeyName, ...]
    is_all_streams: bool
    """Whether every stream is known."""
    without_ttl: float
    """Share of keys that never expire, as far as was looked."""
    size_bytes: int | None
    """Of all keys, as the looked at ones let expect; None: the server does not say."""
    sample: tuple[KeyName, ...]
    """Some keys, those that never expire first."""

    @property
    def tokens(self) -> tuple[Family, ...]:
        """Families of tokens and revocations."""
        return tuple(one for one in self.families if one.is_token)

    def lines(self) -> Iterator[SafeText]:
        """Return it as lines of a plan."""
        about = "" if self.is_whole else "≈ "
        scale = 1 if self.is_whole else max(1, self.total) / max(1, self.counted)
        for one in self.families[:_FAMILIES]:
            mark = ", tokens or revocations" if one.is_token else ""
            number = f"{about}{round(one.count * scale)} " if one.count else ""
            yield clean(f"{number}{one.name}{mark}")
        if len(self.families) > _FAMILIES:
            yield clean(f"… and {len(self.families) - _FAMILIES} more families")
        if self.streams:
            more = "" if self.is_all_streams else " or more"
            names = ", ".join(key.shown for key in self.streams[:5])
            number = counted(len(self.streams), "stream")
            yield clean(f"{number}{more}: {names}")
        share = round(100 * self.without_ttl)
        yield clean(f"{share} % of the keys looked at never expire")


async def take_census(
    ports: Ports, spec: RedisSpec, database: int, total: int, most: int = MOST_KEYS
) -> Census:
    """Count what is there, in small slices and within seconds.

    Raises:
        ClientError: the server cannot be asked.
    """
    control, server = keys_of(ports), spec.server
    most = most if total <= MOST_KEYS else min(most, _SAMPLE)
    found = await control.scan(server, "*", most, _SCAN_S, database)
    streams = await control.scan(server, "*", 100, _SCAN_S, database, "stream")
    tally = Tally(purposes_of(spec))
    for key in found.keys:
        tally.add(key.raw)
    tokens = () if found.is_whole else await _rare_tokens(ports, spec, database, tally)
    step = max(1, len(found.keys) // _KINDS)
    looked = found.keys[::step][:_KINDS]
    sights = [one for some in slices(looked) for one in await control.kinds(server, some, database)]
    sights = [one for one in sights if one.is_there]
    lasting = [one.key for one in sights if one.ttl_ms is None]
    sizes = [one.size_bytes for one in sights if one.size_bytes is not None]
    return Census(
        total=total,
        counted=len(found.keys),
        is_whole=found.is_whole,
        families=(*_families(tally), *tokens),
        streams=streams.keys,
        is_all_streams=streams.is_whole,
        without_ttl=len(lasting) / max(1, len(sights)),
        size_bytes=round(sum(sizes) / len(sizes) * total) if sizes else None,
        sample=tuple(dict.fromkeys((*lasting, *(one.key for one in sights))))[:50],
    )


def _families(tally: Tally) -> Iterator[Family]:
    named = [
        Family(clean(f"{one.meaning} ({KeyName(one.pattern).shown})"), count.count, one.is_token)
        for one, count in tally.named()
    ]
    others = [
        Family(shown_family(raw), count.count, _is_token(raw)) for raw, count in tally.largest(200)
    ]
    yield from sorted((*named, *others), key=lambda one: -one.count)


def _is_token(family: bytes) -> bool:
    return is_token_family(KeyFamilySpec("", (KeyName(family).spelled,)))


async def _rare_tokens(
    ports: Ports, spec: RedisSpec, database: int, tally: Tally
) -> tuple[Family, ...]:
    """Look for named tokens that a part of a large database need not show."""
    known = {one.meaning for one, _ in tally.named()}
    wanted = [
        (family.name, one)
        for family in spec.families
        if is_token_family(family) and family.name not in known
        for one in family.keys
    ]
    found: list[Family] = []
    for name, one in wanted:
        within_s = _TOKENS_S / len(wanted)
        keys = await keys_of(ports).scan(spec.server, one, 0, within_s, database)
        # One was found, or there was no time to find out: then nobody may say that there is none.
        if not keys.is_whole:
            found.append(Family(clean(f"{name} ({one}), perhaps"), 0, is_token=True))
    return tuple(found)
