"""What was read of a stream some time ago, with the ages that it has now. Pure.

An entry's age follows from its id, so rows that were read one after the other come out alike.
"""

from dataclasses import replace

from core.model.dead_letter import DeadLetter, DeadLetters, LetterGroup
from core.model.redis_view import Streams
from core.model.stream import PendingEntry, PendingPage, StreamEntry


def told_at(view: Streams, now_s: float) -> Streams:
    """Return a view with its ages as they are at a moment of the server's clock."""
    pending, letters = view.pending, view.letters
    return replace(
        view,
        pending=_pending(pending, now_s) if pending is not None else None,
        letters=_letters(letters, now_s) if letters is not None else None,
    )


def _entry(entry: StreamEntry, now_s: float) -> StreamEntry:
    return replace(entry, age_s=now_s - entry.id.ms / 1000)


def _pending(page: PendingPage, now_s: float) -> PendingPage:
    return replace(page, rows=tuple(_row(one, now_s) for one in page.rows))


def _row(row: PendingEntry, now_s: float) -> PendingEntry:
    age_s = now_s - row.id.ms / 1000
    return replace(
        row,
        age_s=age_s,
        idle_s=row.idle_s + age_s - row.age_s,
        entry=_entry(row.entry, now_s) if row.entry is not None else None,
    )


def _letters(letters: DeadLetters, now_s: float) -> DeadLetters:
    return replace(
        letters,
        rows=tuple(_letter(one, now_s) for one in letters.rows),
        groups=tuple(_group(one, now_s) for one in letters.groups),
    )


def _letter(letter: DeadLetter, now_s: float) -> DeadLetter:
    entry = _entry(letter.entry, now_s)
    died_s = letter.died_age_s
    gone_s = entry.age_s - letter.entry.age_s
    return replace(letter, entry=entry, died_age_s=None if died_s is None else died_s + gone_s)


def _group(group: LetterGroup, now_s: float) -> LetterGroup:
    sample = _letter(group.sample, now_s)
    gone_s = sample.entry.age_s - group.sample.entry.age_s
    return replace(
        group,
        sample=sample,
        newest_age_s=group.newest_age_s + gone_s,
        oldest_age_s=group.oldest_age_s + gone_s,
    )
