"""Which dead letters a wish means, where each would go back to, and how one is known again."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.actions.action import Site
from core.actions.families.stream_entry_steps import size_of
from core.actions.families.stream_look import MOST, Ground, counted, duration_s, ground_of, ids_of
from core.actions.work import digest
from core.clients.keyspace.port import RawEntry
from core.errors import ActionError
from core.model.action import ActionRequest
from core.model.dead_letter import DeadLetter
from core.model.redis_key import KeyName
from core.model.redis_spec import StreamSpec
from core.model.stream import EntryId
from core.model.text import SafeText, clean
from core.redis.streams.letter_groups import died_age_s, is_aged
from core.redis.streams.letters import letter_of, requeued_fields
from core.redis.streams.payload import Fields, payload_of

REPLAY_ID, PUT_BACK = b"replay_id", b"dlq_put_back"
"""Fields that we add: to a message that was sent again, to a letter that was put back."""
_PAGE = 100
_EXAMINED = 20_000
_MOST_BYTES = 64 * 1024 * 1024
"""Of letters in one plan: whoever discards them has them in memory, and in one file."""
_MOST_FIELDS = 3000
"""A script cannot hand over more words at once."""
_PASSING = frozenset(
    {
        b"error", b"error_message", b"reason", b"retry_count", b"retries", b"attempts",
        b"failed_at", b"timestamp", b"original_id", b"traceback",
    }
)  # fmt: skip
"""Flat fields that are others each time a message dies."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter that is meant."""

    raw: RawEntry
    seen: DeadLetter
    to: KeyName | None = None
    """Where it goes back to; None: nowhere."""
    why_not: str = ""

    @property
    def line(self) -> SafeText:
        """The letter in a line."""
        what = self.seen.error or self.seen.event_type or self.seen.kind.value
        return clean(f"{self.raw.id}  {what}  {self.seen.entry.preview}", 160)


@dataclass(frozen=True, slots=True)
class Letters:
    """Which letters of a stream a request means."""

    rows: tuple[Letter, ...]
    """The oldest first."""
    missing: tuple[EntryId, ...] = ()
    notes: tuple[SafeText, ...] = ()


async def dead_letters_of(site: Site, target: str) -> Ground:
    """Look at a stream of dead letters; for a stream that is configured, at its only one.

    Raises:
        ActionError: it is no stream of dead letters.
    """
    ground = await ground_of(site, target)
    names = {KeyName.read(one) for one in ground.spec.dead_letters}
    if ground.key in names or not ground.spec.name:
        return ground
    if len(names) == 1:
        system = target.partition("/")[0]
        return await ground_of(site, f"{system}/{next(iter(names)).spelled}")
    raise ActionError(
        f"the configuration does not name {ground.key.shown} among any stream's dead letters"
    )


async def select_letters(ground: Ground, request: ActionRequest) -> Letters:
    """Read the letters that are meant: by id, by error, type and age, or all.

    Raises:
        ActionError: it is not said which.
    """
    now_s = float(ground.state.now_s)
    error, kind = request.input("error").casefold(), request.input("type")
    ids = ids_of(request.input("ids"))
    if ids:
        return await _named(ground, ids, now_s)
    older_s, newer_s = _age_s(request, "older"), _age_s(request, "newer")
    is_aged_only = older_s is not None or newer_s is not None
    if not (error or kind or is_aged_only or request.input("all") == "yes"):
        raise ActionError(
            "say which: --set ids=…, error=… (a part of it), type=…, older=1d, newer=1h or all=yes"
        )
    rows: list[Letter] = []
    start: EntryId | None = None
    examined = size = 0
    while examined < _EXAMINED and len(rows) < MOST:
        page = await ground.control.entries(ground.server, ground.key, start, _PAGE)
        examined += len(page)
        for one in (_letter(raw, ground.spec, now_s) for raw in page):
            aged = is_aged(died_age_s(one.seen), older_s, newer_s)
            if not (aged and _is_meant(one.seen, error, kind)):
                continue
            size += size_of(one.raw)
            if rows and size > _MOST_BYTES:
                return Letters(tuple(rows[:MOST]), notes=(_large(len(rows)),))
            rows.append(one)
        if len(page) < _PAGE:
            return Letters(tuple(rows[:MOST]), notes=_more(len(rows)))
        start = page[-1].id
    note = clean(f"looked through the oldest {examined}; plan again for what comes after")
    return Letters(tuple(rows[:MOST]), notes=(note,))


