"""Locks between hosts on a real server: one holder, who is named; what is lost is noticed."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from core.actions.folder import ActionFolder
from core.actions.host_locks import HostLocks, key_of, look_between_hosts
from core.clients.acting.redis_link import RedisLink
from core.clients.acting.redis_lock import RedisLocks
from core.clients.clock import SystemClock
from core.clients.redis_address import RedisAddress
from core.errors import ActionError
from core.model.action import Grade, Plan
from core.model.secret import Secret
from core.model.text import SafeText
from tests.real.servers import OwnRedis, own_redis, redis_binary
from tests.real.streams import ShiftedClock
from tests.unit.core.actions.stage import Stage

pytestmark = pytest.mark.real("redis")
SERVER = "shop/redis"
NEVER_S = 3600.0
_SHORTENED_MS = 30_000
"""What is left of a lock's life when nobody has kept it alive for as long."""


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[OwnRedis]:
    folder = tmp_path / "redis"
    folder.mkdir()
    async with own_redis(redis_binary(), folder) as own:
        yield own


@pytest.fixture
async def plan(tmp_path: Path) -> Plan:
    return await asyncio.to_thread(Stage(tmp_path).plan)


class Host:
    """One host's side: what it is told, and its locks."""

    def __init__(
        self,
        server: OwnRedis,
        plan: Plan,
        name: str,
        *,
        lives_s: float = 30.0,
        beat_s: float = NEVER_S,
        action: str = "",
        clock: SystemClock | None = None,
    ) -> None:
        self.told: list[SafeText] = []
        self.link = RedisLocks(RedisLink({SERVER: RedisAddress(Secret(server.url))}))
        holder = {
            "actor": "ada", "host": name, "title": "restart it", "since": "12:00:00 UTC",
            "action": action or f"01{name.upper()}",
        }  # fmt: skip
        self.locks = HostLocks(
            self.link, SERVER, plan, holder, clock or SystemClock(), self.told.append,
            lives_s=lives_s, beat_s=beat_s,
        )  # fmt: skip


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await condition():
            await asyncio.sleep(0.01)


async def keys(server: OwnRedis) -> int:
    return int((await server.tell("DBSIZE")).strip()[1:])


async def test_of_two_hosts_one_holds_and_the_other_is_told_who(
    server: OwnRedis, plan: Plan
) -> None:
    first, second = Host(server, plan, "one"), Host(server, plan, "two")
    await first.locks.take()
    assert await keys(server) == len(plan.locks) == 2
    with pytest.raises(ActionError) as refused:
        await second.locks.take()
    said = "is held from another host: ada on one runs restart it (01ONE) since 12:00:00 UTC"
    assert said in str(refused.value)
    assert await keys(server) == 2, "what the loser had taken is given back, no more"
    await first.locks.release()
    assert await keys(server) == 0
    await second.locks.take()
    await second.locks.release()
    assert (first.told, second.told) == ([], [])


async def test_fifty_at_once_and_one_holds(server: OwnRedis, plan: Plan) -> None:
    hosts = [Host(server, plan, f"h{number}") for number in range(50)]
    ends = await asyncio.gather(*(one.locks.take() for one in hosts), return_exceptions=True)
    assert ends.count(None) == 1
    assert all("runs restart it" in str(one) for one in ends if one is not None)
    for one in hosts:
        await one.locks.release()
    assert await keys(server) == 0


async def test_a_lock_that_nobody_keeps_alive_lapses_and_is_not_given_back_twice(
    server: OwnRedis, plan: Plan
) -> None:
    dead, next_one = Host(server, plan, "one", lives_s=0.2), Host(server, plan, "two")
    await dead.locks.take()

    async def is_taken() -> bool:
        try:
            await next_one.locks.take()
        except ActionError:
            return False
        return True

    await until(is_taken)
    assert "is lost: it lapsed, was dropped or taken in shop/redis" in await dead.locks.look()
    await dead.locks.release()
    assert await keys(server) == 2, "the locks of the next one are left alone"
    await next_one.locks.release()


async def test_a_heart_that_beats_keeps_it_beyond_its_life(server: OwnRedis, plan: Plan) -> None:
    host, other = Host(server, plan, "one", lives_s=60.0, beat_s=0.05), Host(server, plan, "two")
    await host.locks.take()
    names = [key_of(plan.system, one) for one in plan.locks]

    async def live_anew() -> bool:
        left = [await server.tell("PTTL", name) for name in names]
        return all(int(one.strip()[1:]) > _SHORTENED_MS for one in left)

    for _ in range(3):
        for name in names:
            assert await server.tell("PEXPIRE", name, str(_SHORTENED_MS)) == b":1\r\n"
        await until(live_anew)
        with pytest.raises(ActionError, match="is held from another host"):
            await other.locks.take()
    assert await host.locks.look() == ""
    await host.locks.release()


async def test_a_flush_is_noticed_by_the_heart_and_said(server: OwnRedis, plan: Plan) -> None:
    host = Host(server, plan, "one", beat_s=0.02)
    await host.locks.take()
    await server.tell("FLUSHDB")

    async def is_lost() -> bool:
        return bool(host.locks.lost)

    await until(is_lost)
    assert "was dropped" in host.told[0]
    assert "before a step without a way back this ends" in host.told[0]
    await host.locks.release()


async def test_a_flush_is_noticed_by_the_look_before_a_step(server: OwnRedis, plan: Plan) -> None:
    host = Host(server, plan, "one")
    await host.locks.take()
    assert await host.locks.look() == ""
    await server.tell("FLUSHALL")
    assert "is lost" in await host.locks.look()
    await host.locks.release()
    assert await keys(server) == 0


