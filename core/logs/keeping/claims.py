"""Which files belong to which log and class, by the configuration. Pure."""

from collections.abc import Iterator

from core.logs.keeping.rules import DEFAULT_RULES, LogClaim, RetentionRule, Rules
from core.model.topology import LogSpec, RetentionSpec, SystemSpec


def rules_of(system: SystemSpec) -> Rules:
    """Return the retention rules of a system by class; the usual ones where it has none."""
    if not system.retention:
        return DEFAULT_RULES
    return {spec.name: _rule(spec) for spec in system.retention}


def _rule(spec: RetentionSpec) -> RetentionRule:
    return RetentionRule(spec.name, spec.keep_s, spec.compress_after_s, note=spec.note)


def logs_of(system: SystemSpec) -> Iterator[tuple[str, LogSpec]]:
    """Yield each log with its whole name: `system/service/log`, or `system/log`."""
    for service in system.services:
        own = service.id.service
        for spec in service.logs:
            yield f"{system.name}/{own}/{spec.name.removeprefix(f'{own}.')}", spec
    for spec in system.logs:
        yield f"{system.name}/{spec.name}", spec


def claims_of(system: SystemSpec) -> tuple[LogClaim, ...]:
    """Return what the logs of a system, and the extra paths of its classes, claim."""
    named = [
        LogClaim(name, spec.path, spec.retention) for name, spec in logs_of(system) if spec.path
    ]
    extra = [
        LogClaim(f"{system.name} retention {spec.name}", path, spec.name)
        for spec in system.retention
        for path in spec.paths
    ]
    return tuple(claim for claim in (*named, *extra) if claim.pattern.startswith("/"))
