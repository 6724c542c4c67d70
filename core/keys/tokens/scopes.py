"""Reads what a token may do, in each of the ways that it is written. Pure."""

import re

from core.clients.json_body import JsonValue
from core.model.text import SafeText, clean

_BETWEEN = re.compile(r"[\s,]+")
_MOST = 200
_SCOPE_CHARS = 200
_NAMES = ("scopes", "scope", "scp")
"""`scopes` is a list; `scope` is a text with blanks (RFC 8693); `scp` is either."""


def asked_scopes(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the scopes that are meant: a text with commas or blanks is several, none twice."""
    words = (word for text in texts for word in _BETWEEN.split(text) if word)
    return tuple(dict.fromkeys(words))


def read_scopes(claims: dict[str, JsonValue]) -> tuple[tuple[SafeText, ...], tuple[SafeText, ...]]:
    """Return the scopes of a token as a server gets them, and what is wrong with them."""
    name = next((one for one in _NAMES if one in claims), "")
    value = claims.get(name)
    if isinstance(value, str):
        return _of(value.split())
    if isinstance(value, list):
        odd = sum(not isinstance(one, str) for one in value)
        scopes, findings = _of([one for one in value if isinstance(one, str)])
        text = (SafeText("a scope that is no text: servers ignore it, or fail"),) if odd else ()
        return scopes, (*findings, *text)
    if name and value is not None:
        return (), (clean(f"{name} is neither a list nor a text"),)
    if "role" in claims or "roles" in claims:
        return (), ()
    return (), (SafeText("no scopes: it may only do what needs none"),)


def _of(texts: list[str]) -> tuple[tuple[SafeText, ...], tuple[SafeText, ...]]:
    scopes = tuple(clean(one, _SCOPE_CHARS) for one in texts[:_MOST])
    findings = [_several(one) for one in texts[:_MOST] if len(asked_scopes((one,))) > 1]
    if len(texts) > _MOST:
        findings.append(clean(f"{len(texts)} scopes, the first {_MOST} are shown"))
    if not texts:
        findings.append(SafeText("no scopes: it may only do what needs none"))
    return scopes, tuple(findings)


def _several(text: str) -> SafeText:
    count = len(asked_scopes((text,)))
    return clean(
        f'several scopes in one text: the {count} in "{clean(text, 80)}" count as one that no'
        ' server knows (--scopes "a,b,c" of the runbook makes this); make it anew with a list'
    )
