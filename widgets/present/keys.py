"""API keys as rows: all stores in one table, what needs a person first. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.key_store import ApiKey, KeyStoreView, StoreState
from core.model.text import SafeText, clean
from widgets.present.chart import bar
from widgets.present.durations import clock_text, duration_text, short_duration
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, count_text, percent_text

GAUGE_CELLS = 8
NEAR_PERCENT = 80.0
"""From here on a key is near its quota."""
FULL_PERCENT = 100.0
_STATES = {
    StoreState.READ: ("●", "read", Tone.OK),
    StoreState.EMPTY: ("○", "no keys", Tone.UNKNOWN),
    StoreState.MISSING: ("✖", "missing", Tone.DOWN),
    StoreState.UNREADABLE: ("✖", "not read", Tone.DOWN),
    StoreState.READ_ONLY: ("▲", "read-only", Tone.DEGRADED),
}
BAD_STATES = frozenset({StoreState.MISSING, StoreState.UNREADABLE})

Sort = tuple[float | str | None, ...]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One row: a key of a store, or a store that has none to show."""

    store: KeyStoreView
    key: ApiKey | None

    @property
    def id(self) -> str:
        """The identity of the row: `system/store/k-3fa91c`."""
        return f"{self.store.target}/{self.key.short_id}" if self.key else self.store.target


def shown_keys(store: KeyStoreView) -> Iterator[tuple[int, ApiKey | None]]:
    """Yield the keys of a store and their places; a loss has a row, as something can be done."""
    if not store.keys or store.loss is not None:
        yield -1, None
    yield from enumerate(store.keys)


def urgency(entry: KeyEntry) -> tuple[int, bool]:
    """Return the place of a row among others: the least is what needs a person first."""
    key = entry.key
    if key is None and has_alarm(entry.store):
        return (-4, False)
    if entry.store.state in BAD_STATES:
        return (-3, key is not None and not key.is_active)
    if key is None:
        return (1, False)
    return (-_weight(key), not key.is_active)


def _weight(key: ApiKey) -> int:
    """Return how much a key needs a person: 2 without any quota or not the same everywhere."""
    is_used_up = key.percent is not None and key.percent >= FULL_PERCENT
    if key.differs or (key.is_active and is_used_up):
        return 2
    return 1 if key.is_active and key.findings else 0


def is_over(key: ApiKey) -> bool:
    """Tell whether a key was used for more than it may."""
    return key.percent is not None and key.percent > FULL_PERCENT


def has_alarm(store: KeyStoreView) -> bool:
    """Tell whether a store has lost keys and nobody has read of it."""
    return store.loss is not None and not store.loss.is_dismissed


def is_trouble(entry: KeyEntry) -> bool:
    """Tell whether a person should look at a row."""
    if entry.key is None:
        return entry.store.state in BAD_STATES or has_alarm(entry.store)
    return _weight(entry.key) > 0 or entry.store.state in BAD_STATES


def labels_of(stores: Sequence[KeyStoreView]) -> dict[str, str]:
    """Return the shortest name of each store that tells it from the others, by its target."""
    names, systems = {one.name for one in stores}, {one.system for one in stores}
    if len(systems) == len(stores):
        return {one.target: one.system for one in stores}
    if len(names) == len(stores):
        return {one.target: one.name for one in stores}
    return {one.target: one.target for one in stores}


def store_line(state: StoreState) -> Line:
    """Return what a store is: a shape, a word, a colour."""
    glyph, word, tone = _STATES[state]
    return line(span(f"{glyph} {word}", tone, bold=state is not StoreState.READ))


def state_line(key: ApiKey, now: datetime, *, is_old: bool = False) -> Line:
    """Return whether a key is live: a shape and a word.

    Old is not now: what was live when it could be read last may be so no more.
    """
    if is_old:
        return line(span(f"? {'active' if key.is_active else 'inactive'}", Tone.UNKNOWN))
    if key.is_active:
        return line(span("● active", Tone.OK))
    if key.expires is not None and key.expires <= now:
        return line(span("○ expired", Tone.DIM))
    return line(span("○ inactive", Tone.DIM))


def key_cells(entry: KeyEntry, label: str, now: datetime) -> tuple[Line, ...]:
    """Return the cells in the order of the pane's columns."""
    key = entry.key
    if key is None:
        return _store_cells(entry.store, label, now)
    tone = Tone.PLAIN if key.is_active else Tone.DIM
    quota_tone = percent_tone(key)
    tier = span(key.tier or MISSING, tone if key.is_tier_known else Tone.DEGRADED)
    return (
        state_line(key, now, is_old=entry.store.state in BAD_STATES),
        line(span(key.short_id, Tone.ACCENT if key.is_active else Tone.DIM)),
        line(span(key.masked, tone)),
        line(tier) if key.is_tier_known or not key.tier else line(tier, span("?", Tone.DEGRADED)),
        _figure(key.quota, tone),
        _figure(key.used_month, tone),
        _figure(key.used_today, tone),
        gauge(key, GAUGE_CELLS),
        line(span(percent_text(key.percent), quota_tone, bold=is_over(key))),
        line(span(age_text(key.last_used, now), tone)),
        line(span(day_text(key.created), Tone.DIM)),
        line(span(key.name, tone)),
        (*_age_of_view(entry.store, now), *_findings(key)),
        line(span(label, Tone.DIM)),
    )


