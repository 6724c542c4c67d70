"""Procedures as rows and in full: steps with kind and gate, and where the last run stands. Pure."""

from datetime import UTC, datetime

from core.model.action_pages import ProcedureEntry
from core.model.operation import ProcedureStep
from core.model.procedure import OVER, ProcedureRun, RunPhase, RunStep, StepRecord, StepStatus
from core.model.text import SafeText, clean, join
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
_BY_PEOPLE = frozenset({"human", "log", "view"})


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
    settled = sum(one.status is not StepStatus.PENDING for one in run.records)
    where = "" if run.is_over else f", {settled} of {len(run.steps)}"
    at = datetime.fromtimestamp(run.changed_s, UTC)
    return line(
        span(f"{glyph} {run.phase.replace('_', ' ')}{where}", tone, bold=not run.is_over),
        span(f"  {ago_text(at, now)}", Tone.DIM),
    )


def procedure_search(entry: ProcedureEntry) -> SafeText:
    """Return what a filter looks through."""
    spec = entry.spec
    words = (spec.title, entry.system, spec.name, spec.kind, spec.when)
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


def procedure_lines(entry: ProcedureEntry, width: int, now: datetime) -> tuple[Line, ...]:
    """Return a procedure with its steps; of a run that is not over, how each came out."""
    spec, run = entry.spec, entry.last
    lines = [line(span(spec.title, Tone.TITLE, bold=True))]
    lines += wrap(spec.when, width, 3, Tone.DIM)
    lines += wrap(spec.note, width, 3, Tone.DIM)
    lines += [BLANK, *_now(entry, width, now), BLANK]
    shown = run if run is not None and not run.is_over else None
    steps = shown.steps if shown is not None else entry.steps
    lines.append(rule("Steps", width, f"{len(steps)}"))
    within: tuple[SafeText, ...] = ()
    for index, one in enumerate(steps):
        if one.within != within and one.within:
            lines.append(cut(line(span(" › ".join(one.within), Tone.LABEL)), width))
        within = one.within
        record = shown.records[index] if shown is not None else StepRecord()
        lines += _step(one, record, width)
    return tuple(lines)


def _step(one: RunStep, record: StepRecord, width: int) -> list[Line]:
    glyph, tone = _STATUSES[record.status]
    step = one.step
    gate = span("  gate", Tone.DEGRADED) if step.is_gate else span("")
    head = line(span(f"{glyph} ", tone), span(f"{one.number:<5}"), span(step.title), gate)
    lines = [cut(head, width)]
    room = max(1, width - 7)
    texts = [_doing(step), _rules(step), step.note, step.link]
    for text in filter(None, texts):
        lines += [(span(" " * 7), *row) for row in wrap(text, room, 3, Tone.DIM)]
    if record.text or record.who:
        by = f" by {record.who}" if record.who else ""
        said = f"{record.status}{by}{f': {record.text}' if record.text else ''}"
        lines += [(span(" " * 7), *row) for row in wrap(said, room, 3, tone)]
    return lines


def _doing(step: ProcedureStep) -> str:
    if step.kind == "wait":
        return f"wait {duration_text(step.wait_s)}"
    if step.kind == "human":
        return f"you: {step.what}"
    target = f" {step.target}" if step.target else ""
    return f"{step.kind} {step.what}{target}"


def _rules(step: ProcedureStep) -> str:
    said: list[str] = []
    if step.until:
        said.append(f"until {step.until} is ok, {duration_text(step.within_s)} at most")
    if step.on_failure != "stop" and not step.is_gate and step.kind not in {"check", "log", "view"}:
        said.append(f"when it fails: {step.on_failure.replace('_', ' ')}")
    return "; ".join(said)


def _now(entry: ProcedureEntry, width: int, now: datetime) -> list[Line]:
    """Return where the last run stands and what a person does next, as a command."""
    run = entry.last
    if run is None or run.is_over:
        begin = f"quarterdeck procedure run {entry.system}/{entry.spec.name}"
        how = [line(span("Begin it with  ", Tone.LABEL), span(begin, Tone.TITLE, bold=True))]
        return [*(_about(run, width, now) if run is not None else []), *how]
    if entry.holder:
        return [*_about(run, width, now), line(span(f"{entry.holder} it now", Tone.ACCENT))]
    lines = _about(run, width, now)
    for command, what in _ways_on(run):
        lines.append(cut(line(span(f"  {command:<38}", Tone.TITLE), span(what, Tone.DIM)), width))
    return lines


def _about(run: ProcedureRun, width: int, now: datetime) -> list[Line]:
    glyph, tone = _PHASES[run.phase]
    at = datetime.fromtimestamp(run.started_s, UTC)
    head = line(
        span(f"{glyph} {run.phase.replace('_', ' ')}", tone, bold=True),
        span(f"  run {run.id[-6:]}, begun {ago_text(at, now)} by {run.started_by}", Tone.DIM),
    )
    return [cut(head, width)]


def _ways_on(run: ProcedureRun) -> list[tuple[str, str]]:
    """Return the commands that make sense now, with what each does."""
    short = run.id[-6:]
    if run.phase is RunPhase.STOPPED:
        failed = [i for i, one in enumerate(run.records) if one.status is StepStatus.FAILED]
        is_gate = bool(failed) and run.steps[failed[-1]].step.is_gate
        again = (f"quarterdeck procedure resume {short}", "tries the failed step again")
        skip = (f"quarterdeck procedure skip {short}", "goes past it")
        give_up = (f"quarterdeck procedure abandon {short}", "gives up; what was done stays")
        return [again, give_up] if is_gate else [again, skip, give_up]
    at = next((i for i, one in enumerate(run.records) if one.status is StepStatus.PENDING), None)
    if at is not None and run.steps[at].step.kind in _BY_PEOPLE:
        return [(f"quarterdeck procedure tick {short}", f"step {run.steps[at].number} is done")]
    return [(f"quarterdeck procedure resume {short}", "goes on")]
