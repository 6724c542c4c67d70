"""Plans of the scripted night: one for every way in which a dialog can ask for a yes."""

from collections.abc import Sequence
from dataclasses import replace

from core.actions.plan_codec import code_of, phrase_of
from core.actions.rungs import rung_of
from core.model.action import (
    ActionRequest,
    Danger,
    Grade,
    Offer,
    Part,
    Plan,
    PlannedProof,
    PlannedStep,
    Preflight,
    Target,
)
from core.model.action_view import PlanAnswer
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import Environment

_PROXY = "api-gateway/proxy-service"
_PART = Part("scene", "{}")
_AUDIT = Preflight("audit log", Grade.PASS, SafeText("takes records"))
_HEALTH = Preflight("check health", Grade.PASS, SafeText("HTTP 200, 12 ms"))
WAITS = SafeText(
    "a second person has to approve it first: `quarterdeck approve CODE`, another login"
)


def step(title: str, *, is_irreversible: bool = False, undo: str = "") -> PlannedStep:
    """Return one step."""
    return PlannedStep(clean(title), _PART, 30.0, is_irreversible, clean(undo))


def plan(
    action: str,
    target: str,
    title: str,
    danger: Danger,
    targets: Sequence[Target],
    steps: Sequence[PlannedStep],
) -> Plan:
    """Return a plan for production; its number is its id."""
    system, _, called = target.rpartition("/")
    return Plan(
        id="01JN7Q4Z" + action.upper().replace(".", "")[:12].ljust(18, "0"),
        request=ActionRequest(action, target),
        title=clean(title),
        verb=action.rpartition(".")[2],
        system=system,
        called=called,
        host="ops-1",
        environment=Environment.PRODUCTION.value,
        danger=danger,
        rung=rung_of(danger, Environment.PRODUCTION, len(targets)),
        targets=tuple(targets),
        locks=tuple(one.id for one in targets),
        preflight=(_AUDIT, _HEALTH),
        traits=(),
        steps=tuple(steps),
        proofs=(PlannedProof(SafeText("check health, 3 times over 10 s"), _PART),),
        radius=(),
        downtime=EMPTY,
        way_back=EMPTY,
        made_boot_s=0.0,
        actor="root",
        actor_uid=0,
    )


def _target(kind: str, name: str, title: str = "") -> Target:
    return Target(kind, f"ops-1:{kind}:{name}", clean(title or name))


def verify_plan() -> Plan:
    """Only reads: nothing has to be confirmed."""
    one = plan(
        "backup.verify", "api-gateway/config", "verify Gateway configuration", Danger.READ,
        (_target("backup", "config-20260301-020000.tar.gz"),),
        (step("read config-20260301-020000.tar.gz as a whole and compare every hash"),),
    )  # fmt: skip
    return replace(one, radius=(SafeText("1 backup, 14 files, 212 KiB"),), estimate_s=2.0)


def copy_plan() -> Plan:
    """Leaves a copy: enter on a dialog that starts on Cancel."""
    one = plan(
        "backup.create", "api-gateway/config", "copy Gateway configuration", Danger.COPY,
        (_target("backup", "config", "set config of api-gateway"),),
        (
            step("write /var/backups/gateway/config-20260301-031407.tar.gz", undo="delete it"),
            step("read it back and compare every hash"),
        ),
    )  # fmt: skip
    return replace(
        one,
        radius=(SafeText("14 files below /srv/gateway/conf, 212 KiB"),),
        way_back=SafeText("the new copy is deleted"),
        estimate_s=3.0,
    )


def list_plan() -> Plan:
    """Several targets: all of them have to be seen."""
    names = [f"gateway_2026{month:02}{day:02}.log" for month in (1, 2) for day in range(3, 27, 2)]
    one = plan(
        "logs.compress", "api-gateway/application", "compress 24 logs of api-gateway",
        Danger.CHANGE, [_target("file", f"/srv/gateway/logs/{name}") for name in names],
        (
            step("write 24 packed files beside them and read each back", undo="delete them"),
            step("remove the 24 plain files", undo="unpack them again"),
        ),
    )  # fmt: skip
    return replace(
        one,
        radius=(SafeText("24 files, 1.8 GiB before, about 140 MiB after"),),
        way_back=SafeText("each file is unpacked again, with its owner, mode and time"),
        backup_bytes=146_000_000,
        estimate_s=48.0,
        proofs=(PlannedProof(SafeText("each packed file holds what the plain one held"), _PART),),
    )


