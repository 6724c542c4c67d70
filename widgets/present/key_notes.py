"""What must be known before a table of keys is read: one line over all, and what is wrong. Pure."""

from collections.abc import Sequence
from datetime import datetime

from core.model.key_store import KeyLoss, KeyStoreView, StoreState
from core.model.keys_view import KeysPicture
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import ago_text, clock_text
from widgets.present.fitting import cut, spread, width_of
from widgets.present.key_listing import KeyCounts
from widgets.present.keys import BAD_STATES, old_text
from widgets.present.line import Line, Tone, line, span
from widgets.present.numbers import count_text, plural

_BROKEN = "✖ nobody reads the stores any more: a bug, and it has been written down"


def keys_summary(picture: KeysPicture, counts: KeyCounts, now: datetime, width: int) -> Line:
    """Return one line over all stores: how many there are, how many keys live, what is found."""
    if not picture.stores:
        return ()
    groups: list[Line] = [line(span(plural(len(picture.stores), "store"), bold=True))]
    for state, word, tone in _WORST:
        count = sum(one.state is state for one in picture.stores)
        if count:
            said = span(f"{count} {word}", tone, bold=tone is Tone.DOWN)
            groups.append(line(span(", "), said))
    live = span(f", {count_text(counts.active)} active", Tone.OK if counts.active else Tone.DIM)
    groups.append(line(span("   "), span(plural(counts.keys, "key"), bold=True), live))
    if counts.over:
        said = span(f"✖ {count_text(counts.over)} over quota", Tone.DOWN, bold=True)
        groups.append(line(span("   "), said))
    if counts.found:
        said = span(f"▲ {count_text(counts.found)} with findings", Tone.DEGRADED)
        groups.append(line(span("   "), said))
    read = [one.read_at for one in picture.stores if one.read_at is not None]
    right = line(span(f"read {ago_text(max(read), now)}", Tone.DIM)) if read else line()
    return ends(groups, right, width)


_WORST = (
    (StoreState.MISSING, "missing", Tone.DOWN),
    (StoreState.UNREADABLE, "not readable", Tone.DOWN),
    (StoreState.READ_ONLY, "read-only", Tone.DEGRADED),
    (StoreState.EMPTY, "without keys", Tone.DIM),
)


def ends(groups: Sequence[Line], right: Line, width: int) -> Line:
    """Return as many groups as fit whole, and at the right edge what there is room for."""
    shown: Line = ()
    for group in groups:
        if width_of(shown) + width_of(group) <= width:
            shown = (*shown, *group)
    is_room = width_of(shown) + width_of(right) + 2 <= width
    return spread(shown, right if is_room else (), width)


def alarm_lines(picture: KeysPicture, now: datetime, width: int) -> tuple[Line, ...]:
    """Return what is told on every page: nobody looks, keys vanished."""
    said = [_BROKEN] if picture.is_broken else []
    said += [
        f"✖ {loss_text(store, store.loss, now)}"
        for store in picture.stores
        if store.loss is not None and not store.loss.is_dismissed
    ]
    return tuple(cut(line(span(text, Tone.DOWN, bold=True)), width) for text in said)


def store_notes(picture: KeysPicture, now: datetime, width: int) -> tuple[Line, ...]:
    """Return what must be known of the stores, worst first: what cannot be read, findings."""
    stores = picture.stores
    bad = [f"✖ {trouble_text(store, now)}" for store in stores if store.state in BAD_STATES]
    found = [
        f"▲ {store.target}: {text}"
        for store in stores
        for text in store.findings
        # What cannot be read is told already, and so is what is not written to.
        if not (store.why and store.why in text)
    ]
    kept = [
        f"▲ {store.target} is read-only: {store.why}"
        for store in stores
        if store.state is StoreState.READ_ONLY
    ]
    loud = (cut(line(span(text, Tone.DOWN)), width) for text in bad)
    quiet = (cut(line(span(text, Tone.DEGRADED)), width) for text in (*found, *kept))
    return (*loud, *quiet)


def hidden_lines(count: int, width: int) -> tuple[Line, ...]:
    """Return that there are more keys than rows; nothing where there are not."""
    if not count:
        return ()
    said = f"▲ {plural(count, 'key')} more are not listed: / finds each of them"
    return (cut(line(span(said, Tone.DEGRADED)), width),)


def fewer(lines: tuple[Line, ...], most: int) -> tuple[Line, ...]:
    """Return at most so many lines; the last one then says how many there are more."""
    if len(lines) <= most:
        return lines
    left = f"{len(lines) - most + 1} more"
    return (*lines[: most - 1], line(span(f"  … {left}: enter on a row tells", Tone.DIM)))


def loss_text(store: KeyStoreView, loss: KeyLoss, now: datetime) -> str:
    """Return how many keys vanished, when, and what has them: the shortest first."""
    count, moment = plural(loss.count, "key"), clock_text(loss.noticed, now)
    text = f"{count} vanished from {store.target} at {moment}"
    absent = loss.elsewhere or "no copy has them"
    offer = f"x offers restore, from {loss.backup}" if loss.backup else absent
    read = "; the alarm was read" if loss.is_dismissed else ""
    return f"{text}: {offer}; it was no action of ours{read}"


def trouble_text(store: KeyStoreView, now: datetime) -> str:
    """Return why a store cannot be read, and how old what is shown of it is."""
    if store.state is StoreState.MISSING:
        why = store.why or "there is no such file"
        return f"{store.target} is missing: {why}{_kept(store, now)}"
    return f"{store.target} cannot be read now: {store.why}{_kept(store, now)}"


def _kept(store: KeyStoreView, now: datetime) -> str:
    if not store.keys and store.read_at is None:
        return ""
    return f"; {old_text(store.read_at, now)}"


def keys_absence(picture: KeysPicture | None, what: str = "keys") -> Line:
    """Return why there are no rows: not looked yet, nothing configured, or nobody looks."""
    if picture is not None and picture.is_broken:
        return absence_line(Absence.UNREACHABLE, what, "nobody reads them any more")
    if picture is None or not picture.is_read:
        return absence_line(Absence.LOADING, what)
    return absence_line(Absence.NONE, what, "no store is configured (systems.….keys)")
