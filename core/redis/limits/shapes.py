"""Rate-limit records recognised by their type and fields, never by the name alone. Pure.

Nothing here raises, whatever is written: what cannot be read is a problem that is named.
"""

from collections.abc import Mapping, Sequence

from core.clients.keyspace.port import KeyContent
from core.model.limit import LimitRow, LimitShape
from core.model.redis_key import KeyName
from core.model.redis_spec import LimitSpec
from core.model.text import SafeText, clean
from core.redis.fields import Fields, hash_fields, json_fields, raw_of
from core.redis.globs import matches
from core.redis.limits.buckets import TOKENS, read_bucket
from core.redis.limits.names import client_of, companions, is_companion, named_limit
from core.redis.limits.reading import Reading, Terms
from core.redis.limits.windows import (
    USED,
    read_counter,
    read_counter_hash,
    read_moments,
    read_sliding,
)

KNOWN_PATTERNS = ("rate_limit:*", "*rate-limit*", "LIMITS:*", "rl:*", "ratelimit:*")
"""Where limiters in use keep their records; looked at even when nothing is configured."""
_MARKS = (*TOKENS, "lastrefill", "lastrefilltime", "lastrefillms", "lastrefillts", "lastfilltime")
_Found = Mapping[KeyName, KeyContent]


def limit_rows(
    contents: Sequence[KeyContent], specs: Sequence[LimitSpec], now_s: float, server: str = ""
) -> tuple[LimitRow, ...]:
    """Return a row for each record; parts of one record that are all here are one row.

    Args:
        contents: What the keys hold; those that are gone give no row.
        specs: What the configuration says; the first one a key belongs to counts.
        now_s: By the server's clock, seconds since 1970.
        server: `system/service`.
    """
    found = {one.key: one for one in contents if one.look.kind != "none"}
    joined = {other for key in found for other in companions(key.raw) if other in found}
    return tuple(
        _row(content, found, specs, now_s, server)
        for key, content in found.items()
        if key not in joined
    )


def pattern_of(raw: bytes, specs: Sequence[LimitSpec]) -> tuple[LimitSpec | None, str]:
    """Return the limit a key belongs to (None: to none that is configured) and its pattern."""
    for spec in specs:
        for pattern in spec.keys:
            if matches(pattern, raw):
                return spec, pattern
    return None, next((one for one in KNOWN_PATTERNS if matches(one, raw)), "*")


def _row(
    content: KeyContent, found: _Found, specs: Sequence[LimitSpec], now_s: float, server: str
) -> LimitRow:
    spec, pattern = pattern_of(content.key.raw, specs)
    terms = Terms(spec.capacity, spec.refill_per_s) if spec else Terms(None, None)
    parts = [found[key] for key in companions(content.key.raw) if key in found]
    reading = _reading(content, parts, terms, now_s)
    return LimitRow(
        server=server,
        keys=(content.key, *(one.key for one in parts)),
        client=client_of(content.key.raw, pattern),
        spec_name=spec.name if spec else "",
        shape=reading.shape,
        tokens_now=reading.tokens_now,
        tokens_stored=reading.tokens_stored,
        capacity=reading.terms.capacity,
        refill_per_s=reading.terms.refill_per_s,
        last_seen_age_s=reading.last_seen_age_s,
        retry_after_s=reading.retry_after_s,
        ttl_s=content.look.ttl_s,
        is_limited=reading.is_limited,
        problem=reading.problem,
        raw=tuple(pair for one in (content, *parts) for pair in raw_of(one)),
        was_exhausted=reading.was_exhausted,
        note=reading.note,
    )


def _reading(
    content: KeyContent, parts: Sequence[KeyContent], terms: Terms, now_s: float
) -> Reading:
    ttl_s = content.look.ttl_s
    named = named_limit(content.key.raw)
    match content.look.kind:
        case "hash":
            return _of_fields(hash_fields(content), ttl_s, terms, now_s)
        case "string" if named is not None and named.is_sliding:
            if is_companion(content.key.raw):
                return read_sliding(None, content, named)
            return read_sliding(content, parts[0] if parts else None, named)
        case "string":
            if named is not None:
                terms = Terms(float(named.amount), named.amount / named.window_s)
            return _of_string(content, parts, terms, now_s)
        case "list" if named is not None:
            terms = Terms(float(named.amount), named.amount / named.window_s)
            return read_moments(content, LimitShape.MOVING_WINDOW, terms, named.window_s, now_s)
        case "list":
            return read_moments(content, LimitShape.MOVING_WINDOW, terms, terms.window_s, now_s)
        case "zset":
            return read_moments(content, LimitShape.SLIDING_WINDOW, terms, terms.window_s, now_s)
        case kind:
            return _unknown(clean(f"a {kind}, which no known limiter writes"), terms)


def _of_fields(fields: Fields, ttl_s: float | None, terms: Terms, now_s: float) -> Reading:
    if fields.has(_MARKS):
        return read_bucket(fields, ttl_s, terms, now_s)
    if fields.has(USED):
        return read_counter_hash(fields, ttl_s, terms, now_s)
    return _unknown(SafeText("no field that a known limiter writes"), terms)


def _of_string(
    content: KeyContent, parts: Sequence[KeyContent], terms: Terms, now_s: float
) -> Reading:
    data = content.text.data if content.text is not None else b""
    key = content.key.raw
    if key.endswith((b".tokens", b":tokens")) or is_companion(key):
        return _of_parts(content, parts, terms, now_s)
    fields = json_fields(data)
    if fields is not None:
        return _of_fields(fields, content.look.ttl_s, terms, now_s)
    return read_counter(data, content.look.ttl_s, terms)


def _of_parts(
    content: KeyContent, parts: Sequence[KeyContent], terms: Terms, now_s: float
) -> Reading:
    """Return what keys of a bucket that is kept in several of them amount to."""
    name = "timestamp" if is_companion(content.key.raw) else "tokens"
    named = [(name, content), *(("timestamp", one) for one in parts)]
    written = [(name, one.text.data) for name, one in named if one.text is not None]
    return read_bucket(Fields.of(written), content.look.ttl_s, terms, now_s)


def _unknown(problem: SafeText, terms: Terms) -> Reading:
    return Reading(LimitShape.UNKNOWN, terms, problem=problem)
