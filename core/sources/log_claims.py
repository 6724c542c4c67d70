"""Which files belong to which log and class, by the configuration. Pure."""

from core.logs.keeping.rules import DEFAULT_RULES, LogClaim, RetentionRule, Rules
from core.model.topology import RetentionSpec, SystemSpec
from core.sources.log_places import LogPlace


def rules_of(system: SystemSpec) -> Rules:
    """Return the retention rules of a system by class; the usual ones where it has none."""
    if not system.retention:
        return DEFAULT_RULES
    return {spec.name: _rule(spec) for spec in system.retention}


def _rule(spec: RetentionSpec) -> RetentionRule:
    return RetentionRule(spec.name, spec.keep_s, spec.compress_after_s, note=spec.note)


def claims_of(system: SystemSpec, places: tuple[LogPlace, ...]) -> tuple[LogClaim, ...]:
    """Return what the logs of a system, and the extra paths of its classes, claim."""
    own = [place for place in places if place.system is system and place.spec.path]
    named = [LogClaim(one.source, one.spec.path, one.spec.retention) for one in own]
    extra = [
        LogClaim(f"{system.name} retention {spec.name}", path, spec.name)
        for spec in system.retention
        for path in spec.paths
    ]
    return tuple(claim for claim in (*named, *extra) if claim.pattern.startswith("/"))
