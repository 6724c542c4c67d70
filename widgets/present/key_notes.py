"""What must be known before a table of keys is read: one line over all, and what is wrong. Pure."""

from datetime import datetime

from core.model.key_store import KeyLoss, KeyStoreView, StoreState
from core.model.keys_view import KeysPicture
from core.model.text import clean
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import ago_text, clock_text
from widgets.present.fitting import spread, wrap
from widgets.present.keys import BAD_STATES, is_over, old_text
from widgets.present.line import Line, Span, Tone, line, span
from widgets.present.numbers import count_text, plural

_BROKEN = "✖ nobody reads the stores any more: a bug, and it has been written down"
_NONE = "a profile names the stores, or the configuration does: systems.….keys"
_ROWS = 2


def keys_summary(picture: KeysPicture, now: datetime, width: int) -> Line:
    """Return one line over all stores: how many there are, how many keys live, what is found."""
    if not picture.stores:
        return ()
    keys = [key for store in picture.stores for key in store.keys]
    active = sum(key.is_active for key in keys)
    found = sum(bool(key.differs) or (key.is_active and bool(key.findings)) for key in keys)
    over = sum(key.is_active and is_over(key) for key in keys)
    parts: list[Span] = [span(plural(len(picture.stores), "store"), bold=True)]
    for state, word, tone in _WORST:
        count = sum(one.state is state for one in picture.stores)
        if count:
            parts += [span(", "), span(f"{count} {word}", tone, bold=tone is Tone.DOWN)]
    parts += [span("   "), span(plural(len(keys), "key"), bold=True)]
    parts += [span(f", {count_text(active)} active", Tone.OK if active else Tone.DIM)]
    if over:
        parts += [span("   "), span(f"✖ {count_text(over)} over quota", Tone.DOWN, bold=True)]
    if found:
        parts += [span("   "), span(f"▲ {count_text(found)} with findings", Tone.DEGRADED)]
    read = [one.read_at for one in picture.stores if one.read_at is not None]
    right = line(span(f"read {ago_text(max(read), now)}", Tone.DIM)) if read else line()
    return spread(tuple(parts), right, width)


_WORST = (
    (StoreState.MISSING, "missing", Tone.DOWN),
    (StoreState.UNREADABLE, "not readable", Tone.DOWN),
    (StoreState.READ_ONLY, "read-only", Tone.DEGRADED),
    (StoreState.EMPTY, "without keys", Tone.DIM),
)


def keys_notes(picture: KeysPicture, now: datetime, width: int) -> tuple[Line, ...]:
    """Return what must be known first, worst first: losses, what cannot be read, findings."""
    lines: list[Line] = []
    if picture.is_broken:
        lines += wrap(_BROKEN, width, _ROWS, Tone.DOWN)
    for store in picture.stores:
        if store.loss is not None:
            lines += _loud(wrap(f"✖ {loss_text(store, store.loss, now)}", width, _ROWS, Tone.DOWN))
    for store in picture.stores:
        if store.state in BAD_STATES:
            lines += wrap(f"✖ {trouble_text(store, now)}", width, _ROWS, Tone.DOWN)
    for store in picture.stores:
        for text in store.findings:
            said = f"▲ {store.target}: {text}{_server_file(store, text)}"
            lines += wrap(said, width, _ROWS, Tone.DEGRADED)
    for store in picture.stores:
        if store.state is StoreState.READ_ONLY:
            said = f"▲ {store.target} is read-only: {store.why}"
            lines += wrap(said, width, _ROWS, Tone.DEGRADED)
    return tuple(lines)


def _loud(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(tuple(Span(part.text, part.tone, True) for part in one) for one in lines)


def loss_text(store: KeyStoreView, loss: KeyLoss, now: datetime) -> str:
    """Return how many keys vanished, when, and what has them."""
    count, moment = plural(loss.count, "key"), clock_text(loss.noticed, now)
    text = f"{count} vanished from {store.target} at {moment}, not by an action of ours"
    if not loss.backup:
        return f"{text}; no copy has them"
    return f"{text}: x offers to restore them from {loss.backup}"


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


def _server_file(store: KeyStoreView, text: str) -> str:
    """Return which file the server reads, where several should agree and nothing says it yet."""
    if len(store.files) < 2 or "split" not in text.casefold():
        return ""
    read = next((one for one in store.files if one.is_server_file), None)
    if read is None:
        return "; nobody can tell which one the server reads"
    return "" if read.path in text else f"; the server reads {read.path}"


def keys_absence(picture: KeysPicture | None, what: str = "keys") -> Line:
    """Return why there are no rows: not looked yet, nothing configured, or nobody looks."""
    if picture is not None and picture.is_broken:
        return absence_line(Absence.UNREACHABLE, what, "nobody reads them any more")
    if picture is None or not picture.is_read:
        return absence_line(Absence.LOADING, what)
    return absence_line(Absence.NONE, what, "no store is configured")


def nothing_lines(width: int) -> tuple[Line, ...]:
    """Return what to do where nothing is configured."""
    return wrap(clean(_NONE), width, _ROWS, Tone.DIM)
