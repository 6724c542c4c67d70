"""Between the screens that show Redis and the desk: wishes go down, pictures come back up."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

from core.model.redis_view import LookNow, RedisPicture, RedisWish, Watch
from tui.feed import Feed


class RedisDeskHandle(Protocol):
    """What looks at Redis servers, in a thread of its own."""

    @property
    def picture(self) -> RedisPicture:
        """What is known now."""
        ...

    def start(self) -> None:
        """Begin to work."""
        ...

    def send(self, wish: RedisWish) -> None:
        """Ask for something; returns at once."""
        ...

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Stop working; tell whether that worked in time."""
        ...


MakeRedisDesk = Callable[[Callable[[], None]], RedisDeskHandle]
"""Makes a desk that calls what it is given whenever its picture may be another."""


@runtime_checkable
class RedisFront(Protocol):
    """A screen that shows something of Redis."""

    redis: RedisPicture | None


_NOTHING = Watch(frozenset())


class RedisLink:
    """Owns the desk: it is made when something of Redis is first shown, and outlives the screen.

    Nothing is looked at while no such screen is in front.

    Args:
        make_desk: Makes the desk.
        front: The screen in front.
        is_frozen: Whether what is shown shall stand still.
        beside: Puts what is known elsewhere into a picture.
    """

    def __init__(
        self,
        make_desk: MakeRedisDesk,
        front: Callable[[], object],
        is_frozen: Callable[[], bool],
        beside: Callable[[RedisPicture], RedisPicture] = lambda picture: picture,
    ) -> None:
        self._make_desk, self._front, self._is_frozen = make_desk, front, is_frozen
        self._beside = beside
        self._desk: RedisDeskHandle | None = None
        self._feed = Feed(self.show_again, self._has_news)
        self._shown: RedisPicture | None = None
        self._watched = _NOTHING

    def take(self, wish: RedisWish) -> None:
        """Carry out what the screen in front wants."""
        if self._desk is None:
            self._feed.attach()
            self._desk = self._make_desk(self._feed.tell)
            self._desk.start()
        if isinstance(wish, Watch):
            self._watched = wish
        else:
            self._feed.hurry()
        self._desk.send(wish)
        self.show_again()

    def refresh(self) -> None:
        """Look at everything that is watched now."""
        if self._desk is not None:
            self._desk.send(LookNow())

    def turned_to(self, screen: object) -> None:
        """Stop looking when the screen that came to the front shows nothing of Redis."""
        is_wanted = isinstance(screen, RedisFront)
        if self._desk is not None and not is_wanted and self._watched != _NOTHING:
            self._watched = _NOTHING
            self._desk.send(_NOTHING)

    def show_again(self) -> None:
        """Give the screen in front what is known."""
        screen = self._front()
        if self._desk is None or self._is_frozen() or not isinstance(screen, RedisFront):
            return
        self._shown = self._desk.picture
        screen.redis = self._beside(self._shown)

    def stop(self, timeout_s: float) -> None:
        """Let go of the servers."""
        self._feed.detach()
        if self._desk is not None:
            self._desk.stop(timeout_s)

    def _has_news(self) -> bool:
        return self._desk is not None and self._desk.picture is not self._shown
