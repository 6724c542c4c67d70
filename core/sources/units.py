"""Services that are systemd units."""

from datetime import datetime

from core.clients.clock import Clock
from core.clients.systemd import UnitFacts, UnitManager
from core.errors import ClientDenied, ClientError, ClientMissing, ClientTimeout
from core.model.events import Event, RuntimeObserved
from core.model.ids import ServiceId
from core.model.runtime_state import RuntimeState
from core.model.text import clean
from core.model.topology import ServiceSpec, SystemdUnit
from core.model.verdict import Verdict
from core.sources.restarts import LOOP_RESTARTS, RestartWatch, is_crash_loop

_STATES = {
    "active": Verdict.OK,
    "reloading": Verdict.OK,
    "refreshing": Verdict.OK,
    "inactive": Verdict.DOWN,
    "failed": Verdict.DOWN,
    "activating": Verdict.DEGRADED,
    "deactivating": Verdict.DEGRADED,
    "maintenance": Verdict.DEGRADED,
}
_WORDS: dict[type[ClientError], str] = {
    ClientMissing: "no systemd",
    ClientDenied: "denied",
    ClientTimeout: "no answer",
}


def _ending(unit: UnitFacts) -> str:
    """Return how the last run ended, as far as systemd tells."""
    parts = [str(unit.result)] if unit.result not in {"", "success"} else []
    if unit.exit_status:
        parts.append(f"exit code {unit.exit_status}")
    if unit.restarts:
        parts.append(f"{unit.restarts} restarts")
    return ", ".join(parts)


def _judge_unloaded(unit: UnitFacts) -> tuple[Verdict, str, str]:
    if unit.load_state == "not-found":
        return Verdict.UNKNOWN, "not found", f"systemd knows no unit {unit.name}"
    if unit.load_state == "masked":
        return Verdict.DOWN, "masked", f"{unit.name} is masked: it cannot be started"
    return Verdict.DOWN, str(unit.load_state), f"{unit.name} cannot be loaded: {unit.load_state}"


def judge_unit(unit: UnitFacts, recent_restarts: int, now: datetime) -> tuple[Verdict, str, str]:
    """Return verdict, state word and reason of a unit.

    Args:
        unit: what systemd shows.
        recent_restarts: how often systemd restarted it by itself in the last minutes.
        now: when it was seen.
    """
    if unit.load_state not in {"loaded", "merged", ""}:
        return _judge_unloaded(unit)
    ending = _ending(unit)
    if unit.sub_state in {"auto-restart", "auto-restart-queued"}:
        return Verdict.DOWN, "crash loop", f"auto-restart: {ending or 'it keeps ending'}"
    if unit.active_state == "active" and unit.sub_state == "exited":
        return Verdict.OK, "active (exited)", "ran once and ended well"
    verdict = _STATES.get(unit.active_state, Verdict.UNKNOWN)
    word = f"{unit.active_state}" + (
        f" ({unit.sub_state})" if unit.sub_state not in {"", unit.active_state} else ""
    )
    if verdict is Verdict.OK and is_crash_loop(recent_restarts, unit.active_since, now):
        return Verdict.DOWN, "crash loop", f"restarted {recent_restarts} times just now"
    if verdict is Verdict.OK and recent_restarts >= LOOP_RESTARTS:
        return Verdict.DEGRADED, word, f"up, but restarted {recent_restarts} times in minutes"
    return verdict, word, f"{word}{': ' + ending if ending else ''}"


class UnitSource:
    """Asks for all units of the configuration at once, every 5 s."""

    name = "systemd units"
    every_s = 5.0
    deadline_s = 8.0

    def __init__(self, services: tuple[ServiceSpec, ...], units: UnitManager, clock: Clock) -> None:
        """Take the services to ask for; those that are not units are left out."""
        self._services = tuple(
            (spec.id, spec.runs_as.unit)
            for spec in services
            if isinstance(spec.runs_as, SystemdUnit)
        )
        self._names = tuple(dict.fromkeys(unit for _, unit in self._services))
        self._units = units
        self._clock = clock
        self._before: dict[str, tuple[float, UnitFacts]] = {}
        self._restarts = RestartWatch()

    async def look(self) -> tuple[Event, ...]:
        """Return one runtime state per service.

        Without systemd every service is `unknown`, with the reason; that is an observation.
        """
        try:
            units = await self._units.read_units(self._names)
        except ClientError as error:
            return tuple(self._unknown(service, unit, error) for service, unit in self._services)
        facts = dict(zip(self._names, units, strict=True))
        now_s = self._clock.monotonic()
        events: list[Event] = []
        for service, name in self._services:
            recent = self._restarts.count(name, now_s, facts[name].restarts)
            state = self._state(facts[name], self._cpu_percent(name, facts[name], now_s), recent)
            events.append(RuntimeObserved(service, state))
        self._before = {name: (now_s, unit) for name, unit in facts.items()}
        return tuple(events)

    def _unknown(self, service: ServiceId, unit: str, error: ClientError) -> Event:
        word = _WORDS.get(type(error), "cannot tell")
        return RuntimeObserved(
            service,
            RuntimeState(
                kind="unit",
                name=clean(unit),
                state=clean(word),
                verdict=Verdict.UNKNOWN,
                reason=clean(str(error)),
                observed_at=self._clock.now(),
            ),
        )

    def _cpu_percent(self, name: str, unit: UnitFacts, now_s: float) -> float | None:
        """Return CPU use since the last look at the same run; 100 is one core."""
        then_s, before = self._before.get(name, (now_s, unit))
        if unit.cpu_ns is None or before.cpu_ns is None or now_s <= then_s:
            return None
        if before.invocation_id != unit.invocation_id or unit.cpu_ns < before.cpu_ns:
            return None
        return 100 * (unit.cpu_ns - before.cpu_ns) / 1e9 / (now_s - then_s)

    def _state(self, unit: UnitFacts, cpu_percent: float | None, recent: int) -> RuntimeState:
        verdict, word, reason = judge_unit(unit, recent, self._clock.now())
        is_active = unit.active_state == "active"
        return RuntimeState(
            kind="unit",
            name=unit.name,
            state=clean(word),
            verdict=verdict,
            reason=clean(reason),
            observed_at=self._clock.now(),
            started_at=unit.active_since if is_active else None,
            restarts=unit.restarts,
            exit_code=None if is_active else unit.exit_status,
            pid=unit.main_pid,
            cpu_percent=cpu_percent,
            memory_bytes=unit.memory_bytes,
            memory_limit_bytes=unit.memory_limit_bytes,
            fingerprint=unit.invocation_id or None,
        )
