"""What the cursor of the Streams screen is on, at length: what it is, why, and what helps. Pure."""

from core.model.redis_server import ServerView
from core.model.redis_spec import StreamSpec
from core.model.stream import Consumer, ConsumerState, Group, Presence, Stream
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Tone, line, span, tone_of
from widgets.present.numbers import MISSING, bytes_text, count_text, plural
from widgets.present.stream_entry import about_id
from widgets.present.stream_words import (
    age_text,
    consumer_line,
    id_text,
    is_trouble,
    key_hint,
    pair,
    presence_line,
    rate_cell,
    why_text,
)
from widgets.present.streams import lag_text
from widgets.present.verdicts import verdict_line

_ROWS = 6
_NAMED = 5
_CELLS = 13


def stream_lines(
    stream: Stream, spec: StreamSpec | None, others: tuple[Stream, ...], width: int
) -> tuple[Line, ...]:
    """Return a stream in full.

    Args:
        stream: The stream.
        spec: What the configuration says of it; None: nothing.
        others: The streams of the same server: one of them may be the one that is meant.
        width: Cells.
    """
    lines: list[Line] = [cut((*presence_line(stream), span("  "), *_name(stream)), width)]
    tone = tone_of(stream.verdict) if is_trouble(stream) else Tone.PLAIN
    lines += wrap(why_text(stream), width, 4, tone)
    lines += wrap(_help(stream, others), width, _ROWS, Tone.PLAIN)
    lines += wrap(stream.note, width, 3, Tone.DIM)
    lines.append(BLANK)
    lines += [cut(one, width) for one in _facts(stream, spec)]
    return tuple(lines)


def _name(stream: Stream) -> Line:
    return line(span(stream.key.shown, Tone.TITLE, bold=True))


def _help(stream: Stream, others: tuple[Stream, ...]) -> str:
    """Return what helps where something is not as it should be; empty: nothing is to do."""
    match stream.presence:
        case Presence.MISSING:
            unnamed = [one for one in others if one.presence is Presence.UNNAMED]
            names = ", ".join(one.key.shown for one in unnamed[:_NAMED])
            maybe = f" It may go by another name: this server also has {names}." if names else ""
            return f"A stream comes with its first entry: is its publisher running?{maybe}"
        case Presence.WRONG_TYPE:
            return "Another program writes this key: the stream needs a name of its own."
        case _:
            return ""


def _facts(stream: Stream, spec: StreamSpec | None) -> list[Line]:
    facts = [pair("Server", stream.server, _CELLS)]
    if stream.key.spelled != stream.key.shown:
        facts.append(pair("Key, spelled", stream.key.spelled, _CELLS))
    named = stream.spec_name or "the profile does not name it"
    facts.append(pair("Profile", named, _CELLS))
    if stream.presence not in {Presence.MISSING, Presence.WRONG_TYPE}:
        facts += _measured(stream)
    if spec is not None:
        facts += _limits(spec)
    if stream.service:
        facts.append(pair("Consumed by", (span(stream.service), *_gap("l", "its logs")), _CELLS))
    return facts


def _gap(key: str, what: str) -> Line:
    return (span("   "), *key_hint(key, what))


def _measured(stream: Stream) -> list[Line]:
    rates = (*rate_cell(stream.rate_in_per_s), span(" in, ", Tone.DIM))
    rates = (*rates, *rate_cell(stream.rate_out_per_s), span(" out a second", Tone.DIM))
    facts = [
        pair("Length", plural(stream.length, "entry", "entries"), _CELLS),
        pair("Rate", rates, _CELLS),
    ]
    for name, one, age_s in (
        ("First", stream.first, stream.first_age_s),
        ("Last", stream.last, stream.last_age_s),
    ):
        if one is not None:
            told = about_id(one, age_s) if age_s is not None else line(span(str(one)))
            facts.append(pair(name, told, _CELLS))
    memory = bytes_text(stream.memory_bytes) if stream.memory_bytes is not None else "not measured"
    facts.append(pair("Memory", memory, _CELLS))
    count = max(stream.group_count, len(stream.groups))
    shown = len(stream.groups)
    cut_off = f", {shown} of them shown" if shown < count else ""
    facts.append(pair("Groups", f"{plural(count, 'group') if count else 'none'}{cut_off}", _CELLS))
    return facts


def _limits(spec: StreamSpec) -> list[Line]:
    """Return what the configuration asks of the stream."""
    parts = [f"idle over {duration_text(spec.stuck_after_s)} is stuck"]
    if spec.max_lag_s is not None:
        parts.append(f"lag up to {duration_text(spec.max_lag_s)}")
    if spec.max_depth is not None:
        parts.append(f"up to {plural(spec.max_depth, 'entry', 'entries')}")
    facts = [
        pair("Limits", "; ".join(parts), _CELLS),
        pair("Claims", f"only what is idle for {duration_text(spec.min_idle_s)}", _CELLS),
    ]
    if spec.dead_letters:
        facts.append(pair("Dead letters", ", ".join(spec.dead_letters), _CELLS))
    return facts


