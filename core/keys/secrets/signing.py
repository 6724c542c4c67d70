"""Finds the secret that tokens are signed with, in the file that the service reads."""

from collections.abc import Mapping

from core.clients.secret_files import SecretFiles
from core.errors import ClientError, TokenError
from core.keys.tokens.signing import KnownSecret
from core.model.env_text import parse_env
from core.model.key_spec import TokenSpec
from core.model.operation import OperationsSpec
from core.model.secret import Secret
from core.model.text import clean


def secret_of_tokens(operations: OperationsSpec, spec: TokenSpec, files: SecretFiles) -> Secret:
    """Return the secret of tokens.

    Raises:
        TokenError: the configuration does not say where it is, or it is not set there.
        ClientError: its file cannot be read.
    """
    path = next((one.path for one in operations.env_files if one.name == spec.env_file), "")
    if not path or not spec.secret_variable:
        raise TokenError(f"{spec.name}: the configuration names no env_file and secret_variable")
    value = parse_env(files.read(path).data).values().get(spec.secret_variable, "")
    if not value:
        raise TokenError(f"{spec.secret_variable} is not set in {clean(path)}")
    return Secret(value)


def known_secrets(
    operations: Mapping[str, OperationsSpec], files: SecretFiles
) -> tuple[KnownSecret, ...]:
    """Return every secret that tokens may be signed with, as far as they can be read."""
    found: list[KnownSecret] = []
    for system, one in operations.items():
        for spec in one.tokens:
            try:
                secret = secret_of_tokens(one, spec, files)
            except (TokenError, ClientError):
                continue
            found.append((f"{system}'s {spec.secret_variable}", secret))
            if spec.previous_variable:
                found += _previous(system, one, spec, files)
    return tuple(found)


def _previous(
    system: str, operations: OperationsSpec, spec: TokenSpec, files: SecretFiles
) -> list[KnownSecret]:
    path = next(one.path for one in operations.env_files if one.name == spec.env_file)
    value = parse_env(files.read(path).data).values().get(spec.previous_variable, "")
    return [(f"{system}'s {spec.previous_variable}", Secret(value))] if value else []
