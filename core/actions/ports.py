"""Everything a part may touch of the world, filled by the composition root or by a test."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from core.clients.acting.backups import BackupControl
from core.clients.acting.commands import ActingRunner
from core.clients.acting.engine import EngineControl
from core.clients.acting.files import FileControl
from core.clients.acting.git import GitControl
from core.clients.acting.guards import GuardControl
from core.clients.acting.key_store import KeyStoreControl
from core.clients.acting.prober import Prober
from core.clients.acting.processes import ProcessControl
from core.clients.acting.redis_control import RedisControl
from core.clients.acting.redis_keys import KeyControl
from core.clients.acting.redis_streams import StreamControl
from core.clients.acting.units import UnitControl
from core.clients.acting.waiters import WaiterControl
from core.clients.clock import Clock
from core.clients.keyspace.port import Keyspace
from core.model.check import CheckResult
from core.model.security import SecurityItem

CheckLook = Callable[[str], Awaitable[CheckResult]]
"""Probes a check named `system/service/check` once, now.

Raises:
    ActionError: the configuration has no such check.
"""

SecurityLook = Callable[[str], Awaitable[tuple[SecurityItem, ...]]]
"""Looks through the files of a system for what a security audit asks.

Raises:
    ActionError: there is no such system.
    ClientError: it took too long.
"""


@dataclass(frozen=True, slots=True)
class Ports:
    """Clients, injected."""

    clock: Clock
    files: FileControl
    commands: ActingRunner
    units: UnitControl
    engine: EngineControl
    processes: ProcessControl
    look: CheckLook
    git: GitControl
    backups: BackupControl | None = None
    """None: whoever built these neither makes nor restores backups."""
    results: str = ""
    """Folder for what came of steps that leave no trace; empty: such steps cannot be planned."""
    prober: Prober | None = None
    """None: whoever built these asks nothing on purpose."""
    guards: GuardControl | None = None
    """None: whoever built these takes nothing away."""
    redis: RedisControl | None = None
    """None: whoever built these tells no Redis anything."""
    redis_streams: StreamControl | None = None
    """The same for streams."""
    redis_keys: KeyControl | None = None
    """The same for other keys and settings."""
    keys: KeyStoreControl | None = None
    """None: whoever built these changes no store of API keys."""
    security: SecurityLook | None = None
    """None: whoever built these looks through no files for a security audit."""
    waiters: WaiterControl | None = None
    """None: whoever built these has nothing wait for a later moment."""
    keyspace: Callable[[str], Keyspace] | None = None
    """Opens a way to a server (`system/service`) that only reads; None: there is none."""
