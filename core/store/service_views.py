"""A service as shown now: the worst of its checks and of where it runs. Pure."""

from dataclasses import dataclass
from datetime import datetime

from core.model.runtime_state import RuntimeState
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import ServiceSpec
from core.model.verdict import Verdict, worst
from core.model.views import CheckView, ServiceView
from core.store.check_views import whole_age_s

RUNTIME_STALE_S = 45.0
"""A container, unit or process not looked at for this long is no longer known. They are looked at
every 2 to 5 s, and when that fails it is tried again, and said, every 30 s at the most."""

UNWATCHED = "not watched"
"""State of a service that has neither a check nor a place where it runs."""


@dataclass(frozen=True, slots=True)
class _Word:
    """What one witness says of the service."""

    verdict: Verdict
    state: str
    reason: SafeText
    since: datetime | None


def service_view(
    spec: ServiceSpec,
    checks: tuple[CheckView, ...],
    runtime: RuntimeState | None,
    runtime_since: datetime | None,
    now: datetime,
) -> ServiceView:
    """Return one service as shown at `now`, before dependencies are weighed.

    A container that runs while its check fails is down. One that is not found while its checks
    answer is unknown: something answers, and it is not what the configuration names.
    """
    words = [_check_word(view, len(checks) > 1) for view in checks]
    place = _runtime_word(spec, checks, runtime, runtime_since, now)
    if place is not None:
        words.append(place)
    if not words:
        nothing = SafeText("neither a check nor a place where it runs is configured")
        words.append(_Word(Verdict.UNKNOWN, UNWATCHED, nothing, None))
    verdict = worst(word.verdict for word in words)
    leader = next(word for word in words if word.verdict is verdict)
    is_well = verdict is Verdict.OK
    return ServiceView(
        spec=spec,
        verdict=verdict,
        state=place.state if is_well and place is not None else leader.state,
        reason=_well_reason(checks, place) if is_well else leader.reason,
        since=_since(words, verdict),
        because=EMPTY,
        checks=checks,
        runtime=runtime,
    )


def _check_word(view: CheckView, is_named: bool) -> _Word:
    reason = clean(f"{view.spec.id.check}: {view.reason}") if is_named else view.reason
    since = view.status.since if view.status and not view.is_stale else None
    return _Word(view.verdict, view.state, reason, since)


def _runtime_word(
    spec: ServiceSpec,
    checks: tuple[CheckView, ...],
    runtime: RuntimeState | None,
    since: datetime | None,
    now: datetime,
) -> _Word | None:
    """Return what the process manager says; None if it has no say."""
    is_answering = any(view.verdict in {Verdict.OK, Verdict.DEGRADED} for view in checks)
    if spec.runs_as is None:
        return None
    if runtime is None:
        if checks:
            return None
        return _Word(Verdict.UNKNOWN, "loading", SafeText("not looked at yet"), None)
    age_s = whole_age_s(runtime.observed_at, now)
    if age_s > RUNTIME_STALE_S:
        reason = clean(f"{runtime.kind} not seen for {int(age_s)} s, last: {runtime.state}")
        return _Word(Verdict.UNKNOWN, "stale", reason, None)
    if runtime.state == "not found" and is_answering:
        reason = clean(f"answers, but no {runtime.kind} found: {runtime.reason}")
        return _Word(Verdict.UNKNOWN, "not found", reason, since)
    reason = runtime.reason or clean(f"{runtime.kind} is {runtime.state}")
    if runtime.verdict is Verdict.DOWN and is_answering:
        reason = clean(f"{reason}, yet a check is answered")
    return _Word(runtime.verdict, str(runtime.state), reason, since)


def _well_reason(checks: tuple[CheckView, ...], place: _Word | None) -> SafeText:
    if len(checks) == 1:
        return checks[0].reason
    if checks:
        return clean(f"all {len(checks)} checks ok")
    return place.reason if place is not None else EMPTY


def _since(words: list[_Word], verdict: Verdict) -> datetime | None:
    """Return when the verdict began: trouble with its first witness, health with its last."""
    moments = [word.since for word in words if word.verdict is verdict and word.since]
    if not moments:
        return None
    return max(moments) if verdict is Verdict.OK else min(moments)
