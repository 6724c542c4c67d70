"""References: `${NAME}`, `${NAME:-default}` and `file:/path`, expanded or read into a `Secret`.

Invariant: a file's value and a secret's value leave here only inside a `Secret`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from config.files import FileRefused, read_private
from core.errors import ConfigError
from core.model.secret import Secret

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^{}]*))?\}", re.ASCII)
_BROKEN = re.compile(r"\$\{")
_SECRET = re.compile(
    r"(?:(Bearer|Basic|Token|ApiKey) )?(?:\$\{([A-Za-z_][A-Za-z0-9_]*)\}|file:(/\S(?:.*\S)?))",
    re.ASCII | re.IGNORECASE,
)
REFERENCE_PATTERN = r"^((Bearer|Basic|Token|ApiKey) )?(\$\{[A-Za-z_][A-Za-z0-9_]*\}|file:/.+)$"
"""What `parse_secret` reads, for the JSON Schema."""


class ReferenceBroken(ConfigError):
    """A reference that cannot be followed; `remedy` says what to do."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(f"{what}; {remedy}")
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class SecretReference:
    """Where a secret is. Its text holds no secret and may be shown."""

    text: str
    """As written: `${NAME}`, `Bearer ${NAME}` or `file:/path`."""
    scheme: str = ""
    """`Bearer` and such, put before the value."""
    variable: str = ""
    path: str = ""

    def read(self, env: Mapping[str, str]) -> Secret:
        """Return the secret.

        Raises:
            ReferenceBroken: the variable is not set, or the file cannot be used.
        """
        value = _variable(self.variable, env) if self.variable else _first_line(self.path)
        return Secret(f"{self.scheme} {value}" if self.scheme else value)


def has_reference(text: str) -> bool:
    """Return whether the text refers to the environment."""
    return "${" in text


def expand(text: str, env: Mapping[str, str]) -> str:
    """Return the text with `${NAME}` and `${NAME:-default}` replaced.

    Raises:
        ReferenceBroken: a name without a default is not set, or the reference is not well formed.
    """
    if "${" not in text:
        return text
    if _BROKEN.search(_REFERENCE.sub("", text)):
        raise ReferenceBroken("a reference that does not end", "write ${NAME} or ${NAME:-default}")

    def value(match: re.Match[str]) -> str:
        name, default = match.group(1), match.group(2)
        given = env.get(name, "")
        if given or default is None:
            return given or _variable(name, env, "write a default as ${%s:-value}" % name)  # noqa: UP031 - braces
        return default

    return _REFERENCE.sub(value, text)


def parse_secret(text: str) -> SecretReference:
    """Return where a secret is.

    Raises:
        ReferenceBroken: the text is a value, not a reference. The value is not repeated.
    """
    match = _SECRET.fullmatch(text)
    if match is None:
        raise ReferenceBroken(
            "a secret stands in the file",
            "write ${NAME} or file:/path instead, and change the secret",
        )
    scheme, variable, path = (group or "" for group in match.groups())
    return SecretReference(text, scheme, variable, path)


def _variable(name: str, env: Mapping[str, str], otherwise: str = "") -> str:
    value = env.get(name, "")
    if not value:
        remedy = f"set {name} in the environment" + (f", or {otherwise}" if otherwise else "")
        raise ReferenceBroken(f"the environment variable {name} is not set", remedy)
    return value


def _first_line(path: str) -> str:
    try:
        text = read_private(path, "secret")
    except FileRefused as refused:
        raise ReferenceBroken(f"{path}: {refused.what}", refused.remedy) from refused
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line:
        raise ReferenceBroken(
            f"{path}: the first line is empty", "write the secret on its first line"
        )
    return line
