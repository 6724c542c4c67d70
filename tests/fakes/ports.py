"""Loopback ports for servers of the tests."""

import os
import random
import re
import socket
from collections.abc import Iterator
from functools import cache
from itertools import cycle
from pathlib import Path

_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
_FIRST, _LEAST, _END = 10_000, 5_000, 65_536
_DEMOS = 12_000
"""As many below the kernel's own are what demos choose from, in whatever worker."""
_SHARES = 8
"""Workers of one run of the tests that have ports of their own."""


def free_port() -> int:
    """Return a port that nothing uses now, and that nobody else takes before its server does.

    The kernel gives it to nobody who asks for any port, and no other worker is told of it.
    """
    return next(port for port in _own() if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@cache
def _own() -> Iterator[int]:
    """Return the ports of this worker, round and round, from any of them on: two runs may meet."""
    kernels = int(_RANGE.read_text("ascii").split()[0])
    below = kernels - _DEMOS if kernels >= _FIRST + _LEAST + _DEMOS else kernels
    end = below if below >= _FIRST + _LEAST else _END
    number = int(re.sub(r"\D", "", os.environ.get("PYTEST_XDIST_WORKER", "")) or "0") % _SHARES
    share = range(_FIRST + number, end, _SHARES)
    begin = random.SystemRandom().randrange(len(share))
    return cycle((*share[begin:], *share[:begin]))