async def test_a_server_that_is_gone_stops_nobody_and_that_is_said(
    server: OwnRedis, plan: Plan
) -> None:
    server.stop()
    host = Host(server, plan, "one")
    await host.locks.take()
    assert await host.locks.look() == ""
    assert "no lock between hosts in shop/redis: " in host.told[0]
    assert "only this host's own lock holds" in host.told[0]
    await host.locks.release()
    [check] = await look_between_hosts(host.link, SERVER, plan)
    assert (check.grade, check.name) == (Grade.WARN, "lock between hosts")


@pytest.mark.parametrize("answer", [("CONFIG", "SET", "requirepass", "x")])
async def test_a_server_that_refuses_stops_nobody_either(
    server: OwnRedis, plan: Plan, answer: tuple[str, ...]
) -> None:
    await server.tell(*answer)
    host = Host(server, plan, "one")
    await host.locks.take()
    assert "NOAUTH" in host.told[0]
    await host.locks.release()


async def test_a_server_that_goes_while_it_is_held_is_lost_once_it_could_have_lapsed(
    server: OwnRedis, plan: Plan
) -> None:
    clock = ShiftedClock()
    host = Host(server, plan, "one", lives_s=600.0, clock=clock)
    await host.locks.take()
    server.stop()
    assert await host.locks.look() == "", "it cannot have lapsed yet"
    clock.shift_s += 600.0
    assert "has not answered for" in await host.locks.look()
    await host.locks.release()


async def test_the_next_process_of_the_same_action_takes_what_the_dead_one_left(
    server: OwnRedis, plan: Plan
) -> None:
    """Or a recovery would have to wait for the dead one's lock to lapse."""
    dead, recovery = (Host(server, plan, "one", action="01SAME") for _ in range(2))
    await dead.locks.take()
    await recovery.locks.take()
    assert await recovery.locks.look() == ""
    assert "is lost" in await dead.locks.look()
    await dead.locks.release()
    assert await keys(server) == 2
    elsewhere = Host(server, plan, "two", action="01SAME")
    with pytest.raises(ActionError, match="is held from another host"):
        await elsewhere.locks.take()
    await recovery.locks.release()


@pytest.mark.parametrize("value", ["", "x", "[]", "{}", '{"actor": 1}', "\x1b]52;c;QQ==\x07"])
async def test_what_is_no_lock_of_ours_is_a_holder_without_a_name(
    server: OwnRedis, plan: Plan, value: str
) -> None:
    await server.tell("SET", key_of(plan.system, plan.locks[0]), value)
    with pytest.raises(ActionError, match="something that does not say who it is"):
        await Host(server, plan, "one").locks.take()


async def test_a_plan_says_that_it_is_held_or_that_a_key_will_be_written(
    server: OwnRedis, plan: Plan
) -> None:
    host = Host(server, plan, "one")
    [free] = await look_between_hosts(host.link, SERVER, plan)
    assert (free.grade, free.text) == (Grade.PASS, "a key in shop/redis, as asked for")
    assert await keys(server) == 0
    await host.locks.take()
    [held] = await look_between_hosts(host.link, SERVER, plan)
    assert held.grade is Grade.STOP
    assert "ada on one runs restart it" in held.text
    await host.locks.release()


CONFIGURATION = """\
version: 1
environment: development
state: {{folder: {folder}/state, redis_lock: [shop/redis]}}
systems:
  shop:
    root: {folder}
    redis: {{url: "{url}"}}
    env_files: {{env: {{path: .env, apply: none}}}}
"""


async def quarterdeck(folder: Path, *words: str) -> tuple[int, str]:
    argv = [sys.executable, "-m", "cli.main", "--config", str(folder / "quarterdeck.yaml"), *words]
    child = await asyncio.create_subprocess_exec(
        *argv, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await child.communicate()
    return child.returncode or 0, said.decode()


async def test_an_action_of_a_configuration_that_asks_for_it_holds_the_key_and_gives_it_back(
    server: OwnRedis, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("LEVEL=INFO\n", "utf-8")
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(CONFIGURATION.format(folder=tmp_path, url=server.url), "utf-8")
    config.chmod(0o600)
    asked = ("run", "env.set", "shop/env", "--set", "LEVEL=DEBUG")
    status, said = await quarterdeck(tmp_path, *asked, "--json")
    plan = json.loads(said)["plan"]
    assert status == 0
    assert "a key in shop/redis, as asked for" in said
    [folder] = (tmp_path / "state" / "actions").iterdir()
    [name] = ActionFolder(folder).plan().locks
    key = key_of("shop", name)
    there = '{"actor":"mia","host":"web-2","title":"deploy","action":"01X","since":"12:00"}'
    await server.tell("SET", key, there)
    status, said = await quarterdeck(tmp_path, *asked, "--confirm", plan["confirm"])
    assert status == 1
    assert "is held from another host: mia on web-2 runs deploy (01X) since 12:00" in said
    status, said = await quarterdeck(tmp_path, *asked)
    assert status == 1
    assert "mia on web-2" in said, "the next plan names the holder too"
    await server.tell("DEL", key)
    _, said = await quarterdeck(tmp_path, *asked, "--json")
    plan = json.loads(said)["plan"]
    status, said = await quarterdeck(tmp_path, *asked, "--confirm", plan["confirm"])
    assert (status, await keys(server)) == (0, 0), said
    assert (tmp_path / ".env").read_text("utf-8") == "LEVEL=DEBUG\n"


async def test_an_action_on_the_server_itself_takes_none(server: OwnRedis, plan: Plan) -> None:
    plan = replace(plan, request=replace(plan.request, target=SERVER))
    host = Host(server, plan, "one")
    await host.locks.take()
    assert await keys(server) == 0
    assert "its own target would keep it" in host.told[0]
    assert await look_between_hosts(host.link, SERVER, plan) == ()
