"""How a value is written where it turns up: as it is, in JSON, in URLs, in base64. Pure."""

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from core.model.text import clean

LEAST_CHARS = 6
"""Shorter values are not searched: they would be found in half of all words."""
_LEAST_BASE64 = 8
_SEPARATORS, _LEAST_BARE = "/:.=+-_ ", 12
_PERCENT = re.compile(r"%[0-9A-F]{2}")


def spellings(value: str) -> Iterator[str]:
    """Yield a value in the spellings that are read back as it, each of them long enough.

    A value of several lines is also each of its lines: that is how it is shown.
    """
    seen: set[str] = set()
    for one in _written(value):
        if len(one) >= LEAST_CHARS and one not in seen:
            seen.add(one)
            yield one


def _written(value: str) -> Iterator[str]:
    yield value
    yield value.strip()
    # What takes a name apart at its separators leaves those at the ends of a value away.
    if len(bare := value.strip(_SEPARATORS)) >= _LEAST_BARE:
        yield bare
    if "\n" in value:
        yield from (line.strip() for line in value.splitlines() if len(line.strip()) >= 12)
    if value.isascii() and value.replace("_", "").replace("-", "").isalnum():
        return
    yield clean(value)
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    yield json.dumps(value)[1:-1].replace("/", "\\/")
    for escaped in (quote(value, safe=""), quote(value), quote_plus(value)):
        yield escaped
        yield _PERCENT.sub(lambda match: match.group().lower(), escaped)


def base64_cores(value: str) -> Iterator[str]:
    """Yield what base64 texts that hold the value have in common, wherever it begins in them.

    Three bytes are four characters: so there are three ways to stand, and the characters at either
    end depend on the neighbours. Both alphabets.
    """
    data = value.encode("utf-8", "surrogateescape")
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + data).rstrip(b"=").decode()
        is_open = (shift + len(data)) % 3 != 0
        core = encoded[(0, 2, 3)[shift] : len(encoded) - is_open]
        if len(core) >= _LEAST_BASE64:
            yield core
            if "+" in core or "/" in core:
                yield core.replace("+", "-").replace("/", "_")
