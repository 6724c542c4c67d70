"""A plan and an action's state, as lines and as JSON."""

from core.actions.plan_codec import code_of, phrase_of, plan_hash
from core.model.action import Grade, Plan, Rung
from core.model.action_state import ActionState, StepState
from core.model.text import SafeText, clean_lines

_MARKS = {Grade.PASS: "ok", Grade.WARN: "warning", Grade.STOP: "stop"}
_STEP_MARKS = {
    StepState.WAITING: "·",
    StepState.RUNNING: "▶",
    StepState.DONE: "✔",
    StepState.FAILED: "✘",
    StepState.UNDONE: "↶",
}


def plan_lines(plan: Plan) -> list[str]:
    """Return a plan as a person reads it before they say yes."""
    lines = [f"{plan.title}", f"  on {plan.host}, {plan.environment}; danger {plan.danger}"]
    lines += _block("what", [one.shown for one in plan.targets])
    lines += _block("reaches", list(plan.radius))
    lines += _block("steps", _steps(plan))
    lines += _block("seen by", [one.title for one in plan.proofs])
    lines += _block("way back", [plan.way_back or "there is none"])
    lines += _block("downtime", [plan.downtime] if plan.downtime else [])
    lines += _block("preview", list(plan.preview))
    lines += _block(
        "checked", [_checked(one.name, one.grade, one.text, one.remedy) for one in plan.preflight]
    )
    return lines


def _steps(plan: Plan) -> list[str]:
    return [
        f"{number}. {one.title}{'; no way back from here' if one.is_irreversible else ''}"
        for number, one in enumerate(plan.steps, 1)
    ]


def _checked(name: str, grade: Grade, text: SafeText, remedy: SafeText) -> str:
    return f"{_MARKS[grade]}: {name}: {text}{f' ({remedy})' if remedy else ''}"


def _block(title: str, lines: list[str] | list[SafeText]) -> list[str]:
    return [f"  {title if not index else '':<9} {line}" for index, line in enumerate(lines)]


def how_to_confirm(plan: Plan) -> str:
    """Return what has to be said to this plan."""
    if plan.is_stopped:
        return "it cannot be done now; nothing was changed"
    said = phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan)
    quoted = f"'{said}'" if " " in said else said
    return f"nothing was changed; within {plan.lives_s:.0f} s, --confirm {quoted} does exactly this"


def plan_document(plan: Plan) -> dict[str, object]:
    """Return a plan as JSON with stable names."""
    return {
        "id": plan.id,
        "code": code_of(plan),
        "confirm": phrase_of(plan) if plan.rung is Rung.PHRASE else code_of(plan),
        "hash": plan_hash(plan),
        "action": plan.request.action,
        "target": plan.request.target,
        "inputs": dict(plan.request.inputs),
        "title": plan.title,
        "host": plan.host,
        "environment": plan.environment,
        "danger": plan.danger.value,
        "rung": plan.rung.name.lower(),
        "targets": [{"kind": one.kind, "id": one.id, "title": one.title} for one in plan.targets],
        "radius": list(plan.radius),
        "steps": [
            {
                "title": one.title,
                "undo": one.undo,
                "is_irreversible": one.is_irreversible,
                "is_after_proof": one.is_after_proof,
            }
            for one in plan.steps
        ],
        "fingerprints": [{"title": one.title, "value": one.value} for one in plan.traits],
        "proofs": [one.title for one in plan.proofs],
        "preflight": [
            {"name": one.name, "grade": one.grade.value, "text": one.text, "remedy": one.remedy}
            for one in plan.preflight
        ],
        "preview": list(plan.preview),
        "downtime": plan.downtime,
        "way_back": plan.way_back,
        "can_run": not plan.is_stopped,
    }


def state_document(state: ActionState) -> dict[str, object]:
    """Return where an action stands as JSON with stable names."""
    return {
        "id": state.plan.id,
        "code": state.code,
        "action": state.plan.request.action,
        "target": state.plan.request.target,
        "title": state.plan.title,
        "phase": state.phase.value,
        "proof": state.proof.value if state.proof else None,
        "text": state.text,
        "begun_s": state.begun_s,
        "ended_s": state.ended_s,
        "actor": state.plan.actor,
        "is_running": state.is_alive,
        "is_unfinished": state.is_left_over,
        "needs_human": state.is_blocking and state.is_ended,
        "steps": [
            {
                "title": planned.title,
                "state": one.state.value,
                "took_s": one.took_s,
                "text": one.text,
            }
            for planned, one in zip(state.plan.steps, state.steps, strict=True)
        ],
        "proofs": [{"proof": one.proof.value, "text": one.text} for one in state.proofs],
    }


def state_lines(state: ActionState) -> list[str]:
    """Return where an action stands as a person reads it."""
    lines = [f"{state.plan.id}  {state.plan.title}", f"  {outcome(state)}"]
    for planned, one in zip(state.plan.steps, state.steps, strict=True):
        took = f" {one.took_s:.1f} s" if one.took_s is not None else ""
        lines.append(f"  {_STEP_MARKS[one.state]} {planned.title}{took}  {one.text}".rstrip())
    lines += [f"  {one.proof.value}: {one.text}" for one in state.proofs]
    return lines


def outcome(state: ActionState) -> str:
    """Return one line: how it ended, or what it is at."""
    if state.is_left_over:
        return (
            f"unfinished, nobody is at it ({state.phase.value}); `quarterdeck recover` finishes it"
        )
    word = state.proof.value if state.proof else state.phase.value.replace("_", " ")
    if not state.is_ended:
        word = f"{word}, running as pid {state.executor.pid}" if state.executor else word
    first = clean_lines(state.text)[0] if state.text else ""
    return f"{word}: {first}" if first else word
