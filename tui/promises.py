"""What the screens that are not built yet will show, and what serves on these systems until then.

Nothing here pretends: each line is a command that works in this version, or a place that the
configuration names.
"""

from collections.abc import Iterator
from typing import Final

from core.model.check import CheckKind
from core.model.topology import (
    ServiceSpec,
    Topology,
)
from screens.waiting import Advice, Promise

_MOST = 24
_CHECK = Advice("quarterdeck check", "every check and threshold, once, with an exit code", True)
_STATUS = Advice("quarterdeck status --json", "everything that is known now", True)
_DOCTOR = Advice("quarterdeck doctor", "what can be reached, and which rights are missing", True)


def _services(topology: Topology) -> Iterator[ServiceSpec]:
    for system in topology.systems:
        yield from system.services


def _redis_lines(topology: Topology) -> tuple[Advice, ...]:
    """Return the servers whose reachability the Services screen shows now."""
    lines = [
        Advice(
            check.url,
            f"({service.id.system}/{service.id.service}: Services shows its state now)",
        )
        for service in _services(topology)
        for check in service.checks
        if check.kind is CheckKind.REDIS
    ]
    return (*_bounded(lines, "no Redis-compatible server is configured"), _CHECK)


def _bounded(lines: list[Advice], otherwise: str) -> tuple[Advice, ...]:
    if not lines:
        return (Advice(otherwise),)
    more = len(lines) - _MOST
    return (*lines[:_MOST], Advice(f"… and {more} more")) if more > 0 else tuple(lines)


def _watching(_topology: Topology) -> tuple[Advice, ...]:
    return (_CHECK, _STATUS)


def _acting(_topology: Topology) -> tuple[Advice, ...]:
    return (Advice("Keys are looked after by the systems' own tools until then."), _DOCTOR)


PROMISES: Final[dict[str, Promise]] = {
    "streams": Promise(
        (
            (
                "Redis streams with their groups, consumers, pending entries and dead letters, and "
                "how far behind each one is."
            ),
        ),
        _redis_lines,
    ),
    "keys": Promise(
        ("API keys, secrets and tokens: who has which, how old it is, and when it ends.",),
        _acting,
    ),
    "alerts": Promise(
        (
            (
                "Alerts that are pending or firing, with the condition and its value, and "
                "incidents with their timeline."
            ),
        ),
        _watching,
    ),
    "runbook": Promise(
        ("Every operation of the systems' runbooks, and how each one is done from here.",),
        lambda topology: (
            Advice("Overview, Services and Host & metrics already show what the runbooks look up."),
            *_watching(topology),
        ),
    ),
}
