"""The streams of the scripted night: behind, stuck, misnamed, unreachable, dead letters."""

import math

from core.model.dead_letter import DeadLetter, DeadLetters, LetterKind
from core.model.redis_key import KeyName
from core.model.redis_server import OwnLoad, ServerView, Trouble
from core.model.redis_view import Streams
from core.model.stream import (
    Consumer,
    ConsumerState,
    EntriesPage,
    EntryField,
    EntryId,
    Group,
    PendingEntry,
    PendingFilter,
    PendingPage,
    Presence,
    Progress,
    Stream,
    StreamEntry,
    StreamSample,
)
from core.model.text import EMPTY, clean
from core.model.verdict import Verdict
from core.redis.streams.letter_groups import LetterCounts

ENGINE, COSTS, DECISIONS = "business-engine/redis", "cost-dashboard/redis", "decision-engine/redis"
EVENTS, DEAD = KeyName(b"automation.events"), KeyName(b"automation.dlq")
MANAGER = KeyName(b"manager")
_NOW_MS = 1772334847000
_DONE = Progress(3, 3, True, 0.2)
_LOOKS = 120
_EVERY_S = 5.0


def entry_id(age_s: float, seq: int = 0) -> EntryId:
    """Return the id of an entry that was added so long before now."""
    return EntryId(_NOW_MS - int(age_s * 1000), seq)


