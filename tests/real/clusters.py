"""Starts clusters and sentinels of our own on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from tests.fakes.ports import free_port
from tests.real.servers import OwnRedis, own_redis

SLOTS = 16384


async def until(holds: Callable[[], Awaitable[bool]], timeout_s: float = 90) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(timeout_s):
        while not await holds():
            await asyncio.sleep(0.05)


async def answer(server: OwnRedis, *words: str | bytes) -> bytes:
    """Send one command on a connection of its own and return the whole of a short answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    raw = [word if isinstance(word, bytes) else word.encode() for word in words]
    writer.write(b"*%d\r\n" % len(raw))
    writer.writelines(b"$%d\r\n%s\r\n" % (len(word), word) for word in raw)
    line = await reader.readline()
    if line.startswith(b"$") and not line.startswith(b"$-"):
        line = await reader.readexactly(int(line[1:]) + 2)
    writer.close()
    await writer.wait_closed()
    return line.removesuffix(b"\r\n")


@asynccontextmanager
async def own_cluster(binary: str, folder: Path, *options: str) -> AsyncIterator[list[OwnRedis]]:
    """Run a cluster of three masters that share the slots evenly."""
    async with AsyncExitStack() as stack:
        nodes: list[OwnRedis] = []
        for number in range(3):
            home = folder / f"node{number}"
            home.mkdir()
            bus = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
            # No node is called lost because the machine held it up.
            calm = ("--cluster-node-timeout", "20000", "--repl-diskless-sync-delay", "0")
            run = own_redis(binary, home, *bus, *calm, *options)
            nodes.append(await stack.enter_async_context(run))
        await _share(nodes)
        yield nodes


async def _share(nodes: Sequence[OwnRedis]) -> None:
    size = SLOTS // len(nodes)
    for number, node in enumerate(nodes):
        last = SLOTS - 1 if number == len(nodes) - 1 else (number + 1) * size - 1
        said = await answer(node, "CLUSTER", "ADDSLOTSRANGE", str(number * size), str(last))
        assert said == b"+OK", said
        port = await bus_port(nodes[0])
        await answer(node, "CLUSTER", "MEET", "127.0.0.1", str(nodes[0].port), port)

    async def all_agree() -> bool:
        infos = [await answer(node, "CLUSTER", "INFO") for node in nodes]
        known = b"cluster_known_nodes:%d" % len(nodes)
        return all(b"cluster_state:ok" in info and known in info for info in infos)

    await until(all_agree)


async def bus_port(node: OwnRedis) -> str:
    """Return the port that nodes of a cluster talk on."""
    line = await answer(node, "CLUSTER", "NODES")
    return line.decode().partition("@")[2].split(" ")[0].split(",")[0]


async def node_id(node: OwnRedis) -> str:
    """Return a node's name in its cluster."""
    return (await answer(node, "CLUSTER", "MYID")).decode()


class OwnSentinel(OwnRedis):
    """A sentinel that watches one master called `shop`."""

    async def watch(self, master: OwnRedis, *options: str) -> None:
        """Start it."""
        config = self.folder / "sentinel.conf"
        lines = [
            f"port {self.port}",
            "bind 127.0.0.1",
            f"dir {self.folder}",
            f"sentinel monitor shop 127.0.0.1 {master.port} 1",
            # No master is called down because the machine held it up; see `lose_quickly`.
            "sentinel down-after-milliseconds shop 60000",
            "sentinel failover-timeout shop 3000",
            *options,
        ]
        config.write_text("\n".join(lines) + "\n")
        await self.run([self.binary, str(config), "--sentinel"])

    async def lose_quickly(self) -> None:
        """Call the master down as soon as it has not answered for half a second."""
        said = await answer(self, "SENTINEL", "SET", "shop", "down-after-milliseconds", "500")
        assert said == b"+OK", said


@asynccontextmanager
async def own_sentinel(
    binary: str, folder: Path, master: OwnRedis, *options: str
) -> AsyncIterator[OwnSentinel]:
    """Run a sentinel for the length of a test."""
    folder.mkdir(exist_ok=True)
    sentinel = OwnSentinel(binary, folder)
    await sentinel.watch(master, *options)
    try:
        yield sentinel
    finally:
        sentinel.stop()