def restart_plan() -> Plan:
    """Interrupts production: typed."""
    one = plan(
        "service.restart", _PROXY, "restart unit gateway-proxy.service", Danger.INTERRUPT,
        (_target("unit", "gateway-proxy.service"),),
        (step("restart gateway-proxy.service", is_irreversible=True),),
    )  # fmt: skip
    loop = Preflight(
        "restarts", Grade.WARN, SafeText("3 in the last hour, by systemd itself"),
        SafeText("Read its log first: a restart may only reset the counter"),
    )  # fmt: skip
    return replace(
        one,
        radius=(
            SafeText("invocation 7c1f0b2a, pid 4121, up for 2 d 4 h, listens on 8000"),
            SafeText("4 services depend on it: ai-diy/api, ai-diy/worker, web/site, web/admin"),
        ),
        downtime=SafeText("about 4 s, as the last three restarts took"),
        way_back=SafeText("none for this run; the unit can be started again"),
        preflight=(loop, *one.preflight),
        estimate_s=15.0,
    )


def restore_plan() -> Plan:
    """Destroys something: typed, and approved by somebody else."""
    one = plan(
        "backup.restore", "api-gateway/config", "restore Gateway configuration", Danger.DESTROY,
        (_target("folder", "/srv/gateway/conf"),),
        (
            step("keep what lives now as config-20260301-031407.before-restore.tar.gz"),
            step("stop gateway-proxy.service", undo="start it"),
            step("exchange /srv/gateway/conf for the backup's", is_irreversible=True),
            step("start gateway-proxy.service", undo="stop it"),
        ),
    )  # fmt: skip
    preview = (
        SafeText("@@ conf/gateway.yaml"), SafeText("-timeout_s: 3"), SafeText("+timeout_s: 30"),
        SafeText("-upstream: http://upstream-service:5001"),
        SafeText("+upstream: http://upstream-service:5000"),
        SafeText("@@ conf/keys.env"), SafeText("-GATEWAY_TOKEN=••••••••"),
        SafeText("+GATEWAY_TOKEN=••••••••"),
    )  # fmt: skip
    return replace(
        one,
        radius=(SafeText("14 files: 2 change, 1 goes, 11 stay as they are"),),
        downtime=SafeText("about 9 s"),
        preview=preview,
        backup_bytes=217_000,
        estimate_s=30.0,
        lives_s=600.0,
    )


def stopped_plan() -> Plan:
    """Cannot be done now."""
    one = plan(
        "service.start", _PROXY, "start unit gateway-proxy.service", Danger.CHANGE,
        (_target("unit", "gateway-proxy.service"),), (step("start gateway-proxy.service"),),
    )  # fmt: skip
    stops = (
        Preflight("state", Grade.STOP, SafeText("it runs already, since 2 d 4 h"),
                  SafeText("To have it start anew, restart it")),
        Preflight("holder", Grade.STOP,
                  SafeText("root restarts it since 03:13:58 UTC (process 4410)")),
    )  # fmt: skip
    return replace(one, preflight=(*stops, *one.preflight), way_back=SafeText("it is stopped"))


def expired_plan() -> Plan:
    """Was made too long ago."""
    return replace(
        restart_plan(),
        request=ActionRequest("service.stop", _PROXY),
        title=SafeText("stop unit gateway-proxy.service"),
        verb="stop",
        made_boot_s=-500.0,
    )


PLANS = (
    verify_plan, copy_plan, list_plan, restart_plan, restore_plan, stopped_plan, expired_plan,
)  # fmt: skip
"""In the order in which they are offered."""


def answers() -> dict[str, PlanAnswer]:
    """Return what planning comes to, by action."""
    found: dict[str, PlanAnswer] = {}
    for make in PLANS:
        one = make()
        waits = WAITS if one.request.action == "backup.restore" else EMPTY
        found[one.request.action] = PlanAnswer(one, code_of(one), phrase_of(one), waits)
    return found


def offers() -> tuple[Offer, ...]:
    """Return what can be done, and something that cannot."""
    possible = tuple(
        Offer(one.request.action, one.request.target, one.title, danger=one.danger)
        for one in (make() for make in PLANS)
    )
    reason = SafeText("no other place is configured: set backups.….offsite")
    away = Offer("backup.send", "api-gateway/config", SafeText("Send Gateway configuration away"),
                 reason, danger=Danger.CHANGE)  # fmt: skip
    return (*possible, away)
