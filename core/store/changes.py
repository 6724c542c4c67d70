"""Says in one line what changed between two observations. Pure."""

from core.model.check import CheckResult
from core.model.events import Noted, SourceReported
from core.model.ids import CheckId, ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import clean
from core.model.verdict import Verdict


def note_check(check: CheckId, before: CheckResult, after: CheckResult) -> Noted:
    """Return the timeline entry of a check whose verdict changed."""
    text = clean(f"{check.check}: {before.verdict} → {after.verdict}: {after.reason}")
    return Noted(after.observed_at, check.service, after.verdict, text)


def note_runtime(service: ServiceId, before: RuntimeState, after: RuntimeState) -> Noted | None:
    """Return the timeline entry of a container, unit or process, or None if it is as before."""
    change = _runtime_change(before, after)
    if not change:
        return None
    # The name last: a process has its whole command line for one, and lines are cut at the end.
    text = clean(f"{after.kind} {change} ({after.name})")
    return Noted(after.observed_at, service, after.verdict, text)


def _runtime_change(before: RuntimeState, after: RuntimeState) -> str:
    if before.state != after.state or before.verdict is not after.verdict:
        old, new = str(before.state), str(after.state)
        if old == new:
            old, new = f"{old} ({before.verdict})", f"{new} ({after.verdict})"
        return f"{old} → {new}: {after.reason}" if after.reason else f"{old} → {new}"
    if not _is_other_run(before, after):
        return ""
    if before.restarts is None or after.restarts is None or before.restarts == after.restarts:
        return "restarted"
    return f"restarted, restarts {before.restarts} → {after.restarts}"


def _is_other_run(before: RuntimeState, after: RuntimeState) -> bool:
    """Tell whether the service was restarted between the two looks."""
    if before.fingerprint is not None and after.fingerprint is not None:
        if before.fingerprint != after.fingerprint:
            return True
    elif before.pid is not None and after.pid is not None and before.pid != after.pid:
        return True
    return (after.restarts or 0) > (before.restarts or 0) and before.restarts is not None


def note_source(before: SourceReported | None, after: SourceReported) -> Noted | None:
    """Return the timeline entry of a source that stopped working or works again."""
    was_working = before is None or before.is_working
    if was_working == after.is_working:
        return None
    if after.is_working:
        return Noted(after.at, None, Verdict.OK, clean(f"{after.source}: works again"))
    text = clean(f"{after.source}: cannot look: {after.reason}")
    return Noted(after.at, None, Verdict.UNKNOWN, text)
