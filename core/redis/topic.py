"""One kind of view of one server. The desk has a book of each kind for every server."""

from typing import Protocol, runtime_checkable

from core.clients.keyspace.port import Keyspace
from core.model.redis_view import RedisWish


class Book(Protocol):
    """What is known of one topic; `view` is replaced as more becomes known.

    Both calls raise `ClientError` when the server cannot be asked: the desk shows that as the
    server's trouble. What concerns one key only (gone, of another type) is part of the view.
    """

    @property
    def view(self) -> object:
        """What is known now: a frozen value of `core.model`."""
        ...

    async def look(self, keyspace: Keyspace) -> None:
        """Look again, within a second or so; called every few seconds while it is watched."""
        ...

    async def carry_out(self, keyspace: Keyspace, wish: RedisWish) -> None:
        """Do what a person wishes, telling often; cancelled when something newer is wished."""
        ...


@runtime_checkable
class ClosableBook(Protocol):
    """A book that holds something of its own: logs that it follows."""

    async def aclose(self) -> None:
        """Let go of it."""
        ...
