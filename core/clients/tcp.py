"""Dials a TCP port and hangs up. Nothing is sent."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress

from core.errors import (
    ClientDenied,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.text import clean

Dial = Callable[[str, int, float], Awaitable[None]]
"""host, port, deadline in seconds."""


async def dial(host: str, port: int, deadline_s: float) -> None:
    """Connect and close.

    Raises:
        ClientTimeout: no answer within `deadline_s`; a firewall that drops looks like this.
        ClientRefused: the host answers, and nothing listens there.
        ClientMissing: there is no such name, or no way to the host.
        ClientUnresolved: no name server answers.
        ClientDenied: our own side may not connect.
    """
    place = clean(f"{host}:{port}")
    try:
        async with asyncio.timeout(deadline_s):
            _, writer = await asyncio.open_connection(host, port)
    except TimeoutError:
        raise ClientTimeout(f"no answer from {place} within {deadline_s:g} s") from None
    except ConnectionRefusedError as error:
        raise ClientRefused(f"{place} refuses: nothing listens there") from error
    except ConnectionError as error:
        raise ClientRefused(f"the connection to {place} broke at once") from error
    except socket.gaierror as error:
        if error.errno == socket.EAI_AGAIN:
            raise ClientUnresolved("DNS: no name server answers") from error
        raise ClientMissing(f"cannot resolve {clean(host)}: {error.strerror}") from error
    except PermissionError as error:
        raise ClientDenied(f"not allowed to connect to {place}") from error
    except OSError as error:
        raise ClientMissing(f"cannot reach {place}: {clean(error.strerror or '')}") from error
    writer.close()
    with suppress(OSError):  # the peer may reset what we have already concluded from
        await writer.wait_closed()
