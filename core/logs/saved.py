"""Saved queries: filters with placeholders that are filled in when they are asked. Pure."""

import re
from collections.abc import Mapping

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SAMPLE = "x"


def parameters_of(text: str) -> tuple[str, ...]:
    """Return the names of a filter's placeholders, each once: `user_id = {user}` has `user`."""
    return tuple(dict.fromkeys(_PLACEHOLDER.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a filter with each placeholder replaced by its value, which stays one quoted value.

    A placeholder without a value is left as it is.
    """

    def value_of(match: re.Match[str]) -> str:
        value = values.get(match[1])
        return match[0] if value is None else _quoted(value)

    return _PLACEHOLDER.sub(value_of, text)


def sampled(text: str) -> str:
    """Return a filter with something in the place of its placeholders, to see whether it is one.

    As long as before, so that the character of an error is that of the text as it was written.
    """
    return _PLACEHOLDER.sub(lambda match: _SAMPLE * len(match[0]), text)


def _quoted(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
