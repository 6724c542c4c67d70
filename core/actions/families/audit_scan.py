"""`audit.scan`: the parts of the runbooks' security audits that look themselves, as a report."""

from core.actions.action import Action, Draft, DraftProof, DraftStep, Offer, Site
from core.actions.families.audit_scan_steps import ReportStands, ScanSecurity
from core.actions.families.services_draft import passed, warning
from core.actions.results import new_result
from core.model.action import ActionRequest, Danger, Target
from core.model.check import CheckKind
from core.model.text import SafeText, clean

_KINDS = frozenset({CheckKind.HEADERS, CheckKind.SECURITY})
_LIMITER = ("limit", "rate")
_DEADLINE_S = 180.0


async def _draft(site: Site, request: ActionRequest) -> Draft:
    name = request.target.partition("/")[0]
    system, operations = site.system(name), site.operations_of(name)
    checks = tuple(
        f"{name}/{service.id.service}/{check.id.check}"
        for service in system.services
        for check in service.checks
        if check.kind in _KINDS
    )
    guarded = tuple((one.name, one.probe.url) for one in operations.keys if one.probe)
    limiters = tuple(
        one.name for one in operations.commands if any(word in one.name for word in _LIMITER)
    )
    result = new_result(site.ports)
    stamp = site.ports.clock.now().strftime("%Y%m%d-%H%M%S")
    folder = f"{site.ports.results.rpartition('/')[0]}/reports"
    mark = result.rpartition("/")[2][:8]
    report = f"{folder}/security-{name}-{stamp}-{mark}"
    step = ScanSecurity(name, checks, guarded, limiters, report, result)
    flights = [passed("report", f"{report}.txt and .json, 0600")]
    if not operations.root:
        flights.append(warning("root", f"{name} has no root folder: no file is looked through"))
    if not checks:
        flights.append(warning("headers", "no check of kind headers or security is configured"))
    title = clean(f"look through {name} for what a security audit asks")
    back = SafeText("the report is removed")
    return Draft(
        title=title,
        targets=(Target("system", name, clean(system.title or name)),),
        steps=(DraftStep(title, step, _DEADLINE_S, undo=back),),
        proofs=(
            DraftProof(SafeText("the report is read again"), ReportStands(report, result)),
        ),
        radius=(
            clean(f"only looks: {len(checks)} checks, {len(guarded)} addresses without a key"),
            SafeText("what it finds is named by place; no value is read out"),
        ),
        preflight=tuple(flights),
        way_back=back,
        estimate_s=30.0,
        called=name,
    )  # fmt: skip


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("audit.scan", one.name, clean(f"Security audit of {one.title or one.name}"))
        for one in site.topology.systems
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "audit.scan", "Look for what a security audit asks", "scan", Danger.READ, _offers, _draft
    ),
)
