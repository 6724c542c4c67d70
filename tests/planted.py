"""Secrets of the kinds that systems have, made from a seed, and twelve ways to write them down."""

import base64
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

_URL_SAFE = string.ascii_letters + string.digits + "-_"
_WORDS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def _drawn(lot: random.Random, characters: str, count: int) -> str:
    return "".join(lot.choices(characters, k=count))


def _jwt(lot: random.Random, _: str) -> str:
    parts = [json.dumps({"alg": "HS256"}), json.dumps({"sub": _drawn(lot, _WORDS, 8)})]
    encoded = [base64.urlsafe_b64encode(one.encode()).decode().rstrip("=") for one in parts]
    return ".".join((*encoded, _drawn(lot, _URL_SAFE, 43)))


_VALUES: tuple[Callable[[random.Random], str], ...] = (
    lambda lot: "key_" + _drawn(lot, _URL_SAFE, 43),
    lambda lot: "sk-" + _drawn(lot, _WORDS, 40),
    lambda lot: _drawn(lot, _URL_SAFE, 32),
    lambda lot: _drawn(lot, _WORDS, 24),
    lambda lot: _drawn(lot, "0123456789abcdef", 64),
    lambda lot: base64.b64encode(lot.randbytes(32)).decode(),
    lambda lot: _drawn(lot, _WORDS + "!$%/+@#^*()", 22),
    lambda lot: _jwt(lot, ""),
)
FORMATS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("pair", lambda v: f"2026-11-21 10:00:00 INFO login password={v} user=bob"),
    ("json", lambda v: json.dumps({"event": "auth", "api_key": v, "ok": True})),
    ("authorization", lambda v: f'"GET /x" Authorization: Bearer {v}'),
    ("url", lambda v: f"connect redis://ops:{quote(v, safe='')}@cache:6379/0 failed"),
    ("cookie", lambda v: f"Set-Cookie: session={v}; Path=/; HttpOnly"),
    ("env", lambda v: f"JWT_SECRET={v}"),
    ("query", lambda v: f"GET /auth?token={quote(v, safe='')}&page=2 HTTP/1.1 200"),
    ("header", lambda v: f"x-api-key: {v}"),
    ("argv", lambda v: f"worker --auth-token {v} --jobs 4"),
    ("yaml", lambda v: f'  client_secret: "{v}"'),
    ("basic", lambda v: f"Authorization: Basic {base64.b64encode(f'ops:{v}'.encode()).decode()}"),
    ("bare", lambda v: f"could not verify {v} against the store"),
)


@dataclass(frozen=True, slots=True)
class Plant:
    """A secret in a text."""

    form: str
    value: str
    text: str

    def stays(self, text: str) -> bool:
        """Tell whether the secret, or half of it in one piece, can still be read."""
        return any(leaks(one, text) for one in written(self.form, self.value))


def written(form: str, value: str) -> tuple[str, ...]:
    """Return how a value is spelled in texts of this form."""
    if form == "basic":
        return value, base64.b64encode(f"ops:{value}".encode()).decode()
    if form in {"url", "query"}:
        return value, quote(value, safe="")
    return value, json.dumps(value)[1:-1]


def leaks(value: str, text: str) -> bool:
    """Tell whether any stretch of half a value, at least six characters, is in a text."""
    size = max(6, len(value) // 2)
    return any(value[at : at + size] in text for at in range(max(1, len(value) - size + 1)))


def planted(count: int, seed: int = 1) -> Iterator[Plant]:
    """Yield secrets in all formats by turns; the kinds of values go round at another pace."""
    lot = random.Random(seed)
    for number in range(count):
        form, write = FORMATS[number % len(FORMATS)]
        value = _VALUES[(number // len(FORMATS) + number) % len(_VALUES)](lot)
        yield Plant(form, value, write(value))
