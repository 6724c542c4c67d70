"""Circuit breakers as rows, and one in full. Pure."""

from datetime import UTC, datetime

from core.model.circuit import Circuit, CircuitState, Transition
from core.model.text import SafeText, clean
from core.model.verdict import Verdict
from core.model.views import Picture, ServiceView
from widgets.present.durations import clock_text, duration_text
from widgets.present.fitting import cut, wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import MISSING
from widgets.present.raw_fields import raw_lines
from widgets.present.services import label
from widgets.present.stream_words import age_text
from widgets.present.verdicts import verdict_line

STRIP_CELLS = 12
_NOTE_ROWS = 4
_SHOWN_CHANGES = 8
_SIGNS = {
    CircuitState.CLOSED: ("●", "closed", Tone.OK),
    CircuitState.HALF_OPEN: ("◐", "half open", Tone.DEGRADED),
    CircuitState.OPEN: ("✖", "OPEN", Tone.DOWN),
    CircuitState.ABSENT: ("○", "no record", Tone.UNKNOWN),
    CircuitState.INVALID: ("?", "invalid", Tone.DEGRADED),
}
_SHAPES = {
    CircuitState.CLOSED: "▁",
    CircuitState.HALF_OPEN: "▄",
    CircuitState.OPEN: "█",
    CircuitState.ABSENT: "·",
    CircuitState.INVALID: "?",
}
_RANKS = {
    CircuitState.OPEN: 4.0,
    CircuitState.INVALID: 3.0,
    CircuitState.HALF_OPEN: 2.0,
    CircuitState.ABSENT: 1.0,
    CircuitState.CLOSED: 0.0,
}

Sort = tuple[float | str | None, ...]


def circuit_key(circuit: Circuit) -> str:
    """Return the identity of a breaker's row."""
    return f"{circuit.server} {circuit.spec_name} {circuit.name}"


def is_trouble(circuit: Circuit) -> bool:
    """Tell whether a person should look at a breaker."""
    return circuit.state not in {CircuitState.CLOSED, CircuitState.ABSENT}


def state_line(state: CircuitState) -> Line:
    """Return a state: a shape, a word, a colour."""
    glyph, word, tone = _SIGNS[state]
    return line(span(f"{glyph} {word}", tone, bold=state is not CircuitState.CLOSED))


def circuit_cells(circuit: Circuit, upstream: ServiceView | None) -> tuple[Line, ...]:
    """Return the cells in the order of the pane's columns."""
    tone = _SIGNS[circuit.state][2] if is_trouble(circuit) else Tone.DIM
    return (
        state_line(circuit.state),
        line(span(circuit.name, bold=is_trouble(circuit))),
        line(span(circuit.server, Tone.DIM)),
        line(span(age_text(circuit.since_age_s))),
        _of(circuit.failures, circuit.threshold),
        _probe(circuit),
        verdict_line(upstream.verdict) if upstream is not None else line(span(MISSING, Tone.DIM)),
        _metric(circuit),
        history_strip(circuit),
        line(span(why_text(circuit), tone)),
    )


def circuit_sort(circuit: Circuit) -> Sort:
    """Return what each cell sorts by."""
    return (
        _RANKS[circuit.state],
        circuit.name,
        circuit.server,
        circuit.since_age_s,
        circuit.failures,
        circuit.next_probe_s,
        circuit.upstream,
        circuit.metric_raw,
        float(len(circuit.history)),
        why_text(circuit),
    )


def circuit_search(circuit: Circuit) -> SafeText:
    """Return what a filter looks at."""
    keys = " ".join(key.shown for key in circuit.keys)
    words = (circuit.server, circuit.name, circuit.state, circuit.spec_name, keys)
    return clean(f"{' '.join(words)} {why_text(circuit)}")


def why_text(circuit: Circuit) -> str:
    """Return the one thing to know of a breaker beyond its state."""
    if circuit.problem:
        return circuit.problem
    if circuit.state is CircuitState.ABSENT:
        return "no record: never used since, or closed"
    if circuit.documented:
        return f"the documented key {circuit.documented[0].shown} does not exist"
    if circuit.state is CircuitState.OPEN and circuit.next_probe_s == 0:
        return "stays open until the next request, which is let through"
    return circuit.note


def history_strip(circuit: Circuit, cells: int = STRIP_CELLS) -> Line:
    """Return the states it went through, oldest first: low for closed, high for open."""
    if not circuit.history:
        return line(span("·" * cells, Tone.DIM))
    states = (circuit.history[0].before, *(one.after for one in circuit.history))[-cells:]
    gap = span("·" * (cells - len(states)), Tone.DIM)
    return (gap, *(span(_SHAPES[state], _SIGNS[state][2]) for state in states))


def _of(count: int | None, most: int | None) -> Line:
    text = MISSING if count is None else str(count)
    whole = span(f"/{most}" if most is not None else "", Tone.DIM)
    return line(span(text, Tone.PLAIN if count else Tone.DIM), whole)


