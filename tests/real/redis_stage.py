"""A stage for what is told to keys: a real server, the real engine, a kill at any place."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from core.actions.action import Action
from core.actions.folder import ActionFolder
from core.actions.ports import Ports
from core.actions.shelf import Shelf
from core.actions.undoing import undo_action
from core.clients.acting.redis_control import RedisServers
from core.clients.acting.redis_keys import KeyControl, RedisKeys
from core.clients.redis_address import RedisAddress
from core.errors import ClientRefused, ClientTimeout
from core.model.action import Grade, Phase, Proof
from core.model.action_state import ActionState
from core.model.check import CheckId, CheckKind, CheckResult, CheckSpec
from core.model.ids import ServiceId
from core.model.operation import OperationsSpec, TuningSpec
from core.model.redis_key import KeyName
from core.model.redis_spec import CircuitSpec, KeyFamilySpec, LimitSpec, RedisSpec, StreamSpec
from core.model.secret import Secret
from core.model.topology import ServiceSpec
from core.model.verdict import Verdict
from tests.fakes.world import result
from tests.real.servers import OwnRedis
from tests.unit.core.actions.families.backup_stage import BackupStage
from tests.unit.core.actions.stage import Places

SERVER = "shop/redis"
SPEC = RedisSpec(
    SERVER,
    streams=(StreamSpec("events", ("events",)),),
    circuits=(
        CircuitSpec(
            "upstream",
            ("api-gateway:circuit-breaker", "circuit_breaker:*", "cb:*"),
            service="shop/api",
            upstream="shop/upstream",
        ),
    ),
    limits=(
        LimitSpec("clients", ("api-gateway:rate-limit:*", "rate_limit:*"), 1000, 100, "shop/api"),
    ),
    families=(KeyFamilySpec("tokens", ("token:*",), "the code does not consult them"),),
)
CHANGES = ("unlink", "unlink_same", "restore", "write", "configure", "rewrite", "flush")
UPSTREAM, THROUGH = "shop/upstream/health", "shop/api/proxy"


def is_done(state: ActionState) -> bool:
    """Whether it was done and proven."""
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED


class KillingKeys:
    """Real servers behind a counter: killed before or after any command that changes something."""

    def __init__(self, inner: Any, places: Places, stage: "RedisStage") -> None:
        self._inner = inner
        self._places = places
        self._stage = stage

    def __getattr__(self, name: str) -> Any:
        real, stage = getattr(self._inner, name), self._stage
        if name not in CHANGES:
            return real

        async def call(*args: Any, **named: Any) -> Any:
            self._places(f"before {name}")
            stage.sent[name] += 1
            is_heard = stage.lost.pop(name, None)
            if is_heard is False:
                raise ClientTimeout("no answer within 10 s")
            answer = await real(*args, **named)
            if is_heard:
                raise ClientRefused("connection failed: it was cut")
            if name in stage.after:
                await stage.after[name]()
            self._places(f"after {name}")
            return answer

        return call


class RedisStage(BackupStage):
    """The shop with one server; its two services answer what `verdicts` says."""

    def __init__(
        self, server: OwnRedis, folder: Path, *, url: str = "", tuning: Sequence[TuningSpec] = ()
    ) -> None:
        self.server = server
        self.prober: Any = object()
        self.verdicts = {UPSTREAM: Verdict.OK, THROUGH: Verdict.OK}
        self.after: dict[str, Callable[[], Awaitable[object]]] = {}
        """What somebody else does right after a command of ours."""
        self.sent: Counter[str] = Counter()
        """Commands that change something, while places are counted."""
        self.lost: dict[str, bool] = {}
        self.on_look: Callable[[str], None] = lambda _name: None
        address = {SERVER: RedisAddress(Secret(url or server.url))}
        root = folder / "shop"
        super().__init__(
            folder,
            OperationsSpec("shop", str(root), tuning=tuple(tuning)),
            _services(server.url),
            redis=RedisServers(address),
            redis_keys=RedisKeys(address),
            results=str(folder / "results"),
            look=self._look,
        )
        [system] = self.site.topology.systems
        systems = (replace(system, redis=(SPEC,)),)
        self.site = replace(self.site, topology=replace(self.site.topology, systems=systems))

    def ports(self, places: Places | None = None) -> Ports:
        """Return ports; with places each command that changes something may be the last."""
        found = super().ports(places)
        found = replace(found, prober=self.prober)
        if places is None:
            return found
        return replace(
            found, redis_keys=cast("KeyControl", KillingKeys(found.redis_keys, places, self))
        )

    def undo(self, done: ActionFolder | None = None) -> ActionState:
        """Take back what was committed, last or then."""
        folder = done or self.action
        shelf = Shelf(folder.path.parent, lambda _run: False)
        return self.do(undo_action(shelf), folder.action_id)

    def lose(self, command: str, *, is_heard: bool = True) -> None:
        """Lose the next answer to a command of ours, and perhaps the command too."""
        self.lost[command] = is_heard
        self.sent.clear()

    def as_user(self, name: str, password: str, folder: Path) -> "RedisStage":
        """Return the same as another user of the server."""
        folder.mkdir()
        url = self.server.url.replace("redis://", f"redis://{name}:{password}@")
        return RedisStage(self.server, folder, url=url)

    def killed_anywhere(
        self, plan: Callable[[], object], look: Callable[[], object], after: object
    ) -> int:
        """Kill it at every place in turn; what recovery then says has to be so. Return how many."""
        at = 0
        while True:
            plan()
            before, places = look(), Places(at)
            self.execute(places)
            if len(places.passed) <= at:
                return at
            state = self.recover()
            if state.phase is Phase.COMMITTED:
                assert look() == after, places.passed[-1]
            else:
                assert state.phase is not Phase.NEEDS_HUMAN, f"{places.passed[-1]}: {state.text}"
                assert look() == before, places.passed[-1]
            at += 1

    @property
    def said(self) -> str:
        """What the last action said."""
        return self.action.output.read_text("utf-8")

    def redis_in(self, database: int, *words: str) -> Any:
        """Send one command to a database."""

        async def both() -> Any:
            [_, answer] = await ask_all(self.server, ("SELECT", str(database)), words)
            return answer

        return asyncio.run(both())

    async def _look(self, name: str) -> CheckResult:
        self.on_look(name)
        return result(self.verdicts[name], "as told")

    def stops(self, action: Action, target: str, **inputs: str) -> str:
        """Return what forbids a plan, and what to do about it."""
        return self._told(Grade.STOP, action, target, inputs)

    def warns(self, action: Action, target: str, **inputs: str) -> str:
        """Return what is worth reading before."""
        return self._told(Grade.WARN, action, target, inputs)

    def _told(self, grade: Grade, action: Action, target: str, inputs: dict[str, str]) -> str:
        plan = self.plan(action, target, **inputs)
        told = [one for one in plan.preflight if one.grade is grade]
        return "; ".join(f"{one.text} ({one.remedy})" for one in told)

    def tell(self, *words: str | bytes) -> Any:
        """Send one command and return its answer."""
        return asyncio.run(ask(self.server, *words))

    def value(self, key: str) -> bytes | None:
        """Return DUMP of a key."""
        return self.tell("DUMP", KeyName.read(key).raw)


def _services(url: str) -> tuple[ServiceSpec, ...]:
    redis, api, upstream = (ServiceId("shop", name) for name in ("redis", "api", "upstream"))
    return (
        ServiceSpec(
            redis,
            "Redis",
            None,
            (CheckSpec(CheckId(redis, "redis"), CheckKind.REDIS, url, secret=Secret(url)),),
        ),
        ServiceSpec(
            api,
            "Api",
            None,
            (CheckSpec(CheckId(api, "proxy"), CheckKind.API, "http://127.0.0.1:1/proxy/ok"),),
        ),
        ServiceSpec(
            upstream,
            "Upstream",
            None,
            (
                CheckSpec(
                    CheckId(upstream, "health"), CheckKind.HEALTH, "http://127.0.0.1:1/health"
                ),
            ),
        ),
    )


async def ask(server: OwnRedis, *words: str | bytes) -> Any:
    """Send one command on a connection of its own and return its answer, parsed."""
    [answer] = await ask_all(server, words)
    return answer


async def ask_all(server: OwnRedis, *calls: Sequence[str | bytes]) -> list[Any]:
    """Send commands on one connection and return their answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    for words in calls:
        raw = [word.encode() if isinstance(word, str) else word for word in words]
        parts = (b"$%d\r\n%s\r\n" % (len(word), word) for word in raw)
        writer.write(b"*%d\r\n" % len(raw) + b"".join(parts))
    try:
        return [await _parsed(reader) for _ in calls]
    finally:
        writer.close()
        await writer.wait_closed()


async def _parsed(reader: asyncio.StreamReader) -> Any:
    line = (await reader.readline()).rstrip(b"\r\n")
    kind, rest = line[:1], line[1:]
    if kind == b":":
        return int(rest)
    if kind == b"$":
        size = int(rest)
        return None if size < 0 else (await reader.readexactly(size + 2))[:-2]
    if kind == b"*":
        return [await _parsed(reader) for _ in range(int(rest))]
    assert kind != b"-", rest
    return rest
