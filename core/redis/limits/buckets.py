"""Token buckets: so many tokens at some moment, refilled since. Pure."""

from math import ceil, floor

from core.model.limit import LimitShape
from core.model.text import EMPTY, SafeText, clean, join
from core.redis.fields import Field, Fields
from core.redis.figures import Stamp, Unusable, parse_number, parse_stamp, trouble
from core.redis.limits.reading import AHEAD_S, Reading, Terms

TOKENS = (
    "tokens", "tokensleft", "availabletokens", "currenttokens", "tokencount", "tokensremaining",
    "remainingtokens", "allowance",
)  # fmt: skip
_STAMPS = (
    "lastrefilltime", "lastrefill", "lastrefillts", "lastrefillms", "lastfilltime", "lastrefillat",
    "lastrefilltimestamp", "lastrefilled", "lastrefilledat", "last", "lastts", "lasttime",
    "lastupdate", "lastupdated", "lastupdatedat", "lastcheck", "lastseen", "timestamp", "ts",
    "updatedat", "refilledat", "time",
)  # fmt: skip
_CAPACITIES = ("capacity", "maxtokens", "burst", "burstcapacity", "bucketsize", "max", "limit")
_RATES = (
    "rate", "refillrate", "refillpers", "refillpersecond", "refillratepersecond", "ratepersecond",
    "replenishrate", "fillrate",
)  # fmt: skip
_NO_REFILL = SafeText("its refill is not known: set `refill_per_s` of the limit")


def read_bucket(fields: Fields, ttl_s: float | None, terms: Terms, now_s: float) -> Reading:
    """Return a bucket's figures; what the record says of its own terms is nearer than ours."""
    problems: list[SafeText] = []
    own = Terms(
        _number(fields.first(_CAPACITIES), problems), _number(fields.first(_RATES), problems)
    )
    terms = Terms(
        terms.capacity if own.capacity is None else own.capacity,
        terms.refill_per_s if own.refill_per_s is None else own.refill_per_s,
    )
    tokens = _number(fields.first(TOKENS), problems, "tokens")
    stamp = _stamp(fields.first(_STAMPS), problems)
    age_s = None if stamp is None else now_s - stamp.time_s
    if age_s is not None and age_s < -AHEAD_S:
        problems.append(clean(f"stamped {-age_s:.0f} s ahead of the server's clock"))
    written = fields.first(TOKENS)
    stored = clean(written.data, 80) if written else EMPTY
    exhausted = None if tokens is None else tokens < 1
    if problems or tokens is None or stamp is None:
        said = join("; ", problems)
        return Reading(
            LimitShape.BUCKET, terms, stored, last_seen_age_s=age_s, was_exhausted=exhausted,
            problem=said,
        )  # fmt: skip
    now = refilled(tokens, stamp, terms, now_s)
    is_limited = (False if tokens >= 1 else None) if now is None else now < 1
    retry_s = _retry_s(now, stamp, terms, ttl_s, now_s) if is_limited else None
    return Reading(
        LimitShape.BUCKET,
        terms,
        stored,
        now,
        age_s,
        0.0 if is_limited is False else retry_s,
        is_limited,
        exhausted,
        note=_NO_REFILL if now is None else EMPTY,
    )


def refilled(tokens: float, stamp: Stamp, terms: Terms, now_s: float) -> float | None:
    """Return the tokens at a moment; None: how they refill is not known.

    A stamp in whole seconds comes from code that reckons in them, so that none are added within
    the second.
    """
    elapsed_s = max((floor(now_s) if stamp.is_whole else now_s) - stamp.time_s, 0.0)
    if terms.capacity is not None and tokens >= terms.capacity:
        return terms.capacity
    if terms.refill_per_s is None:
        return tokens if elapsed_s == 0 else None
    full = tokens + elapsed_s * terms.refill_per_s
    return full if terms.capacity is None else min(full, terms.capacity)


def _retry_s(
    tokens: float | None, stamp: Stamp, terms: Terms, ttl_s: float | None, now_s: float
) -> float | None:
    """Return when there is a whole token again, or no record any more; None: not known."""
    waits = [] if ttl_s is None else [ttl_s]
    if tokens is not None and terms.refill_per_s:
        need_s = (1 - tokens) / terms.refill_per_s
        whole_s = floor(now_s) + ceil(need_s) - now_s
        waits.append(max(whole_s, 0.0) if stamp.is_whole else need_s)
    return min(waits, default=None)


def _number(field: Field | None, problems: list[SafeText], needed: str = "") -> float | None:
    if field is None:
        if needed:
            problems.append(trouble(needed, "missing"))
        return None
    try:
        return parse_number(field.data)
    except Unusable as why:
        problems.append(trouble(field.name, why, field.data))
        return None


def _stamp(field: Field | None, problems: list[SafeText]) -> Stamp | None:
    if field is None:
        problems.append(SafeText("the time of its last refill: missing"))
        return None
    try:
        return parse_stamp(field.data)
    except Unusable as why:
        problems.append(trouble(field.name, why, field.data))
        return None
