"""Looks at key stores and secrets in a thread of its own: a slow disk never holds up the screen."""

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from core.errors import ClientError
from core.model.key_store import KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.secret_view import SecretsView
from core.model.text import EMPTY, SafeText, clean

STORES_EVERY_S = 2.0
"""A loss of keys is noticed within this, of stores that cost little to look at."""
SECRETS_EVERY_S = 30.0
_SPARED = 9.0
"""A tenth of the time at most goes into looks: a file of use may change with every request."""
MOST_PAUSE_S = 20.0


def pause_after(cost_s: float) -> float:
    """Return how long to rest after a look at the stores, seconds."""
    return min(max(STORES_EVERY_S, _SPARED * cost_s), MOST_PAUSE_S)


class StoreBook(Protocol):
    """Reads one store again and again; cheap where nothing has changed."""

    def look(self) -> KeyStoreView:
        """Return what is known now. Never raises for what is wrong with a file."""
        ...

    @property
    def target(self) -> str:
        """What the store is called."""
        ...

    def dismiss(self, noticed: datetime, who: str) -> None:
        """Keep that a person has read of a loss.

        Raises:
            ClientError: it cannot be written.
        """
        ...

    def mark_of(self, identity: str) -> str:
        """Return a key's short id in full, of which every shorter one is the beginning."""
        ...


class InventoryBook(Protocol):
    """Reads where the secrets of one system are."""

    def look(self) -> SecretsView:
        """Return what is known now. Never raises for what is wrong with a file."""
        ...


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is looked at."""

    stores: Sequence[StoreBook]
    make_inventories: Callable[[], Sequence[InventoryBook]]
    """Called when secrets are looked at for the first time: most consoles never do."""


class KeysDeskThread:
    """Stores are looked at all the time, secrets only while somebody watches.

    Args:
        make_books: Called in the thread.
        monotonic_s: Seconds that never go back.
        tell: Called in the thread whenever `picture` is another.
    """

    def __init__(
        self,
        make_books: Callable[[], Books],
        monotonic_s: Callable[[], float],
        tell: Callable[[], None],
    ) -> None:
        self._make_books, self._monotonic_s, self._tell = make_books, monotonic_s, tell
        self._wake = threading.Event()
        self._is_stopping = threading.Event()
        self._books: Books | None = None
        self._inventories: Sequence[InventoryBook] | None = None
        self._is_watched = False
        self._secrets_due_s = 0.0
        self._orders: deque[Callable[[], None]] = deque()
        self.picture = KeysPicture()
        """What is known now; replaced, never changed."""
        self._thread = threading.Thread(target=self._work, name="qd-keys", daemon=True)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def watch(self, is_watched: bool) -> None:
        """Look at secrets too from now on, or no more."""
        self._is_watched = is_watched
        if is_watched:
            self._wake.set()

    def look_now(self) -> None:
        """Look at everything at once."""
        self._secrets_due_s = 0.0
        self._wake.set()

    def find(self, key: str, told: Callable[[str], None]) -> None:
        """Look for a whole key, kept as it is or hashed.

        Args:
            key: In the clear.
            told: Is told its short id, in the thread; empty: nobody has it.
        """
        self._orders.append(lambda: told(self._find(key)))
        self._wake.set()

    def _find(self, key: str) -> str:
        digests = [hashlib.new(name, key.encode()).hexdigest() for name in ("sha256", "sha512")]
        stores = zip(self._books.stores, self.picture.stores, strict=False) if self._books else ()
        for book, view in stores:
            marks = [book.mark_of(one) for one in (key, *digests)]
            for known in view.keys:
                if any(mark.startswith(known.short_id) for mark in marks):
                    return known.short_id
        return ""

    def dismiss(
        self, target: str, noticed: datetime, who: str, told: Callable[[SafeText], None]
    ) -> None:
        """Keep that a person has read of a store's loss.

        Args:
            target: The store.
            noticed: When the loss was.
            who: The person.
            told: Is told, in the thread, why that cannot be kept; empty: it is.
        """
        self._orders.append(partial(self._dismiss, target, noticed, who, told))
        self._wake.set()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; tell whether that worked in time."""
        self._is_stopping.set()
        self._wake.set()
        if not self._thread.is_alive():
            return True
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def _work(self) -> None:
        is_asked_to_end = False
        try:
            books = self._books = self._make_books()
            while not self._is_stopping.is_set():
                while self._orders:
                    self._orders.popleft()()
                began_s = self._monotonic_s()
                stores = tuple(one.look() for one in books.stores)
                cost_s = self._monotonic_s() - began_s
                self._take(books, stores)
                self._wake.wait(pause_after(cost_s))
                self._wake.clear()
            is_asked_to_end = True
        finally:
            # A bug goes on to whoever writes crashes down; nobody shall wait for news meanwhile.
            if not is_asked_to_end:
                self._show(replace(self.picture, is_broken=True))

    def _dismiss(
        self, target: str, noticed: datetime, who: str, told: Callable[[SafeText], None]
    ) -> None:
        for book in self._books.stores if self._books else ():
            if book.target == target:
                try:
                    book.dismiss(noticed, who)
                except ClientError as error:
                    told(clean(str(error)))
                else:
                    told(EMPTY)

    def _take(self, books: Books, stores: tuple[KeyStoreView, ...]) -> None:
        """Show what stores hold, with secrets where their time has come."""
        secrets, now_s = self.picture.secrets, self._monotonic_s()
        are_read = self.picture.are_secrets_read
        if self._is_watched and now_s >= self._secrets_due_s:
            if self._inventories is None:
                self._inventories = books.make_inventories()
            secrets = tuple(one.look() for one in self._inventories)
            self._secrets_due_s, are_read = now_s + SECRETS_EVERY_S, True
        self._show(KeysPicture(stores, secrets, is_read=True, are_secrets_read=are_read))

    def _show(self, picture: KeysPicture) -> None:
        if picture != self.picture:
            self.picture = picture
            self._tell()
