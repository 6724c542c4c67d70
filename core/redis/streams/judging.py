"""Whether a consumer works, and whether a group and a stream are as they should be. Pure."""

from collections.abc import Mapping, Sequence

from core.clients.keyspace.port import ConsumerFacts
from core.model.redis_spec import StreamSpec
from core.model.stream import Consumer, ConsumerState, Group
from core.model.text import SafeText, clean
from core.model.verdict import Verdict, worst
from core.redis.streams.words import counted, entries_text, span_words

POISON_DELIVERIES = 5
"""A message delivered so often probably kills whoever takes it."""
_RECENT_S = 60.0
_POISON_TIMES = 4
"""So many times the usual count of deliveries is far above the others."""


def consumer_of(
    facts: ConsumerFacts,
    stuck: int,
    lag_entries: int | None,
    stuck_after_s: float,
    *,
    tells_inactive: bool,
) -> Consumer:
    """Return what a consumer seems to do, and why we think so.

    Args:
        facts: As the server tells it.
        stuck: Of its pending entries, those seen idle for longer than `stuck_after_s`.
        lag_entries: Entries that wait for any consumer; None: not known.
        stuck_after_s: From when on silence is wrong.
        tells_inactive: Whether the server is 7.2 or later. There `idle` counts from the last
            question and `inactive` from the last answer; before, `idle` counts from the last
            answer, and a consumer that asks in vain cannot be told from one that is gone.
    """
    state, reason = (_state if tells_inactive else _old_state)(
        facts, stuck, lag_entries, stuck_after_s
    )
    inactive_s = facts.inactive_s if tells_inactive else None
    return Consumer(facts.name, facts.pending, facts.idle_s, inactive_s, state, clean(reason))


def _state(
    facts: ConsumerFacts, stuck: int, lag_entries: int | None, stuck_after_s: float
) -> tuple[ConsumerState, str]:
    silence = f"has asked for nothing for {span_words(facts.idle_s)}"
    if facts.idle_s > stuck_after_s:
        if facts.pending:
            return ConsumerState.GONE, f"{silence} and holds {entries_text(facts.pending)}"
        if lag_entries:
            return ConsumerState.GONE, f"{silence} while entries wait"
        return ConsumerState.IDLE, f"{silence}; nothing waits"
    if stuck:
        return ConsumerState.STUCK, _stuck(facts, stuck, stuck_after_s)
    if facts.inactive_s is None:
        return ConsumerState.IDLE, "never got anything"
    got = f"got something {span_words(facts.inactive_s)} ago"
    if facts.pending and facts.inactive_s > stuck_after_s:
        holds = entries_text(facts.pending)
        return ConsumerState.STUCK, f"asks, but last {got}, and holds {holds}"
    if facts.pending or facts.inactive_s < _RECENT_S:
        return ConsumerState.WORKING, got
    return ConsumerState.IDLE, f"asks; last {got}"


def _old_state(
    facts: ConsumerFacts, stuck: int, lag_entries: int | None, stuck_after_s: float
) -> tuple[ConsumerState, str]:
    got = f"got something, or was made, {span_words(facts.idle_s)} ago"
    doubt = "whether it still asks, a server before 7.2 does not tell"
    if facts.idle_s > stuck_after_s:
        if lag_entries:
            return ConsumerState.GONE, f"last {got}, while entries wait"
        if facts.pending:
            holds = entries_text(facts.pending)
            return ConsumerState.STUCK, f"last {got}, and holds {holds}; {doubt}"
        return ConsumerState.IDLE, f"last {got}; {doubt}"
    if stuck:
        return ConsumerState.STUCK, _stuck(facts, stuck, stuck_after_s)
    if facts.pending or facts.idle_s < _RECENT_S:
        return ConsumerState.WORKING, got
    return ConsumerState.IDLE, f"last {got}; {doubt}"


def _stuck(facts: ConsumerFacts, stuck: int, stuck_after_s: float) -> str:
    return f"{stuck:,} of its {facts.pending:,} pending idle over {span_words(stuck_after_s)}"


def group_verdict(group: Group, spec: StreamSpec) -> tuple[Verdict, SafeText]:
    """Return what is to be thought of a group, and why; a reason of ok is empty."""
    found = list(_group_findings(group, spec))
    if found:
        return worst(verdict for verdict, _ in found), clean("; ".join(why for _, why in found))
    if group.lag_entries is None and group.lag_s is None:
        return Verdict.UNKNOWN, clean(f"its lag is not known: {group.lag_reason}")
    return Verdict.OK, SafeText("")


