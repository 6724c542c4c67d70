"""Procedures and runs for the tests."""

from typing import Any

from core.actions.procedure.engine import begin
from core.actions.procedure.events import Started
from core.actions.procedure.steps import steps_of
from core.model.operation import OperationsSpec, ProcedureSpec, ProcedureStep
from core.model.procedure import ProcedureRun

ID = "01ARZ3NDEKTSV4RRFFQ69G5FAV"


def step(kind: str, what: str = "", **more: Any) -> ProcedureStep:
    return ProcedureStep(more.pop("title", f"{kind} {what}".strip()), kind, what, **more)


def operations(**procedures: list[ProcedureStep]) -> OperationsSpec:
    return OperationsSpec(
        "shop",
        procedures=tuple(
            ProcedureSpec(name, name.capitalize(), tuple(steps))
            for name, steps in procedures.items()
        ),
    )


def started(*steps: ProcedureStep, run_id: str = ID) -> Started:
    own = steps_of(operations(p=list(steps)), "p")
    return Started(100.0, "mia", run_id, "shop", "p", "P", own)


def new_run(*steps: ProcedureStep) -> ProcedureRun:
    return begin(started(*steps))
