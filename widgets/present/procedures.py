"""Procedures as rows, as a whole before they begin, and as a run with its steps. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.model.action_pages import ProcedureEntry
from core.model.action_state import ActionState
from core.model.operation import ProcedureStep
from core.model.procedure import OVER, Part, ProcedureRun, RunPhase, RunStep, StepRecord, StepStatus
from core.model.procedure_ways import (
    BY_PEOPLE,
    Way,
    part_asked,
    step_in_question,
    ways_on,
)
from core.model.text import SafeText, clean, join
from core.model.views import CheckView
from widgets.present.durations import ago_text, duration_text
from widgets.present.fitting import cut, rule, wrap
from widgets.present.line import BLANK, Line, Tone, line, span
from widgets.present.numbers import plural

_STATUSES = {
    StepStatus.PENDING: ("·", Tone.DIM),
    StepStatus.RUNNING: ("▶", Tone.ACCENT),
    StepStatus.PASSED: ("✔", Tone.OK),
    StepStatus.TICKED: ("✔", Tone.OK),
    StepStatus.FAILED: ("✖", Tone.DOWN),
    StepStatus.SKIPPED: ("»", Tone.DEGRADED),
    StepStatus.UNDONE: ("↶", Tone.DEGRADED),
}
_PHASES = {
    RunPhase.FINISHED: ("✔", Tone.OK),
    RunPhase.GOING: ("▶", Tone.ACCENT),
    RunPhase.STOPPED: ("✖", Tone.DOWN),
    RunPhase.ROLLING_BACK: ("↶", Tone.DEGRADED),
    RunPhase.ROLLED_BACK: ("↶", Tone.DEGRADED),
    RunPhase.ABANDONED: ("–", Tone.DIM),
}
WAY_KEYS = {
    Way.GO_ON: "c",
    Way.TICK: "t",
    Way.FAIL: "F",
    Way.SKIP: "S",
    Way.SKIP_PART: "P",
    Way.ROLL_BACK: "U",
    Way.ABANDON: "X",
}
"""The keys that the screen of actions takes for them."""
BEGIN_KEY, LET_GO_KEY, LOOK_KEY = "b", "L", "w"
LOOKS = frozenset({"check", "log", "view"})
"""Kinds of steps that are looked at somewhere."""
_OUTPUT_LINES = 6
_INDENT = 7


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside a run of the step that it is at."""

    action: ActionState | None = None
    """The action that the step has started."""
    output: tuple[SafeText, ...] = ()
    """The newest lines of what that says."""
    awaited: CheckView | None = None
    """The check that the step waits for, as it is now."""


NOTHING_BESIDE = Beside()


def is_waiting(entry: ProcedureEntry) -> bool:
    """Tell whether a run of it is not over."""
    return entry.last is not None and entry.last.phase not in OVER


def procedure_cells(entry: ProcedureEntry, now: datetime) -> tuple[Line, ...]:
    """Return a procedure's cells: title, name, kind, steps, last run."""
    spec = entry.spec
    return (
        line(span(spec.title)),
        line(span(f"{entry.system}/{spec.name}", Tone.DIM)),
        line(span(spec.kind, Tone.DEGRADED if spec.kind == "emergency" else Tone.DIM)),
        line(span(str(len(entry.steps)), Tone.DIM)),
        _last(entry, now),
    )


def _last(entry: ProcedureEntry, now: datetime) -> Line:
    if entry.problem:
        return line(span(entry.problem, Tone.DEGRADED))
    run = entry.last
    if run is None:
        return line(span("never", Tone.DIM))
    glyph, tone = _PHASES[run.phase]
    word = run.phase.replace("_", " ")
    if run.phase is RunPhase.GOING and not entry.holder:
        glyph, tone, word = "▲", Tone.DEGRADED, "waits"
    settled = sum(one.status is not StepStatus.PENDING for one in run.records)
    where = "" if run.is_over else f", {settled} of {len(run.steps)}"
    at = datetime.fromtimestamp(run.changed_s, UTC)
    return line(
        span(f"{glyph} {word}{where}", tone, bold=not run.is_over),
        span(f"  {ago_text(at, now)}", Tone.DIM),
    )


def procedure_search(entry: ProcedureEntry) -> SafeText:
    """Return what a filter looks through."""
    spec = entry.spec
    words = (spec.title, f"{entry.system}/{spec.name}", spec.kind, spec.when)
    return join(" ", [clean(one) for one in words])


def procedures_summary(entries: tuple[ProcedureEntry, ...] | None, width: int) -> Line:
    """Return how many there are, and which runs wait for somebody."""
    if entries is None:
        return line(span("procedures: loading…", Tone.DIM))
    if not entries:
        return line(span("no procedures are configured", Tone.DIM))
    waiting = [one for one in entries if is_waiting(one)]
    head = span(plural(len(entries), "procedure"), Tone.DIM)
    if not waiting:
        return line(head)
    names = ", ".join(f"{one.system}/{one.spec.name}" for one in waiting)
    return cut(line(head, span(f"   ▲ not over: {names}", Tone.DEGRADED)), width)