def _age_of_view(store: KeyStoreView, now: datetime) -> Line:
    """Return how old what is shown of a store is, where it cannot be read now."""
    if store.state not in BAD_STATES:
        return line()
    return line(span(f"✖ {age_text(store.read_at, now)} old  ", Tone.DOWN))


def _store_cells(store: KeyStoreView, label: str, now: datetime) -> tuple[Line, ...]:
    tone = Tone.DOWN if is_trouble(KeyEntry(store, None)) else Tone.DIM
    state, why = store_line(store.state), str(store.why or store.title)
    if store.loss is not None:
        is_loud = has_alarm(store)
        shape, loud = ("✖", Tone.DOWN) if is_loud else ("·", Tone.DIM)
        state = line(span(f"{shape} {count_text(store.loss.count)} lost", loud, bold=is_loud))
        why = f"vanished at {clock_text(store.loss.noticed, now)}"
    return (state, *[line()] * 11, line(span(why, tone)), line(span(label, tone)))


def key_sort(entry: KeyEntry, label: str) -> Sort:
    """Return what each cell sorts by."""
    key = entry.key
    if key is None:
        return (float(urgency(entry)[0]), *[None] * 11, entry.store.why, label)
    return (
        -float(key.is_active),
        key.short_id,
        key.masked,
        key.tier,
        key.quota,
        key.used_month,
        key.used_today,
        key.percent,
        key.percent,
        key.last_used.timestamp() if key.last_used else None,
        key.created.timestamp() if key.created else None,
        key.name or None,
        -float(len(_said(key))),
        label,
    )


def key_search(entry: KeyEntry) -> SafeText:
    """Return what a filter looks at."""
    key = entry.key
    if key is None:
        lost = "lost" if entry.store.loss is not None else ""
        return clean(f"{entry.store.target} {entry.store.state} {lost} {entry.store.why}")
    words = "active" if key.is_active else "not-live"
    said = " ".join(_said(key))
    return clean(
        f"{key.short_id} {key.masked} {key.name} {key.tier} {words} {entry.store.target} {said}"
    )


def percent_tone(key: ApiKey) -> Tone:
    """Return how a share of the quota is told."""
    if key.percent is None or not key.is_active:
        return Tone.DIM
    if key.percent >= FULL_PERCENT:
        return Tone.DOWN
    return Tone.DEGRADED if key.percent >= NEAR_PERCENT else Tone.PLAIN


def gauge(key: ApiKey, cells: int) -> Line:
    """Return the share of the quota that is used, as a bar; dots where it is not known."""
    if key.percent is None:
        return line(span("·" * cells, Tone.DIM))
    tone = percent_tone(key)
    return bar(key.percent / 100, cells, Tone.ACCENT if tone is Tone.PLAIN else tone)


def _figure(count: int | None, tone: Tone) -> Line:
    return line(span(count_text(count), Tone.DIM if count is None else tone))


def _said(key: ApiKey) -> tuple[SafeText, ...]:
    return (*key.differs, *key.findings)


def _findings(key: ApiKey) -> Line:
    """Return the first thing to know of a key, and how many more there are."""
    said = _said(key)
    if not said:
        return line()
    first, *others = said
    return line(finding_span(key, first), span(f" +{len(others)}" if others else "", Tone.DIM))


def finding_span(key: ApiKey, text: SafeText) -> Span:
    """Return a finding with its shape; of a key that is not live nothing is urgent."""
    if not key.is_active and text not in key.differs:
        return span(f"· {text}", Tone.DIM)
    if text in key.differs:
        name, _, word = text.rpartition(": ")
        return span(f"✖ {word} in {name}" if name else f"✖ {text}", Tone.DOWN)
    return span(f"▲ {text}", Tone.DEGRADED)


def age_text(moment: datetime | None, now: datetime) -> str:
    """Return how long ago in the largest unit; what is stamped ahead of our clock says so."""
    if moment is None:
        return MISSING
    age_s = (now - moment).total_seconds()
    return f"+{short_duration(-age_s)}" if age_s <= -1 else short_duration(age_s)


def day_text(moment: datetime | None) -> str:
    """Return the day of a moment, UTC; `–` where it is not known."""
    return MISSING if moment is None else f"{moment.astimezone(UTC):%Y-%m-%d}"


def old_text(moment: datetime | None, now: datetime) -> str:
    """Return how old what was read last is: `3 m 04 s old`; nothing was ever read: so."""
    if moment is None:
        return "nothing of it was ever read"
    return f"what is shown is {duration_text((now - moment).total_seconds())} old"
