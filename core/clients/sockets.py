"""Reads the listening sockets through psutil. Blocking."""

import os
import socket
from contextlib import suppress

import psutil

from core.errors import ClientDenied
from core.model.host import ListeningPort
from core.model.text import SafeText, clean

_HIDDEN = SafeText("owner not visible without root")
_NO_OWNER = SafeText("no owner: kernel or another namespace")
_MAX_PORTS = 2000


def _name_of(pid: int | None, names: dict[int, SafeText]) -> SafeText:
    if pid is None:
        return _NO_OWNER if os.geteuid() == 0 else _HIDDEN
    if pid not in names:
        names[pid] = SafeText("ended")
        with suppress(psutil.Error, OSError):
            names[pid] = clean(psutil.Process(pid).name())
    return names[pid]


def read_ports() -> tuple[ListeningPort, ...]:
    """Return listening TCP and bound, unconnected UDP sockets, by port, each once per owner.

    Raises:
        ClientDenied: the system does not show sockets to us at all.
    """
    try:
        connections = psutil.net_connections(kind="inet")
    except (psutil.AccessDenied, PermissionError) as error:
        raise ClientDenied("listening ports cannot be read: run as root to see them") from error
    names: dict[int, SafeText] = {}
    ports: set[tuple[int, str, str, int | None]] = set()
    for connection in connections:
        is_tcp = connection.type == socket.SOCK_STREAM
        is_listening = connection.status == psutil.CONN_LISTEN if is_tcp else not connection.raddr
        if is_listening and connection.laddr:
            protocol = ("tcp" if is_tcp else "udp") + (
                "6" if connection.family == socket.AF_INET6 else ""
            )
            ports.add((connection.laddr.port, protocol, connection.laddr.ip, connection.pid))
    ordered = sorted(ports, key=lambda port: (port[0], port[1], port[2], port[3] or 0))
    return tuple(
        ListeningPort(protocol, clean(address), port, pid, _name_of(pid, names))
        for port, protocol, address, pid in ordered[:_MAX_PORTS]
    )
