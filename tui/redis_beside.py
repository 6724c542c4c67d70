"""What is known elsewhere put beside what Redis holds: metrics of breakers and of refusals."""

from dataclasses import replace

from core.model.redis_view import RedisPicture
from core.model.views import Picture
from core.redis.circuits.metrics import metric_values, with_metric
from core.redis.limits.rejections import with_rejections
from core.store.rejections import metric_rejections


def beside(redis: RedisPicture, known: Picture | None) -> RedisPicture:
    """Return the picture with what the metrics tell of each breaker and of each client."""
    if known is None:
        return redis
    return _with_refusals(_with_states(redis, known), known)


def _with_states(redis: RedisPicture, known: Picture) -> RedisPicture:
    """Return it with the raw value of each breaker's metric and what it means."""
    if not any(row.metric for one in redis.circuits for row in one.rows):
        return redis
    values = metric_values(known.snapshot.metrics.values())
    servers = (spec for system in known.topology.systems for spec in system.redis)
    specs = {spec.server: spec.circuits for spec in servers}
    circuits = tuple(with_metric(one, values, specs.get(one.server, ())) for one in redis.circuits)
    return replace(redis, circuits=circuits)


def _with_refusals(redis: RedisPicture, known: Picture) -> RedisPicture:
    """Return it with how often each client was refused, where a counter tells of clients."""
    servers = (spec for system in known.topology.systems for spec in system.redis)
    specs = {spec.server: spec.limits for spec in servers if spec.limits}
    if not any(one.rows and one.server in specs for one in redis.limits):
        return redis
    told = metric_rejections(known.snapshot.metrics.values())
    limits = tuple(with_rejections(one, specs.get(one.server, ()), told) for one in redis.limits)
    return replace(redis, limits=limits)
