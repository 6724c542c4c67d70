"""What is known elsewhere put beside what Redis holds: a breaker's metric, by its legend."""

from dataclasses import replace

from core.model.redis_view import RedisPicture
from core.model.views import Picture
from core.redis.circuits.metrics import metric_values, with_metric


def beside(redis: RedisPicture, known: Picture | None) -> RedisPicture:
    """Return the picture with the raw value of each breaker's metric and what it means."""
    if known is None or not any(row.metric for one in redis.circuits for row in one.rows):
        return redis
    values = metric_values(known.snapshot.metrics.values())
    servers = (spec for system in known.topology.systems for spec in system.redis)
    specs = {spec.server: spec.circuits for spec in servers}
    circuits = tuple(with_metric(one, values, specs.get(one.server, ())) for one in redis.circuits)
    return replace(redis, circuits=circuits)
