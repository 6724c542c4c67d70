"""Reads who answers: version, role, user, clock."""

from core.clients.clock import Clock
from core.clients.keyspace.allowed import Call
from core.clients.keyspace.replies import as_bytes, checked, parse_time
from core.clients.keyspace.route import Route
from core.clients.redis_info import parse_info
from core.model.redis_server import ServerIdentity
from core.model.text import clean


async def read_identity(route: Route, clock: Clock, database: int) -> ServerIdentity:
    """Return who answers. What we may not ask is empty, its clock excepted."""
    calls = [Call("INFO", "server"), Call("INFO", "replication"), Call("ACL WHOAMI")]
    replies = await route.ask(calls)
    server, replication, user = (reply if isinstance(reply, bytes) else b"" for reply in replies)
    began = clock.now()
    (time,) = await route.ask([Call("TIME")])
    ended = clock.now()
    now_s = parse_time(checked(time))
    middle_s = (began.timestamp() + ended.timestamp()) / 2
    info = {**parse_info(server), **parse_info(replication)}
    version = info.get("valkey_version") or info.get("redis_version") or clean("")
    flavour = str(info.get("server_name") or ("redis" if "redis_version" in info else ""))
    role = {"master": "master", "slave": "replica"}.get(str(info.get("role", "")), "")
    return ServerIdentity(
        run_id=info.get("run_id", clean("")),
        version=version,
        flavour=flavour,
        role=role,
        mode=str(info.get("redis_mode", "") or info.get("server_mode", "")),
        database=database,
        user=clean(as_bytes(user)),
        now_s=now_s,
        skew_s=now_s - middle_s,
    )
