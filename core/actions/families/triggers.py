"""`scheduler.trigger` and `scheduler.disable`: a job by hand, and no jobs at all."""

import re
from dataclasses import replace

from core.actions.action import Action, Draft, DraftProof, DraftStep, Input, Offer, Site
from core.actions.evidence import CheckHolds
from core.actions.families.files_edit import Wish, draft_edit
from core.actions.families.probes import place_of
from core.actions.families.probes_steps import prober_of
from core.actions.families.services_draft import dependents_line, warning
from core.actions.families.triggers_steps import TriggerJob
from core.actions.results import ResultSays, forgetting, new_result
from core.errors import ActionError
from core.model.action import ActionRequest, Danger, Target
from core.model.operation import EnvFileSpec, TriggerSpec
from core.model.text import EMPTY, SafeText, clean

NEVER = "0 0 30 2 *"
"""The thirtieth of February: a schedule that every cron accepts and none ever meets."""
_DEADLINE_S = 120.0
_BESIDE_S = 30.0
_JOB = re.compile(r"^[A-Za-z0-9][\w.-]{0,99}$")
_SWITCH = re.compile(r"SCHEDULER", re.IGNORECASE)
_OFF = ("false", "0", "off", "no")


def _triggers(site: Site) -> tuple[tuple[str, TriggerSpec], ...]:
    return tuple(
        (system.name, spec)
        for system in site.topology.systems
        for spec in site.operations_of(system.name).triggers
    )


def _trigger_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "scheduler.trigger",
            f"{system}/{spec.name}",
            clean(f"Start one of {', '.join(spec.jobs) or 'its jobs'}"),
            EMPTY if _base(site, system, spec) else SafeText("its service has no address"),
        )
        for system, spec in _triggers(site)
    )


def _base(site: Site, system: str, spec: TriggerSpec) -> str:
    """Return where the scheduler's service is asked; empty: nobody knows."""
    if spec.base_url.startswith(("http://", "https://")):
        return spec.base_url.rstrip("/")
    place = place_of(site.service(f"{system}/{spec.service}"))
    return place.origin if place else ""


async def _trigger(site: Site, request: ActionRequest) -> Draft:
    system, _, name = request.target.partition("/")
    known = site.operations_of(site.system(system).name).triggers
    spec = next((one for one in known if one.name == name), None)
    if spec is None:
        names = ", ".join(one.name for one in known) or "none"
        raise ActionError(f"{system} has no trigger {clean(name)!r}; it has: {names}")
    job, base = request.input("job"), _base(site, system, spec)
    if not _JOB.match(job) or (spec.jobs and job not in spec.jobs):
        raise ActionError(f"there is no job {clean(job, 80)!r}; there are: {', '.join(spec.jobs)}")
    if not base:
        raise ActionError(f"nobody knows where {spec.service} is asked: give it a base_url")
    prober_of(site.ports)
    result = new_result(site.ports)
    urls = tuple(f"{base}{path.replace('{job}', job)}" for path in spec.paths)
    place = place_of(site.service(f"{system}/{spec.service}"))
    step = TriggerJob(
        spec.method, urls, spec.success, result, _DEADLINE_S, place.ca_file if place else ""
    )
    return Draft(
        title=clean(f"start job {job} of {spec.service}"),
        targets=(Target("job", f"{system}/{name}/{job}", clean(f"job {job}")),),
        steps=(
            DraftStep(
                clean(f"{spec.method} {' , else '.join(urls)}"), step,
                _DEADLINE_S * len(urls) + _BESIDE_S,
            ),
            forgetting(result),
        ),
        proofs=(DraftProof(SafeText("what the scheduler says"), ResultSays(result)),),
        radius=(
            clean(f"1 job, once, up to {_DEADLINE_S:.0f} s"),
            *((clean(spec.note),) if spec.note else ()),
        ),
        preflight=(warning("history", "a run by hand is in no history of the scheduler"),),
        way_back=SafeText("none: what a job has done stays done"),
    )  # fmt: skip


