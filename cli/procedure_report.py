"""Procedures and their runs, as lines and as JSON."""

from datetime import UTC, datetime

from core.actions.procedure.steps import steps_of
from core.model.operation import OperationsSpec, ProcedureSpec, ProcedureStep
from core.model.procedure import Part, ProcedureRun, RunPhase, RunStep, StepRecord, StepStatus
from core.model.procedure_ways import (
    failed_step,
    next_step,
    part_asked,
    part_in_question,
    steps_text,
    undoable,
)
from core.model.text import clean

_MARKS = {
    StepStatus.PENDING: "·",
    StepStatus.RUNNING: "▶",
    StepStatus.PASSED: "✔",
    StepStatus.FAILED: "✘",
    StepStatus.SKIPPED: "»",
    StepStatus.TICKED: "✓",
    StepStatus.UNDONE: "↶",
}
_LOOKS = ("log", "view")
_OPTIONAL = " (optional: it is asked about first, and can be skipped as a whole, gates too)"
_SEEN = ("check", *_LOOKS)
"""A look that finds a fault is a finding; that the run goes on need not be said each time."""


def procedure_lines(own: OperationsSpec, spec: ProcedureSpec) -> list[str]:
    """Return a procedure as a person reads it before they begin."""
    lines = [f"{own.system}/{spec.name}  {clean(spec.title)} ({spec.kind})"]
    lines += [f"  {clean(text)}" for text in (spec.when, spec.note) if text]
    parts: tuple[Part, ...] = ()
    for one in steps_of(own, spec.name):
        lines += part_lines(one, parts)
        parts = one.within
        lines.append(f"  {one.number:<4} {step_text(one)}")
    return lines


def part_lines(one: RunStep, before: tuple[Part, ...]) -> list[str]:
    """Return a line for each part that begins with a step; `before`: those of the step before."""
    return [
        f"  {part.number:<4} {part.title}{_OPTIONAL if part.is_optional else ''}"
        + (f" – {part.note}" if part.note else "")
        for part in one.within
        if part not in before
    ]


def step_text(one: RunStep) -> str:
    """Return a step in one line: title, what is done, and what follows from failure."""
    step = one.step
    words = [clean(step.title), f"[{_doing(step)}]"]
    if step.until:
        words.append(f"until {clean(step.until)} is ok, {step.within_s:.0f} s at most")
    if step.is_gate:
        words.append("(gate)")
    elif step.on_failure == "roll_back" or (step.on_failure == "go_on" and step.kind not in _SEEN):
        words.append(f"(fails: {step.on_failure.replace('_', ' ')})")
    words += [f"– {clean(text)}" for text in (step.note, step.link) if text]
    return " ".join(words)


def _doing(step: ProcedureStep) -> str:
    if step.kind == "wait":
        return f"wait {step.wait_s:.0f} s"
    if step.kind == "human":
        return f"you: {clean(step.what)}"
    target = f" {clean(step.target)}" if step.target else ""
    given = "".join(f" {clean(name)}={clean(value)}" for name, value in step.inputs)
    return f"{step.kind} {clean(step.what)}{target}{given}"


def run_lines(run: ProcedureRun) -> list[str]:
    """Return a run: its steps with how they came out, and what comes next."""
    began = datetime.fromtimestamp(run.started_s, UTC)
    lines = [
        f"{run.id}  {run.system}/{run.procedure}  {run.title}",
        f"  {run.phase.replace('_', ' ')}; begun {began:%Y-%m-%d %H:%M} UTC by {run.started_by}",
    ]
    parts: tuple[Part, ...] = ()
    for one, record in zip(run.steps, run.records, strict=True):
        lines += [f"  {text}" for text in part_lines(one, parts)]
        parts = one.within
        lines.append(f"  {_MARKS[record.status]} {one.number:<4} {step_text(one)}")
        if record.status is not StepStatus.PENDING or record.text:
            lines.append(f"         {_said(record)}")
    return lines


def _said(record: StepRecord) -> str:
    at = datetime.fromtimestamp(record.at_s, UTC) if record.at_s is not None else None
    who = f" by {record.who}" if record.who else ""
    when = f" {at:%H:%M:%S}" if at else ""
    more = f": {record.text}" if record.text else ""
    action = f" (action {record.action_id})" if record.action_id else ""
    return f"{record.status}{when}{who}{more}{action}"


