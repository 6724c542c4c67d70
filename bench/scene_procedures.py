"""Procedures of the scripted night: one never done, and runs that stand at every kind of place."""

from dataclasses import replace

from core.model.action import Input
from core.model.action_pages import ProcedureEntry
from core.model.operation import ProcedureSpec, ProcedureStep
from core.model.procedure import Part, ProcedureRun, RunPhase, RunStep, StepRecord, StepStatus
from core.model.text import SafeText, clean

RUNNING = "01JN7Q0000000000000000RVNS"
"""The action that the running step has started."""
_SYSTEM = "api-gateway"
_HEALTHY = RunStep(
    "1", ProcedureStep("Look whether it is well", "check", "proxy-service/health", is_gate=True)
)
_COPY = RunStep("2", ProcedureStep("Copy", "action", "backup.create", "config", is_gate=True))
_RESTART = RunStep(
    "3",
    ProcedureStep("Restart", "action", "service.restart", "proxy-service",
                  until="proxy-service/health", on_failure="roll_back"),
)  # fmt: skip
_TELL = RunStep("4", ProcedureStep("Tell the team", "human", "Write down what changed and why"))
_STEPS = (_HEALTHY, _COPY, _RESTART, _TELL)
_BACK = Part("3", clean("Roll back if needed"), is_optional=True)
_DOWN = (
    RunStep("1", ProcedureStep("Look at /health", "check", "api/health", on_failure="go_on")),
    RunStep("2", ProcedureStep("Is it running?", "view", "services/api")),
    RunStep("3.1", ProcedureStep("Choose the commit", "view", "repos/main"), (_BACK,)),
    RunStep(
        "3.2", ProcedureStep("Go back to it", "action", "git.rollback", "main", is_gate=True),
        (_BACK,),
    ),
    RunStep("4", ProcedureStep("Notify users", "human", "Send the outage note")),
)  # fmt: skip
_RESTORE = RunStep(
    "3", ProcedureStep("Restore", "action", "backup.restore", "config", is_gate=True)
)


def _spec(name: str, title: str, steps: tuple[RunStep, ...], kind: str, when: str) -> ProcedureSpec:
    return ProcedureSpec(name, title, tuple(one.step for one in steps), kind, when)


def procedures(now_s: float) -> tuple[ProcedureEntry, ...]:
    """Return one procedure for each place that a run can stand at."""
    passed = StepRecord(StepStatus.PASSED, now_s - 200, clean("root"), clean("ok: HTTP 200"))
    copied = replace(passed, text=clean("verified"), action_id="01JN7Q0000000000000000C0PY")
    failed = StepRecord(
        StepStatus.FAILED, now_s - 60, clean("root"), clean("failed: check health: HTTP 502"),
        RUNNING, 1,
    )  # fmt: skip
    restarted = replace(failed, status=StepStatus.PASSED, text=clean("verified"), action_id="")
    ticked = StepRecord(
        StepStatus.TICKED, now_s - 30, clean("root"), clean("in the channel of the team"), "", 1
    )

    def run(
        name: str, steps: tuple[RunStep, ...], phase: RunPhase, *records: StepRecord
    ) -> ProcedureRun:
        pending = (StepRecord(),) * (len(steps) - len(records))
        return ProcedureRun(
            f"01JN7Q00000000000000RUN{name[:3].upper()}", _SYSTEM, name, clean(name), steps,
            (*records, *pending), phase, now_s - 240, clean("root"), now_s - 30,
        )  # fmt: skip

    update = _spec("config-update", "Configuration update", _STEPS, "maintenance",
                   "A setting of the gateway changes")  # fmt: skip
    recovery_steps = (_HEALTHY, _COPY, _RESTORE, _TELL)
    recovery = _spec("recovery", "Data recovery", recovery_steps, "emergency",
                     "The configuration is lost or wrong")  # fmt: skip
    weekly = _spec("weekly", "Weekly check", _STEPS, "routine", "Every Monday")
    monthly = _spec("monthly", "Monthly check", _STEPS, "routine", "On the first of a month")
    alone = (replace(_RESTART, number="1"),)
    emergency = _spec("emergency-restart", "Emergency restart", alone, "emergency",
                      "Nothing answers and every minute counts")  # fmt: skip
    begun = StepRecord(StepStatus.RUNNING, now_s - 9, clean("root"), clean(""), RUNNING, 1)
    stopped = run("config-update", _STEPS, RunPhase.STOPPED, passed, copied, failed)
    going = run("recovery", recovery_steps, RunPhase.GOING, passed, copied, begun)
    asks = run("weekly", _STEPS, RunPhase.GOING, passed, copied, restarted)
    done = run("monthly", _STEPS, RunPhase.FINISHED, passed, copied, restarted, ticked)
    holder = SafeText("root (process 4711) moves on")
    down = _spec("api-down", "API down", _DOWN, "emergency", "Nothing answers")
    found = replace(failed, text=clean("down: HTTP 502"), action_id="")
    looked = replace(ticked, text=clean("it runs"))
    needed = run("api-down", _DOWN, RunPhase.GOING, found, looked)
    given = Input("1.note", "1 Restart: why, for the log", is_required=True)
    return (
        ProcedureEntry(_SYSTEM, update, _STEPS, stopped),
        ProcedureEntry(_SYSTEM, recovery, recovery_steps, going, holder, is_moved_here=True),
        ProcedureEntry(_SYSTEM, weekly, _STEPS, asks),
        ProcedureEntry(_SYSTEM, monthly, _STEPS, done),
        ProcedureEntry(_SYSTEM, emergency, alone, inputs=(given,)),
        ProcedureEntry(_SYSTEM, down, _DOWN, needed),
    )
