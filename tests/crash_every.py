"""Every small world for `tests.crashes`, those that need real components among them."""

from tests.crash_compose import COMPOSE
from tests.crash_edits import EDITS
from tests.crash_engine import ENGINE
from tests.crash_keys import KEYS
from tests.crash_more import MORE
from tests.crash_postgres import POSTGRES
from tests.crash_probes import PROBES
from tests.crash_processes import PROCESSES
from tests.crash_redis import REDIS
from tests.crash_redis_keys import REDIS_KEYS
from tests.crash_scenarios import FILES, SCENARIOS
from tests.crash_secrets import SECRETS
from tests.crash_streams import STREAMS
from tests.crash_swarm import SWARM
from tests.crash_units import UNITS
from tests.crashes import Scenario

FAMILIES: dict[str, tuple[Scenario, ...]] = {
    "files": (*FILES, *MORE, *EDITS),
    "processes": PROCESSES,
    "keys": KEYS,
    "secrets": SECRETS,
    "redis": REDIS,
    "redis-keys": REDIS_KEYS,
    "streams": STREAMS,
    "containers": ENGINE,
    "compose": COMPOSE,
    "swarm": SWARM,
    "units": UNITS,
    "postgres": POSTGRES,
    "probes": PROBES,
}
BESIDE: tuple[Scenario, ...] = (*ENGINE, *COMPOSE, *SWARM, *UNITS, *POSTGRES, *PROBES)
"""On an engine, a systemd, a database server, or a filter of packets; and what only asks."""
EVERY: tuple[Scenario, ...] = (*SCENARIOS, *BESIDE)


def those_here(names: list[str]) -> tuple[list[Scenario], list[str]]:
    """Return the named ones (none named: all) that can be made here, and why others cannot."""
    wanted = [one for one in EVERY if not names or one.name in names]
    absent = [f"{one.name}: not run: {why}" for one in wanted if (why := one.why_not())]
    return [one for one in wanted if not one.why_not()], absent
