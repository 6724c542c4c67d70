"""A service manager in memory."""

from dataclasses import dataclass, field, replace

from core.clients.systemd import UnitFacts
from core.errors import ClientError, ClientGarbled, ClientMissing
from core.model.text import SafeText, clean
from tests.fakes.acting_files import Kill
from tests.fakes.clock import START


def unit_facts(
    name: str, active: str = "active", sub: str = "running", **others: object
) -> UnitFacts:
    """Return a unit that runs, or as told."""
    facts = UnitFacts(
        name=clean(name),
        load_state=clean("loaded"),
        active_state=clean(active),
        sub_state=clean(sub),
        result=clean("success"),
        main_pid=4242 if active == "active" else None,
        exit_status=None,
        restarts=0,
        invocation_id=clean("0001"),
        active_since=START,
        changed_at=START,
        memory_bytes=None,
        memory_limit_bytes=None,
        cpu_ns=None,
        has_job=False,
    )
    return replace(facts, **others)  # pyright: ignore[reportArgumentType]


@dataclass
class FakeUnits:
    """Units by name. A unit of `broken` fails when it is started, one of `stuck` keeps its job."""

    units: dict[str, UnitFacts] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    needing: dict[str, tuple[str, ...]] = field(default_factory=dict)
    outage: ClientError | None = None
    kill: Kill = field(default_factory=Kill)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Verbs and units, in order."""
    runs: int = 1

    def put(self, facts: UnitFacts) -> None:
        """Have a unit be as told."""
        self.units[facts.name] = facts

    def change(self, unit: str, **others: object) -> None:
        """Have a unit become something else without anybody asking."""
        self.units[unit] = replace(self.units[unit], **others)  # pyright: ignore[reportArgumentType]

    async def show(self, unit: str) -> UnitFacts:
        if self.outage:
            raise self.outage
        return self.units.get(unit) or unit_facts(
            unit, "inactive", "dead", load_state=clean("not-found"), invocation_id=SafeText("")
        )

    async def dependents(self, unit: str) -> tuple[str, ...]:
        if self.outage:
            raise self.outage
        return self.needing.get(unit, ())

    async def start(self, unit: str, deadline_s: float) -> None:
        self._begin("start", unit)
        if self.units[unit].active_state != "active":
            self._run(unit)
        self.kill.strike("after")

    async def stop(self, unit: str, deadline_s: float) -> None:
        self._begin("stop", unit)
        self._halt(unit)
        self.kill.strike("after")

    async def restart(self, unit: str, deadline_s: float) -> None:
        self._begin("restart", unit)
        self._halt(unit)
        self.kill.strike("amid")
        self._run(unit)
        self.kill.strike("after")

    async def reset_failed(self, unit: str) -> None:
        self._begin("reset-failed", unit)
        self.change(unit, result=clean("success"), active_state=clean("inactive"),
                    sub_state=clean("dead"))  # fmt: skip

    def _begin(self, verb: str, unit: str) -> None:
        if self.outage:
            raise self.outage
        if unit not in self.units:
            raise ClientMissing(f"systemd knows no {unit}")
        self.kill.strike("before")
        self.asked.append((verb, unit))

    def _halt(self, unit: str) -> None:
        if unit in self.stuck:
            self.change(unit, active_state=clean("deactivating"), sub_state=clean("stop-sigterm"),
                        has_job=True)  # fmt: skip
            raise ClientGarbled("systemctl did not end in time")
        self.change(unit, active_state=clean("inactive"), sub_state=clean("dead"), main_pid=None,
                    invocation_id=self.units[unit].invocation_id)  # fmt: skip

    def _run(self, unit: str) -> None:
        self.runs += 1
        self.change(unit, invocation_id=clean(f"{self.runs:04}"))
        if unit in self.broken:
            self.change(unit, active_state=clean("failed"), sub_state=clean("failed"),
                        result=clean("exit-code"), exit_status=3)  # fmt: skip
            raise ClientGarbled(f"Job for {unit} failed because the control process exited")
        self.change(unit, active_state=clean("active"), sub_state=clean("running"), main_pid=4300,
                    result=clean("success"), restarts=0)  # fmt: skip