def beginning_lines(
    entry: ProcedureEntry, inputs: tuple[tuple[str, str], ...], width: int
) -> tuple[Line, ...]:
    """Return what a person reads before a procedure begins: all its steps, and what they gave."""
    lines = _head(entry, width)
    said = "The machine does its own steps; before each action its plan is shown and asks for a yes"
    lines += [BLANK, *wrap(said, width, 3)]
    if inputs:
        pairs = ", ".join(f"{name}={value}" for name, value in inputs)
        lines += wrap(f"Given: {pairs}", width, 4)
    lines += [BLANK, *_steps(entry.steps, None, width)]
    return tuple(lines)


def procedure_lines(
    entry: ProcedureEntry, beside: Beside, width: int, now: datetime
) -> tuple[Line, ...]:
    """Return a procedure with its steps; of its last run, where it stands and how each came out."""
    lines = [*_head(entry, width), BLANK, *_now(entry, beside, width, now), BLANK]
    run = entry.last
    lines += _steps(run.steps if run is not None else entry.steps, run, width)
    return tuple(lines)


def _head(entry: ProcedureEntry, width: int) -> list[Line]:
    spec = entry.spec
    lines = [line(span(spec.title, Tone.TITLE, bold=True))]
    lines += wrap(spec.when, width, 3, Tone.DIM)
    lines += wrap(spec.note, width, 3, Tone.DIM)
    return lines


def _steps(steps: Iterable[RunStep], run: ProcedureRun | None, width: int) -> list[Line]:
    steps = tuple(steps)
    lines: list[Line] = [rule("Steps", width, f"{len(steps)}")]
    within: tuple[Part, ...] = ()
    for index, one in enumerate(steps):
        for part in one.within:
            if part not in within:
                lines += _part(part, width)
        within = one.within
        lines += _step(one, run.records[index] if run is not None else StepRecord(), width)
    return lines


def _part(part: Part, width: int) -> list[Line]:
    optional = span("  optional", Tone.DEGRADED) if part.is_optional else span("")
    head = line(span(f"  {part.number:<5}"), span(part.title, Tone.LABEL), optional)
    lines = [cut(head, width)]
    said = "asked about before it begins; can be skipped as a whole, gates too"
    for text in filter(None, (said if part.is_optional else "", part.note)):
        lines += _indented(text, width, Tone.DIM)
    return lines


def _step(one: RunStep, record: StepRecord, width: int) -> list[Line]:
    glyph, tone = _STATUSES[record.status]
    step = one.step
    is_now = record.status is StepStatus.RUNNING
    gate = span("  gate", Tone.DEGRADED) if step.is_gate else span("")
    title = span(step.title, Tone.ACCENT if is_now else Tone.PLAIN, bold=is_now)
    head = line(span(f"{glyph} ", tone), span(f"{one.number:<5}"), title, gate)
    lines = [cut(head, width)]
    texts = [doing_text(step), _rules(step), step.note, step.link]
    for text in filter(None, texts):
        lines += _indented(text, width, Tone.DIM)
    if record.text or record.who:
        by = f" by {record.who}" if record.who else ""
        tries = f", try {record.tries}" if record.tries > 1 else ""
        said = f"{record.status}{by}{tries}{f': {record.text}' if record.text else ''}"
        lines += _indented(said, width, tone)
    return lines


def _indented(text: str, width: int, tone: Tone) -> list[Line]:
    rows = wrap(text, max(1, width - _INDENT), 3, tone)
    return [(span(" " * _INDENT), *row) for row in rows]


def doing_text(step: ProcedureStep) -> str:
    """Return what a step does: `action service.restart api`, `wait 30 s`, `you: …`."""
    if step.kind == "wait":
        return f"wait {duration_text(step.wait_s)}"
    if step.kind == "human":
        return f"you: {step.what}"
    target = f" {step.target}" if step.target else ""
    given = "".join(f" {name}={value}" for name, value in step.inputs)
    return f"{step.kind} {step.what}{target}{given}"


def _rules(step: ProcedureStep) -> str:
    said: list[str] = []
    if step.until:
        said.append(f"until {step.until} is ok, {duration_text(step.within_s)} at most")
    if step.on_failure != "stop" and not step.is_gate and step.kind not in {"check", "log", "view"}:
        said.append(f"when it fails: {step.on_failure.replace('_', ' ')}")
    return "; ".join(said)


