"""One key, or one store, in full. Pure. Never a key as it is."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from core.model.key_store import ApiKey, KeyShape, KeyStoreView, StoreFile, StoreState
from core.model.text import SafeText
from widgets.present.durations import clock_text, duration_text, until_text
from widgets.present.fitting import beside, cut, cut_path, rule, wrap
from widgets.present.key_notes import loss_text, trouble_text
from widgets.present.keys import (
    BAD_STATES,
    KeyEntry,
    day_text,
    finding_span,
    gauge,
    has_alarm,
    percent_tone,
    state_line,
    store_line,
)
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import MISSING, count_text, percent_text, plural
from widgets.present.services import label

_ROWS = 4
_GAUGE_CELLS = 20
_BESIDE_CELLS = 110
"""With so many, a key and its store stand side by side."""
_GAP_CELLS = 3
_INDENT = "  "


def entry_lines(
    entry: KeyEntry, now: datetime, width: int, *, is_focused: bool = False
) -> tuple[Line, ...]:
    """Return everything known of what the cursor is on, for lines of `width` cells."""
    store, key = entry.store, entry.key
    if key is None:
        head = rule("Store", width, store.target, is_focused=is_focused)
        return (head, *store_lines(store, now, width))
    if width < _BESIDE_CELLS:
        own = _key_block(entry.store, key, now, width, is_focused=is_focused)
        return (*own, BLANK, *_store_block(store, now, width))
    half = (width - _GAP_CELLS) // 2
    own = _key_block(entry.store, key, now, half, is_focused=is_focused)
    return beside(own, _store_block(store, now, width - half - _GAP_CELLS), half, _GAP_CELLS)


def _key_block(
    store: KeyStoreView, key: ApiKey, now: datetime, width: int, *, is_focused: bool
) -> tuple[Line, ...]:
    head = rule("Key", width, store.target, is_focused=is_focused)
    is_old = store.state in BAD_STATES
    own = key_lines(key, now, width, is_old=is_old)
    return (head, *own, *_in_files(store, key, width))


def _store_block(store: KeyStoreView, now: datetime, width: int) -> tuple[Line, ...]:
    return (rule("Store", width, store.title or store.target), *store_lines(store, now, width))


def key_lines(key: ApiKey, now: datetime, width: int, *, is_old: bool = False) -> tuple[Line, ...]:
    """Return what is known of a key, or what was known when its store was read last."""
    masked = span(key.masked, bold=True)
    title = (*state_line(key, now, is_old=is_old), span(f"  {key.short_id}  ", Tone.ACCENT), masked)
    lines: list[Line] = [cut((*title, span(f"  {key.name}")), width)]
    for text in (*key.differs, *key.findings):
        said = finding_span(key, text)
        lines += wrap(said.text, width, _ROWS, said.tone)
    lines += [BLANK, *(cut(one, width) for one in _figures(key, now))]
    return tuple(lines)


def _figures(key: ApiKey, now: datetime) -> tuple[Line, ...]:
    tier = span(key.tier or MISSING, Tone.PLAIN if key.is_tier_known else Tone.DEGRADED)
    unknown = span("" if key.is_tier_known else "  no tier that is known", Tone.DEGRADED)
    percent = span(f"  {percent_text(key.percent)}", percent_tone(key), bold=True)
    quota = MISSING if key.quota is None else f"{count_text(key.quota)} requests a month"
    lines = [
        label("tier", tier, unknown),
        label("quota", quota),
        label("this month", *gauge(key, _GAUGE_CELLS), percent,
              span(f"  {count_text(key.used_month)}")),
        label("today", count_text(key.used_today)),
        label("last used", _moment(key.last_used, now, "no record of it")),
        label("created", _moment(key.created, now, "not written down")),
    ]  # fmt: skip
    if key.expires is not None:
        is_over = key.expires <= now
        when = "expired" if is_over else until_text(key.expires, now)
        tone = Tone.DEGRADED if is_over else Tone.PLAIN
        lines.append(
            label("expires", span(when, tone), span(f"  {day_text(key.expires)}", Tone.DIM))
        )
    return tuple(lines)


def _moment(moment: datetime | None, now: datetime, unknown: str) -> str:
    if moment is None:
        return unknown
    age_s = (now - moment).total_seconds()
    if age_s <= -1:
        return f"{clock_text(moment, now)}, ahead of this machine's clock"
    return f"{duration_text(age_s)} ago, {clock_text(moment, now)}"


def _in_files(store: KeyStoreView, key: ApiKey, width: int) -> tuple[Line, ...]:
    """Return what a key is in each file that should agree; nothing where there is one file."""
    if len(store.files) < 2:
        return ()
    lines: list[Line] = [BLANK, line(span("In each file", Tone.LABEL, bold=True))]
    word = "active" if key.is_active else "not live"
    for one in store.files:
        other = next((text for text in key.differs if _file_of(text, store.files) is one), None)
        if one.state in BAD_STATES:
            said = span(f"{one.state.value:<12}", Tone.DOWN)
        elif other is not None:
            said = span(f"{other.rpartition(': ')[2]:<12}", Tone.DOWN, bold=True)
        else:
            said = span(f"{word:<12}", Tone.OK if key.is_active else Tone.DIM)
        lines.append(cut(line(span(_INDENT), said, *_path(one, width - 14)), width))
    return tuple(lines)


def _file_of(text: SafeText, files: Sequence[StoreFile]) -> StoreFile | None:
    """Return the file that `api_keys.json: inactive` is about: the names are what tells them apart.

    The shortest path that ends so: any other would have been called by more of its path.
    """
    name = text.rpartition(": ")[0]
    named = [one for one in files if one.path == name or one.path.endswith(f"/{name}")]
    return min(named, key=lambda one: len(one.path), default=None)


def _path(file: StoreFile, width: int) -> Line:
    mark = span("  ◀ the server reads this one" if file.is_server_file else "", Tone.ACCENT)
    room = width - len(mark.text)
    return line(span(cut_path(file.path, max(12, room))), mark)


def store_lines(store: KeyStoreView, now: datetime, width: int) -> tuple[Line, ...]:
    """Return what is known of a store: its state, its files, its tiers."""
    lines: list[Line] = [cut(_head(store), width)]
    if store.loss is not None:
        shape, tone = ("✖", Tone.DOWN) if has_alarm(store) else ("·", Tone.DIM)
        lines += wrap(f"{shape} {loss_text(store, store.loss, now)}", width, _ROWS, tone)
        if has_alarm(store):
            lines.append(line(span("m", Tone.KEY, bold=True), span(" says that you have read it")))
    if store.state in BAD_STATES:
        lines += wrap(trouble_text(store, now), width, _ROWS, Tone.DOWN)
    elif store.why:
        said = f"read-only: {store.why}" if store.state is StoreState.READ_ONLY else store.why
        lines += wrap(said, width, _ROWS, Tone.DEGRADED)
    for text in store.findings:
        lines += wrap(f"▲ {text}", width, _ROWS, Tone.DEGRADED)
    for one in store.files:
        lines += [BLANK, *(cut(drawn, width) for drawn in _file(one, store, now, width))]
    lines += [cut(one, width) for one in _tiers(store)]
    if store.note:
        lines += [BLANK, *wrap(store.note, width, _ROWS, Tone.DIM)]
    return tuple(lines)


def _head(store: KeyStoreView) -> Line:
    active = store.active_count
    counts = f"  {plural(len(store.keys), 'key')}, {count_text(active)} active"
    is_known = bool(store.keys) or store.state in {StoreState.READ, StoreState.EMPTY}
    return (*store_line(store.state), span(counts if is_known else ""))


def _file(one: StoreFile, store: KeyStoreView, now: datetime, width: int) -> tuple[Line, ...]:
    keys = f"{count_text(one.keys)} keys, {count_text(one.active)} active" if one.keys else ""
    is_bad = one.state in BAD_STATES
    state = store_line(one.state)
    is_shaped = not is_bad and one.shape is not KeyShape.UNKNOWN
    shape = span(f"  {one.shape.value}" if is_shaped else "", Tone.DIM)
    lines = [
        _path(one, width),
        line(span(_INDENT), *state, span(f"  {keys}" if keys else ""), shape),
    ]
    if one.why and one.why != store.why:
        tone = Tone.DOWN if is_bad else Tone.DEGRADED
        lines += [line(span(_INDENT), *said) for said in wrap(one.why, width - 2, _ROWS, tone)]
    mode = f"{one.mode}  " if one.mode else ""
    written = f"written {clock_text(one.modified, now)}" if one.modified is not None else ""
    if mode or written:
        lines.append(line(span(f"{_INDENT}{mode}{written}", Tone.DIM)))
    if one.is_bind_mount:
        said = "mounted alone: it is written in place, a rename would not be seen inside"
        lines += [line(span(_INDENT), *text) for text in wrap(said, width - 2, 2, Tone.DEGRADED)]
    return tuple(lines)


def _tiers(store: KeyStoreView) -> tuple[Line, ...]:
    """Return the limits table: tiers, their quotas, and how many active keys each has."""
    if not store.tiers:
        return ()
    if store.active_tiers is not None:
        counts = Counter(dict(store.active_tiers))
    else:
        counts = Counter(str(one.tier) for one in store.keys if one.is_active)
    head = line(span(f"{'Tier':<16}{'requests a month':>16}{'active keys':>14}", Tone.LABEL))
    rows = (
        line(
            span(f"{name:<16.16}"),
            span(f"{quota:>16,}"),
            span(f"{counts[name]:>14,}", Tone.PLAIN if counts[name] else Tone.DIM),
        )
        for name, quota in store.tiers
    )
    return (BLANK, head, *rows)
