"""Actions as rows and in full: where each stands, what it did, what it changed for others. Pure."""

from dataclasses import replace
from datetime import UTC, datetime

from core.model.action import Phase, PlannedStep, Proof
from core.model.action_pages import Page
from core.model.action_state import ActionState, StepProgress, StepState
from core.model.action_view import ActionsPicture, LookedAt
from core.model.text import SafeText, clean, join
from widgets.present.action_pages import audit_summary, backups_summary
from widgets.present.durations import clock_text, duration_text
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import plural
from widgets.present.procedures import procedures_summary

_OUTPUT_LINES = 200
_PROOF_LINES = 12
"""What was not done has its reason there, of each by itself."""
_ENDS = {
    Phase.COMMITTED: ("✔", Tone.OK),
    Phase.ROLLED_BACK: ("↶", Tone.DEGRADED),
    Phase.ABORTED: ("–", Tone.DIM),
    Phase.NEEDS_HUMAN: ("✖", Tone.DOWN),
}
_PROOFS = {
    Proof.VERIFIED: ("✔", Tone.OK),
    Proof.UNVERIFIED: ("?", Tone.UNKNOWN),
    Proof.FAILED: ("✖", Tone.DOWN),
}
_STEPS = {
    StepState.WAITING: ("·", Tone.DIM),
    StepState.RUNNING: ("▶", Tone.ACCENT),
    StepState.DONE: ("✔", Tone.OK),
    StepState.FAILED: ("✖", Tone.DOWN),
    StepState.UNDONE: ("↶", Tone.DEGRADED),
}


def outcome_line(state: ActionState) -> Line:
    """Return where an action stands: a shape and words."""
    if state.is_left_over:
        return line(span("✖ left unfinished", Tone.DOWN, bold=True))
    if state.is_alive and not state.is_ended:
        return line(span(f"▶ {_doing(state)}", Tone.ACCENT, bold=True))
    glyph, tone = _ENDS.get(state.phase, ("·", Tone.DIM))
    if state.proof is not None and state.phase is Phase.COMMITTED:
        glyph, tone = _PROOFS[state.proof]
        return line(span(f"{glyph} {state.proof}", tone))
    word = state.phase.value.replace("_", " ")
    if state.is_resolved:
        return line(span(f"{glyph} {word}, dealt with", Tone.DIM))
    return line(span(f"{glyph} {word}", tone, bold=state.phase is Phase.NEEDS_HUMAN))


def _doing(state: ActionState) -> str:
    step = state.current_step
    if state.phase is Phase.RUNNING and step is not None:
        return f"step {step + 1} of {len(state.steps)}"
    return state.phase.value.replace("_", " ")


def action_cells(state: ActionState, now: datetime) -> tuple[Line, ...]:
    """Return an action's cells: outcome, title, system, who, when, how long."""
    return (
        outcome_line(state),
        line(span(state.plan.title)),
        line(span(state.plan.system, Tone.DIM)),
        line(span(state.plan.actor, Tone.DIM)),
        line(span(clock_text(_moment(state.begun_s), now), Tone.DIM)),
        line(span(_took(state, now), Tone.DIM)),
    )


def action_search(state: ActionState) -> SafeText:
    """Return what a filter looks through."""
    plan = state.plan
    words = (plan.title, plan.request.action, plan.request.target, plan.actor, state.phase.value)
    return join(" ", [clean(one) for one in words])


def _moment(at_s: float | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC)


def _took(state: ActionState, now: datetime) -> str:
    if state.begun_s is None:
        return duration_text(None)
    return duration_text((state.ended_s or now.timestamp()) - state.begun_s)


def action_lines(
    state: ActionState, looked_at: LookedAt | None, width: int, now: datetime, undo_against: str
) -> tuple[Line, ...]:
    """Return an action in full.

    Args:
        state: Where it stands.
        looked_at: What only its folder has; None while that is being read.
        width: Cells.
        now: The present.
        undo_against: Why it cannot be undone; empty: it can.
    """
    plan = state.plan
    lines = [
        *map(_bold, _whole(plan.title, width, 6, Tone.TITLE)),
        line(*outcome_line(state), span(f"  {_took(state, now)}  by {plan.actor}", Tone.DIM)),
        *wrap(state.text, width, 6, _tone_of_text(state)),
        *_findings(state, looked_at, width),
        BLANK,
        rule("Steps", width),
    ]
    for planned, progress in zip(plan.steps, state.steps, strict=True):
        lines += _step(planned, progress, width, now)
    if state.proofs:
        lines += [BLANK, rule("Second look", width)]
        for one in state.proofs:
            glyph, tone = _PROOFS[one.proof]
            first, *rest = _whole(one.text, width - 2, _PROOF_LINES) or ((),)
            lines += [(span(f"{glyph} ", tone), *first), *((span("  "), *row) for row in rest)]
    lines += _compared(looked_at, width)
    lines += [BLANK, rule("Plan", width), *_facts(state, width, undo_against)]
    if looked_at is not None and looked_at.output:
        lines += [BLANK, rule("Says", width)]
        lines += [cut(line(span(text)), width) for text in looked_at.output[-_OUTPUT_LINES:]]
    return tuple(lines)


def _tone_of_text(state: ActionState) -> Tone:
    return Tone.DOWN if state.phase is Phase.NEEDS_HUMAN else Tone.PLAIN


