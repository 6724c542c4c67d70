"""Writes a procedure out: procedures within it become steps in their place. Pure."""

from collections.abc import Mapping

from core.actions.undoing import UNDO
from core.errors import ActionError
from core.model.action import ActionRequest
from core.model.operation import OperationsSpec, ProcedureSpec
from core.model.procedure import Part, ProcedureRun, RunPhase, RunStep
from core.model.text import clean

COMMAND_ACTION = "command.run"
"""The action that carries a command of the configuration out."""
_MAX_STEPS = 1000
_MAX_DEPTH = 16


def procedure_of(operations: OperationsSpec, name: str) -> ProcedureSpec:
    """Return a procedure of a system.

    Raises:
        ActionError: there is none of this name.
    """
    for one in operations.procedures:
        if one.name == name:
            return one
    from difflib import get_close_matches  # noqa: PLC0415 - only an error needs it

    names = [one.name for one in operations.procedures]
    close = get_close_matches(name, names, 1)
    hint = f"did you mean {close[0]}?" if close else f"it has: {', '.join(names) or 'none'}"
    raise ActionError(f"{operations.system} has no procedure {name!r}; {hint}")


def steps_of(operations: OperationsSpec, name: str) -> tuple[RunStep, ...]:
    """Return the steps of a procedure, those of procedures within numbered below their own.

    Raises:
        ActionError: a procedure is not there, contains itself, or is longer than anybody does.
    """
    known = {one.name: one for one in operations.procedures}
    spec = procedure_of(operations, name)
    found: list[RunStep] = []
    _write_out(spec, known, (name,), "", (), found)
    return tuple(found)


def _write_out(
    spec: ProcedureSpec,
    known: Mapping[str, ProcedureSpec],
    chain: tuple[str, ...],
    prefix: str,
    within: tuple[Part, ...],
    found: list[RunStep],
) -> None:
    for index, step in enumerate(spec.steps, 1):
        number = f"{prefix}{index}"
        if step.kind != "procedure":
            found.append(RunStep(number, step, within))
            if len(found) > _MAX_STEPS:
                raise ActionError(f"{chain[0]} has more than {_MAX_STEPS} steps")
            continue
        inner = known.get(step.what)
        if inner is None:
            raise ActionError(f"step {number} of {chain[0]}: there is no procedure {step.what!r}")
        if step.what in chain or len(chain) > _MAX_DEPTH:
            raise ActionError(f"step {number} of {chain[0]}: {step.what} contains itself")
        part = Part(number, clean(step.title), step.is_optional, clean(step.note))
        _write_out(inner, known, (*chain, step.what), f"{number}.", (*within, part), found)


def request_of(system: str, one: RunStep) -> ActionRequest:
    """Return what an action or command step asks for.

    Raises:
        ActionError: the step is of another kind.
    """
    step = one.step
    if step.kind == "command":
        return ActionRequest(COMMAND_ACTION, f"{system}/{step.what}", step.inputs)
    if step.kind != "action":
        raise ActionError(f"step {one.number} is no action")
    return ActionRequest(
        step.what, f"{system}/{step.target}" if step.target else system, step.inputs
    )


def asked_by(run: ProcedureRun, index: int) -> ActionRequest:
    """Return what a step of a run asks for now: while it rolls back, that its action be undone.

    Raises:
        ActionError: the step is no action.
    """
    if run.phase is RunPhase.ROLLING_BACK:
        return ActionRequest(UNDO, run.records[index].action_id)
    return request_of(run.system, run.steps[index])
