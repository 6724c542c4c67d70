"""Shows a token to its service and says what came back."""

from dataclasses import dataclass

from core.clients.http import HttpClient
from core.clients.http_values import HttpRequest
from core.clients.json_body import UnusableJson, parse_json
from core.model.secret import Secret
from core.model.text import EMPTY, SafeText, clean

_TIMEOUT_S = 5.0
_NAMES = ("username", "sub", "user", "name", "email", "id")


@dataclass(frozen=True, slots=True)
class Tried:
    """What a service said to a token."""

    status: int
    who: SafeText
    """Whom it takes the token to be of; empty: it did not say."""
    text: SafeText
    """What that means."""


async def try_token(client: HttpClient, url: str, token: Secret) -> Tried:
    """Ask an identity address once.

    Raises:
        ClientError: there was no answer.
    """
    bearer = (("authorization", Secret(f"Bearer {token.reveal().strip()}")),)
    answer = await client.get(HttpRequest(url, _TIMEOUT_S, headers=bearer))
    return judge_answer(answer.status, answer.body)


def judge_answer(status: int, body: bytes) -> Tried:
    """Return what an answer means. Pure."""
    if status in {401, 403}:
        return Tried(status, EMPTY, SafeText("refused: the token does not count there"))
    if 300 <= status < 400:
        text = SafeText("a redirect, such as to a login page: the token was not looked at")
        return Tried(status, EMPTY, text)
    if not 200 <= status < 300:
        return Tried(status, EMPTY, SafeText("neither accepted nor refused"))
    who = _who(body)
    text = "accepted" if who else "accepted, and the answer names nobody"
    return Tried(status, who, clean(text))


def _who(body: bytes) -> SafeText:
    try:
        document = parse_json(body)
    except UnusableJson:
        return EMPTY
    if not isinstance(document, dict):
        return EMPTY
    for name in _NAMES:
        value = document.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            return clean(str(value), 120)
    return EMPTY