def entry(age_s: float, number: int, intent: str = "lead.intake") -> StreamEntry:
    """Return an entry with a payload of JSON."""
    text = (
        f'{{"event_type": "automation.run.requested", "intent": "{intent}", '
        f'"run_id": "r{number}", "correlation_id": "c-{number}"}}'
    )
    fields = (
        EntryField(clean("data"), clean(text), len(text)),
        EntryField(clean("timestamp"), clean(str(_NOW_MS // 1000 - int(age_s))), 10),
    )
    said = f"automation.run.requested  intent={intent} run_id=r{number} correlation_id=c-{number}"
    return StreamEntry(entry_id(age_s), age_s, fields, clean(said), is_json=True)


def _samples(begin: int, per_s: float, lag: int | None, pending: int) -> tuple[StreamSample, ...]:
    """Return ten minutes of looks; the last three of them the lag grows to what it is."""
    samples: list[StreamSample] = []
    added = float(begin)
    for look in range(_LOOKS):
        added += per_s * _EVERY_S * (1 + 0.5 * math.sin(look / 7))
        late = max(0.0, (look - 80) / (_LOOKS - 81))
        behind = None if lag is None else round(lag * late)
        at_s = (look - _LOOKS + 1) * _EVERY_S
        held = round(pending * min(1.0, look / 60))
        samples.append(StreamSample(at_s, min(10000, round(added)), round(added), behind, held))
    return tuple(samples)


def _consumer(name: bytes, pending: int, idle_s: float, state: ConsumerState, why: str) -> Consumer:
    inactive_s = None if state is ConsumerState.IDLE else idle_s + 40
    return Consumer(KeyName(name), pending, idle_s, inactive_s, state, clean(why))


_MANAGERS = (
    _consumer(b"consumer1", 4, 7260, ConsumerState.GONE, "asked for nothing for 2 h, holds 4"),
    _consumer(b"consumer2", 2, 3, ConsumerState.WORKING, "asked 3 s ago"),
    _consumer(b"idle-never", 0, 5400, ConsumerState.IDLE, "never got anything"),
)


def _group(name: bytes, consumers: tuple[Consumer, ...], **more: object) -> Group:
    known: dict[str, object] = {
        "pending": sum(one.pending for one in consumers),
        "last_delivered": entry_id(2),
        "entries_read": 48211,
        "lag_entries": 0,
        "is_lag_counted": False,
        "lag_s": 0.0,
        "lag_reason": EMPTY,
        "oldest_pending": None,
        "oldest_idle_s": None,
        "verdict": Verdict.OK,
        "reason": EMPTY,
    }
    return Group(
        name=KeyName(name),
        consumers=consumers,
        consumer_count=len(consumers),
        **{**known, **more},  # pyright: ignore[reportArgumentType]
    )


def engine_streams() -> Streams:
    """Return the streams of the automation: behind, with a consumer that is gone."""
    manager = _group(
        b"manager", _MANAGERS, lag_entries=1182, lag_s=312.0, last_delivered=entry_id(312),
        oldest_pending=entry_id(7300), oldest_idle_s=7260.0, verdict=Verdict.DOWN,
        reason=clean("3 entries idle for over 1 h; consumer1 is gone"),
    )  # fmt: skip
    audit = _group(
        b"audit", (), lag_entries=None, lag_s=None, is_configured=False, entries_read=None,
        lag_reason=clean("entries between were deleted"), verdict=Verdict.UNKNOWN,
    )  # fmt: skip
    events = Stream(
        ENGINE, EVENTS, Presence.BOTH, "automation", length=10000, first=entry_id(86000),
        last=entry_id(1), first_age_s=86000.0, last_age_s=1.0, rate_in_per_s=12.4,
        rate_out_per_s=8.1, memory_bytes=4_700_000, groups=(manager, audit), group_count=2,
        history=_samples(40000, 12.4, 1182, 6), verdict=Verdict.DOWN,
        reason=clean("manager is 5 m behind; 3 pending entries are stuck"),
        service="business-engine/manager",
    )  # fmt: skip
    dead = Stream(
        ENGINE, DEAD, Presence.BOTH, "automation", is_dead_letters=True, length=6,
        first=entry_id(50000), last=entry_id(900), first_age_s=50000.0, last_age_s=900.0,
        rate_in_per_s=0.0, memory_bytes=9000, history=_samples(1, 0.01, None, 0),
        verdict=Verdict.DEGRADED, reason=clean("6 dead letters, the newest 15 m old"),
        service="business-engine/manager",
    )  # fmt: skip
    missing = Stream(
        ENGINE, KeyName(b"automation.results"), Presence.MISSING, "results",
        verdict=Verdict.DEGRADED, note=clean("the runbook reads it after each run"),
    )  # fmt: skip
    wrong = Stream(
        ENGINE, KeyName(b"audit.trail"), Presence.WRONG_TYPE, "audit", verdict=Verdict.DOWN,
        reason=clean("the key is a list, not a stream"),
    )  # fmt: skip
    unnamed = Stream(
        ENGINE, KeyName(b"events"), Presence.UNNAMED, "", length=1, first=entry_id(400),
        last=entry_id(400), first_age_s=400.0, last_age_s=400.0, rate_in_per_s=0.0,
        rate_out_per_s=0.0, memory_bytes=640, groups=(_group(b"manager_group", ()),),
        group_count=1, history=_samples(1, 0.0, 0, 0),
    )  # fmt: skip
    return Streams(
        ENGINE,
        (events, dead, missing, wrong, unnamed),
        Progress(12000, 2000000, False, 4.0),
        pending=_pending(),
        entries=_entries(),
        letters=_letters(),
    )


def _pending() -> PendingPage:
    gone, working = KeyName(b"consumer1"), KeyName(b"consumer2")

    def one(number: int, age_s: float, idle_s: float, deliveries: int, why: str) -> PendingEntry:
        who, body = (gone if idle_s > 60 else working), entry(age_s, number)
        return PendingEntry(body.id, age_s, who, idle_s, deliveries, body, False, clean(why))

    lost = PendingEntry(
        entry_id(7200), 7200.0, working, 3.0, 1, None, True, clean("deleted from the stream")
    )
    rows = (
        one(1, 7300, 7260, 1, "consumer1 is gone: idle for 2 h"),
        one(2, 7280, 7260, 2, "consumer1 is gone: idle for 2 h"),
        one(3, 7260, 7260, 7, "poison? delivered 7 times and never acknowledged"),
        lost,
        one(5, 7100, 5, 1, ""),
        one(6, 4, 3, 1, ""),
    )
    return PendingPage(ENGINE, EVENTS, MANAGER, PendingFilter(), rows, 6, _DONE, is_at_end=True)


def _entries() -> EntriesPage:
    intents = ("lead.intake", "finance.report", "support.triage")
    rows = tuple(entry(1 + 3 * place, 9000 - place, intents[place % 3]) for place in range(100))
    return EntriesPage(
        ENGINE, EVENTS, tuple(reversed(rows)), 10000, is_at_start=False, is_at_end=True
    )


def _letter(number: int, age_s: float, error: str, kind: LetterKind, why_not: str) -> DeadLetter:
    is_event = kind in {LetterKind.JSON, LetterKind.FLAT}
    body = entry(age_s, number, "finance.report")
    event = clean("automation.run.requested") if is_event else EMPTY
    return DeadLetter(
        body, kind, not why_not, clean(why_not), clean(error), event,
        clean("finance.report") if is_event else EMPTY, clean(f"r{number}") if is_event else EMPTY,
        3 if is_event else None, age_s, EVENTS if is_event else None,
    )  # fmt: skip


def _letters() -> DeadLetters:
    refused, timeout = "Connection refused", "Timeout after 30 s"
    rows = (
        _letter(0, 50000, "", LetterKind.INIT, "the first entry of the publisher: no message"),
        _letter(90, 40000, refused, LetterKind.JSON, ""),
        _letter(91, 30000, timeout, LetterKind.FLAT, ""),
        _letter(92, 20000, "Parse error: Expecting value", LetterKind.NOT_JSON, "it is not JSON"),
        _letter(93, 10000, "Parse error: Expecting value", LetterKind.WRAPPED,
                "it wraps what could not be read"),
        _letter(94, 900, refused, LetterKind.JSON, ""),
    )  # fmt: skip
    counts = LetterCounts()
    for row in rows:
        counts.add(row)
    note = clean("XREAD only peeks: it takes nothing out")
    return DeadLetters(ENGINE, DEAD, 6, rows, counts.groups(), _DONE, True, (EVENTS,), note)


def cost_streams() -> Streams:
    """Return the one stream of the dashboard: well."""
    group = _group(
        b"workers", (_consumer(b"w-1", 1, 1, ConsumerState.WORKING, "asked 1 s ago"),),
        oldest_pending=entry_id(1), oldest_idle_s=1.0,
    )  # fmt: skip
    jobs = Stream(
        COSTS, KeyName(b"jobs:sync"), Presence.BOTH, "jobs", length=340, first=entry_id(9000),
        last=entry_id(1), first_age_s=9000.0, last_age_s=1.0, rate_in_per_s=0.7,
        rate_out_per_s=0.7, memory_bytes=88_000, groups=(group,), group_count=1,
        history=_samples(300, 0.7, 0, 1), verdict=Verdict.OK, service="cost-dashboard/backend",
    )  # fmt: skip
    return Streams(COSTS, (jobs,), Progress(4100, 4100, True, 0.4))


def stream_servers() -> tuple[ServerView, ...]:
    """Return the servers; one of them wants a password."""
    load = OwnLoad(commands_total=4210, per_s=6.0, cap_per_s=200.0)
    wrong = Trouble(
        clean("NOAUTH"),
        clean("it wants a password and none is configured"),
        clean("write the address as redis://:${REDIS_PASSWORD}@host, or give an ACL user"),
    )
    return (
        ServerView(ENGINE, load=load, looked_at_s=0.0),
        ServerView(COSTS, load=load, looked_at_s=0.0),
        ServerView(DECISIONS, trouble=wrong),
    )


def all_streams() -> tuple[Streams, ...]:
    """Return what is known of the streams of each server that answers."""
    return (engine_streams(), cost_streams())
