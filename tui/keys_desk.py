"""The composition root of keys and secrets: books of what is configured."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from core.clients.clock import Clock
from core.model.operation import OperationsSpec
from core.model.state import StateFolders
from core.model.topology import Topology

if TYPE_CHECKING:
    from core.keys.desk_thread import Books, KeysDeskThread


def keys_desk_of(
    topology: Topology,
    operations: Mapping[str, OperationsSpec],
    folders: StateFolders,
    clock: Clock,
) -> "Callable[[Callable[[], None]], KeysDeskThread] | None":
    """Return what makes the desk of keys and secrets; None: nothing of the kind is configured."""
    if not any(one.keys or one.tokens or one.env_files for one in operations.values()):
        return None

    def make_books() -> "Books":
        from core.keys.desk_thread import Books
        from tui.key_books import key_books
        from tui.secrets_books import secrets_books

        return Books(
            key_books(topology, operations, folders, clock),
            secrets_books(topology, operations, clock, folders),
        )

    def make_desk(tell: Callable[[], None]) -> "KeysDeskThread":
        from core.keys.desk_thread import KeysDeskThread

        return KeysDeskThread(make_books, clock.monotonic, tell)

    return make_desk
