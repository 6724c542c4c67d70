"""A system full of secrets: in its files, its logs, its Redis, its containers. All planted.

Everything of one world lies below one folder; the Redis server is its own.
"""

import asyncio
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from bench.canary_config import configuration
from bench.canary_engine import Engine, project_config, write_project
from bench.canary_programs import end_programs, start_service, write_programs
from tests.fakes.ports import free_port
from tests.planted import Plant, planted
from tests.real.servers import OwnRedis, redis_binary

COUNT = 50
_STAMP = "2026-03-01 02:59:00,000"
_IN_ENV = 20
_HOUR_MS = 3_600_000
PASSWORD = "CANARY_REDIS"
STORE, ENV, LOG = "api_keys.json", ".env", "app.log"
PLAIN_TOKENS = tuple(f"token:plain-{number}" for number in range(4))
LEAVES = "leaves"
"""A consumer whose name is no secret."""


@dataclass(slots=True)
class CanaryWorld:
    """One folder with systems, and what must not be seen of them."""

    folder: Path
    plants: tuple[Plant, ...]
    server: OwnRedis
    engine: Engine | None = None
    """The Docker engine that has its containers; None: there is none."""
    more_env: dict[str, str] = field(default_factory=dict[str, str])

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "quarterdeck.yaml"

    @property
    def place(self) -> Path:
        """The system's own files, full of secrets."""
        return self.folder / "world"

    @property
    def keeps(self) -> tuple[Path, ...]:
        """Folders of the systems' own, which hold secrets whatever the console does."""
        names = ["world", "given", "redis", "away", "upstream", "conf.d", "bin", "spare"]
        # Names of folders that were moved aside begin as they did.
        return tuple(
            one for one in self.folder.iterdir() if one.name.partition(".aside")[0] in names
        )

    @property
    def env(self) -> dict[str, str]:
        """The environment of a person's shell: one variable of the configuration is secret."""
        home = self.folder / "home"
        own = {f"XDG_{one}_HOME": str(home / one.lower()) for one in ("STATE", "CACHE", "CONFIG")}
        names = ("LANG", "DOCKER_CONFIG")
        kept = {name: os.environ[name] for name in names if name in os.environ}
        return {
            **kept,
            **own,
            **self.more_env,
            "PATH": f"{self.folder}/bin:{os.environ['PATH']}",
            "HOME": str(home),
            "TERM": "xterm-256color",
            PASSWORD: plain(self.plants[0].value),
        }

    def fill(self) -> None:
        """Put secrets into entries, letters, values, names of keys, and users of its Redis."""
        _fill(self)

    def client(self) -> Any:
        """Return a connection to its Redis, as the system's own programs have."""
        return redis.Redis(port=self.server.port, password=plain(self.plants[0].value))

    def close(self) -> None:
        """End what runs of it."""
        end_programs(self.folder)
        if self.engine is not None:
            self.engine.clear()
        self.server.stop()


def make_world(folder: Path, seed: int, engine: Engine | None = None) -> CanaryWorld:
    """Write a world and start its Redis and its service."""
    plants = tuple(planted(COUNT, seed=seed))
    world = CanaryWorld(folder, plants, OwnRedis(redis_binary(), folder / "redis"), engine)
    for one in ("world", "home", "redis", "given", "world/data"):
        (folder / one).mkdir(parents=True)
    _write_env(world)
    _write_store(world)
    _write_logs(world)
    write_programs(folder, plants)
    port = free_port()
    start_service(folder, port)
    _start_redis(world)
    password = plain(plants[0].value)
    client: Any = redis.Redis(port=world.server.port)
    client.config_set("requirepass", password)
    _fill(world)
    url = world.server.url.replace("redis://", "redis://:${CANARY_REDIS}@")
    docker = ""
    if engine is not None:
        write_project(world.place, plants)
        docker = project_config(world.place)
        world.more_env["DOCKER_HOST"] = engine.address
    world.config.write_text(configuration(folder, url, port, docker), "utf-8")
    world.config.chmod(0o600)
    return world


def plain(value: str) -> str:
    """Return what is left of a secret where only letters and digits may stand."""
    return "".join(one for one in value if one.isalnum())


def _start_redis(world: CanaryWorld) -> None:
    """Start the server from a file of settings, so that it can keep those that change."""
    own, folder = world.server, world.folder / "redis"
    file = folder / "redis.conf"
    lines = ("port", own.port), ("bind", "127.0.0.1"), ("dir", f'"{folder}"'), ("save", '""')
    file.write_text("".join(f"{name} {value}\n" for name, value in lines), "utf-8")
    asyncio.run(own.run([own.binary, str(file)]))


def _write_env(world: CanaryWorld) -> None:
    lines = [f"SERVICE_{at}_SECRET='{one.value}'" for at, one in enumerate(world.plants[:_IN_ENV])]
    lines += ["LOG_LEVEL=INFO", f"JWT_SECRET={plain(world.plants[1].value)}"]
    lines += ["RATE=10", "BURST=20", "SCHEDULER_ENABLED=true"]
    path = world.place / ENV
    path.write_text("\n".join(lines) + "\n", "utf-8")
    path.chmod(0o600)


def _write_store(world: CanaryWorld) -> None:
    records = {
        one.value: {
            "tier": "pro", "requests_per_month": 10_000,
            "created_at": "2026-01-02T03:04:05.678901", "active": True,
        }
        for one in world.plants[_IN_ENV:]
    }  # fmt: skip
    path = world.place / STORE
    path.write_text(json.dumps(records, indent=2), "utf-8")
    path.chmod(0o600)


def _write_logs(world: CanaryWorld) -> None:
    lines = [f"{_STAMP} - app - ERROR - {one.text}" for one in world.plants]
    (world.place / LOG).write_text("\n".join(lines) + "\n", "utf-8")
    (world.place / "data" / "notes.txt").write_text("nothing secret\n", "utf-8")


def _fill(world: CanaryWorld) -> None:
    client = world.client()
    for at, one in enumerate(world.plants):
        client.xadd("events", {"data": one.text, "token": one.value})
        letter = {"payload": one.text, "error": f"bad {one.value}", "original_stream": "events"}
        client.xadd("dead", letter)
        client.set(f"token:{one.value}", one.text, ex=100_000)
        client.hset(f"rate_limit:{one.value}", mapping={"tokens": "0", "last_refill_time": "1"})
        if at < 5:
            client.acl_setuser(
                f"user{at}", enabled=True, passwords=[f"+{one.value}"], keys=["*"],
                commands=["+get"],
            )  # fmt: skip
    for at, name in enumerate(PLAIN_TOKENS):
        client.set(name, world.plants[at].text, ex=100_000)
    fault = f"refused {world.plants[2].value}"
    for name, state in (("up", "OPEN"), ("down", "CLOSED")):
        values = {"state": state, "failure_count": "9", "e": fault}
        client.hset(f"circuit_breaker:{name}", mapping=values)
    gone = world.plants[3].value
    client.xgroup_create("events", "workers", "0")
    for one in ("other", LEAVES):
        client.xgroup_createconsumer("events", "workers", one)
    rows = client.xreadgroup("workers", gone, {"events": ">"}, count=20)
    ids = [entry for entry, _ in rows[0][1]]
    client.xclaim("events", "workers", gone, 0, ids, idle=_HOUR_MS, retrycount=3, justid=True)
