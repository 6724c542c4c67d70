"""Says in one line why a look failed. Pure."""

import traceback
from pathlib import Path

from core.errors import ClientError, ConsoleError
from core.model.text import SafeText, clean


def reason_of(error: Exception) -> SafeText:
    """Return one line for a person.

    Errors of our own tree speak for themselves. Any other is a fault in the console and is told
    by its type and place only: its text may hold anything, a secret included.
    """
    leaf = _first_client_error(error) or error
    if isinstance(leaf, ConsoleError):
        return clean(str(leaf))
    frames = traceback.extract_tb(leaf.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return clean(f"fault in the console itself: {type(leaf).__name__}{place}")


def _first_client_error(error: BaseException) -> ClientError | None:
    """Return the first client error inside a group of errors, as task groups raise them."""
    if isinstance(error, ClientError):
        return error
    if not isinstance(error, BaseExceptionGroup):
        return None
    inner: tuple[BaseException, ...] = error.exceptions  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - isinstance cannot narrow the parameter
    found = (_first_client_error(one) for one in inner)
    return next((one for one in found if one is not None), None)
