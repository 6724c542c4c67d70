"""What a failed look means to a person: a word, what was said, and what to do."""

from core.clients.redis_errors import RedisSaid
from core.errors import ClientError, ClientRefused, ClientTimeout
from core.model.redis_server import Trouble
from core.model.text import SafeText, clean

_REMEDIES = {
    "NOAUTH": "set `redis: {password: ...}` of the system",
}


def trouble_of(error: ClientError) -> Trouble:
    """Return the word, text and remedy of an error."""
    if isinstance(error, RedisSaid):
        return Trouble(clean(error.code), clean(str(error)), clean(_REMEDIES.get(error.code, "")))
    if isinstance(error, ClientTimeout):
        return Trouble(SafeText("timeout"), clean(str(error)))
    if isinstance(error, ClientRefused):
        return Trouble(SafeText("refused"), clean(str(error)))
    return Trouble(SafeText("unreadable"), clean(str(error)))
