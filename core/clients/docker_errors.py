"""Names what the Docker SDK, or the way to the engine, raised."""

from collections.abc import Iterator
from pathlib import Path

import requests.exceptions
from docker import errors

from core.clients.rights import remedy_for
from core.errors import (
    ClientDenied,
    ClientError,
    ClientGarbled,
    ClientMissing,
    ClientRefused,
    ClientTimeout,
)
from core.model.text import clean


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    """Yield an error and all inside it: urllib3 hides the socket's own error in `args`."""
    yield error
    if depth > 6:
        return
    inner = [arg for arg in error.args if isinstance(arg, BaseException)]
    for cause in (*inner, error.__cause__, error.__context__):
        if cause is not None:
            yield from _causes(cause, depth + 1)


def _translate_answer(error: errors.APIError) -> ClientError:
    text = clean(str(error.explanation or error), 200)
    if error.status_code == 404:
        return ClientMissing(f"the engine does not know it: {text}")
    if "is too old" in text or "is too new" in text:
        return ClientGarbled(f"engine and client do not speak the same API: {text}")
    if error.status_code == 503 and "swarm" in text.lower():
        return ClientMissing(f"not a swarm manager: {text}")
    return ClientGarbled(f"the engine answered {error.status_code}: {text}")


def _translate_cause(cause: BaseException, place: str) -> ClientError | None:
    if isinstance(cause, FileNotFoundError):
        return ClientMissing(f"no Docker socket at {place}: is Docker installed and started?")
    if isinstance(cause, PermissionError):
        if not place.startswith("/"):
            return ClientDenied(f"this machine does not let us connect to {place}")
        remedy = remedy_for(Path(place), "rw")
        return ClientDenied(f"no right to use the Docker socket {place}: {remedy}")
    if isinstance(cause, ConnectionRefusedError):
        return ClientRefused(f"the Docker daemon does not run ({place}): systemctl start docker")
    if isinstance(cause, requests.exceptions.Timeout | TimeoutError):
        return ClientTimeout(f"the Docker engine at {place} does not answer: is it frozen?")
    if isinstance(cause, ImportError | NameError):
        return ClientMissing("docker over ssh is not built in: forward the socket with ssh -L")
    return None


def translate(error: Exception, place: str) -> ClientError:
    """Return one of our errors for one of the SDK; `place` names the socket or address."""
    if isinstance(error, errors.APIError):
        return _translate_answer(error)
    if isinstance(error, errors.InvalidVersion):
        return ClientGarbled("the engine's API is too old: it needs Docker 1.12 or newer")
    known = (_translate_cause(cause, place) for cause in _causes(error))
    other = ClientRefused(f"cannot talk to Docker at {place}: {clean(str(error), 200)}")
    return next((found for found in known if found is not None), other)
