"""Steps that put a Redis snapshot back: put beside, save, take its place, tidy; and their proof.

A server writes its snapshot anew under the same name, also when it ends. So no step goes by inodes:
`.NAME.TOKEN.new` is what was put there, `.NAME.TOKEN.old` what lived, and names tell it all.
"""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.backups_redis import guard_new
from core.actions.families.backups_sets import control_of
from core.actions.families.redis_look import Saving, redis_of
from core.actions.families.restore_steps import beside, guard_copy, remove_note
from core.actions.part import BareStep, Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.backup_places import PlaceKind
from core.clients.acting.backups import Putting
from core.clients.acting.redis_control import RedisState
from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean

_FORM = "redis"
_LOADING_S = 240.0
_ANSWERS_S = 30.0
"""A server that cannot read what it finds ends at once, and again each time it is started."""
_LOOK_EVERY_S = 0.2


async def _is_there(ports: Ports, path: str) -> bool:
    return (await control_of(ports).place(path)).kind is not PlaceKind.NOTHING


@part
@dataclass(frozen=True, slots=True)
class PutSnapshot:
    """The snapshot, proven once more, is put beside what lives."""

    kind: ClassVar[str] = "restore.redis_put"
    can_undo: ClassVar[bool] = True

    copy: str
    sha256: str
    host: str
    """Where its manifest has to say that it was made."""
    live: str
    names: tuple[str, str]
    """Of the base and the manifest in a folder of appended commands; empty: the file itself."""
    token: str
    mode: int
    """With the owner: for a file where there is none to take them from."""
    uid: int
    gid: int

    @property
    def staged(self) -> str:
        """Where it is put."""
        return beside(self.live, self.token, "new")

    async def observe(self, ports: Ports) -> Seen:
        """It is there whole, or took its place by now, or there is nothing of it."""
        if await _is_there(ports, f"{self.staged}.part"):
            return Seen(Sight.NEITHER, clean(f"{self.staged} was cut off half-way"))
        for what in ("new", "old"):
            if await _is_there(ports, beside(self.live, self.token, what)):
                return Seen(Sight.AFTER, clean(f"{self.staged} was put there whole"))
        return Seen(Sight.BEFORE, SafeText("nothing is put beside it"))

    async def save(self, ports: Ports, work: Work) -> None:
        """Nothing living is changed."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Prove the backup, and put it."""
        await self.undo(ports, work)
        await guard_copy(ports, self.copy, self.sha256, _FORM, self.host)
        work.say(clean(f"{self.copy} was read as a whole and is good"))
        control = control_of(ports)
        if any(self.names):
            await control.put_append_only(self.copy, self.live, self.staged, self.names)
            return
        owner = (self.uid, self.gid)
        await control.put(Putting(self.copy, self.live, self.staged, None, self.mode, owner))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Remove what was put; what lived is never called so."""
        control = control_of(ports)
        await control.remove(f"{self.staged}.part")
        await control.remove(self.staged)


@part
@dataclass(frozen=True, slots=True)
class SaveWhatLives:
    """The server writes what it holds to its disk: one that saves nothing when it ends, too."""

    kind: ClassVar[str] = "restore.redis_save"
    can_undo: ClassVar[bool] = True

    server: str
    run_id: str
    dump: str
    """Where its snapshot is, as seen from here."""
    token: str

    @property
    def note(self) -> str:
        """What says that it has saved."""
        return beside(self.dump, self.token, "saved")

    async def observe(self, ports: Ports) -> Seen:
        """A note says when it has."""
        if await _is_there(ports, self.note):
            return Seen(Sight.AFTER, SafeText("it has saved"))
        return Seen(Sight.BEFORE, SafeText("it was not told to save"))

    async def save(self, ports: Ports, work: Work) -> None:
        """A snapshot written anew is no loss."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Save, see that the file here is the one that it wrote, and note it."""
        await self.undo(ports, work)
        saved = await Saving(ports, self.server, self.run_id, work).save()
        facts = await control_of(ports).rdb_facts(self.dump)
        guard_new(self.dump, self.server, saved, facts.made_at_s)
        await ports.files.create(self.note, b"1", 0o600, self.token)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Forget it; its new snapshot stays."""
        await remove_note(ports, self.note, self.token)


@part
@dataclass(frozen=True, slots=True)
class TakePlace:
    """The restored one takes the name, and the old one its place beside. Nobody reads meanwhile."""

    kind: ClassVar[str] = "restore.redis_exchange"
    can_undo: ClassVar[bool] = True

    live: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Which of the three names are there."""
        new, old = self._names
        is_new, is_old = await _is_there(ports, new), await _is_there(ports, old)
        if await _is_there(ports, self.live):
            if is_new and not is_old:
                return Seen(Sight.BEFORE, clean(f"the old one is {self.live}"))
            if is_old and not is_new:
                return Seen(Sight.AFTER, clean(f"the restored one is {self.live}"))
        there = ", ".join(one for one, is_one in ((new, is_new), (old, is_old)) if is_one)
        return Seen(Sight.NEITHER, clean(f"cut off between names; there are: {there or 'none'}"))

    async def save(self, ports: Ports, work: Work) -> None:
        """The old one itself stays beside until everything is proven."""

    async def apply(self, ports: Ports, work: Work) -> None:
        """Rename both, the old one first."""
        new, old = self._names
        if (await self.observe(ports)).sight is not Sight.BEFORE:
            raise StepFailedError(f"{clean(self.live)} or {clean(new)} is not there")
        await control_of(ports).rename(self.live, old)
        await control_of(ports).rename(new, self.live)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Give the old one its name again; what lives by then is the restored one."""
        new, old = self._names
        if not await _is_there(ports, old):
            return
        if await _is_there(ports, self.live):
            await control_of(ports).rename(self.live, new)
        await control_of(ports).rename(old, self.live)

    @property
    def _names(self) -> tuple[str, str]:
        return beside(self.live, self.token, "new"), beside(self.live, self.token, "old")


@part
@dataclass(frozen=True, slots=True)
class RemoveOldData(BareStep):
    """The old one and our note go, once everything was proven; their copy stays."""

    kind: ClassVar[str] = "restore.redis_tidy"

    live: str
    dump: str
    token: str

    async def observe(self, ports: Ports) -> Seen:
        """Nothing of ours is beside it."""
        for path in self._paths:
            if await _is_there(ports, path):
                return Seen(Sight.BEFORE, clean(f"{path} is there"))
        return Seen(Sight.AFTER, SafeText("nothing is left beside it"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Remove both."""
        old, note = self._paths
        await control_of(ports).remove(old)
        await remove_note(ports, note, self.token)

    @property
    def _paths(self) -> tuple[str, str]:
        return beside(self.live, self.token, "old"), beside(self.dump, self.token, "saved")


