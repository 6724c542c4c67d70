"""Between the Keys screen and what looks at stores: pictures go up, a loss is told at once."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Protocol, runtime_checkable

from core.model.key_store import KeyLoss, KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.text import SafeText
from tui.feed import Feed


class KeysDeskHandle(Protocol):
    """What looks at key stores and secrets, in a thread of its own."""

    @property
    def picture(self) -> KeysPicture:
        """What is known now."""
        ...

    def start(self) -> None:
        """Begin to look."""
        ...

    def watch(self, is_watched: bool) -> None:
        """Look at secrets too, or no more."""
        ...

    def look_now(self) -> None:
        """Look at everything at once."""
        ...

    def find(self, key: str, told: Callable[[str], None]) -> None:
        """Look for a whole key; tells its short id, from the thread; empty: nobody has it."""
        ...

    def dismiss(
        self, target: str, noticed: datetime, who: str, told: Callable[[SafeText], None]
    ) -> None:
        """Keep that a person has read of a store's loss; tells, from the thread, why not."""
        ...

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop looking; tell whether that worked in time."""
        ...


FindKey = Callable[[str, Callable[[str], None]], None]
"""Looks for a whole key; tells, in the screen's loop, its short id, empty where it is none."""
MakeKeysDesk = Callable[[Callable[[], None]], KeysDeskHandle]
"""Makes a desk that calls what it is given whenever its picture is another."""


@runtime_checkable
class KeysFront(Protocol):
    """A screen that shows keys."""

    keys: KeysPicture | None
    find_key: "FindKey | None"


class KeysLink:
    """Owns the desk from the console's start: a store that loses keys is told on every screen.

    Args:
        make_desk: Makes the desk.
        front: The screen in front.
        warn: Tells a person what they should not miss.
        in_loop: Calls something in the screen's loop.
    """

    def __init__(
        self,
        make_desk: MakeKeysDesk,
        front: Callable[[], object],
        warn: Callable[[str], None],
        in_loop: Callable[[Callable[[], None]], None],
    ) -> None:
        self._front, self._warn, self._in_loop = front, warn, in_loop
        self._feed = Feed(self._deliver, self._has_news)
        self._shown: KeysPicture | None = None
        self._told: set[tuple[str, datetime]] = set()
        self._overdue: dict[str, int] = {}
        self._feed.attach()
        self.desk = make_desk(self._feed.tell)
        self.desk.start()

    def turned_to(self, screen: object) -> None:
        """Look at secrets only while the screen that shows them is in front."""
        self.desk.watch(isinstance(screen, KeysFront))

    def show_again(self) -> None:
        """Give the screen in front what is known."""
        screen = self._front()
        if isinstance(screen, KeysFront):
            screen.keys = self.desk.picture
            screen.find_key = screen.find_key or self._find

    def stop(self, timeout_s: float) -> None:
        """Let go of the files."""
        self._feed.detach()
        self.desk.stop(timeout_s)

    def _find(self, key: str, told: Callable[[str], None]) -> None:
        self.desk.find(key, lambda found: self._in_loop(partial(told, found)))

    def _has_news(self) -> bool:
        return self.desk.picture is not self._shown

    def _deliver(self) -> None:
        self._shown = self.desk.picture
        for store in self._shown.stores:
            if store.loss is None or store.loss.is_dismissed:
                continue
            if (store.target, store.loss.noticed) not in self._told:
                self._told.add((store.target, store.loss.noticed))
                # The screen of keys has it in its own lines.
                if not isinstance(self._front(), KeysFront):
                    self._warn(_loss_text(store, store.loss))
            self._tell_overdue(store)
        self.show_again()

    def _tell_overdue(self, store: KeyStoreView) -> None:
        """Tell once of every grace that is over, and what ends it."""
        if store.overdue > self._overdue.get(store.target, 0):
            keys = "a key" if store.overdue == 1 else f"{store.overdue} keys"
            self._warn(f"the grace of {keys} of {store.target} is over: key.end ends it (Keys, 6)")
        self._overdue[store.target] = store.overdue


def _loss_text(store: KeyStoreView, loss: KeyLoss) -> str:
    restore = f"; {loss.backup} has them" if loss.backup else ""
    count = "1 key" if loss.count == 1 else f"{loss.count} keys"
    moment = f"{loss.noticed:%H:%M:%S}Z"
    return f"{count} vanished from {store.target} at {moment}, not by an action of ours{restore}"
