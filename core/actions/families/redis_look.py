"""Redis servers as configured, what they are when a plan is made, and a save that is waited for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from core.actions.action import Site
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.redis_control import RedisControl, RedisState
from core.errors import ActionError, ClientError, ClientRefused, ClientTimeout, StepFailedError
from core.model.action import Preflight
from core.model.text import SafeText, clean
from core.redis.servers import redis_checks

SAVE_S = 3600.0
"""A save may take so long, with one before it that is waited for."""
_LOOK_EVERY_S = 0.2


def redis_of(ports: Ports) -> RedisControl:
    """Return the port for Redis.

    Raises:
        ActionError: there is none.
    """
    if ports.redis is None:
        raise ActionError("Redis cannot be told anything from here")
    return ports.redis


def server_of(site: Site, system: str, service: str) -> str:
    """Return the server that a service is, or the only one of a system.

    Raises:
        ActionError: there is none, or more than one.
    """
    known = [one for one in redis_checks(site.topology) if one.startswith(f"{system}/")]
    wanted = f"{system}/{service}"
    if wanted in known:
        return wanted
    if len(known) == 1 and not service:
        return known[0]
    there = ", ".join(known) or "none"
    raise ActionError(
        f"{wanted if service else system} has no Redis with an address; there are: {there}"
    )


@part
@dataclass(frozen=True, slots=True)
class RedisTrait:
    """Which run of a server answers, and in which role: after a failover it is another."""

    kind: ClassVar[str] = "trait.redis"
    server: str

    async def read(self, ports: Ports) -> SafeText:
        """Return run id, role and version."""
        return state_text(await redis_of(ports).state(self.server))


def state_text(state: RedisState) -> SafeText:
    """Return which run of a server it is, in words that differ when it differs."""
    return clean(f"run {state.run_id}, {state.role}, version {state.version}")


async def save_flights(site: Site, server: str) -> tuple[Preflight, ...]:
    """Look whether a server can be saved now."""
    control = redis_of(site.ports)
    try:
        state = await control.state(server)
        may_save = await control.may_save(server)
    except ClientError as error:
        return (stop_flight("server", str(error)),)
    flights: list[Preflight] = []
    if may_save is False:
        remedy = "allow it: ACL SETUSER … +bgsave +config|get +info +time"
        flights.append(stop_flight("user", "NOPERM: our user may not run BGSAVE", remedy))
    if state.is_cut_off:
        text = "MASTERDOWN: a replica that its master does not feed: what it has is old"
        flights.append(stop_flight("role", text, "save the master"))
    elif state.role != "master":
        flights.append(warning("role", "it is a replica: it saves what it has got so far"))
    if not state.is_last_save_ok:
        text = "MISCONF: its last save failed; this one may fail too"
        flights.append(warning("last save", text, "see its log, and the room on its disk"))
    if not state.is_idle:
        flights.append(warning("save", "it saves or rewrites now: that is waited for first"))
    return (*flights, passed("server", state_text(state)))


@dataclass(frozen=True, slots=True)
class Saved:
    """A save that was seen to begin and to end well, by the server's clock."""

    begun_s: int
    ended_s: int
    keys: int | None = None
    """That it holds, in all databases; None: they were not counted."""


class Saving:
    """One save of one run of a server."""

    def __init__(self, ports: Ports, server: str, run_id: str, work: Work) -> None:
        self._control = redis_of(ports)
        self._clock = ports.clock
        self._server = server
        self._run_id = run_id
        self._work = work

    async def save(self) -> Saved:
        """Begin a save, wait for its end, and return when it was.

        One that runs already is waited for: it has not what was written since it began.

        Raises:
            StepFailedError: it failed, or another server answers.
            ClientError: the server does not answer, or refuses.
        """
        until_s = self._clock.monotonic() + SAVE_S
        before, keys = await self._begin(until_s)
        after = await self._until(lambda state: not state.is_saving, until_s, "saves")
        if after.is_last_save_ok and after.last_save_s != before.last_save_s:
            self._work.say(clean(f"{self._server} saved: LASTSAVE {after.last_save_s}"))
            return Saved(before.now_s, after.last_save_s, keys)
        if not after.is_last_save_ok:
            raise StepFailedError(
                f"MISCONF: {self._server} could not save: see its log, and the room on its disk"
            )
        raise StepFailedError(f"{self._server} was not seen to save: LASTSAVE has not moved")

    async def _begin(self, until_s: float) -> tuple[RedisState, int | None]:
        """Return how the server was when its save began, and its keys then."""
        while self._clock.monotonic() < until_s:
            before = await self._until(lambda state: state.is_idle, until_s, "is busy")
            try:
                if begun := await self._control.begin_save(self._server):
                    return before, begun.keys
            except (ClientTimeout, ClientRefused):
                # The answer was lost, not always the command: LASTSAVE tells, never a second try.
                self._work.say(SafeText("the answer to BGSAVE was lost: LASTSAVE will tell"))
                return before, None
            # Something that INFO does not show is in the way.
            await self._clock.sleep(_LOOK_EVERY_S)
        raise StepFailedError(f"{self._server} let no save begin for {SAVE_S:.0f} s")

    async def _until(
        self, is_met: Callable[[RedisState], bool], until_s: float, what: str
    ) -> RedisState:
        has_said = False
        while True:
            state = await self._control.state(self._server)
            if state.run_id != self._run_id:
                raise StepFailedError(
                    f"{self._server} is another run than was planned with: {state.run_id}"
                )
            if is_met(state):
                return state
            if self._clock.monotonic() >= until_s:
                raise StepFailedError(f"{self._server} still {what} after {SAVE_S:.0f} s")
            if not has_said:
                self._work.say(clean(f"{self._server} {what}: waiting"))
                has_said = True
            await self._clock.sleep(_LOOK_EVERY_S)
