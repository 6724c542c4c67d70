"""A Redis on a script: its clock goes on when it is looked at, its saves end after some looks."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.clients.acting.rdb import crc64
from core.clients.acting.redis_control import RedisState, SaveBegun
from core.errors import ClientError
from core.model.text import EMPTY, SafeText, clean

RUN = clean("a" * 40)


def rdb_of(made_at_s: int, *, content: bytes = b"", is_checksummed: bool = True) -> bytes:
    """Return a snapshot as Redis 7 writes it, with some pairs and whatever follows them."""
    stamp = made_at_s.to_bytes(4, "little", signed=True)
    pairs = b"\xfa\x09redis-ver\x067.0.15\xfa\x0aredis-bits\xc0\x40\xfa\x05ctime\xc2" + stamp
    body = b"REDIS0010" + pairs + content + b"\xff"
    return body + (crc64(body) if is_checksummed else 0).to_bytes(8, "little")


@dataclass
class FakeRedis:
    """One server; a save writes a file where `path` is."""

    path: Path
    state_now: RedisState = field(
        default_factory=lambda: RedisState(
            run_id=RUN, version=clean("7.0.15"), role=clean("master"), is_cut_off=False,
            now_s=2000, last_save_s=1000, is_saving=False, is_forked=False,
            is_last_save_ok=True, used_bytes=1000,
        )
    )  # fmt: skip
    looks_left: int = 0
    """So many looks until the save that runs ends."""
    saves_well: bool = True
    settings: dict[str, str] = field(default_factory=dict)
    may: bool | None = True
    refusal: ClientError | None = None
    """Raised instead of any answer."""
    lost: ClientError | None = None
    """Raised by BGSAVE, once, in place of its answer."""
    is_lost_on_the_way: bool = False
    """Then BGSAVE was not heard either."""
    refuses: int = 0
    """So many times BGSAVE is answered that something else is in the way, which INFO shows not."""
    begun: int = 0
    keys: int | None = 3
    """What BGSAVE counts."""
    on_begin: Callable[["FakeRedis"], None] = lambda _fake: None
    content: Callable[[int], bytes] = rdb_of

    async def state(self, server: str) -> RedisState:
        if self.refusal:
            raise self.refusal
        now = replace(self.state_now, now_s=self.state_now.now_s + 1)
        if now.is_saving:
            self.looks_left -= 1
            if self.looks_left <= 0:
                now = self._ended(now)
        self.state_now = now
        return now

    def _ended(self, now: RedisState) -> RedisState:
        if not self.saves_well:
            return replace(now, is_saving=False, is_last_save_ok=False)
        self.path.write_bytes(self.content(now.now_s))
        return replace(now, is_saving=False, is_last_save_ok=True, last_save_s=now.now_s)

    def save(self, looks: int = 2) -> None:
        """Have it save, as another client or its own rule would."""
        self.state_now = replace(self.state_now, is_saving=True)
        self.looks_left = looks

    async def begin_save(self, server: str) -> SaveBegun | None:
        if self.refusal:
            raise self.refusal
        if self.state_now.is_saving or self.state_now.is_forked:
            return None
        if self.refuses:
            self.refuses -= 1
            return None
        lost, self.lost = self.lost, None
        if lost is None or not self.is_lost_on_the_way:
            self.begun += 1
            self.save()
        if lost is not None:
            raise lost
        self.on_begin(self)
        return SaveBegun(self.keys)

    async def snapshot_path(self, server: str) -> str:
        if self.refusal:
            raise self.refusal
        return str(self.path)

    async def setting(self, server: str, name: str) -> SafeText:
        return clean(self.settings.get(name, "")) or EMPTY

    async def may_save(self, server: str) -> bool | None:
        if self.refusal:
            raise self.refusal
        return self.may