def _now(entry: ProcedureEntry, beside: Beside, width: int, now: datetime) -> list[Line]:
    """Return where the last run stands, what it waits for, and the keys that go on."""
    run = entry.last
    if entry.problem:
        return list(wrap(entry.problem, width, 4, Tone.DEGRADED))
    begin = _key(BEGIN_KEY, "begins it: first all its steps are shown", width)
    if run is None:
        return [begin]
    lines = [_about(run, width, now)]
    if run.is_over:
        return [*lines, begin]
    index = step_in_question(run)
    if index is not None:
        lines += _at(run, index, beside, width, now)
    if entry.holder:
        here = ", from here: it goes on while you look elsewhere" if entry.is_moved_here else ""
        lines += wrap(f"{entry.holder} this run{here}", width, 2, Tone.ACCENT)
        if entry.is_moved_here:
            lines.append(_key(LET_GO_KEY, "lets it go; an action under way is finished", width))
        return [*lines, *_says(beside, width)]
    if index is not None and run.steps[index].step.kind in LOOKS:
        what = run.steps[index].step.what
        lines.append(_key(LOOK_KEY, f"opens {what}; the run waits meanwhile", width))
    lines += [_key(WAY_KEYS[one.way], one.what, width) for one in ways_on(run)]
    return [*lines, *_says(beside, width)]


def _key(key: str, what: str, width: int) -> Line:
    return cut(line(span(f"  {key}  ", Tone.KEY, bold=True), span(what)), width)


def _about(run: ProcedureRun, width: int, now: datetime) -> Line:
    glyph, tone = _PHASES[run.phase]
    at = datetime.fromtimestamp(run.started_s, UTC)
    head = line(
        span(f"{glyph} {run.phase.replace('_', ' ')}", tone, bold=True),
        span(f"  run {run.id[-6:]}, begun {ago_text(at, now)} by {run.started_by}", Tone.DIM),
    )
    return cut(head, width)


def _at(run: ProcedureRun, index: int, beside: Beside, width: int, now: datetime) -> list[Line]:
    """Return the step that the run is at, and what that waits for."""
    one, record, asked = run.steps[index], run.records[index], part_asked(run)
    if asked is not None:
        said = f"Part {asked.number}  {asked.title}: is it needed?"
        return [*wrap(said, width, 3, Tone.DEGRADED), *wrap(asked.note, width, 4)]
    text, tone = _waiting_text(run, index, beside, now)
    lines = list(wrap(f"Step {one.number}  {one.step.title}: {text}", width, 3, tone))
    if record.status is StepStatus.FAILED and record.text:
        lines += wrap(record.text, width, 4, Tone.DOWN)
    elif one.step.kind in BY_PEOPLE and run.phase is RunPhase.GOING:
        texts = (doing_text(one.step), one.step.note, one.step.link)
        for said in filter(None, texts):
            lines += wrap(said, width, 4)
    return lines


def _waiting_text(run: ProcedureRun, index: int, beside: Beside, now: datetime) -> tuple[str, Tone]:
    one, record = run.steps[index], run.records[index]
    if run.phase is RunPhase.ROLLING_BACK:
        return "is to be taken back", Tone.DEGRADED
    if record.status is StepStatus.FAILED:
        return "failed", Tone.DOWN
    if record.status is StepStatus.RUNNING:
        return _running_text(one.step, record, beside, now), Tone.ACCENT
    if one.step.kind in BY_PEOPLE:
        return "waits for your tick", Tone.DEGRADED
    if one.step.kind in {"action", "command"}:
        return "waits for a yes to its plan", Tone.DEGRADED
    return "is next", Tone.PLAIN


def _running_text(step: ProcedureStep, record: StepRecord, beside: Beside, now: datetime) -> str:
    passed_s = now.timestamp() - record.at_s if record.at_s is not None else 0.0
    if step.kind == "wait":
        return f"{duration_text(step.wait_s - passed_s)} left of {duration_text(step.wait_s)}"
    state = beside.action
    if state is not None and not state.is_ended:
        done = sum(one.took_s is not None for one in state.steps)
        where = f", step {done + 1} of {len(state.steps)}" if done < len(state.steps) else ""
        return f"runs for {duration_text(passed_s)}{where}"
    if step.until and (step.kind == "check" or state is not None):
        seen = beside.awaited
        is_now = f"; now {seen.verdict.value}: {seen.reason or seen.state}" if seen else ""
        return f"waits until {step.until} is ok, {duration_text(step.within_s)} at most{is_now}"
    return f"runs for {duration_text(passed_s)}"


def _says(beside: Beside, width: int) -> list[Line]:
    """Return the newest lines that the step's action says."""
    if not beside.output:
        return []
    shown = beside.output[-_OUTPUT_LINES:]
    return [BLANK, rule("Says", width), *(cut(line(span(one)), width) for one in shown)]
