"""Names what a Redis-compatible server, or the way to it, answered instead of a reply."""

import errno
import re
import socket
import ssl

from redis import exceptions

from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.text import clean

_CODE = re.compile(r"^-?(?P<code>[A-Z]{3,16})\b\s*(?P<text>.*)", re.DOTALL)
_MAX_TEXT = 200
_DROPPED = ("closed by server", "closed connection", "while reading", "while writing")
_BY_CLASS: tuple[tuple[type[Exception], str], ...] = (
    (exceptions.BusyLoadingError, "LOADING"),
    (exceptions.NoPermissionError, "NOPERM"),
    (exceptions.ReadOnlyError, "READONLY"),
    (exceptions.OutOfMemoryError, "OOM"),
    (exceptions.MasterDownError, "MASTERDOWN"),
    (exceptions.AuthenticationError, "WRONGPASS"),
)


class RedisSaid(ClientError):
    """The server answered with an error of its own."""

    def __init__(self, code: str, text: str) -> None:
        """Take the error's code, such as `NOAUTH`, and its text."""
        super().__init__(f"{code}: {clean(text, _MAX_TEXT)}" if text else code)
        self.code = code
        """`LOADING`, `NOAUTH`, `MAXCLIENTS`, …; `ERR` where the server gave no other."""
        self.text = clean(text, _MAX_TEXT)


class ConnectionDropped(ClientRefused):
    """It was connected, and the connection ended before the answer was whole."""


class NotRedis(ClientGarbled):
    """What answers there does not speak as a Redis does."""


def code_of(error: Exception) -> tuple[str, str]:
    """Return code and text of an error answer."""
    text = str(error)
    code = str(getattr(error, "status_code", None) or "")
    match = _CODE.match(text)
    if not code and match:
        code, text = match["code"], match["text"]
    by_class = next((code for kind, code in _BY_CLASS if isinstance(error, kind)), "")
    code = code or by_class or "ERR"
    if "max number of clients" in text:
        return "MAXCLIENTS", text
    if by_class == "WRONGPASS" and code in {"ERR", "WRONGPASS"}:
        # Before 6.0 the wrong password was a plain ERR; "required" means that none was given.
        return ("NOAUTH" if "required" in text.lower() else "WRONGPASS"), text
    return code, text


def _causes(error: BaseException | None) -> list[BaseException]:
    chain: list[BaseException] = []
    while error is not None and len(chain) < 8:
        chain.append(error)
        error = error.__cause__ or error.__context__
    return chain


_ANSWERS = (
    exceptions.ResponseError,
    exceptions.BusyLoadingError,
    exceptions.AuthenticationError,
)


def translate(error: Exception) -> ClientError:
    """Return one of our errors for one of redis-py or the socket. Its text is one clean line."""
    if isinstance(error, _ANSWERS) or "max number of clients" in str(error):
        return RedisSaid(*code_of(error))
    if isinstance(error, exceptions.InvalidResponse | ValueError):
        return NotRedis(f"what answers is no Redis: {clean(str(error), _MAX_TEXT)}")
    for cause in _causes(error):
        if (named := _of_cause(cause)) is not None:
            return named
    text = clean(str(error), _MAX_TEXT)
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return ClientTimeout("no answer in time")
    if any(words in text.lower() for words in _DROPPED):
        return ConnectionDropped("the connection was dropped before the answer was whole")
    return ClientRefused(f"connection failed: {text}")


def _of_cause(cause: BaseException) -> ClientError | None:
    match cause:
        case ssl.SSLError():
            return RedisSaid("TLS", str(getattr(cause, "reason", None) or cause))
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return ClientUnresolved("DNS: no name server answers")
        case socket.gaierror():
            return ClientRefused("DNS: no such host")
        case FileNotFoundError():
            return ClientMissing("the socket does not exist")
        case PermissionError():
            return ClientDenied("our user may not open the socket")
        case ConnectionRefusedError():
            return ClientRefused("connection refused: nothing listens there")
        case ConnectionResetError() | BrokenPipeError():
            return ConnectionDropped("the connection was dropped before the answer was whole")
        case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH):
            return ClientRefused("no way to the host: unreachable from here")
        case _:
            return None
