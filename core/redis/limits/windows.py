"""Counters and windows: so many requests in a span of time. Pure."""

from collections.abc import Sequence
from math import floor

from core.clients.keyspace.port import KeyContent
from core.model.limit import LimitShape
from core.model.text import EMPTY, SafeText, clean, join
from core.redis.fields import Field, Fields
from core.redis.figures import Unusable, parse_count, parse_number, parse_stamp, trouble
from core.redis.limits.names import NamedLimit
from core.redis.limits.reading import AHEAD_S, Reading, Terms

USED = ("count", "hits", "used", "requests", "requestcount", "counter", "consumed", "points")
_LIMITS = ("limit", "max", "maxrequests", "capacity", "total")
_ENDS = ("reset", "resetat", "resettime", "expires", "expiresat", "expire", "windowend", "end")
_NO_LIMIT = SafeText("its limit is not known: set `capacity` of the limit")
_FOREVER = SafeText("never expires: it counts on for good")


def read_counter(data: bytes, ttl_s: float | None, terms: Terms) -> Reading:
    """Return the figures of a counter that expires with its window."""
    try:
        used = parse_count(data)
    except Unusable as why:
        problem = trouble("count", why, data)
        return Reading(LimitShape.COUNTER, terms, clean(data, 80), problem=problem)
    return _counted(LimitShape.COUNTER, used, clean(data, 80), ttl_s, terms)


def read_counter_hash(fields: Fields, ttl_s: float | None, terms: Terms, now_s: float) -> Reading:
    """Return the figures of a counter in a hash, with or without its limit and end."""
    used = fields.first(USED) or Field("count", b"")
    stored = clean(used.data, 80)
    at = used
    try:
        count = parse_count(used.data)
        if (at := fields.first(_LIMITS) or at) is not used:
            terms = Terms(parse_number(at.data), terms.refill_per_s)
        if (end := fields.first(_ENDS)) is not None:
            at = end
            ttl_s = max(parse_stamp(at.data).time_s - now_s, 0.0)
    except Unusable as why:
        problem = trouble(at.name, why, at.data)
        return Reading(LimitShape.COUNTER, terms, stored, problem=problem)
    return _counted(LimitShape.COUNTER, count, stored, ttl_s, terms)


def read_sliding(
    current: KeyContent | None, before: KeyContent | None, limit: NamedLimit
) -> Reading:
    """Return the figures of a sliding window that two counters make.

    The current one lives for two windows; what is left of the earlier one counts by its share.
    """
    terms = Terms(float(limit.amount), limit.amount / limit.window_s)
    used, stored, problems = 0, EMPTY, list[SafeText]()
    for content in (before, current):
        if content is None or content.text is None:
            continue
        ttl_s = content.look.ttl_s
        try:
            count = parse_count(content.text.data)
        except Unusable as why:
            problems.append(trouble("count", why, content.text.data))
            continue
        is_past = content is before or (ttl_s is not None and ttl_s < limit.window_s)
        share = min((ttl_s or 0.0) / limit.window_s, 1.0) if is_past else 1.0
        used += floor(count * share)
        stored = clean(content.text.data, 80)
    if problems:
        return Reading(LimitShape.SLIDING_WINDOW, terms, stored, problem=join("; ", problems))
    left = float(max(limit.amount - used, 0))
    is_limited = used >= limit.amount
    return Reading(
        LimitShape.SLIDING_WINDOW, terms, stored, left, None, None if is_limited else 0.0,
        is_limited, is_limited,
    )  # fmt: skip


def read_moments(
    content: KeyContent, shape: LimitShape, terms: Terms, window_s: float | None, now_s: float
) -> Reading:
    """Return the figures of a window that keeps a moment for each request."""
    stored = clean(f"{content.length} requests") if content.length is not None else EMPTY
    try:
        moments = _moments(content)
    except Unusable as why:
        return Reading(shape, terms, stored, problem=trouble("times", why))
    age_s = now_s - max(moments) if moments else None
    if age_s is not None and age_s < -AHEAD_S:
        problem = clean(f"stamped {-age_s:.0f} s ahead of the server's clock")
        return Reading(shape, terms, stored, last_seen_age_s=age_s, problem=problem)
    used = _used(moments, content.length, window_s, now_s)
    if terms.capacity is None or used is None:
        note = _NO_LIMIT if terms.capacity is None else SafeText("its window is not known")
        return Reading(shape, terms, stored, last_seen_age_s=age_s, note=note)
    is_limited = used >= terms.capacity
    recent = sorted(one for one in moments if window_s is None or one > now_s - window_s)
    retry_s = max(recent[0] + window_s - now_s, 0.0) if recent and window_s else None
    left = max(terms.capacity - used, 0.0)
    was = (content.length or 0) >= terms.capacity
    return Reading(
        shape, terms, stored, left, age_s, retry_s if is_limited else 0.0, is_limited, was
    )


def _counted(
    shape: LimitShape, used: int, stored: SafeText, ttl_s: float | None, terms: Terms
) -> Reading:
    forever = _FOREVER if ttl_s is None else EMPTY
    if terms.capacity is None:
        note = join("; ", [one for one in (_NO_LIMIT, forever) if one])
        return Reading(shape, terms, stored, note=note)
    is_limited = used >= terms.capacity
    left = max(terms.capacity - used, 0.0)
    retry_s = ttl_s if is_limited else 0.0
    return Reading(shape, terms, stored, left, None, retry_s, is_limited, is_limited, note=forever)


def _moments(content: KeyContent) -> Sequence[float]:
    """Return the moments that were read, seconds since 1970: scores, or the list's elements."""
    if content.look.kind == "zset":
        return [parse_stamp(repr(score).encode()).time_s for _, score in content.members]
    return [parse_stamp(element).time_s for element, _ in content.members]


def _used(
    moments: Sequence[float], length: int | None, window_s: float | None, now_s: float
) -> int | None:
    """Return the requests within the window; None: they cannot be told from older ones."""
    if length == 0:
        return 0
    if length is None or window_s is None or not moments:
        return None
    recent = sum(one > now_s - window_s for one in moments)
    if len(moments) >= length or recent == 0:
        return recent
    # Only the oldest and the newest were read: if the oldest is within, all are.
    return length if recent == len(moments) else None
