"""A system as shown now: the worst of its own services. Pure.

An outside provider is shown beside the system and never makes it down: its outage leads the
reason only while our own services are well.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from core.model.events import Noted
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import SystemSpec
from core.model.verdict import Verdict, worst
from core.model.views import ServiceView, SystemView
from core.store.service_views import UNWATCHED

_WORST_FIRST = tuple(sorted(Verdict, key=lambda verdict: -verdict.rank))


def system_view(
    spec: SystemSpec, services: tuple[ServiceView, ...], last: Noted | None
) -> SystemView:
    """Return one system with its services; `last` is the newest entry of its timeline."""
    own = _weighing(services)
    verdict = worst(view.verdict for view in own)
    if verdict is Verdict.DOWN and all(view.spec.is_outside for view in own):
        verdict = Verdict.DEGRADED
    counts = Counter(view.verdict for view in services)
    return SystemView(
        spec=spec,
        verdict=verdict,
        since=_since(own, verdict),
        reason=_reason(services, own, verdict),
        services=services,
        counts=tuple((one, counts[one]) for one in _WORST_FIRST if counts[one]),
        last_note=last.text if last else EMPTY,
        last_note_at=last.at if last else None,
    )


def _weighing(services: tuple[ServiceView, ...]) -> tuple[ServiceView, ...]:
    """Return the services that decide: watched ones of our own, else whatever there is."""
    watched = tuple(view for view in services if view.state != UNWATCHED)
    return tuple(view for view in watched if not view.spec.is_outside) or watched or services


def _since(own: Sequence[ServiceView], verdict: Verdict) -> datetime | None:
    """Return when the verdict began: trouble with the first service in it, health with the last."""
    moments = [view.since for view in own if view.verdict is verdict and view.since]
    if not moments:
        return None
    return max(moments) if verdict is Verdict.OK else min(moments)


def _reason(
    services: tuple[ServiceView, ...], own: tuple[ServiceView, ...], verdict: Verdict
) -> SafeText:
    """Return the root trouble in one line; empty when all is well."""
    if not own:
        return SafeText("no services are configured")
    if verdict is Verdict.OK:
        outside = [view for view in services if view.spec.is_outside]
        troubles = [view for view in outside if view.verdict in {Verdict.DOWN, Verdict.DEGRADED}]
        return _line(max(troubles, key=_rank), 0) if troubles else EMPTY
    followers = Counter(str(view.because) for view in services if view.because)
    roots = [view for view in own if view.verdict is not Verdict.OK and not view.because]
    if not roots:
        lead = max(own, key=_rank)
        return clean(f"{lead.spec.id.service}: because {lead.because} is down")
    root = max(roots, key=lambda view: (_rank(view), followers[view.spec.id.service]))
    return _line(root, followers[root.spec.id.service])


def _rank(view: ServiceView) -> int:
    return view.verdict.rank


def _line(view: ServiceView, followers: int) -> SafeText:
    text = f"{view.spec.id.service}: {view.reason or view.state}"
    if followers:
        text += f" (and {followers} because of it)"
    return clean(text)
