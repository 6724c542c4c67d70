"""Small worlds for `tests.crashes` in which a Redis server runs, one for each world."""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from core.model.action import ActionRequest
from tests.crashes import Scenario
from tests.real.redis_restore_stage import ServedRedis, leftovers, told
from tests.real.servers import OwnRedis, redis_binary

_SERVERS: dict[Path, OwnRedis] = {}
_SERVED: dict[Path, ServedRedis] = {}
_DOORS: dict[Path, socket.socket] = {}
"""What is behind a breaker: whoever knocks is let in."""
_BREAKER = ("HSET", "circuit_breaker:up", "state", "OPEN", "failure_count", "0")
_CLOSED = ("HSET", "circuit_breaker:up", "state", "CLOSED", "failure_count", "0")
_TOKEN = ("SETEX", "token:abc", "1000", "who")
_CLIENT = ("HSET", "rate_limit:1.2.3.4", "tokens", "0", "last_refill_time", "1")


def _with(*commands: tuple[str, ...]) -> Callable[[Path], str]:
    """Return what starts a server with these keys, and what is behind it."""

    def config(folder: Path) -> str:
        own = OwnRedis(redis_binary(), folder.parent)
        _SERVERS[folder] = own
        asyncio.run(own.start())
        for words in commands:
            asyncio.run(own.tell(*words))
        door = _DOORS[folder] = socket.create_server(("127.0.0.1", 0))
        port = door.getsockname()[1]
        return (
            f"    redis: {{url: '{own.url}'}}\n"
            "    services:\n"
            "      up:\n"
            f"        checks: {{port: {{url: 'tcp://127.0.0.1:{port}', kind: tcp}}}}\n"
            "    circuits:\n"
            "      - {name: up, keys: ['circuit_breaker:*'], service: up, upstream: up}\n"
            "    limits:\n"
            "      - {name: clients, keys: ['rate_limit:*']}\n"
            "    redis_keys:\n      tokens: {keys: ['token:*']}\n"
        )

    return config


def _stop(folder: Path) -> None:
    own = _SERVERS.pop(folder, None)
    if own is not None:
        own.stop()
        _DOORS.pop(folder).close()


def write_over(key: str) -> None:
    """Make something else of a key of the newest world."""
    own = newest_for_keys()
    assert own is not None
    asyncio.run(own.tell("SET", key, "by hand"))


def close_door() -> None:
    """Let nobody in any more in the newest world."""
    [*_, door] = _DOORS.values()
    door.close()


def newest_for_keys() -> OwnRedis | None:
    """Return the server of the world of this kind that was made last; None: none is there."""
    return next(reversed(_SERVERS.values()), None)


def _keys(folder: Path) -> object:
    """Return every key with its value; those of a trial put-back vanish by themselves."""
    own = _SERVERS[folder]
    script = (
        "local t={} for _,k in ipairs(redis.call('KEYS','*')) do "
        "if string.sub(k,1,11)~='quarterdeck' then "
        "t[#t+1]=k..'='..redis.sha1hex(redis.call('DUMP',k)) end end "
        "table.sort(t) return table.concat(t,' ')"
    )
    return told(own.port, "EVAL", script, "0")


def _breaker(folder: Path) -> object:
    """Return the breaker's state; when it opened is another time in each world."""
    return told(_SERVERS[folder].port, "HGET", "circuit_breaker:up", "state")


def _tokens(folder: Path) -> object:
    """Return the tokens; what is left of their time is another in each look."""
    return told(_SERVERS[folder].port, "EXISTS", "token:abc")


def _with_file(folder: Path) -> str:
    """Start a server that has a settings file, which lacks one of its settings."""
    own = OwnRedis(redis_binary(), folder.parent)
    _SERVERS[folder] = own
    file = folder / "redis.conf"
    file.write_text(f'port {own.port}\nbind 127.0.0.1\ndir "{folder.parent}"\nsave ""\n', "utf-8")
    asyncio.run(own.run([own.binary, str(file)]))
    asyncio.run(own.tell("CONFIG", "SET", "hz", "20"))
    _DOORS[folder] = socket.create_server(("127.0.0.1", 0))
    return f"    redis: {{url: '{own.url}'}}\n"


def _file(folder: Path) -> object:
    """Return whether the file has the setting by now, and the marks of unfinished runs."""
    return "hz 20" in (folder / "redis.conf").read_text("utf-8"), marks(folder)


def marks(folder: Path) -> object:
    """Return the marks that a run leaves while it is unfinished."""
    return sorted(one.suffix for one in (folder.parent / "state" / "results").glob("*"))


def _setting(folder: Path) -> object:
    return told(_SERVERS[folder].port, "CONFIG", "GET", "hz")


def _served(folder: Path) -> str:
    """Start a server as a service of the system, by its pidfile, with a set that copies it."""
    server = ServedRedis(redis_binary(), folder / "redis", "--appendonly", "yes")
    _SERVED[folder] = server
    server.run_it()
    told(server.port, "SET", "a", "1")
    words = ", ".join(f"'{one}'" for one in server.words)
    return (
        f"    redis: {{url: '{server.url}'}}\n"
        "    services:\n      redis:\n        runs_as:\n          process:\n"
        f"            {{pidfile: {server.pidfile}, cwd: {folder}, start: [{words}]}}\n"
        "    backups:\n"
        f"      data: {{kind: redis, service: redis, target: {folder}/copies/r-%s.rdb}}\n"
    )


def _restore(folder: Path) -> ActionRequest:
    told(_SERVED[folder].port, "SET", "a", "2")
    return ActionRequest("backup.restore", "shop/data")


def _value_and_leftovers(folder: Path) -> object:
    """Return what the key is, and names of ours beside the data that should be gone."""
    server = _SERVED[folder]
    asyncio.run(server.wait())
    return told(server.port, "GET", "a"), leftovers(server.folder, folder / "copies")


def _end(folder: Path) -> None:
    server = _SERVED.pop(folder, None)
    if server is not None:
        server.end()


def _ask(action: str, target: str, **inputs: str) -> Callable[[Path], ActionRequest]:
    return lambda _folder: ActionRequest(action, target, tuple(inputs.items()))


REDIS = (
    Scenario(
        "limit.reset", _with(_CLIENT, ("SET", "other", "1")),
        _ask("limit.reset", "shop/clients", pattern="*"), _keys, _stop,
    ),
    Scenario("circuit.reset", _with(_BREAKER), _ask("circuit.reset", "shop/up"), _keys, _stop),
    Scenario(
        "circuit.open", _with(_CLOSED), _ask("circuit.open", "shop/up"), _breaker, _stop,
    ),
    Scenario(
        "token.revoke", _with(_TOKEN), _ask("token.revoke", "shop/tokens", keys="token:abc"),
        _tokens, _stop,
    ),
    Scenario(
        "redis.save", _with(_CLIENT), _ask("redis.save", "shop/redis"), marks, _stop, hurry=10.0
    ),
    Scenario("redis.rewrite", _with_file, _ask("redis.rewrite", "shop/redis"), _file, _stop),
    Scenario(
        "redis.configure", _with(), _ask("redis.configure", "shop/redis", name="hz", value="20"),
        _setting, _stop,
    ),
    Scenario(
        "redis.flush", _with(_BREAKER, _CLIENT, ("SET", "page", "1")),
        _ask("redis.flush", "shop/redis", database="0"), _keys, _stop,
    ),
    Scenario(
        "backup.restore (redis)", _served, _restore, _value_and_leftovers, _end,
        first=lambda _folder: ActionRequest("backup.create", "shop/data"), hurry=10.0,
    ),
)  # fmt: skip