def what_now(run: ProcedureRun) -> str:
    """Return one line that says what a person does next."""
    short, index = run.id[-6:], next_step(run)
    asked = part_asked(run)
    if asked is not None:
        return (
            f"part {asked.number}, {asked.title}: is it needed?"
            f" `quarterdeck procedure resume {short}` begins it,{_leaving(run)}"
        )
    part = f",{_leaving(run)}" if part_in_question(run) is not None else ""
    if run.phase is RunPhase.STOPPED:
        failed = failed_step(run)
        is_gate = failed is not None and run.steps[failed].step.is_gate
        skip = "" if is_gate else f", `quarterdeck procedure skip {short}` to go past it"
        number = "" if failed is None else run.steps[failed].number
        back = f", `quarterdeck procedure roll-back {short}` takes back" if undoable(run) else ""
        return (
            f"step {number} failed: `quarterdeck procedure resume {short}` tries it again{skip}"
            f"{part}{back}, `quarterdeck procedure abandon {short}` gives up"
        )
    if index is None:
        return f"the run is over: {run.phase.replace('_', ' ')}"
    one = run.steps[index]
    if run.phase is RunPhase.ROLLING_BACK:
        action = run.records[index].action_id
        return (
            f"step {one.number} is taken back next (action {action}):"
            f" `quarterdeck procedure resume {short}`; where you did it by hand"
            f" `quarterdeck procedure tick {short}`"
        )
    if one.step.kind == "human" or one.step.kind in _LOOKS:
        verb = "look" if one.step.kind in _LOOKS else "do it"
        return f"step {one.number}: {verb}, then `quarterdeck procedure tick {short}`{part}"
    return f"step {one.number} is next: `quarterdeck procedure resume {short}`{part}"


def _leaving(run: ProcedureRun) -> str:
    """Return how an optional part is left out: ` `…` skips it (steps 5.1 to 5.3, gates too)`."""
    part = part_in_question(run)
    if part is None:
        return ""
    verb = f"`quarterdeck procedure skip-part {run.id[-6:]} --note WHY`"
    return f" {verb} skips part {part.number} as a whole ({steps_text(run, part)})"


def procedure_document(own: OperationsSpec, spec: ProcedureSpec) -> dict[str, object]:
    """Return a procedure as JSON with stable names."""
    return {
        "system": own.system,
        "name": spec.name,
        "title": spec.title,
        "kind": spec.kind,
        "when": spec.when,
        "every_s": spec.every_s,
        "note": spec.note,
        "operations": list(spec.operations),
        "steps": [_step_document(one) for one in steps_of(own, spec.name)],
    }


def run_document(run: ProcedureRun) -> dict[str, object]:
    """Return a run as JSON with stable names."""
    index = next_step(run)
    return {
        "id": run.id,
        "system": run.system,
        "procedure": run.procedure,
        "title": run.title,
        "phase": run.phase.value,
        "started_s": run.started_s,
        "started_by": run.started_by,
        "changed_s": run.changed_s,
        "next": None if index is None else run.steps[index].number,
        "what_now": what_now(run),
        "steps": [
            _step_document(one)
            | {
                "status": record.status.value,
                "at_s": record.at_s,
                "who": record.who,
                "text": record.text,
                "action_id": record.action_id,
                "tries": record.tries,
            }
            for one, record in zip(run.steps, run.records, strict=True)
        ],
    }


def _step_document(one: RunStep) -> dict[str, object]:
    step = one.step
    return {
        "number": one.number,
        "within": [part.title for part in one.within],
        "optional_parts": [part.number for part in one.within if part.is_optional],
        "title": step.title,
        "kind": step.kind,
        "what": step.what,
        "target": step.target,
        "inputs": dict(step.inputs),
        "wait_s": step.wait_s,
        "until": step.until,
        "within_s": step.within_s,
        "is_gate": step.is_gate,
        "on_failure": step.on_failure,
        "link": step.link,
        "note": step.note,
        "operations": list(step.operations),
    }