def _group_findings(group: Group, spec: StreamSpec) -> list[tuple[Verdict, str]]:
    found: list[tuple[Verdict, str]] = []
    waits = group.lag_entries != 0
    is_late = spec.max_lag_s is not None and group.lag_s is not None
    is_late = is_late and (group.lag_s or 0) > (spec.max_lag_s or 0)
    if waits and not group.consumer_count:
        found.append((Verdict.DEGRADED, f"no consumer, and {_waiting(group)}"))
    elif _are_gone(group) and (waits or group.pending):
        verdict = Verdict.DOWN if is_late else Verdict.DEGRADED
        found.append((verdict, f"all its consumers are gone ({group.consumer_count:,})"))
    if is_late:
        limit = span_words(spec.max_lag_s or 0)
        found.append((Verdict.DEGRADED, f"{span_words(group.lag_s or 0)} behind, over {limit}"))
    depth = (group.lag_entries or 0) + group.pending
    if spec.max_depth is not None and depth > spec.max_depth:
        found.append((Verdict.DEGRADED, f"{depth:,} entries not done, over {spec.max_depth:,}"))
    if group.stuck_count:
        limit = span_words(spec.stuck_after_s)
        most = "at least " if group.pending > group.pending_examined else ""
        stuck = counted(group.stuck_count, "pending entry", "pending entries")
        found.append((Verdict.DEGRADED, f"{most}{stuck} idle over {limit}"))
    if group.max_deliveries >= POISON_DELIVERIES:
        found.append((Verdict.DEGRADED, f"one was delivered {group.max_deliveries:,} times"))
    return found


def _waiting(group: Group) -> str:
    if group.lag_entries is None:
        return "entries may wait"
    return f"{entries_text(group.lag_entries)} {'waits' if group.lag_entries == 1 else 'wait'}"


def _are_gone(group: Group) -> bool:
    is_all = len(group.consumers) == group.consumer_count > 0
    return is_all and all(one.state is ConsumerState.GONE for one in group.consumers)


def stream_verdict(
    groups: Sequence[Group], length: int, spec: StreamSpec, *, is_dead_letters: bool
) -> tuple[Verdict, SafeText]:
    """Return what is to be thought of a stream that is there, and why.

    What the configuration does not name has nothing to be held against: it is unknown, unless
    a group of it is in trouble.
    """
    if is_dead_letters:
        if not length:
            return Verdict.OK, SafeText("")
        return Verdict.DEGRADED, clean(counted(length, "dead letter"))
    bad = [one for one in groups if one.verdict in {Verdict.DEGRADED, Verdict.DOWN}]
    found = [(one.verdict, f"{one.name.shown}: {one.reason}") for one in bad]
    names = {one.name.spelled for one in groups}
    if spec.groups and not names & set(spec.groups):
        found.append((Verdict.DEGRADED, f"no group of {', '.join(spec.groups)} is there"))
    if found:
        return worst(verdict for verdict, _ in found), clean("; ".join(why for _, why in found))
    if not spec.keys or any(one.verdict is Verdict.UNKNOWN for one in groups):
        why = next((one.reason for one in groups if one.reason), "")
        return Verdict.UNKNOWN, clean(why)
    return Verdict.OK, SafeText("")


def why_pending(
    idle_s: float,
    deliveries: int,
    usual_deliveries: float,
    consumer: Consumer | None,
    stuck_after_s: float,
    *,
    is_gone: bool,
) -> SafeText:
    """Return why a pending entry is stuck, the gravest first; empty: it is not.

    Args:
        idle_s: Since it was last delivered.
        deliveries: How often it was.
        usual_deliveries: The median of the entries around it.
        consumer: Who holds it, where that is known.
        stuck_after_s: From when on it is.
        is_gone: It is no longer in the stream.
    """
    found: list[str] = []
    if is_gone:
        found.append(
            "its entry was deleted or trimmed from the stream: it can only be acknowledged"
        )
    is_far = deliveries >= 3 and deliveries >= _POISON_TIMES * usual_deliveries
    if deliveries >= POISON_DELIVERIES or is_far:
        found.append(f"delivered {deliveries:,} times: it may kill whoever takes it (poison)")
    if consumer is not None and consumer.state is ConsumerState.GONE:
        found.append(f"its consumer is gone: {consumer.reason}")
    if idle_s > stuck_after_s:
        found.append(f"idle {span_words(idle_s)}, over {span_words(stuck_after_s)}")
    return clean("; ".join(found))


def by_name(consumers: Sequence[Consumer]) -> Mapping[bytes, Consumer]:
    """Return consumers by the bytes of their names."""
    return {one.name.raw: one for one in consumers}
