"""Opens a breaker by its record; sees a breaker closed, or open, afterwards."""

from dataclasses import dataclass
from typing import ClassVar

from core.actions.families.circuit_records import Breaker, breakers_of, stamped
from core.actions.families.redis_key_copies import keep_copies, kept_copies, keys_of
from core.actions.families.redis_key_steps import LOST, look_until
from core.actions.part import Proven, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_key_values import Write
from core.errors import StepFailedError
from core.model.action import Proof
from core.model.circuit import CircuitState
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec
from core.model.text import SafeText, clean
from core.model.verdict import Verdict

Legend = tuple[tuple[str, str], ...]
"""Figure and state, where a record holds figures."""


async def read_breaker(
    ports: Ports, server: str, keys: tuple[str, ...], legend: Legend = ()
) -> Breaker | None:
    """Return the breaker that these keys are now; None: there is no record.

    Raises:
        ClientError: the server cannot be asked.
    """
    names = tuple(KeyName.read(key) for key in keys)
    control = keys_of(ports)
    sights, standing = await control.sights(server, names), await control.standing(server)
    spec = CircuitSpec("meant", keys, legend=legend)
    return next(iter(breakers_of(sights, spec, standing.now_ms)), None)


@part
@dataclass(frozen=True, slots=True)
class OpenCircuit:
    """Writes that a breaker is open, since now, as its own service would have written it."""

    kind: ClassVar[str] = "redis.open_circuit"
    can_undo: ClassVar[bool] = True

    server: str
    run_id: str
    keys: tuple[str, ...]
    """All of its keys."""
    place: tuple[str, str]
    """Key and field (empty: the whole string) of the state."""
    word: str
    before: str
    """The state as it was written."""
    stamps: tuple[tuple[str, str, str, int], ...] = ()
    """Key, field and unit of each stamp, and how far ahead it is, in ms."""
    lasts_ms: int | None = None
    """Of a string that expires: how long it is open."""
    legend: Legend = ()

    async def observe(self, ports: Ports) -> Seen:
        """Read the state as it is written."""
        found = await read_breaker(ports, self.server, self.keys, self.legend)
        if found is None:
            return Seen(Sight.NEITHER, SafeText("its record is gone"))
        now = KeyName(found.raw_state).spelled
        text = clean(f"{found.name.shown} is {found.shown_state}")
        if now == self.word:
            return Seen(Sight.AFTER, text)
        return Seen(Sight.BEFORE if now == self.before else Sight.NEITHER, text)

    async def save(self, ports: Ports, work: Work) -> None:
        """Copy its record."""
        names = tuple(KeyName.read(key) for key in self.keys)
        await keep_copies(ports, work, self.server, names)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Write state and stamps in one moment, unless the record changed since its copy."""
        if (await self.observe(ports)).sight is Sight.AFTER:
            return
        copies = tuple(one for some in kept_copies(work) for one in some)
        now_ms = (await keys_of(ports).standing(self.server)).now_ms
        try:
            is_done = await keys_of(ports).write(
                self.server, self.run_id, copies, self._writes(now_ms)
            )
        except LOST:
            work.say(SafeText("the answer was lost: the record itself is looked at"))
            await look_until(ports, self.server, tuple(one.key for one in copies))
            return
        if not is_done:
            raise StepFailedError("its record changed just now: nothing was written; plan again")

    def _writes(self, now_ms: int) -> tuple[Write, ...]:
        key, field = (KeyName.read(one) for one in self.place)
        word = KeyName.read(self.word).raw
        return (
            Write(key, field.raw, word, self.lasts_ms),
            *(
                Write(KeyName.read(at), KeyName.read(name).raw, stamped(unit, now_ms + ahead))
                for at, name, unit, ahead in self.stamps
            ),
        )

    async def undo(self, ports: Ports, work: Work) -> None:
        """Put its record back as it was, unless the service has written another state since."""
        seen = await self.observe(ports)
        if seen.sight is Sight.BEFORE:
            return
        if seen.sight is Sight.NEITHER:
            raise StepFailedError(f"{seen.text}: the service wrote it, so it is left")
        for copies in kept_copies(work):
            await keys_of(ports).restore(self.server, copies, is_replacing=True)


@part
@dataclass(frozen=True, slots=True)
class CircuitCloses:
    """After one real request its record says closed, or there is none."""

    kind: ClassVar[str] = "evidence.circuit_closes"
    server: str
    keys: tuple[str, ...]
    check: str = ""
    """`system/service/check`: asks through the breaker once; empty: nobody asks."""
    legend: Legend = ()

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Ask, then read."""
        said, verdict = "no check of its service asks through it", Verdict.UNKNOWN
        if self.check:
            result = await ports.look(self.check)
            verdict = result.verdict
            said = f"one request ({self.check}): {result.state}"
        found = await read_breaker(ports, self.server, self.keys, self.legend)
        state = CircuitState.ABSENT if found is None else found.state
        shown = "no record" if found is None else f"{found.name.shown} is {found.shown_state}"
        text = clean(f"{said}; {shown}")
        if state not in {CircuitState.ABSENT, CircuitState.CLOSED}:
            return Proven(Proof.FAILED, clean(f"it is not closed: {text}"))
        if verdict is Verdict.DOWN:
            return Proven(Proof.FAILED, clean(f"requests fail: {text}"))
        return Proven(Proof.UNVERIFIED if verdict is Verdict.UNKNOWN else Proof.VERIFIED, text)


@part
@dataclass(frozen=True, slots=True)
class CircuitIsOpen:
    """Its record says open, read again after a while."""

    kind: ClassVar[str] = "evidence.circuit_is_open"
    server: str
    keys: tuple[str, ...]
    legend: Legend = ()
    over_s: float = 2.0

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it twice: a service that keeps its state in memory writes over it."""
        for pause_s in (0.0, self.over_s):
            await ports.clock.sleep(pause_s)
            found = await read_breaker(ports, self.server, self.keys, self.legend)
            if found is None or found.state is not CircuitState.OPEN:
                shown = "its record is gone" if found is None else f"it is {found.shown_state}"
                text = f"{shown}: the service writes its own state over it"
                return Proven(Proof.FAILED, clean(text))
        return Proven(
            Proof.VERIFIED, SafeText("open; whether the service reads it, its checks say")
        )
