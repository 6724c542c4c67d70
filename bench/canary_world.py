"""A system full of secrets: in its files, its logs, its Redis, its configuration. All planted.

Everything of one world lies below one folder; the Redis server is its own.
"""

import asyncio
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import redis

from tests.planted import Plant, planted
from tests.real.servers import OwnRedis, redis_binary

COUNT = 50
_STAMP = "2026-03-01 02:59:00,000"
_IN_ENV = 20
PASSWORD = "CANARY_REDIS"
STORE, ENV, LOG = "api_keys.json", ".env", "app.log"


@dataclass(slots=True)
class CanaryWorld:
    """One folder with a system, and what must not be seen of it."""

    folder: Path
    plants: tuple[Plant, ...]
    server: OwnRedis

    @property
    def config(self) -> Path:
        """The configuration."""
        return self.folder / "quarterdeck.yaml"

    @property
    def place(self) -> Path:
        """The system's own files, full of secrets."""
        return self.folder / "world"

    @property
    def env(self) -> dict[str, str]:
        """The environment of a person's shell: one variable of the configuration is secret."""
        home = self.folder / "home"
        own = {f"XDG_{one}_HOME": str(home / one.lower()) for one in ("STATE", "CACHE", "CONFIG")}
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {
            **kept,
            **own,
            "HOME": str(home),
            "TERM": "xterm-256color",
            PASSWORD: _safe(self.plants[0].value),
        }

    def close(self) -> None:
        """End its server."""
        self.server.stop()


def make_world(folder: Path, seed: int) -> CanaryWorld:
    """Write a world and start its Redis."""
    plants = tuple(planted(COUNT, seed=seed))
    world = CanaryWorld(folder, plants, OwnRedis(redis_binary(), folder / "redis"))
    for one in ("world", "home", "redis", "given", "world/data"):
        (folder / one).mkdir(parents=True)
    _write_env(world)
    _write_store(world)
    _write_logs(world)
    asyncio.run(world.server.start())
    password = _safe(plants[0].value)
    _fill(world, password)
    url = world.server.url.replace("redis://", "redis://:${CANARY_REDIS}@")
    world.config.write_text(_CONFIG.format(folder=folder, url=url), "utf-8")
    world.config.chmod(0o600)
    return world


def _safe(value: str) -> str:
    return "".join(one for one in value if one.isalnum())


def _write_env(world: CanaryWorld) -> None:
    lines = [f"SERVICE_{at}_SECRET='{one.value}'" for at, one in enumerate(world.plants[:_IN_ENV])]
    lines += ["LOG_LEVEL=INFO", f"JWT_SECRET={_safe(world.plants[1].value)}"]
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


def _fill(world: CanaryWorld, password: str) -> None:
    """Put secrets into entries, dead letters, values, names of keys, and ACL users."""
    client: Any = redis.Redis(port=world.server.port)
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
    fault = f"refused {world.plants[2].value}"
    client.hset("circuit_breaker:up", mapping={"state": "OPEN", "failure_count": "9", "e": fault})
    client.xgroup_create("events", "workers", "0")
    client.xreadgroup("workers", world.plants[3].value, {"events": ">"}, count=20)
    client.config_set("requirepass", password)


_CONFIG = """\
version: 1
environment: development
state: {{folder: {folder}/state}}
systems:
  shop:
    root: {folder}/world
    redis: {{url: '{url}'}}
    services:
      app:
        logs: {{files: {{app: {{path: app.log}}}}}}
    env_files:
      env: {{path: .env, apply: none}}
    keys:
      api: {{kind: json, path: api_keys.json, tiers: {{free: 100, pro: 10000}}}}
    tokens:
      jwt: {{secret_variable: JWT_SECRET, env_file: env, service: app}}
    streams:
      - {{name: events, keys: [events], dead_letters: [dead]}}
    circuits:
      - {{name: up, keys: ['circuit_breaker:*']}}
    limits:
      - {{name: clients, keys: ['rate_limit:*']}}
    redis_keys:
      tokens: {{keys: ['token:*']}}
    backups:
      data:
        kind: archive
        sources: [data/]
        target: "backup/data-%Y%m%d-%H%M%S.tar.gz"
        restore_needs_stop: false
"""
