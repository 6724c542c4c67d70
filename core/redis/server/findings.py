"""What is wrong with a server, in words, most urgent first. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from core.model.redis_figures import RedisFigures, RedisMemory
from core.model.redis_server import ServerIdentity, ServerSample, Tokens
from core.model.redis_spec import RedisSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.server.families import is_token_family
from core.redis.server.rates import evicting_per_s
from core.redis.server.words import share_text, short_span, size_text

SKEW_S = 2.0
"""Clocks that differ by more make ages wrong that a person compares."""
FRAGMENTED = 1.5
_MATTERS_BYTES = 100 * 2**20
"""Fragmentation of less memory than this is nothing to act on."""
_STARTED_S = 5
"""A save time this near to the start is none: a server takes its start for it."""
_CLIENTS_PERCENT = 90.0


@dataclass(frozen=True, slots=True)
class Seen:
    """What findings are drawn from."""

    spec: RedisSpec
    figures: RedisFigures
    history: tuple[ServerSample, ...] = ()
    identity: ServerIdentity | None = None
    settings: Mapping[str, SafeText] = field(default_factory=lambda: MappingProxyType({}))
    tokens: Tokens | None = None
    may_write: bool | None = None
    """Whether our own user may; None: it cannot be told."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found, most urgent first."""

    failing: tuple[SafeText, ...] = ()
    """Something fails or is lost now."""
    warnings: tuple[SafeText, ...] = ()
    notes: tuple[SafeText, ...] = ()
    """Good to know; nothing is wrong."""


def findings_of(seen: Seen) -> Findings:
    """Return everything that a person should know."""
    failing = (
        loading_finding(seen),
        full_finding(seen.figures.memory),
        evicting_finding(seen),
        save_finding(seen),
        aof_finding(seen.figures),
        link_finding(seen.figures),
    )
    warnings = (
        memory_finding(seen.figures.memory, seen.spec.memory_warn_percent),
        policy_finding(seen),
        tokens_finding(seen.tokens),
        never_saved_finding(seen),
        rewrite_finding(seen.figures),
        replicas_finding(seen.figures),
        clients_finding(seen.figures),
        fragmentation_finding(seen.figures.memory),
        skew_finding(seen.identity),
    )
    notes = (unsaved_note(seen), writer_note(seen))
    return Findings(_said(failing), _said(warnings), _said(notes))


def _said(texts: tuple[str, ...]) -> tuple[SafeText, ...]:
    return tuple(clean(text) for text in texts if text)


def memory_text(memory: RedisMemory) -> str:
    """Return used against maximum in words; no share where no limit is set."""
    if memory.used_bytes is None:
        return "memory is not told"
    used, percent = size_text(memory.used_bytes), memory.percent
    if percent is not None:
        return f"memory {share_text(percent)} of {size_text(memory.max_bytes or 0)}"
    return f"memory {used}, no limit set" if memory.max_bytes == 0 else f"memory {used}"


def loading_finding(seen: Seen) -> str:
    """It answers, and serves nobody yet."""
    if not seen.figures.persistence.is_loading:
        return ""
    loaded = seen.figures.persistence.loaded_percent
    share = "" if loaded is None else f", {loaded:.0f}% done"
    return f"LOADING: it reads its data from disk and serves nobody yet{share}"


def full_finding(memory: RedisMemory) -> str:
    """Full, and nothing may be thrown away."""
    percent = memory.percent
    if percent is None or percent < 100 or memory.policy != "noeviction":
        return ""
    return f"OOM: {memory_text(memory)}: writes fail (noeviction)"


def memory_finding(memory: RedisMemory, warn_percent: float) -> str:
    """Nearly full, and what happens then."""
    percent = memory.percent
    if percent is None or percent < warn_percent or full_finding(memory):
        return ""
    then = {"noeviction": "writes fail when full (noeviction)", "": "writes may fail when full"}
    meaning = then.get(memory.policy, f"keys are thrown away when full ({memory.policy})")
    return f"{memory_text(memory)}, over {warn_percent:g}%: {meaning}"


def evicting_finding(seen: Seen) -> str:
    """Keys are being thrown away."""
    rate = evicting_per_s(seen.history)
    if not rate:
        return ""
    policy = seen.figures.memory.policy
    how = f"{rate:.1f}" if rate < 10 else f"{rate:.0f}"
    return f"evicting {how} keys/s: memory is full ({policy or 'policy not told'})"


def policy_finding(seen: Seen) -> str:
    """What eviction would take that nobody wants to lose."""
    memory = seen.figures.memory
    if not memory.max_bytes or memory.policy in {"noeviction", ""}:
        return ""
    tokens = [one.name for one in seen.spec.families if is_token_family(one)]
    streams = [one.name for one in seen.spec.streams]
    # Volatile policies take only keys with a time to live: streams have none, tokens should.
    lost = [*(f"stream {name}" for name in streams)] if memory.policy.startswith("allkeys") else []
    lost += tokens
    if not lost:
        return ""
    return f"{memory.policy} throws away {', '.join(lost)} as well when memory is full"