def _switch_of(files: tuple[EnvFileSpec, ...], service: str) -> tuple[EnvFileSpec, str, str] | None:
    """Return the variable that turns a service's scheduler off, and its value for off."""
    for one in files:
        for variable in one.variables if service in one.read_by else ():
            off = next((word for word in _OFF if word in variable.one_of), "")
            if _SWITCH.search(variable.name) and off:
                return one, variable.name, off
    return None


def _crons_of(
    files: tuple[EnvFileSpec, ...], service: str, triggers: tuple[TriggerSpec, ...]
) -> tuple[EnvFileSpec, dict[str, str]] | None:
    """Return the variables that hold the schedules of a service's jobs, by job."""
    crons = {
        job: name for one in triggers if one.service == service for job, name in one.cron_variables
    }
    for one in files:
        names = {variable.name for variable in one.variables}
        found = {job: name for job, name in crons.items() if name in names}
        if service in one.read_by and found:
            return one, found
    return None


def _disable_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "scheduler.disable",
            f"{system}/{service}",
            clean(f"Have the scheduler of {service} start no jobs"),
            EMPTY if _values(site, system, service, "") else clean(_NO_VARIABLE),
        )
        for system, service in dict.fromkeys((name, one.service) for name, one in _triggers(site))
    )


_NO_VARIABLE = "no variable that is configured turns its scheduler off: stop the service instead"


def _values(
    site: Site, system: str, service: str, job: str
) -> tuple[EnvFileSpec, tuple[tuple[str, str], ...]] | None:
    """Return the file and what to set in it, so that no job is started, or not this one."""
    operations = site.operations_of(system)
    switch = _switch_of(operations.env_files, service)
    if switch and not job:
        return switch[0], ((switch[1], switch[2]),)
    crons = _crons_of(operations.env_files, service, operations.triggers)
    if crons is None:
        return None
    if job and job not in crons[1]:
        raise ActionError(f"no variable holds the schedule of {clean(job, 80)!r}")
    names = [crons[1][job]] if job else sorted(crons[1].values())
    return crons[0], tuple((name, NEVER) for name in names)


async def _disable(site: Site, request: ActionRequest) -> Draft:
    system, _, name = request.target.partition("/")
    service = site.service(request.target)
    found = _values(site, system, name, request.input("job"))
    if found is None:
        raise ActionError(f"{request.target}: {_NO_VARIABLE}")
    spec, values = found
    wish = Wish(system, spec.path, spec, values, services=spec.read_by, apply=spec.apply)
    what = request.input("job") or "the scheduler"
    draft = await draft_edit(site, wish, clean(f"disable {what} of {name}"))
    return replace(
        draft,
        proofs=tuple(map(_bears_less, draft.proofs)),
        radius=(
            clean(f"{what} of {name} starts no job until {values[0][0]} is set back"),
            *draft.radius, *dependents_line(site, service),
        ),
        danger=Danger.INTERRUPT,
    )  # fmt: skip


def _bears_less(proof: DraftProof) -> DraftProof:
    """Return a proof that does not ask for more health than a service without scheduler has."""
    evidence = proof.evidence
    if not isinstance(evidence, CheckHolds):
        return proof
    return replace(proof, evidence=replace(evidence, is_degraded_enough=True))


ACTIONS: tuple[Action, ...] = (
    Action(
        "scheduler.trigger", "Start a job of a scheduler", "trigger", Danger.CHANGE,
        _trigger_offers, _trigger, (Input("job", "name of the job", is_required=True),),
    ),
    Action(
        "scheduler.disable", "Have a scheduler start no jobs", "disable", Danger.INTERRUPT,
        _disable_offers, _disable, (Input("job", "only this job; empty: all of them"),),
    ),
)  # fmt: skip
