"""A stage for actions on streams: a system `shop` with a real server, and one who reads it."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import redis
import redis.asyncio as asyncio_client

from core.actions.action import Action
from core.actions.registry import all_actions
from core.clients.acting.redis_control import RedisServers
from core.clients.acting.redis_streams import RedisStreams
from core.clients.redis_address import RedisAddress
from core.model.action import Grade, Phase, Plan, Proof
from core.model.action_state import ActionState
from core.model.operation import OperationsSpec
from core.model.redis_spec import RedisSpec, StreamSpec
from core.model.secret import Secret
from core.model.topology import Environment, SystemSpec, Topology
from tests.crashes import HurriedClock
from tests.real.servers import OwnRedis
from tests.unit.core.actions.families.backup_stage import BackupStage

EVENTS, DLQ, GROUP = "automation.events", "automation.dlq", "manager"
HOUR_MS = 3_600_000
PATIENT = "30m"
"""How long a canary is waited for: on clocks that hurry its reader still has half a minute."""
SPEC = StreamSpec(
    EVENTS, (EVENTS, "events"), (GROUP,), (), (DLQ,), strip_on_requeue=("dlq_*", "original_stream")
)


class StreamStage(BackupStage):
    """One operator, with locks and actions of their own, at a server that others use as well."""

    def __init__(self, server: OwnRedis, folder: Path, url: str = "") -> None:
        folder.mkdir(exist_ok=True)
        addresses = {"shop/redis": RedisAddress(Secret(url or server.url))}
        given: dict[str, Any] = {
            "redis": RedisServers(addresses),
            "redis_streams": RedisStreams(addresses),
            "results": str(folder / "state" / "results"),
        }
        super().__init__(folder, OperationsSpec("shop"), **given)
        (folder / "state").mkdir(exist_ok=True)
        self.clock = HurriedClock()
        self.server = server
        self.redis: Any = redis.Redis(port=server.port)
        self.specced(SPEC)

    def specced(self, *specs: StreamSpec) -> None:
        """Have the configuration name these streams."""
        system = SystemSpec("shop", "Shop", "", (), redis=(RedisSpec("shop/redis", specs),))
        self.site = replace(
            self.site,
            topology=Topology(Environment.DEVELOPMENT, False, (system,)),
            ports=self.ports(),
        )

    def planned(self, action: str, name: str, **inputs: str) -> Plan:
        """Plan it and say yes to it."""
        return self.plan(self.action_of(action), f"shop/{name}", **inputs)

    def done(self, action: str, name: str, **inputs: str) -> ActionState:
        """Plan it and carry it out."""
        self.planned(action, name, **inputs)
        return self.execute()

    def action_of(self, action: str) -> Action:
        """Return an action by its id."""
        return all_actions()[action]

    def said(self) -> str:
        """Return what the action said."""
        return self.action.output.read_text("utf-8")


def stops(plan: Plan) -> str:
    """Return what forbids a plan."""
    return "; ".join(f"{x.text} ({x.remedy})" for x in plan.preflight if x.grade is Grade.STOP)


def warnings(plan: Plan) -> str:
    """Return what a person should read of a plan."""
    return "; ".join(one.text for one in plan.preflight if one.grade is Grade.WARN)


def filled(client: Any, count: int, key: str = EVENTS, group: str = GROUP) -> list[str]:
    """Fill a stream with entries and make a group that has read none of them."""
    pipeline = client.pipeline(transaction=False)
    for number in range(count):
        pipeline.execute_command("XADD", key, f"{1000 + number}-0", "data", f'{{"n": {number}}}')
    pipeline.execute()
    client.execute_command("XGROUP", "CREATE", key, group, "0")
    return [f"{1000 + number}-0" for number in range(count)]


def delivered(
    client: Any, consumer: str, count: int, group: str = GROUP, key: str = EVENTS
) -> None:
    """Have a consumer read some entries."""
    client.execute_command(
        "XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", key, ">"
    )


def aged(client: Any, consumer: str, ids: Iterable[str], *, idle_ms: int = HOUR_MS, times: int = 1,
         key: str = EVENTS) -> None:  # fmt: skip
    """Have entries look as if a consumer had them for long."""
    client.xclaim(key, GROUP, consumer, 0, list(ids), idle=idle_ms, retrycount=times, justid=True)


def owners(client: Any, key: str = EVENTS, group: str = GROUP) -> dict[str, tuple[str, int]]:
    """Return each pending entry's consumer and deliveries."""
    rows = client.xpending_range(key, group, "-", "+", 100_000)
    return {row["message_id"].decode(): (row["consumer"].decode(), row["times_delivered"])
            for row in rows}  # fmt: skip


async def consume(
    server: OwnRedis, fate: Any, until: asyncio.Event, key: str = EVENTS, consumer: str = "worker"
) -> None:
    """Read a stream as an application does; `fate` says which message dies.

    What dies is buried first and acknowledged then.
    """
    client: Any = asyncio_client.Redis(port=server.port)
    try:
        with suppress(asyncio.CancelledError):
            while not until.is_set():
                found = await client.xreadgroup(GROUP, consumer, {key: ">"}, count=10, block=20)
                for _, rows in found or ():
                    for one, fields in rows:
                        if buried := fate(fields):
                            await client.xadd(DLQ, buried)
                        await client.xack(key, GROUP, one)
    finally:
        await client.aclose()


def with_stuck(stage: StreamStage, count: int = 6, *, times: int = 2) -> list[str]:
    """Have a consumer that is gone with entries that nobody works on, and one that works."""
    ids = filled(stage.redis, count)
    delivered(stage.redis, "gone", count)
    aged(stage.redis, "gone", ids, times=times)
    stage.redis.execute_command("XGROUP", "CREATECONSUMER", EVENTS, GROUP, "worker")
    return ids


def is_verified(state: ActionState) -> bool:
    """Tell whether an action was carried out and seen to be."""
    return state.phase is Phase.COMMITTED and state.proof is Proof.VERIFIED
