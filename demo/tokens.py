"""002: HS256 tokens as the real system mints and reads them (fact 18)."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any


class TokenRefused(Exception):
    """A token that is not accepted; the text is the answer's `detail`."""


def mint(secret: str, subject: str, scopes: list[str], ttl_s: int = 3600) -> str:
    """Return a signed token."""
    moment = int(time.time())
    claims = {"sub": subject, "iat": moment, "nbf": moment, "exp": moment + ttl_s}
    head = _encoded(json.dumps({"alg": "HS256", "typ": "JWT"}, separators=(",", ":")).encode())
    body = _encoded(json.dumps({**claims, "scopes": scopes}, separators=(",", ":")).encode())
    return f"{head}.{body}.{_signature(secret, f'{head}.{body}')}"


def read(secret: str, token: str) -> dict[str, Any]:
    """Return the claims of a valid token.

    Raises:
        TokenRefused: wrong signature, not a token, or expired.
    """
    signed, _, signature = token.rpartition(".")
    if not hmac.compare_digest(_signature(secret, signed), signature):
        raise TokenRefused("invalid_token")
    try:
        body = signed.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError) as error:
        raise TokenRefused("invalid_token") from error
    if claims.get("exp", 0) < time.time():
        raise TokenRefused("token_expired")
    return claims


def _signature(secret: str, signed: str) -> str:
    return _encoded(hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