def _probe(circuit: Circuit) -> Line:
    if circuit.next_probe_s is None:
        return line(span(MISSING, Tone.DIM))
    if circuit.next_probe_s <= 0:
        return line(span("next req.", Tone.ACCENT))
    return line(span(f"in {age_text(circuit.next_probe_s)}", Tone.ACCENT))


def _metric(circuit: Circuit) -> Line:
    if not circuit.metric:
        return line(span(MISSING, Tone.DIM))
    if not circuit.metric_raw:
        return line(span("not exposed", Tone.DIM))
    means = f" {circuit.metric_means}" if circuit.metric_means else " no legend"
    return line(span(circuit.metric_raw), span(means, Tone.DIM))


def service_of(picture: Picture, name: str) -> ServiceView | None:
    """Return the service that `system/service` names."""
    system, _, service = name.partition("/")
    for view in picture.systems:
        if view.spec.name == system:
            return next((one for one in view.services if one.spec.id.service == service), None)
    return None


def circuit_lines(circuit: Circuit, picture: Picture, width: int) -> tuple[Line, ...]:
    """Return everything known of one breaker, for lines of `width` cells."""
    title = (*state_line(circuit.state), span("  "), span(circuit.name, bold=True))
    lines: list[Line] = [cut(title, width), *wrap(why_text(circuit), width, _NOTE_ROWS), BLANK]
    lines += [cut(one, width) for one in _figures(circuit)]
    lines += [cut(one, width) for one in _keys(circuit)]
    upstream = service_of(picture, circuit.upstream)
    if circuit.upstream:
        lines.append(cut(_upstream(circuit.upstream, upstream), width))
    if circuit.metric:
        means = circuit.metric_means or "its legend does not say what that means"
        raw = (
            f"{circuit.metric_raw} = {means}" if circuit.metric_raw else "not exposed by this build"
        )
        lines.append(cut(label("metric", circuit.metric, span(f"  {raw}", Tone.DIM)), width))
    if circuit.note:
        lines += [BLANK, *wrap(circuit.note, width, _NOTE_ROWS, Tone.DIM)]
    lines += [BLANK, *(cut(one, width) for one in _changes(circuit, picture.now))]
    lines += raw_lines(circuit.raw, width)
    return tuple(lines)


def _figures(circuit: Circuit) -> tuple[Line, ...]:
    since = (
        "not written down" if circuit.since_age_s is None else duration_text(circuit.since_age_s)
    )
    lines = [label("since", since), label("failures", *_of(circuit.failures, circuit.threshold))]
    if circuit.successes is not None:
        lines.append(label("successes", *_of(circuit.successes, circuit.successes_needed)))
    if circuit.next_probe_s is not None:
        lines.append(label("next probe", *_probe(circuit)))
    if circuit.ttl_s is not None:
        lines.append(label("expires", f"in {duration_text(circuit.ttl_s)}"))
    return tuple(lines)


def _keys(circuit: Circuit) -> tuple[Line, ...]:
    looked = "looked for" if circuit.state is CircuitState.ABSENT else "keys"
    lines = [label(looked if at == 0 else "", key.shown) for at, key in enumerate(circuit.keys)]
    if circuit.shape:
        lines.append(label("shape", circuit.shape))
    for key in circuit.documented:
        not_there = span("  documented, and not there", Tone.DEGRADED)
        lines.append(label("runbook", key.shown, not_there))
    if circuit.service:
        lines.append(label("called by", circuit.service))
    return tuple(lines)


def _upstream(name: str, view: ServiceView | None) -> Line:
    if view is None:
        return label("upstream", name, span("  not watched", Tone.DIM))
    return label("upstream", f"{name}  ", *verdict_line(view.verdict), span(f"  {view.reason}"))


def _changes(circuit: Circuit, now: datetime) -> tuple[Line, ...]:
    head = line(span("Changes seen", Tone.LABEL, bold=True))
    if not circuit.history:
        return (head, line(span("none since the console looks", Tone.DIM)))
    return (head, *(_change(one, now) for one in reversed(circuit.history[-_SHOWN_CHANGES:])))


def _change(change: Transition, now: datetime) -> Line:
    moment = datetime.fromtimestamp(change.time_s, UTC)
    arrow: tuple[Span, ...] = (*state_line(change.before), span(" → "), *state_line(change.after))
    return (span(f"{clock_text(moment, now)}  ", Tone.DIM), *arrow, span(f"  {change.reason}"))


def state_verdict(state: CircuitState) -> Verdict:
    """Return how much a state worries."""
    if state is CircuitState.OPEN:
        return Verdict.DOWN
    if state in {CircuitState.HALF_OPEN, CircuitState.INVALID}:
        return Verdict.DEGRADED
    return Verdict.OK if state is CircuitState.CLOSED else Verdict.UNKNOWN
