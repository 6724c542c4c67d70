"""Tells trouble from its consequences by `depends_on`. Pure.

A service in trouble is a consequence of a service that is down when a chain of dependencies leads
there through services that are themselves not ok. In a cycle nobody is the cause of the others.
"""

from collections.abc import Iterable, Mapping

from core.model.ids import ServiceId
from core.model.verdict import Verdict

Dependencies = Mapping[ServiceId, tuple[ServiceId, ...]]


def root_causes(
    dependencies: Dependencies, verdicts: Mapping[ServiceId, Verdict], blamable: Iterable[ServiceId]
) -> dict[ServiceId, ServiceId]:
    """Return, for each of `blamable` that is a consequence, the service at the root of it."""
    finder = _Finder(dependencies, verdicts)
    found = ((service, finder.root_of(service)) for service in blamable)
    return {service: root for service, root in found if root is not None}


class _Finder:
    """Walks the dependencies of services in trouble, each once."""

    def __init__(self, dependencies: Dependencies, verdicts: Mapping[ServiceId, Verdict]) -> None:
        self._dependencies = dependencies
        self._verdicts = verdicts
        self._reached: dict[ServiceId, tuple[ServiceId, ...]] = {}

    def root_of(self, service: ServiceId) -> ServiceId | None:
        """Return the first cause that has no cause of its own, as the configuration orders them."""
        causes = self._causes(service)
        return next((cause for cause in causes if not self._causes(cause)), None)

    def _causes(self, service: ServiceId) -> tuple[ServiceId, ...]:
        """Return the down services that `service` leans on and that do not lean on it."""
        return tuple(
            other
            for other in self._reach(service)
            if self._verdicts.get(other) is Verdict.DOWN
            and other != service
            and service not in self._reach(other)
        )

    def _reach(self, service: ServiceId) -> tuple[ServiceId, ...]:
        """Return all services in trouble that `service` leans on through services in trouble."""
        known = self._reached.get(service)
        if known is not None:
            return known
        found: dict[ServiceId, None] = {}
        ahead = list(reversed(self._dependencies.get(service, ())))
        while ahead:
            other = ahead.pop()
            if other in found or self._verdicts.get(other, Verdict.OK) is Verdict.OK:
                continue
            found[other] = None
            ahead.extend(reversed(self._dependencies.get(other, ())))
        self._reached[service] = tuple(found)
        return self._reached[service]
