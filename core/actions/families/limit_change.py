"""`limit.change`: other numbers of a limiter, in the file its service reads, and the service anew.

Only where the profile says which variables these are: a limiter's records hold no capacity.
"""

import json
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from core.actions.action import Action, Draft, DraftProof, Offer, Site
from core.actions.families.compose_call import project_of
from core.actions.families.compose_draft import compose_of
from core.actions.families.files_edit import RECREATE, Wish, draft_edit
from core.actions.families.redis_key_look import redis_spec_of
from core.actions.families.services_draft import warning
from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.engine import EngineControl
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Input, Preflight, Proof
from core.model.operation import EnvFileSpec
from core.model.redis_spec import LimitSpec
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import ComposeService

_CAPACITY, _REFILL = "capacity", "refill"
_MOST = 1e12


@part
@dataclass(frozen=True, slots=True)
class ContainersHave:
    """Every container of a compose service was made with these variables."""

    kind: ClassVar[str] = "evidence.containers_have"
    project: str
    service: str
    values: tuple[tuple[str, str], ...]

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read the environment that they were made with."""
        found = await ports.engine.find_service(self.project, self.service)
        if not found:
            return Proven(Proof.UNVERIFIED, clean(f"{self.service} has no container to look at"))
        for one in found:
            has = await _variables(ports.engine, one)
            for name, value in self.values:
                if has.get(name) != value:
                    shown = f"is {has[name]}" if name in has else "is not set"
                    text = f"{name} {shown} in {self.service}, not {value}"
                    return Proven(Proof.FAILED, clean(text))
        words = ", ".join(f"{name}={value}" for name, value in self.values)
        return Proven(Proof.VERIFIED, clean(f"{self.service} runs with {words}"))


async def _variables(engine: EngineControl, container: str) -> dict[str, str]:
    config: Any = json.loads((await engine.make_of(container)).config)
    lines: list[str] = config["Config"].get("Env") or []
    return {name: value for name, _, value in (line.partition("=") for line in lines)}


def _against(limit: LimitSpec) -> SafeText:
    if not limit.env_file or not (limit.capacity_variable or limit.refill_variable):
        return SafeText(
            "the profile does not say which variables set it (env_file, capacity_variable,"
            " refill_variable)"
        )
    return EMPTY


def _values(limit: LimitSpec, request: ActionRequest) -> tuple[tuple[str, str], ...]:
    """Return the variables and their new values.

    Raises:
        ActionError: nothing is asked for, it is no number, or nobody knows the variable.
    """
    asked = ((_CAPACITY, limit.capacity_variable), (_REFILL, limit.refill_variable))
    found: list[tuple[str, str]] = []
    for name, variable in asked:
        text = request.input(name)
        if not text:
            continue
        if not variable:
            raise ActionError(f"the profile does not say which variable sets the {name}")
        found.append((variable, _number(name, text)))
    if not found:
        raise ActionError("nothing to change: --set capacity=… or --set refill=… (per second)")
    return tuple(found)


def _number(name: str, text: str) -> str:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number <= _MOST:
        raise ActionError(f"{name} is a number above 0, not {clean(text, 40)}")
    return text.strip()


async def _draft(site: Site, request: ActionRequest) -> Draft:
    spec = redis_spec_of(site, request.target)
    name = request.target.partition("/")[2]
    limit = next((one for one in spec.limits if one.name == name), None)
    if limit is None:
        known = ", ".join(one.name for one in spec.limits) or "none"
        raise ActionError(f"{spec.system} has no limit {clean(name, 80)}; it has: {known}")
    if reason := _against(limit):
        raise ActionError(f"{limit.name}: {reason}")
    values, file = _values(limit, request), _file(site, spec.system, limit)
    services = (limit.service.partition("/")[2],) if limit.service else file.read_by
    wish = Wish(spec.system, file.path, file, values, services=services, apply=RECREATE)
    words = ", ".join(f"{variable} to {value}" for variable, value in values)
    draft = await draft_edit(site, wish, clean(f"change limit {limit.name}: {words}"))
    return replace(
        draft,
        proofs=(*draft.proofs, *_proofs(site, spec.system, services, values)),
        preflight=(*draft.preflight, *_flights(limit)),
        called=limit.name,
    )


def _flights(limit: LimitSpec) -> tuple[Preflight, ...]:
    text = "records that are there keep their tokens until they are reset or expire"
    note = (warning("unit", limit.note),) if limit.note else ()
    return (*note, warning("records", text, "limit.reset begins them anew"))


def _file(site: Site, system: str, limit: LimitSpec) -> EnvFileSpec:
    files = site.operations_of(system).env_files
    for one in files:
        if one.name == limit.env_file:
            return one
    raise ActionError(f"{system} has no env file {limit.env_file!r}")


def _proofs(
    site: Site, system: str, services: tuple[str, ...], values: tuple[tuple[str, str], ...]
) -> tuple[DraftProof, ...]:
    found: list[DraftProof] = []
    for one in site.system(system).services:
        runs = one.runs_as
        if one.id.service in services and isinstance(runs, ComposeService):
            project = runs.project or project_of(compose_of(site, system))
            title = clean(f"{one.id.service} has the new values")
            found.append(DraftProof(title, ContainersHave(project, runs.service, values)))
    return tuple(found)


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "limit.change",
            f"{system.name}/{one.name}",
            clean(f"Change capacity and refill of {one.name}"),
            _against(one),
        )
        for system in site.topology.systems
        for spec in system.redis[:1]
        for one in spec.limits
    )


CHANGE = Action(
    "limit.change", "Change a rate limit", "change", Danger.INTERRUPT, _offers, _draft,
    (Input(_CAPACITY, "tokens"), Input(_REFILL, "tokens per second")),
)  # fmt: skip
