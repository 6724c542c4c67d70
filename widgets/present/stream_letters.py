"""Dead letters as rows, in groups and in full. Pure."""

from core.model.dead_letter import DeadLetter, DeadLetters, LetterGroup, LetterKind
from core.model.text import SafeText, clean
from core.redis.streams.letter_groups import OTHERS, age_of, died_age_s, error_of, type_of
from widgets.present.fitting import cut, wrap
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import MISSING, count_text
from widgets.present.stream_entry import entry_lines
from widgets.present.stream_words import age_cell, age_text, pair, reading_spans

_KEYS = {"error": error_of, "type": type_of, "age": age_of}
_KINDS = {
    LetterKind.JSON: "event",
    LetterKind.FLAT: "flat",
    LetterKind.INIT: "init",
    LetterKind.NOT_JSON: "not json",
    LetterKind.WRAPPED: "wrapped",
}


def letter_cells(letter: DeadLetter) -> tuple[Line, ...]:
    """Return the cells in the order of `LETTER_COLUMNS` (the pane's)."""
    tone = Tone.PLAIN if letter.can_requeue else Tone.DIM
    return (
        requeue_line(letter),
        line(span(str(letter.entry.id), tone)),
        age_cell(died_age_s(letter), tone),
        line(span(_KINDS[letter.kind], Tone.DIM)),
        line(span(letter.event_type or MISSING, tone if letter.event_type else Tone.DIM)),
        line(span(count_text(letter.retries), Tone.DIM)),
        line(span(letter.error or "no error is written", tone if letter.error else Tone.DIM)),
        line(span(letter.entry.preview, Tone.DIM)),
    )


def requeue_line(letter: DeadLetter) -> Line:
    """Return whether a letter can be sent back: a shape and words."""
    if letter.can_requeue:
        return line(span("● can go back", Tone.OK))
    return line(span("– stays", Tone.DIM))


def letter_sort(letter: DeadLetter) -> tuple[float | str | None, ...]:
    """Return what each cell sorts by."""
    return (
        float(not letter.can_requeue),
        float(letter.entry.id.ms),
        died_age_s(letter),
        letter.kind.value,
        str(letter.event_type) or None,
        float(letter.retries) if letter.retries is not None else None,
        str(letter.error) or None,
        str(letter.entry.preview),
    )


def letter_search(letter: DeadLetter) -> SafeText:
    """Return what a filter looks at."""
    words = (letter.kind, letter.error, letter.event_type, letter.intent, letter.run)
    return clean(f"{letter.entry.id} {' '.join(words)} {letter.entry.preview} {letter.why_not}")


def is_of(letter: DeadLetter, group: LetterGroup, groups: tuple[LetterGroup, ...]) -> bool:
    """Tell whether a letter belongs to a group, which is one of these."""
    key = _KEYS[group.by](letter)
    if group.key != OTHERS:
        return key == group.key
    return all(one.key != key for one in groups if one.by == group.by)


def group_cells(group: LetterGroup) -> tuple[Line, ...]:
    """Return a group's cells in the order of `LETTER_GROUP_COLUMNS` (the pane's)."""
    stays = group.count - group.requeueable
    return (
        line(span(group.by, Tone.DIM)),
        line(span(group.key, bold=True)),
        line(span(count_text(group.count))),
        line(span(count_text(group.requeueable), Tone.OK if group.requeueable else Tone.DIM)),
        line(span(count_text(stays), Tone.PLAIN if stays else Tone.DIM)),
        age_cell(group.newest_age_s),
        age_cell(group.oldest_age_s),
        line(span(group.sample.entry.preview, Tone.DIM)),
    )


def group_key(group: LetterGroup) -> str:
    """Return the identity of a group's row."""
    return f"{group.by} {group.key}"


def letter_lines(letter: DeadLetter, width: int, *, is_raw: bool) -> tuple[Line, ...]:
    """Return a dead letter in full: whether it can go back first, then why it died."""
    if letter.can_requeue:
        to = f" to {letter.origin.shown}" if letter.origin is not None else ""
        lines = [line(span(f"● it can be sent back{to}", Tone.OK))]
    else:
        why = letter.why_not or "it is no message"
        lines = list(wrap(f"– it stays: {why}", width, 3, Tone.DEGRADED))
    origin = letter.origin.shown if letter.origin is not None else "it does not say"
    died = "it does not say" if letter.died_age_s is None else f"{age_text(letter.died_age_s)} ago"
    lines.append(BLANK)
    lines += [cut(pair("Error", letter.error or "none is written"), width)]
    pairs = (
        ("Type", str(letter.event_type)),
        ("Intent", str(letter.intent)),
        ("Run", str(letter.run)),
        ("Retries", count_text(letter.retries)),
        ("Died", died),
        ("Came from", str(origin)),
        ("Kind", letter.kind.value),
    )
    lines += [cut(pair(name, value or MISSING), width) for name, value in pairs]
    return (*lines, *entry_lines(letter.entry, width, is_raw=is_raw))


def letters_status(
    letters: DeadLetters,
    group: LetterGroup | None,
    text: str,
    marked: int,
    busy: str,
    width: int,
) -> Line:
    """Return how many there are, how many can go back, and which are shown.

    Args:
        letters: What was read of them.
        group: Only those of this group are shown.
        text: Only those with this text are read.
        marked: How many rows are marked.
        busy: What is being read now.
        width: Cells.
    """
    can = sum(one.can_requeue for one in letters.rows)
    parts = [
        span(letters.stream.shown, Tone.TITLE, bold=True),
        span(f"   {count_text(letters.length)} dead letters"),
    ]
    if letters.rows:
        least = "" if letters.is_at_end else f" of the {count_text(len(letters.rows))} read"
        parts.append(span(f"   ● {count_text(can)}{least} can go back", Tone.OK))
    if text:
        parts.append(span(f"   only with: {text}", Tone.DEGRADED))
    if group is not None:
        parts.append(span(f"   only {group.by}: {group.key or '(says nothing)'}", Tone.DEGRADED))
    if marked:
        parts.append(span(f"   {marked} marked", Tone.ACCENT, bold=True))
    parts += reading_spans(letters.progress, busy, is_narrowed=bool(text))
    if letters.note:
        parts.append(span(f"   {letters.note}", Tone.DIM))
    return cut(tuple(parts), width)