@part
@dataclass(frozen=True, slots=True)
class SnapshotLoaded:
    """Another run of the server answers, and has loaded as many keys as the snapshot holds."""

    kind: ClassVar[str] = "restore.redis_loaded"

    server: str
    run_id: str
    """That was stopped."""
    keys: int | None
    appendonly: str
    """What it was when this was planned: its own file may say another thing."""

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Wait until it has loaded, and compare."""
        try:
            state = await self._loaded(ports, work)
        except ClientError as error:
            return Proven(Proof.FAILED, clean(f"it does not come up with the snapshot: {error}"))
        appendonly = await redis_of(ports).setting(self.server, "appendonly")
        if appendonly != self.appendonly:
            text = f"appendonly is {appendonly} by now, it was {self.appendonly}: it read another"
            return Proven(Proof.FAILED, clean(f"{text} file"))
        return self._judged(state)

    async def _loaded(self, ports: Ports, work: Work) -> RedisState:
        clock = ports.clock
        begun_s, has_said = clock.monotonic(), False
        while True:
            try:
                state = await redis_of(ports).state(self.server)
                if state.run_id != self.run_id:
                    return state
                raise StepFailedError(f"{self.server} was not started anew")
            except ClientError as error:
                is_loading = isinstance(error, RedisSaid) and error.code == "LOADING"
                limit_s = _LOADING_S if is_loading else _ANSWERS_S
                if clock.monotonic() - begun_s >= limit_s:
                    raise
                if not has_said:
                    work.say(clean(f"{self.server}: {error}: waiting"))
                    has_said = True
            await clock.sleep(_LOOK_EVERY_S)

    def _judged(self, state: RedisState) -> Proven:
        now = f"it has {state.keys} keys now"
        if self.keys is None:
            seen = state.keys if state.loaded_keys is None else state.loaded_keys
            text = f"it loaded {seen} keys; how many the backup holds was not counted"
            return Proven(Proof.UNVERIFIED, clean(text))
        if state.loaded_keys is not None:
            text = f"it loaded {state.loaded_keys} keys, the backup holds {self.keys}; {now}"
            is_same = state.loaded_keys == self.keys
            return Proven(Proof.VERIFIED if is_same else Proof.FAILED, clean(text))
        text = clean(f"{now}, the backup holds {self.keys}")
        if state.keys == self.keys:
            return Proven(Proof.VERIFIED, text)
        # Before 7 it does not say what it loaded; keys expire and others are written meanwhile.
        return Proven(Proof.UNVERIFIED if state.keys else Proof.FAILED, text)
