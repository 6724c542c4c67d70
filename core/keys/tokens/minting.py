"""Makes a token as the service's own tool does, with a subject and with scopes as a list. Pure."""

import json

from core.errors import TokenError
from core.keys.tokens.scopes import asked_scopes
from core.keys.tokens.signing import encoded, signed
from core.model.secret import Secret

_LONGEST_S = 366 * 86400.0


def mint_token(
    secret: Secret,
    subject: str,
    scopes: tuple[str, ...],
    ttl_s: float,
    now_s: float,
    algorithm: str = "HS256",
) -> Secret:
    """Return a token that counts from `now_s` (seconds since 1970) for `ttl_s`.

    Raises:
        TokenError: no subject, no length of life, or an algorithm that is not signed here.
    """
    if not subject.strip():
        raise TokenError("a token needs a subject: whom it belongs to")
    if not 1 <= ttl_s <= _LONGEST_S:
        raise TokenError("a token lives between one second and a year")
    begin = int(now_s)
    claims = {
        "sub": subject.strip(),
        "iat": begin,
        "nbf": begin,
        "exp": begin + int(ttl_s),
        "scopes": list(asked_scopes(scopes)),
    }
    parts = ({"alg": algorithm, "typ": "JWT"}, claims)
    message = ".".join(
        encoded(json.dumps(one, separators=(",", ":")).encode("ascii")) for one in parts
    )
    signature = signed(message.encode("ascii"), secret, algorithm)
    return Secret(f"{message}.{encoded(signature)}")
