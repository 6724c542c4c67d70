"""A log that is a spool: what every stream offers, whoever feeds it."""

from core.logs.segment import Segment
from core.logs.stream.followed import LogChange
from core.logs.stream.spool import Spool
from core.model.follow import FollowState


class SpooledLog:
    """Offers a spool as a followed log. It wakes by itself, so no path is watched."""

    watched_paths: tuple[str, ...] = ()

    def __init__(self, spool: Spool) -> None:
        """Take the spool; it is closed with the log."""
        self._spool = spool

    @property
    def source(self) -> str:
        """What it is called."""
        return self._spool.source

    @property
    def segments(self) -> tuple[Segment, ...]:
        """What is kept of it."""
        return self._spool.segments

    @property
    def state(self) -> FollowState:
        """How it stands."""
        return self._spool.state

    def poll(self, now_s: float) -> LogChange:
        """Return what has come."""
        return self._spool.poll(now_s)

    def close(self) -> None:
        """Give the room back."""
        self._spool.close()
