"""Signs with a shared secret, and checks such signatures: HS256, HS384, HS512. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence

from core.errors import TokenError
from core.model.secret import Secret
from core.model.text import SafeText, clean
from core.model.token_view import Signature

_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")

KnownSecret = tuple[str, Secret]
"""The name of a variable, and what it holds."""


def signed(message: bytes, secret: Secret, algorithm: str) -> bytes:
    """Return the signature of a message.

    Raises:
        TokenError: the algorithm is none that a shared secret signs with, or the secret is empty.
    """
    if algorithm not in _HASHES:
        raise TokenError(f"{clean(algorithm, 20)} is not signed here: only {', '.join(_HASHES)}")
    if not secret:
        raise TokenError("the secret is empty: whatever it signs, anybody can sign")
    key = secret.reveal().encode("utf-8", "surrogateescape")
    return hmac.new(key, message, _HASHES[algorithm]).digest()


def judge_signature(
    algorithm: str, message: bytes, signature: bytes, known: Sequence[KnownSecret]
) -> tuple[Signature, SafeText]:
    """Return whether a token is signed with a secret that is known here, and why we say so."""
    if algorithm.lower() == "none":
        return Signature.UNSIGNED, SafeText("alg is none: anybody can write such a token")
    if algorithm not in _HASHES:
        shown = clean(algorithm, 20) or SafeText("no algorithm")
        return Signature.UNCHECKED, clean(f"{shown}: no shared secret signs it; not checked here")
    usable = [one for one in known if one[1]]
    if not usable:
        return Signature.UNCHECKED, SafeText("no secret is known here to check it with")
    for name, secret in usable:
        if hmac.compare_digest(signed(message, secret, algorithm), signature):
            return Signature.GOOD, clean(f"signed with {name}")
    names = ", ".join(name for name, _ in usable)
    return Signature.BAD, clean(f"not signed with {names}")


def encoded(data: bytes) -> str:
    """Return bytes as tokens hold them."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def decoded(text: str) -> bytes | None:
    """Return the bytes of a part of a token; None: it is none."""
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        return None
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
