"""The composition root of keys and secrets: books of what is configured."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from core.clients.clock import Clock
from core.model.operation import OperationsSpec
from core.model.state import StateFolders
from core.model.topology import Topology

if TYPE_CHECKING:
    from core.keys.desk_thread import Books, InventoryBook, KeysDeskThread
    from tui.key_books import Learn


def keys_desk(
    topology: Topology,
    operations: Callable[[], Mapping[str, OperationsSpec]],
    folders: StateFolders,
    clock: Clock,
    tell: Callable[[], None],
    learn: "Learn",
) -> "KeysDeskThread":
    """Return what looks at key stores and secrets; all of it is made in its thread.

    `learn` is told the keys of stores that no file holds, in whichever thread has read them.
    """
    from core.keys.desk_thread import KeysDeskThread

    def make_books() -> "Books":
        from core.keys.desk_thread import Books
        from core.keys.store.redis_book import Beside, RedisKeyBook
        from tui.key_books import key_books

        known = operations()

        def inventories() -> "Sequence[InventoryBook]":
            from tui.secrets_books import secrets_books

            return secrets_books(topology, known, clock, folders)

        stores = key_books(topology, known, folders, clock, learn)
        return Books(
            # A server that is slow, or gone, holds up no news of files.
            [Beside(one) if isinstance(one, RedisKeyBook) else one for one in stores],
            inventories,
        )

    return KeysDeskThread(make_books, clock.monotonic, tell)