def group_lines(stream: Stream, group: Group, width: int) -> tuple[Line, ...]:
    """Return a consumer group in full."""
    name = line(span(f"  {group.name.shown}", Tone.TITLE, bold=True))
    is_named = "" if group.is_configured else "the profile does not name this group"
    oldest = MISSING
    if group.oldest_pending is not None:
        oldest = f"{group.oldest_pending}, idle {age_text(group.oldest_idle_s)}"
    read = count_text(group.entries_read) if group.entries_read is not None else "not known"
    # The end of the stream stands beside it: how far apart they are is what is wanted.
    end = f"{id_text(group.last_delivered)}   the stream ends at {id_text(stream.last)}"
    facts = [
        pair("Lag", lag_text(group), _CELLS),
        pair("Delivered", end, _CELLS),
        pair("Read", f"{read} entries", _CELLS),
        pair("Pending", (span(count_text(group.pending)), *_gap("enter", "shows them")), _CELLS),
        pair("Oldest", oldest, _CELLS),
        pair("Consumers", _states(group), _CELLS),
    ]
    return (
        cut((*verdict_line(group.verdict), *name), width),
        *wrap(group.reason, width, 4, tone_of(group.verdict)),
        *wrap(is_named, width, 1, Tone.DIM),
        *_lag_reason(group, width),
        BLANK,
        *(cut(one, width) for one in facts),
    )


def _lag_reason(group: Group, width: int) -> tuple[Line, ...]:
    if group.lag_entries is not None and not group.is_lag_counted:
        return ()
    if group.lag_entries is None:
        return wrap(f"Lag is not known: {group.lag_reason}", width, 3, Tone.UNKNOWN)
    return wrap(f"Lag was counted by us: {group.lag_reason}", width, 3, Tone.DIM)


def _states(group: Group) -> str:
    if not group.consumer_count:
        return "none: nobody reads this group"
    counts = {state: sum(one.state is state for one in group.consumers) for state in ConsumerState}
    said = ", ".join(f"{count} {state.value}" for state, count in counts.items() if count)
    of_all = "" if group.consumer_count == len(group.consumers) else " of those listed"
    return f"{count_text(group.consumer_count)}: {said}{of_all}"


def consumer_lines(group: Group, consumer: Consumer, width: int) -> tuple[Line, ...]:
    """Return a consumer in full."""
    name = line(span(f"  {consumer.name.shown}", Tone.TITLE, bold=True))
    inactive = "the server is too old to tell, or it never got anything"
    if consumer.inactive_s is not None:
        inactive = f"{duration_text(consumer.inactive_s)} ago"
    pending = (span(count_text(consumer.pending)), *_gap("enter", "shows them"))
    facts = [
        pair("Group", str(group.name.shown), _CELLS),
        pair("Pending", pending, _CELLS),
        pair("Asked", f"{duration_text(consumer.idle_s)} ago", _CELLS),
        pair("Got", inactive, _CELLS),
    ]
    return (
        cut((*consumer_line(consumer.state), *name), width),
        *wrap(consumer.reason, width, 4, Tone.PLAIN),
        *wrap(_consumer_help(consumer), width, 3, Tone.DIM),
        BLANK,
        *(cut(one, width) for one in facts),
    )


def _consumer_help(consumer: Consumer) -> str:
    if consumer.state is ConsumerState.GONE and consumer.pending:
        return "What it holds waits for nobody: x claims it for a consumer that works."
    if consumer.state is ConsumerState.GONE:
        return "It holds nothing: x can remove it."
    if consumer.state is ConsumerState.STUCK:
        return "Look at what it holds (enter) and at its logs (l) before claiming anything."
    return ""


def server_lines(view: ServerView, width: int) -> tuple[Line, ...]:
    """Return a server that cannot be read, or that has nothing to show."""
    head = line(span(view.server, Tone.TITLE, bold=True))
    if view.trouble is None:
        said = "It answers, and has no stream; the profile names none of it either."
        if view.looked_at_s is None:
            said = "It was not heard of yet."
        return (head, *wrap(said, width, 2, Tone.DIM))
    trouble = view.trouble
    lines = [
        line(span(f"✖ {trouble.word}", Tone.DOWN, bold=True), span("  "), *head),
        *wrap(trouble.text, width, 4, Tone.DOWN),
    ]
    if trouble.remedy:
        lines += [BLANK, rule("What helps", width), *wrap(trouble.remedy, width, 6)]
    said = "Whatever is shown of its streams is from before. It is asked again by itself."
    return (*lines, BLANK, *wrap(said, width, 2, Tone.DIM))
