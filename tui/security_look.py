"""The composition root of what a security audit looks at in files; loaded when one is made."""

from collections.abc import Mapping
from dataclasses import replace

from core.clients.blocking import BlockingWorker
from core.clients.clock import Clock
from core.errors import ActionError
from core.keys.secrets.audit import FileAudit
from core.model.operation import OperationsSpec
from core.model.security import SecurityItem
from core.model.state import StateFolders
from core.model.topology import Topology
from tui.key_books import key_books
from tui.secrets_books import secrets_books

_WITHIN_S = 120.0


async def look_at_files(
    system: str,
    topology: Topology,
    operations: Mapping[str, OperationsSpec],
    folders: StateFolders,
    clock: Clock,
) -> tuple[SecurityItem, ...]:
    """Return what the files of a system say.

    Raises:
        ActionError: there is no such system.
        ClientError: it took too long.
    """
    own = replace(topology, systems=tuple(one for one in topology.systems if one.name == system))
    if not own.systems or system not in operations:
        raise ActionError(f"there is no system {system!r}")
    [secrets] = secrets_books(own, operations, clock, folders)
    stores = key_books(own, operations, folders, clock)
    audit = FileAudit(
        operations[system].root, secrets, lambda: tuple(one.look() for one in stores), clock
    )
    worker = BlockingWorker("security", clock)
    try:
        return await worker.run(audit.look, _WITHIN_S)
    finally:
        worker.close()
