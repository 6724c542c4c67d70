"""Ports on loopback, chosen where no outgoing connection can take them."""

import random
import socket
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def free_ports(count: int) -> list[int]:
    """Return ports that are free now, below the range of outgoing connections.

    A port of that range could be taken while its server is down; and a probe of it could connect
    to itself, which looks like a server.
    """
    first_outgoing = _first_outgoing()
    candidates = random.sample(range(max(1024, first_outgoing - 12000), first_outgoing), 4000)
    found: list[int] = []
    for port in candidates:
        if _is_free(port):
            found.append(port)
            if len(found) == count:
                return found
    raise OSError("no free ports on loopback")


def _first_outgoing() -> int:
    try:
        first = int(_RANGE.read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 32768
    return first if first > 14000 else 65535


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