async def _named(ground: Ground, ids: Sequence[EntryId], now_s: float) -> Letters:
    """Read letters by their ids.

    Raises:
        ActionError: they are too much for one plan.
    """
    there: list[RawEntry] = []
    size = 0
    for at in range(0, len(ids), _PAGE):
        found = await ground.control.entries_of(ground.server, ground.key, ids[at : at + _PAGE])
        there += [one for one in found if one is not None]
        size += sum(size_of(one) for one in found if one is not None)
        if size > _MOST_BYTES and len(there) > 1:
            raise ActionError(f"these letters are more than {_MOST_BYTES} bytes; name fewer")
    missing = tuple(sorted(set(ids) - {one.id for one in there}))
    return Letters(tuple(_letter(one, ground.spec, now_s) for one in there), missing)


def _large(count: int) -> SafeText:
    return clean(f"the oldest {count}, as much as one plan takes ({_MOST_BYTES} bytes); plan again")


def _letter(raw: RawEntry, spec: StreamSpec, now_s: float) -> Letter:
    return Letter(raw, letter_of(raw, spec, now_s))


def _age_s(request: ActionRequest, name: str) -> float | None:
    text = request.input(name)
    return duration_s(name, text, 0.0) if text else None


def _is_meant(seen: DeadLetter, error: str, kind: str) -> bool:
    has_error = not error or error in seen.error.casefold()
    return has_error and (not kind or seen.event_type == kind)


def _more(count: int) -> tuple[SafeText, ...]:
    more = count - MOST
    return (clean(f"the oldest {MOST}; plan again for {more} more"),) if more > 0 else ()


def routed(letters: Letters, ground: Ground, to: str, there: Sequence[KeyName]) -> Letters:
    """Return the letters with where each goes, or why it goes nowhere.

    Args:
        letters: As selected.
        ground: Their stream.
        to: A stream that all of them go to; empty: each to where it died.
        there: Those of the configured streams that exist, for letters that do not say.
    """
    wanted = KeyName.read(to) if to else None
    usual = next(iter(there), None)
    return replace(letters, rows=tuple(_routed(one, ground, wanted, usual) for one in letters.rows))


def _routed(one: Letter, ground: Ground, to: KeyName | None, usual: KeyName | None) -> Letter:
    if not one.seen.can_requeue:
        return replace(one, why_not=str(one.seen.why_not))
    if len(one.raw.fields) > _MOST_FIELDS:
        return replace(one, why_not=f"{len(one.raw.fields)} fields are too many")
    # Where it came from is what the letter says: outside text, that may name any stream.
    known = [KeyName.read(key) for key in ground.spec.keys]
    origin = to or one.seen.origin or usual
    if origin is None:
        return replace(one, why_not="it does not say where it came from; --set to=…")
    if to is None and origin not in known:
        return replace(one, why_not=f"from {origin.shown}, which is not configured; --set to=…")
    if origin == ground.key:
        return replace(one, why_not=f"{origin.shown} is where it is")
    return replace(one, to=origin)


def replay_id(key: str, one: str) -> str:
    """Return what marks a message that was sent again: the letter that it was."""
    return f"{key}/{one}"


def message_of(raw: RawEntry, key: str, spec: StreamSpec) -> tuple[tuple[bytes, bytes], ...]:
    """Return what is sent again: the message as it was, and its mark."""
    kept = tuple(
        (name, value)
        for name, value in requeued_fields(raw.fields, spec)
        if name not in (REPLAY_ID, PUT_BACK)
    )
    return (*kept, (REPLAY_ID, replay_id(key, f"{raw.id}").encode()))


def identity(fields: Fields, spec: StreamSpec) -> str:
    """Return what a message keeps however often it dies."""
    kept = requeued_fields(fields, spec)
    payload = payload_of(kept, spec.payload_field, None)
    if payload is not None:
        members = sorted((one.name, payload.shown(one)) for one in payload.members)
        return digest(json.dumps(members).encode())
    own = {REPLAY_ID, PUT_BACK, *_PASSING}
    rows = sorted((name.hex(), value.hex()) for name, value in kept if name not in own)
    return digest(json.dumps(rows).encode())


def marks_in(fields: Fields, key: str) -> Iterator[bytes]:
    """Yield the marks that a letter holds, wherever whoever buried it has put them."""
    mark = re.compile(re.escape(replay_id(key, "").encode()) + rb"\d+-\d+")
    for _, value in fields:
        yield from mark.findall(value)


def left_out(letters: Letters) -> list[SafeText]:
    """Return why some of what was asked for stays."""
    rows = [clean(f"not: {one.line}: {one.why_not}") for one in letters.rows if one.why_not]
    gone = [clean(f"not: {one}: no longer there") for one in letters.missing]
    return [*rows, *gone, *letters.notes]


def letters_text(number: int) -> str:
    """Return `1 dead letter`, `2 dead letters`."""
    return counted(number, "dead letter")
