"""Names what httpcore, TLS or the socket raised, and says what to do about it."""

import errno
import socket
import ssl
from collections.abc import Iterator, Mapping
from enum import StrEnum

import httpcore

from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientRefused,
    ClientTimeout,
    ClientUnresolved,
)
from core.model.text import SafeText, clean

FAULTS = (
    httpcore.TimeoutException,
    httpcore.NetworkError,
    httpcore.ProtocolError,
    OSError,  # TLS that breaks in the middle, and names that do not resolve, come as they are
)
"""What a request may raise besides our own errors."""


class Stage(StrEnum):
    """How far a request came before its time was over."""

    CONNECTING = "no connection"
    SECURING = "TLS handshake not finished"
    ASKED = "connected, but no answer"
    READING = "no whole answer"


class HttpTimeout(ClientTimeout):
    """No whole answer within the deadline."""

    def __init__(self, stage: Stage, timeout_s: float) -> None:
        """Take how far it came, and the deadline."""
        super().__init__(f"{stage} within {timeout_s:g} s")
        self.stage = stage


class TlsRefused(ClientRefused):
    """No TLS with that server. The text begins with `TLS: ` and ends with the remedy."""

    def __init__(self, text: str, remedy: str) -> None:
        """Take what was seen and what to do."""
        self.text: SafeText = clean(f"TLS: {text}")
        self.remedy: SafeText = clean(remedy)
        super().__init__(f"{self.text}; {self.remedy}" if remedy else self.text)


class HungUp(ClientRefused):
    """The server closed the connection before its headers were whole."""

    def __init__(self, *, is_silent: bool, was_idle: bool) -> None:
        """Take whether it said nothing at all, and whether it had answered here before."""
        said = "without a word" if is_silent else "in the middle of its headers"
        super().__init__(f"the server closed the connection {said}")
        self.can_be_chance = is_silent and was_idle
        """True: it may have given up an idle connection just when we asked."""


class Progress:
    """Follows a request as httpcore's `trace` extension, so that a timeout can say how far."""

    _STAGES: Mapping[str, Stage] = {
        "connection.start_tls.started": Stage.SECURING,
        "http11.send_request_headers.started": Stage.ASKED,
        "http11.receive_response_body.started": Stage.READING,
    }

    def __init__(self) -> None:
        """Begin before the connection."""
        self.stage = Stage.CONNECTING

    async def __call__(self, event: str, info: Mapping[str, object]) -> None:
        """Take an event of httpcore."""
        self.stage = self._STAGES.get(event, self.stage)


_NOT_WHOLE = "the connection broke before the answer was whole"
_BROKEN_OFF = "closed connection"
"""In what h11 says of a body that ends before its length or its last chunk."""
_OWN_CA = "if it is yours, name its authority's file as ca_file"
_CERTIFICATE: Mapping[int, tuple[str, str]] = {
    9: ("the certificate is not valid yet", "compare the clocks of both machines"),
    10: ("the certificate has expired", "renew it on the server"),
    18: ("the certificate is self-signed", _OWN_CA),
    19: ("the certificate's authority is not trusted here", _OWN_CA),
    20: ("the certificate's authority is not known here", _OWN_CA),
    21: ("the certificate's authority is not known here", _OWN_CA),
    23: ("the certificate was revoked", "renew it on the server"),
    62: ("the certificate is for another name", "use its name in the url, or renew it"),
    64: ("the certificate is for another address", "use its name in the url, or renew it"),
}
"""By OpenSSL's verify code: what was seen and what to do."""
_NOT_TLS = frozenset(
    {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "PACKET_LENGTH_TOO_LONG"}
)


def _of_certificate(error: ssl.SSLCertVerificationError) -> TlsRefused:
    said = clean(error.verify_message, 200)
    text, remedy = _CERTIFICATE.get(error.verify_code, ("certificate refused", ""))
    is_plain = not remedy or error.verify_code in {62, 64}
    return TlsRefused(f"{text} ({said})" if is_plain else text, remedy)


def _of_tls(error: ssl.SSLError) -> TlsRefused:
    reason = clean(error.reason or "", 200)
    if reason in _NOT_TLS:
        return TlsRefused(
            "what listens there does not speak TLS", "write http:// in the url, or its TLS port"
        )
    told = reason.replace("_", " ").lower() or "the connection broke in the handshake"
    return TlsRefused(told, "")


def _of_os(error: OSError) -> ClientError | None:
    match error:
        case ssl.SSLCertVerificationError():
            return _of_certificate(error)
        case ssl.SSLError():
            return _of_tls(error)
        case socket.gaierror(errno=socket.EAI_AGAIN):
            return ClientUnresolved("DNS: no name server answers")
        case socket.gaierror():
            return ClientRefused("DNS: no such host")
        case ConnectionRefusedError():
            return ClientRefused("connection refused: nothing listens there")
        case OSError(errno=errno.EHOSTUNREACH | errno.ENETUNREACH):
            return ClientRefused("no way to the host: unreachable from here")
        case PermissionError():
            return ClientDenied("this machine does not let us connect there")
        case _:
            return None


def _beneath(error: BaseException) -> Iterator[OSError]:
    """Yield what the operating system or TLS said, from the outside in."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError):
            yield cause
        cause = cause.__cause__ or cause.__context__


def translate(error: Exception, stage: Stage, timeout_s: float) -> ClientError:
    """Return our error for one of `FAULTS`, met at a stage of a request."""
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return HttpTimeout(stage, timeout_s)
    beneath = tuple(_beneath(error))
    if found := next(filter(None, map(_of_os, beneath)), None):
        return found
    if isinstance(error, httpcore.ProtocolError):
        if _BROKEN_OFF in str(error):
            return ClientRefused(_NOT_WHOLE)
        return ClientGarbled(f"not HTTP: {clean(str(error), 200)}")
    match stage:
        case Stage.CONNECTING:
            said = next((one.strerror for one in beneath if one.strerror), "the connection broke")
            return ClientRefused(f"cannot connect: {clean(said, 200)}")
        case Stage.SECURING:
            return TlsRefused("the server hung up in the handshake", "")
        case _:
            return ClientRefused(_NOT_WHOLE)
