"""Changes one setting of a running server; has it write its settings into its file."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.redis_key_copies import keys_of
from core.actions.families.redis_key_steps import LOST
from core.actions.families.redis_settings import MAXMEMORY, shown_setting, size_shown
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin
from core.actions.verdicts.judged import bad, good, unclear
from core.actions.work import Work
from core.errors import ClientError, StepFailedError
from core.model.action import Proof
from core.model.text import SafeText, clean

_PROBE_S = 30.0
_PROBE_EVERY_S = 0.5


async def setting_of(ports: Ports, server: str, name: str) -> str:
    """Return a setting as CONFIG GET tells it.

    Raises:
        StepFailedError: the server has none of this name.
    """
    found = await keys_of(ports).settings(server, (name,))
    if name not in found:
        raise StepFailedError(f"{server} has no setting {name}")
    return found[name]


@part
@dataclass(frozen=True, slots=True)
class SetSetting:
    """Changes one setting, until the server's next start."""

    kind: ClassVar[str] = "redis.set_setting"
    can_undo: ClassVar[bool] = True

    server: str
    run_id: str
    name: str
    before: str
    after: str

    async def observe(self, ports: Ports) -> Seen:
        """Ask for the setting."""
        now = await setting_of(ports, self.server, self.name)
        text = clean(f"{self.name} is {shown_setting(self.name, now)}")
        if now == self.after:
            return Seen(Sight.AFTER, text)
        return Seen(Sight.BEFORE if now == self.before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Keep its old value; it stands in the plan too."""
        work.keep(f"setting-{self.name}", self.before.encode())

    async def apply(self, ports: Ports, work: Work) -> None:
        """Change it, once.

        Raises:
            StepFailedError: the answer was lost; what the setting is by then decides.
        """
        if await self._set(ports, work, self.after):
            return
        seen = await self.observe(ports)
        told = "" if seen.sight is Sight.AFTER else f", and {seen.text}"
        raise StepFailedError(f"the answer was lost{told}")

    async def undo(self, ports: Ports, work: Work) -> None:
        """Change it back, unless somebody else has changed it since."""
        if (await self.observe(ports)).sight is Sight.AFTER:
            await self._set(ports, work, self.before)

    async def _set(self, ports: Ports, work: Work, value: str) -> bool:
        """Change it; tell whether that was answered."""
        control = keys_of(ports)
        try:
            await control.configure(self.server, self.run_id, self.name, value)
        except LOST as error:
            work.say(clean(f"the answer to CONFIG SET was lost ({error}): the setting will tell"))
            await self._until_it_answers(ports)
            return False
        return True

    async def _until_it_answers(self, ports: Ports) -> None:
        until_s = ports.clock.monotonic() + _PROBE_S
        while ports.clock.monotonic() < until_s:
            try:
                await setting_of(ports, self.server, self.name)
            except ClientError:
                await ports.clock.sleep(_PROBE_EVERY_S)
            else:
                return


@part
@dataclass(frozen=True, slots=True)
class SettingIs:
    """CONFIG GET says the new value, and INFO that the server is as sane as before."""

    kind: ClassVar[str] = "evidence.redis_setting"
    server: str
    run_id: str
    name: str
    value: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask again."""
        now = await setting_of(ports, self.server, self.name)
        standing = await keys_of(ports).standing(self.server)
        text = f"{self.name} is {shown_setting(self.name, now)}"
        if now != self.value:
            return Proven(Proof.FAILED, clean(f"{text}, not {self.value}"))
        if standing.run_id != self.run_id:
            return Proven(Proof.FAILED, clean(f"{text}; another run of it answers"))
        if self.name == MAXMEMORY and 0 < standing.max_bytes < standing.used_bytes:
            used = size_shown(standing.used_bytes)
            return Proven(Proof.FAILED, clean(f"{text}, and {used} are used"))
        return Proven(Proof.VERIFIED, clean(f"{text}; {size_shown(standing.used_bytes)} used"))


@part
@dataclass(frozen=True, slots=True)
class RewriteFile(TriedStep):
    """The server writes its settings into the file it was started with. There is no way back."""

    kind: ClassVar[str] = "redis.rewrite_file"
    can_undo: ClassVar[bool] = False

    server: str
    run_id: str
    result: str

    async def apply(self, ports: Ports, work: Work) -> None:
        """Have it write, once."""
        await begin(ports, self.result, work)
        try:
            await keys_of(ports).rewrite(self.server, self.run_id)
        except LOST as error:
            text = f"the answer was lost ({error}): whether the file was written is not known"
            await self.end(ports, work, unclear(text))
        except ClientError as error:
            await self.end(ports, work, bad(str(error)))
        else:
            text = f"{self.server} says that it wrote its settings into its file"
            await self.end(ports, work, good(text))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Leave it: the server keeps no copy of what it wrote over."""
        raise StepFailedError(SafeText("CONFIG REWRITE cannot be taken back"))