def save_finding(seen: Seen) -> str:
    """The last save failed, and what that means for writes."""
    if seen.figures.persistence.is_save_ok is not False:
        return ""
    stops = seen.settings.get("stop-writes-on-bgsave-error")
    saves = seen.settings.get("save")
    if stops == "no" or saves == "":
        return "the last save to disk failed: what changed since is in memory only"
    word = "are" if stops == "yes" and saves else "may be"
    return f"MISCONF: the last save to disk failed: writes {word} refused"


def aof_finding(figures: RedisFigures) -> str:
    """The append-only file cannot be written."""
    is_bad = figures.persistence.is_aof_write_ok is False
    return "MISCONF: the append-only file cannot be written: writes are refused" if is_bad else ""


def rewrite_finding(figures: RedisFigures) -> str:
    """The append-only file cannot be rewritten, and grows."""
    is_bad = figures.persistence.is_aof_rewrite_ok is False
    return "the last rewrite of the append-only file failed: it grows" if is_bad else ""


def is_never_saved(seen: Seen) -> bool:
    """Tell whether nothing was saved since it started, although something changed."""
    found, uptime_s, who = seen.figures.persistence, seen.figures.uptime_s, seen.identity
    if not found.changes:
        return False
    if found.saves is not None:
        return found.saves == 0
    if found.saved_at_s is None or uptime_s is None or who is None:
        return False
    return found.saved_at_s - (who.now_s - uptime_s) < _STARTED_S


def never_saved_finding(seen: Seen) -> str:
    """Nothing is on disk that should be."""
    found, saves = seen.figures.persistence, seen.settings.get("save")
    if saves == "" or found.is_aof_on or found.is_save_ok is False or not is_never_saved(seen):
        return ""
    uptime_s = seen.figures.uptime_s
    since = (
        "since it started" if uptime_s is None else f"since it started {short_span(uptime_s)} ago"
    )
    return f"never saved {since}: {found.changes:,} changes are in memory only"


def unsaved_note(seen: Seen) -> str:
    """It is not meant to keep anything."""
    if seen.settings.get("save") != "" or seen.figures.persistence.is_aof_on is not False:
        return ""
    return "nothing is kept over a restart: saving and the append-only file are off"


def link_finding(figures: RedisFigures) -> str:
    """A replica without its master."""
    found = figures.replication
    if found.is_link_up is not False:
        return ""
    since = "" if found.link_down_s is None else f" for {short_span(max(0, found.link_down_s))}"
    if found.is_syncing:
        return f"replica without its master{since}: it copies all data anew"
    return f"MASTERDOWN: replica cut off from its master{since}: what it has is that old"


def replicas_finding(figures: RedisFigures) -> str:
    """Replicas that are connected and do not follow."""
    found = figures.replication
    behind = found.replicas_behind
    return f"{behind} of {found.replicas} replicas do not follow" if behind else ""


def clients_finding(figures: RedisFigures) -> str:
    """No connection is free soon."""
    clients, most = figures.traffic.clients, figures.traffic.max_clients
    if clients is None or not most or 100 * clients < _CLIENTS_PERCENT * most:
        return ""
    return f"{clients:,} of {most:,} connections are taken: more are refused (maxclients)"


def fragmentation_finding(memory: RedisMemory) -> str:
    """Its process takes much more, or less, than it uses."""
    ratio, used = memory.fragmentation, memory.used_bytes
    if ratio is None or used is None or used < _MATTERS_BYTES:
        return ""
    if ratio >= FRAGMENTED:
        takes = memory.resident_bytes or ratio * used
        return f"fragmentation {ratio:.2f}: {size_text(takes)} are taken for {size_text(used)}"
    if 0 < ratio < 1:
        return f"fragmentation {ratio:.2f}: a part of it is swapped out, and slow"
    return ""


def skew_finding(identity: ServerIdentity | None) -> str:
    """Its clock and ours differ."""
    if identity is None or abs(identity.skew_s) <= SKEW_S:
        return ""
    word = "ahead of" if identity.skew_s > 0 else "behind"
    return f"its clock is {short_span(abs(identity.skew_s))} {word} ours; ages here go by its clock"


def tokens_finding(tokens: Tokens | None) -> str:
    """Tokens that never expire: a time to live was lost, or never set."""
    if tokens is None or not tokens.without_ttl:
        return ""
    count = tokens.without_ttl
    is_all = tokens.progress.is_complete and tokens.looked_at >= tokens.counted
    noun = "token has" if count == 1 else "tokens have"
    least = "" if is_all else "at least "
    return f"{least}{count:,} {noun} no time to live: kept for good (TTL lost, or never set)"


def writer_note(seen: Seen) -> str:
    """We only read, and could write."""
    if not seen.may_write:
        return ""
    user = seen.identity.user if seen.identity else EMPTY
    who = f"our user {user}" if user else "our user"
    return f"{who} may write: `quarterdeck doctor` has the line for one that only reads"
