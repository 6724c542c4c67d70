"""What a procedure asks for before it begins: inputs that its steps leave open. Pure."""

from collections.abc import Iterable
from dataclasses import replace

from core.actions.procedure.steps import request_of
from core.errors import ActionError
from core.model.action import Input, Offer
from core.model.masking import is_telling
from core.model.procedure import RunStep

_ACTS = frozenset({"action", "command"})
_ANYTHING = "*"


def open_inputs(
    system: str, steps: Iterable[RunStep], offers: Iterable[Offer]
) -> tuple[Input, ...]:
    """Return the inputs that actions need and no step gives, named `STEP.NAME`.

    Secrets are never asked for: a run keeps its steps as they stand, for everybody to read.
    """
    known = {(one.action, one.target): one for one in offers}
    found: list[Input] = []
    for one in steps:
        if one.step.kind not in _ACTS:
            continue
        request = request_of(system, one)
        offer = known.get((request.action, request.target))
        given = {name for name, _ in request.inputs}
        found += [
            replace(asked, name=f"{one.number}.{asked.name}", title=_title(one, asked))
            for asked in (offer.inputs if offer is not None else ())
            if asked.is_required
            and asked.name not in {*given, _ANYTHING}
            and not is_telling(asked.name)
        ]
    return tuple(found)


def _title(one: RunStep, asked: Input) -> str:
    return f"{one.number} {one.step.title}: {asked.title}"


def with_inputs(
    steps: tuple[RunStep, ...], given: Iterable[tuple[str, str]]
) -> tuple[RunStep, ...]:
    """Return the steps with what was said for them, each as `STEP.NAME` and its value.

    Raises:
        ActionError: there is no such step, it takes no inputs, or it would keep a secret.
    """
    filled = {one.number: one for one in steps}
    for name, value in given:
        number, _, own = name.rpartition(".")
        one = filled.get(number)
        if one is None or one.step.kind not in _ACTS or not own:
            raise ActionError(f"{name!r} is no input of a step; write STEP.NAME=VALUE")
        if is_telling(own):
            raise ActionError(f"{name!r} sounds like a secret: a run would keep it to be read")
        others = tuple(pair for pair in one.step.inputs if pair[0] != own)
        filled[number] = replace(one, step=replace(one.step, inputs=(*others, (own, value))))
    return tuple(filled[one.number] for one in steps)
