"""Groups of a stream with their consumers, as rows of a tree. Pure."""

from core.model.stream import Consumer, Group, Stream
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from widgets.present.line import BLANK, Line, Tone, line, span, tone_of
from widgets.present.numbers import count_text
from widgets.present.stream_words import UNKNOWN_LAG, age_cell, consumer_line, count_cell
from widgets.present.verdicts import verdict_line

_CONSUMER = "\0"
"""Between a group and its consumer in a row's key: no spelled name has it."""


def group_key(group: Group) -> str:
    """Return the identity of a group's row."""
    return group.name.spelled


def consumer_key(group: Group, consumer: Consumer) -> str:
    """Return the identity of a consumer's row."""
    return f"{group.name.spelled}{_CONSUMER}{consumer.name.spelled}"


def found(stream: Stream | None, key: str) -> tuple[Group | None, Consumer | None]:
    """Return what a row's key stands for."""
    groups = stream.groups if stream is not None else ()
    name, _, consumer = key.partition(_CONSUMER)
    group = next((one for one in groups if one.name.spelled == name), None)
    if group is None or not consumer:
        return group, None
    return group, next((one for one in group.consumers if one.name.spelled == consumer), None)


def group_cells(group: Group) -> tuple[Line, ...]:
    """Return a group's cells in the order of `GROUP_COLUMNS` (the pane's)."""
    is_well = group.verdict is Verdict.OK
    named = span("" if group.is_configured else "  not named", Tone.DIM)
    return (
        line(span(group.name.shown, bold=True), named),
        verdict_line(group.verdict),
        count_cell(group.pending),
        _lag(group),
        _behind(group),
        age_cell(group.oldest_idle_s),
        BLANK,
        line(span(_why(group), Tone.DIM if is_well else tone_of(group.verdict))),
    )


def _why(group: Group) -> str:
    parts = [str(group.reason)] if group.reason else []
    if group.lag_entries is None:
        parts.append(f"lag ?: {group.lag_reason or 'the server does not tell'}")
    if not group.consumer_count and not group.reason:
        parts.append("no consumer")
    return "; ".join(parts)


def _lag(group: Group) -> Line:
    if group.lag_entries is None:
        return line(span(UNKNOWN_LAG, Tone.UNKNOWN, bold=True))
    return count_cell(group.lag_entries)


def _behind(group: Group) -> Line:
    if group.lag_s is None:
        return line(span(UNKNOWN_LAG, Tone.UNKNOWN, bold=True))
    return age_cell(group.lag_s, Tone.PLAIN if group.lag_s else Tone.DIM)


def consumer_cells(consumer: Consumer, *, is_last: bool) -> tuple[Line, ...]:
    """Return a consumer's cells, below its group."""
    is_odd = consumer.state.value in {"stuck", "gone"}
    return (
        line(span("└ " if is_last else "├ ", Tone.DIM), span(consumer.name.shown)),
        consumer_line(consumer.state),
        count_cell(consumer.pending),
        BLANK,
        BLANK,
        age_cell(consumer.idle_s),
        age_cell(consumer.inactive_s),
        line(span(consumer.reason, Tone.PLAIN if is_odd else Tone.DIM)),
    )


def more_cells(group: Group) -> tuple[Line, ...]:
    """Return the row that stands for consumers that are not listed."""
    count = count_text(group.consumer_count - len(group.consumers))
    return (line(span(f"└ … and {count} more with less pending", Tone.DIM)), *(BLANK,) * 7)


def consumer_search(group: Group, consumer: Consumer) -> SafeText:
    """Return what a filter looks at; a consumer is found by its group, too."""
    return clean(f"{group.name.shown} {consumer.name.shown} {consumer.state} {consumer.reason}")


def group_search(group: Group) -> SafeText:
    """Return what a filter looks at."""
    return clean(f"{group.name.shown} {group.verdict} {_why(group)}")
