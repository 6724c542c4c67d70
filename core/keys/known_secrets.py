"""Which values are secret in what is configured, in files of variables and in key stores. Pure."""

import base64
import binascii
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast
from urllib.parse import unquote

from core.keys.random_words import random_spans
from core.model.env_text import is_secret_name, parse_env
from core.model.masking import secret_spans
from core.model.secret import Secret

_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|digest)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_PLAIN = re.compile(
    r"true|false|none|null|yes|no|enabled|disabled|localhost|(?:[./]|~/)[\w./-]*", re.IGNORECASE
)
"""What variables with telling names hold as well: switches and paths."""
_HEADER = re.compile(r"auth|token|key|secret|cookie|pass|credential|session", re.IGNORECASE)
_LEAST_KEY_CHARS = 12


def secrets_of(configured: object) -> Iterator[Secret]:
    """Yield every secret that a configuration holds, wherever in it.

    Headers are all held as secrets; only those whose names tell so are.
    """
    if isinstance(configured, Secret):
        yield from parts_of(configured.reveal())
    elif isinstance(configured, Mapping):
        for one in cast("Mapping[Any, Any]", configured).values():
            yield from secrets_of(one)
    elif isinstance(configured, tuple | list | frozenset):
        own = cast("tuple[Any, ...]", configured)
        is_header = len(own) == 2 and isinstance(own[0], str) and isinstance(own[1], Secret)
        if not is_header or _HEADER.search(own[0]):
            for one in own:
                yield from secrets_of(one)
    elif is_dataclass(configured) and not isinstance(configured, type):
        for field in fields(configured):
            yield from secrets_of(getattr(configured, field.name))


def parts_of(value: str) -> Iterator[Secret]:
    """Yield what of a value is secret: of an address its password, of a header what it carries."""
    if "://" in value:
        for begin, end in secret_spans(value):
            yield Secret(value[begin:end])
            yield Secret(unquote(value[begin:end]))
        return
    match = _SCHEME.fullmatch(value.strip())
    carried = match.group(1) if match is not None else value
    yield Secret(carried)
    if match is not None and value[:5].lower() == "basic":
        yield from _basic(carried)


def _basic(carried: str) -> Iterator[Secret]:
    try:
        plain = base64.b64decode(carried, validate=True).decode()
    except (binascii.Error, ValueError):
        return
    yield Secret(plain.partition(":")[2])


def env_secrets(data: bytes, named: Iterable[str] = ()) -> Iterator[Secret]:
    """Yield the secret values of a file of variables.

    Args:
        data: The file.
        named: Variables that the configuration calls secret.
    """
    own = frozenset(named)
    for entry in parse_env(data).entries:
        value = entry.value or ""
        is_telling = entry.name in own or is_secret_name(entry.name) or "://" in value
        if is_telling and not _is_plain(value):
            yield from parts_of(value)


def _is_plain(value: str) -> bool:
    is_random = any(random_spans(value, is_strict=False))
    return not is_random and _PLAIN.fullmatch(value) is not None


def store_secrets(data: bytes) -> Iterator[Secret]:
    """Yield the keys of a key store in JSON, of any shape: none where it is no JSON.

    A key is a long text that stands as a name or a value and looks drawn by lot, or stands under a
    telling name.
    """
    try:
        tree = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return
    waiting: list[tuple[str, Any]] = [("", tree)]
    while waiting:
        name, one = waiting.pop()
        if isinstance(one, dict):
            own = cast("dict[str, Any]", one)
            yield from _alike([key for key, value in own.items() if not isinstance(value, str)])
            yield from _alike([key for key, value in own.items() if isinstance(value, str)])
            waiting += own.items()
        elif isinstance(one, list):
            members = cast("list[Any]", one)
            yield from _alike([each for each in members if isinstance(each, str)])
            waiting += [(name, each) for each in members if not isinstance(each, str)]
        elif isinstance(one, str) and _is_key(name, one):
            yield Secret(one)


def key_secrets(keys: Iterable[str], others: Iterable[str] = ()) -> Iterator[Secret]:
    """Yield the keys of a store that is no file.

    Args:
        keys: What its records are about.
        others: What may be keys, with records that nobody can read.
    """
    yield from (Secret(one) for one in keys if _is_long(one))
    yield from _alike([one for one in others if _is_long(one)])


def _alike(texts: list[str]) -> Iterator[Secret]:
    """Yield all long texts that stand side by side where one of them is a key: so are the others.

    Not every key looks drawn by lot; among a thousand some happen to look like words.
    """
    if any(_is_key("", one) for one in texts):
        yield from (Secret(one) for one in texts if _is_long(one))


def _is_key(name: str, text: str) -> bool:
    if not _is_long(text):
        return False
    if name and is_secret_name(name):
        return True
    spans = (*secret_spans(text), *random_spans(text, is_strict=False))
    return any(end - begin >= len(text) / 2 for begin, end in spans)


def _is_long(text: str) -> bool:
    """Tell whether a text may be a key; what no encoding has is none, and stands nowhere."""
    if len(text) < _LEAST_KEY_CHARS or any(map(str.isspace, text)):
        return False
    return text.isascii() or not any("\ud800" <= one <= "\udfff" for one in text)
