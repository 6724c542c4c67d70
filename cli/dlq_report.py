"""What `quarterdeck dlq` prints: dead letters, and what they have in common. Pure."""

from collections.abc import Sequence

from cli.output import aligned
from cli.record_values import seconds
from cli.redis_reading import Reading
from cli.stream_report import (
    FORMAT,
    age,
    entry_json,
    progress_json,
    trouble_json,
    trouble_lines,
)
from core.model.dead_letter import DeadLetter, DeadLetters, LetterGroup
from core.redis.streams.words import counted


def as_document(
    readings: tuple[Reading, ...], found: Sequence[DeadLetters], limit: int
) -> dict[str, object]:
    """Return the JSON document of `dlq --json`."""
    return {
        "format": FORMAT,
        "servers": [
            {"server": one.spec.server, "trouble": trouble_json(one.trouble)} for one in readings
        ],
        "streams": [_letters_json(one, limit) for one in found],
    }


def _letters_json(letters: DeadLetters, limit: int) -> dict[str, object]:
    total, requeueable = counts(letters)
    return {
        "server": letters.server,
        "stream": letters.stream.spelled,
        "length": letters.length,
        "counted": total,
        "requeueable": requeueable,
        "not_requeueable": total - requeueable,
        "can_go_to": [one.spelled for one in letters.originals],
        "groups": [_group_json(one) for one in letters.groups],
        "letters": [_letter_json(one) for one in letters.rows[:limit]],
        "is_at_end": letters.is_at_end and len(letters.rows) <= limit,
        "search": progress_json(letters.progress),
        "note": letters.note,
    }


def counts(letters: DeadLetters) -> tuple[int, int]:
    """Return how many letters were counted, and how many of them can go back."""
    by_age = [one for one in letters.groups if one.by == "age"]
    return sum(one.count for one in by_age), sum(one.requeueable for one in by_age)


def _group_json(group: LetterGroup) -> dict[str, object]:
    return {
        "by": group.by,
        "key": group.key,
        "count": group.count,
        "requeueable": group.requeueable,
        "newest_age_s": seconds(group.newest_age_s),
        "oldest_age_s": seconds(group.oldest_age_s),
        "sample_id": str(group.sample.entry.id),
    }


def _letter_json(letter: DeadLetter) -> dict[str, object]:
    return {
        **entry_json(letter.entry),
        "kind": str(letter.kind),
        "can_requeue": letter.can_requeue,
        "why_not": letter.why_not,
        "error": letter.error,
        "event_type": letter.event_type,
        "intent": letter.intent,
        "run": letter.run,
        "retries": letter.retries,
        "died_age_s": seconds(letter.died_age_s),
        "original_stream": letter.origin.spelled if letter.origin is not None else None,
    }


def as_lines(
    readings: tuple[Reading, ...], found: Sequence[DeadLetters], by: str, limit: int
) -> list[str]:
    """Return each stream: its letters one by one, or what they have in common."""
    lines: list[str] = []
    for one in found:
        rows = [_group_row(group) for group in one.groups if group.by == by]
        rows = rows if by else [_row(letter) for letter in one.rows[:limit]]
        lines += [_head(one), *(f"  {line}" for line in aligned(rows))]
        if not by and len(one.rows) > limit:
            lines.append("  and more")
        lines.append("")
    lines += [line for one in readings for line in trouble_lines(one)]
    if not lines:
        return ["no dead-letter stream is there"]
    return lines[:-1] if not lines[-1] else lines


def _head(letters: DeadLetters) -> str:
    total, requeueable = counts(letters)
    head = f"{letters.server} {letters.stream.shown}: {counted(letters.length, 'dead letter')}"
    if not letters.progress.is_complete:
        head += f", {letters.progress.examined:,} of them read"
    head += f", {requeueable:,} of {total:,} can go back"
    where = ", ".join(one.shown for one in letters.originals)
    head += f" to {where}" if where else " (to which stream is not known)" if requeueable else ""
    return head + (f"; {letters.note}" if letters.note else "")


def _row(letter: DeadLetter) -> tuple[str, ...]:
    run = f" {letter.run}" if letter.run else ""
    what = " ".join(filter(None, (letter.event_type, letter.intent)))
    retries = "-" if letter.retries is None else counted(letter.retries, "retry", "retries")
    state = "can go back" if letter.can_requeue else f"stays: {letter.why_not}"
    died_s = letter.entry.age_s if letter.died_age_s is None else letter.died_age_s
    return (
        str(letter.entry.id),
        f"{age(died_s)} ago",
        f"{what}{run}" if what else letter.entry.preview,
        letter.error or "-",
        retries,
        state,
    )


def _group_row(group: LetterGroup) -> tuple[str, ...]:
    return (
        f"{group.count:,}",
        group.key,
        f"{group.requeueable:,} can go back",
        f"newest {age(group.newest_age_s)}",
        f"oldest {age(group.oldest_age_s)}",
        f"such as {group.sample.entry.id}",
    )
