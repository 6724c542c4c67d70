"""Takes a token apart: what it says, whether it counts now, what is odd about it. Pure.

Nothing that comes from outside makes it raise anything but `TokenError`, or costs more than reading
it: what is too large is refused, nesting and numbers are bounded by the JSON reader.
"""

import json
from collections.abc import Sequence
from math import isfinite

from core.clients.json_body import JsonValue, UnusableJson, parse_json
from core.errors import TokenError
from core.keys.tokens.scopes import read_scopes
from core.keys.tokens.signing import KnownSecret, decoded, judge_signature
from core.model.text import EMPTY, SafeText, clean
from core.model.token_view import Signature, TokenView

MOST_CHARS = 16 * 1024
_MOST_CLAIMS = 64
_CLAIM_CHARS = 400
_MILLISECONDS_FROM_S = 1e11
"""As seconds this is after the year 5000: whoever wrote it meant milliseconds."""


def decode_token(
    text: str, now_s: float, known: Sequence[KnownSecret] = (), expected: str = ""
) -> TokenView:
    """Return what a token says, its times against `now_s` (seconds since 1970).

    `known`: secrets that it may be signed with. `expected`: the algorithm that its server uses.

    Raises:
        TokenError: it is no token.
    """
    head, body, sign = _parts(text)
    header, claims = _object(head, "header"), _object(body, "claims")
    algorithm = header.get("alg")
    name = algorithm if isinstance(algorithm, str) else ""
    signature, why = judge_signature(
        name, f"{head}.{body}".encode("ascii"), decoded(sign) or b"", known
    )
    scopes, scope_findings = read_scopes(claims)
    starts, expires = _time(claims, "nbf"), _time(claims, "exp")
    issued = _time(claims, "iat")
    starts_in_s = starts - now_s if starts is not None and starts > now_s else None
    expires_in_s = expires - now_s if expires is not None else None
    return TokenView(
        algorithm=clean(name, 20) or SafeText("none given"),
        subject=_subject(claims),
        scopes=scopes,
        issued_age_s=now_s - issued if issued is not None else None,
        starts_in_s=starts_in_s,
        expires_in_s=expires_in_s,
        claims=_shown(claims),
        signature=signature,
        why=why,
        findings=(
            *_about_signing(name, signature, expected),
            *_about_times(claims, now_s, starts_in_s, expires_in_s),
            *_about_subject(claims),
            *scope_findings,
        ),
    )


def _parts(text: str) -> tuple[str, str, str]:
    text = text.strip()
    if text[:7].lower() == "bearer ":
        text = text[7:].strip()
    if not text:
        raise TokenError("there is no token")
    if len(text) > MOST_CHARS:
        raise TokenError(f"{len(text)} characters are no token: at most {MOST_CHARS} are read")
    parts = text.split(".")
    if len(parts) == 5:
        raise TokenError("this token is encrypted: only its server can read it")
    if len(parts) != 3:
        count = "1 part" if len(parts) == 1 else f"{len(parts)} parts"
        raise TokenError(f"{count}, and a token has 3 with dots between: this is none")
    return parts[0], parts[1], parts[2]


def _object(part: str, what: str) -> dict[str, JsonValue]:
    data = decoded(part)
    if data is None:
        raise TokenError(f"this is no token: its {what} is not base64url")
    try:
        value = parse_json(data)
    except UnusableJson as error:
        raise TokenError(f"this is no token: its {what}: {error}") from error
    if not isinstance(value, dict):
        raise TokenError(f"this is no token: its {what} is no JSON object")
    return value


def _time(claims: dict[str, JsonValue], name: str) -> float | None:
    """Return a moment in seconds since 1970; None: there is none, or it is no number."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        seconds = float(value)
    except OverflowError:
        return None
    return seconds if isfinite(seconds) else None


def _subject(claims: dict[str, JsonValue]) -> SafeText:
    value = claims.get("sub")
    if isinstance(value, str):
        return clean(value, _CLAIM_CHARS)
    return EMPTY if value is None else _json(value)


def _shown(claims: dict[str, JsonValue]) -> tuple[tuple[SafeText, SafeText], ...]:
    some = list(claims.items())[:_MOST_CLAIMS]
    return tuple((clean(name, 80), _json(value)) for name, value in some)


def _json(value: JsonValue) -> SafeText:
    return clean(json.dumps(value), _CLAIM_CHARS)


def _about_signing(algorithm: str, signature: Signature, expected: str) -> list[SafeText]:
    found: list[SafeText] = []
    if signature is Signature.UNSIGNED:
        found.append(SafeText("alg none: not signed; a server that takes it takes any"))
    elif expected and algorithm != expected:
        found.append(clean(f"alg {clean(algorithm, 20) or 'missing'}: its server uses {expected}"))
    if signature is Signature.BAD:
        found.append(SafeText("its signature is not of the secret that is known here"))
    return found


def _about_times(
    claims: dict[str, JsonValue],
    now_s: float,
    starts_in_s: float | None,
    expires_in_s: float | None,
) -> list[SafeText]:
    found: list[SafeText] = []
    for name in ("exp", "nbf", "iat"):
        moment = _time(claims, name)
        if moment is None and claims.get(name) is not None:
            found.append(clean(f"{name} is no number: servers refuse it"))
        elif moment is not None and moment > _MILLISECONDS_FROM_S:
            text = f"{name} is in milliseconds, it seems: servers read it as seconds"
            also = ", so that it never expires" if name == "exp" else ""
            found.append(clean(text + also))
    if claims.get("exp") is None:
        found.append(SafeText("never expires: it has no exp"))
    elif expires_in_s is not None and expires_in_s <= 0:
        found.append(SafeText("expired"))
    if starts_in_s is not None:
        found.append(SafeText("does not count yet: nbf is still to come"))
    issued = _time(claims, "iat")
    if issued is not None and now_s < issued <= _MILLISECONDS_FROM_S:
        found.append(SafeText("issued in the future: the clock that made it is ahead of this one"))
    return found


def _about_subject(claims: dict[str, JsonValue]) -> list[SafeText]:
    value = claims.get("sub")
    if value is None or value == "":
        return [SafeText("no subject: it belongs to nobody")]
    if not isinstance(value, str):
        return [SafeText("its subject is no text: servers refuse it")]
    return []
