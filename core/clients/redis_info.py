"""Reads what INFO says. Pure."""

from collections.abc import Mapping
from types import MappingProxyType

from core.model.text import SafeText, clean

_MAX_FIELDS = 2000


def parse_info(raw: bytes | str) -> Mapping[str, SafeText]:
    """Return the `name:value` lines of an INFO answer; a server of any kind may add its own."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    fields: dict[str, SafeText] = {}
    for line in text.splitlines()[:_MAX_FIELDS]:
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            fields[clean(name, 128)] = clean(value.strip(), 512)
    return MappingProxyType(fields)