def _findings(state: ActionState, looked_at: LookedAt | None, width: int) -> list[Line]:
    """Return what was found of an unfinished action, what finishing it does, and the way out."""
    if not state.is_blocking:
        return []
    lines: list[Line] = [BLANK]
    if looked_at is not None and looked_at.found:
        lines += wrap(f"Found: {looked_at.found}", width, 6, Tone.DEGRADED)
        lines += wrap(f"Then: {looked_at.will}", width, 6)
    if state.is_left_over:
        key, what = "R", " finishes it so; its targets wait for that"
    else:
        key, what = "M", " says that you have dealt with it; its targets wait for that"
    lines.append(cut(line(span(key, Tone.KEY, bold=True), what), width))
    return lines


def _step(planned: PlannedStep, progress: StepProgress, width: int, now: datetime) -> list[Line]:
    glyph, tone = _STEPS[progress.state]
    took_s = progress.took_s
    if progress.state is StepState.RUNNING and progress.begun_s is not None:
        took_s = now.timestamp() - progress.begun_s
    took = f"  {duration_text(took_s)}" if took_s is not None and took_s >= 1 else ""
    *rows, last = _whole(planned.title, width - 2 - len(took), 6) or ((),)
    rows += [(*last, span(took, Tone.DIM)), *_whole(progress.text, width - 2, 6, Tone.DIM)]
    marks = [span(f"{glyph} ", tone), *[span("  ")] * (len(rows) - 1)]
    return [(mark, *row) for mark, row in zip(marks, rows, strict=True)]


def _bold(one: Line) -> Line:
    return tuple(replace(part, is_bold=True) for part in one)


def _whole(text: str, room: int, rows: int, tone: Tone = Tone.PLAIN) -> tuple[Line, ...]:
    """Return a text with its paths in full while there are rows."""
    return wrap(text, max(1, room), rows, tone, breaks_words=True)


def _compared(looked_at: LookedAt | None, width: int) -> list[Line]:
    """Return what is otherwise for others after the action than it was before."""
    if looked_at is None or not looked_at.is_compared:
        return []
    head = [BLANK, rule("Before and after", width)]
    if not looked_at.differences:
        return [*head, line(span("every check of the system says what it said before", Tone.DIM))]
    lines: list[Line] = []
    for one in looked_at.differences:
        lines.append(cut(line(span(one.check, Tone.LABEL)), width))
        lines.append(cut(line(span("  before  ", Tone.DIM), span(one.before)), width))
        lines.append(cut(line(span("  after   ", Tone.DIM), span(one.after)), width))
    return [*head, *lines]


def _facts(state: ActionState, width: int, undo_against: str) -> list[Line]:
    plan = state.plan
    pairs = [
        ("Action", f"{plan.request.action} {plan.request.target}"),
        ("Code", state.code),
        ("Where", f"{plan.host}, {plan.environment}"),
        ("Danger", plan.danger.name.lower()),
        ("Reaches", "; ".join(plan.radius)),
        ("Way back", plan.way_back or "none"),
        ("Undo", undo_against or "possible: press u"),
        ("Id", plan.id),
    ]
    lines: list[Line] = []
    for name, value in pairs:
        rows = _whole(value, width - 10, 4)
        for index, row in enumerate(rows):
            label: Span = span(f"{name if not index else '':<10}", Tone.LABEL)
            lines.append((label, *row))
    return lines


def summary_line(picture: ActionsPicture, page: Page, now: datetime, width: int) -> Line:
    """Return what sums a page up; what stands in the way of every action goes first."""
    trouble = trouble_line(picture, width)
    if trouble:
        return trouble
    match page:
        case Page.AUDIT:
            return audit_summary(picture.pages.trail, now, width)
        case Page.BACKUPS:
            return backups_summary(picture.pages.backups, width)
        case Page.PROCEDURES:
            return procedures_summary(picture.pages.procedures, width)
        case Page.POSSIBLE:
            return _possible(picture)
        case Page.ACTIONS:
            return _counted(picture)


def _possible(picture: ActionsPicture) -> Line:
    if picture.offers is None:
        return BLANK
    against = sum(bool(one.reason_against) for one in picture.offers)
    reasons = f", {against} not now: the reason stands behind it" if against else ""
    return line(span(f"{plural(len(picture.offers), 'action')} on targets{reasons}", Tone.DIM))


def _counted(picture: ActionsPicture) -> Line:
    """Return how many run, how many wait, and the end of the audit log's last hash."""
    if not picture.is_read:
        return BLANK
    spans = [span(plural(len(picture.states), "action"), Tone.DIM)]
    if picture.running:
        spans.append(span(f"   ▶ {len(picture.running)} running", Tone.ACCENT, bold=True))
    if picture.blocking:
        waiting = f"   ✖ {len(picture.blocking)} unfinished: nothing else is done to their targets"
        spans.append(span(waiting, Tone.DOWN, bold=True))
    if picture.audit.tail:
        spans.append(span(f"   audit …{picture.audit.tail}", Tone.DIM))
    return tuple(spans)


def trouble_line(picture: ActionsPicture, width: int) -> Line:
    """Return what stands in the way of every action; blank when nothing does."""
    if picture.problem:
        return cut(line(span(f"✖ no action can be done: {picture.problem}", Tone.DOWN)), width)
    if picture.audit.problem:
        text = f"✖ no audit, no action: {picture.audit.problem}"
        return cut(line(span(text, Tone.DOWN, bold=True)), width)
    if picture.odd:
        text = f"▲ {len(picture.odd)} folder(s) among the actions cannot be read"
        return cut(line(span(text, Tone.DEGRADED)), width)
    if picture.pages.problem:
        return cut(line(span(f"▲ {picture.pages.problem}", Tone.DEGRADED)), width)
    return BLANK
