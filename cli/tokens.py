"""`quarterdeck tokens`: take a token apart, make one, show one to its service."""

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.options import config_option, json_option
from cli.output import print_json, print_lines
from cli.tokens_report import exit_code, token_document, token_lines, tried_lines
from core.clients.clock import SystemClock
from core.clients.secret_files import LocalSecretFiles
from core.errors import ConfigError, ConsoleError
from core.keys.tokens.decoding import MOST_CHARS, decode_token
from core.model.secret import Secret
from core.model.text import clean

if TYPE_CHECKING:
    from config.loader import Loaded
    from core.keys.tokens.signing import KnownSecret
    from core.model.key_spec import TokenSpec
    from core.model.operation import OperationsSpec

_FILE = "file:"
_MODE = 0o600


@click.group(short_help="Tokens: decode, mint, try.")
def command() -> None:
    """Take a token apart, make one, or show one to its service.

    A token comes in on stdin or from a file, never as an argument: those are public.
    """


@command.command(epilog="Exit: 0 nothing is wrong with it, 1 something is, 2 it cannot be read.")
@click.argument("source", default="-", metavar="[-|file:PATH]")
@json_option
@config_option
@click.pass_context
def decode(context: click.Context, source: str, is_json: bool, config_path: Path | None) -> None:
    """Show what a token says; its signature is checked with the secrets that are known here."""
    token = _token(source)
    view = decode_token(token.reveal(), _now_s(), _known(config_path))
    if is_json:
        print_json(token_document(view))
    else:
        print_lines(token_lines(view))
    context.exit(exit_code(view))


@command.command(epilog="Exit: 0 made, 1 not, 2 the configuration is wrong.")
@click.argument("target", metavar="SYSTEM[/TOKENS]")
@click.option("--subject", required=True, help="Whom it belongs to.")
@click.option("--scopes", multiple=True, metavar="A,B", help="What it may do; repeatable.")
@click.option("--ttl", default="1h", metavar="TIME", help="How long it counts; default 1h.")
@click.option("--to", default="", metavar="file:PATH", help="A new private file for it.")
@click.option("--show", "is_shown", is_flag=True, help="Print it, once, on stdout.")
@config_option
def mint(
    target: str,
    subject: str,
    scopes: tuple[str, ...],
    ttl: str,
    to: str,
    is_shown: bool,
    config_path: Path | None,
) -> None:
    """Make a token, signed with the secret in the file that the service reads."""
    from config.quantities import parse_duration
    from core.keys.secrets.signing import secret_of_tokens
    from core.keys.tokens.minting import mint_token

    if bool(to) == is_shown:
        raise ConfigError("say where it goes: --to file:/path of a new file, or --show")
    loaded = _loaded(config_path)
    if is_shown and loaded.settings.war_room:
        raise ConsoleError(
            "the configuration says war_room: no token is shown; use --to file:/path"
        )
    operations, spec = _tokens(loaded, target)
    try:
        ttl_s = parse_duration(ttl)
    except ValueError as error:
        raise ConfigError(f"--ttl: {clean(str(error), 120)}") from error
    secret = secret_of_tokens(operations, spec, LocalSecretFiles())
    token = mint_token(secret, subject, scopes, ttl_s, _now_s(), spec.algorithm)
    _record(loaded, target, "shown" if is_shown else "to a file")
    if is_shown:
        print_lines([token.reveal()])
        return
    path = _path(to)
    _write_new(path, token)
    view = decode_token(token.reveal(), _now_s())
    print_lines([f"written to {clean(path)}, 0600", *token_lines(view)])


@command.command("try", epilog="Exit: 0 accepted, 1 not, 2 it cannot be read, 3 no answer.")
@click.argument("target", metavar="SYSTEM[/TOKENS]")
@click.argument("source", default="-", metavar="[-|file:PATH]")
@json_option
@config_option
@click.pass_context
def try_verb(
    context: click.Context, target: str, source: str, is_json: bool, config_path: Path | None
) -> None:
    """Show a token to the identity address of its service, and say whom it takes it to be of."""
    from core.clients.http import HttpClient
    from core.errors import ClientError
    from core.keys.tokens.trying import Tried, try_token

    token, loaded = _token(source), _loaded(config_path)
    _, spec = _tokens(loaded, target)
    if not spec.identity:
        raise ConfigError(f"{spec.name}: no identity address is configured")
    view = decode_token(token.reveal(), _now_s(), _known(config_path), spec.algorithm)

    async def ask() -> Tried:
        client = HttpClient(SystemClock())
        try:
            return await try_token(client, spec.identity, token)
        finally:
            await client.aclose()

    try:
        tried = asyncio.run(ask())
    except ClientError as error:
        print(f"quarterdeck: no answer: {error}", file=sys.stderr)
        context.exit(exits.UNREACHED)
    if is_json:
        print_json(token_document(view, tried))
    else:
        print_lines([*tried_lines(tried, spec.identity), *token_lines(view)])
    context.exit(exits.OK if 200 <= tried.status < 300 else exits.TROUBLE)


def _token(source: str) -> Secret:
    """Return a token from where it is.

    Raises:
        ConfigError: it is an argument.
        ClientError: its file cannot be read.
    """
    if source.startswith(_FILE):
        data = LocalSecretFiles().read(_path(source)).data
    elif source == "-":
        data = sys.stdin.buffer.read(4 * MOST_CHARS)
    else:
        raise ConfigError(
            "a token is no argument, those are public: give it on stdin or file:/path"
        )
    return Secret(data.decode("utf-8", "replace").strip())


def _path(text: str) -> str:
    path = text.removeprefix(_FILE)
    if not text.startswith(_FILE) or not path:
        raise ConfigError("a file is named as file:/path")
    return str(Path(path).absolute())


def _now_s() -> float:
    return SystemClock().now().timestamp()


def _loaded(config_path: Path | None) -> "Loaded":
    from config.loader import load

    return load(config_path, os.environ, checks_filters=False)


def _known(config_path: Path | None) -> "tuple[KnownSecret, ...]":
    """Return the secrets of the configuration; none where there is no configuration."""
    from config.operation_specs import operations_of
    from core.keys.secrets.signing import known_secrets

    try:
        loaded = _loaded(config_path)
    except ConfigError:
        if config_path is not None:
            raise
        return ()
    return known_secrets(operations_of(loaded), LocalSecretFiles())


def _tokens(loaded: "Loaded", target: str) -> "tuple[OperationsSpec, TokenSpec]":
    """Return the tokens that are meant.

    Raises:
        ConfigError: there are none of that name, or several and none is named.
    """
    from config.operation_specs import operations_of

    system, _, name = target.partition("/")
    operations = operations_of(loaded)
    if system not in operations:
        raise ConfigError(f"no system {clean(system, 80)!r}; there are: {', '.join(operations)}")
    own = operations[system].tokens
    found = [one for one in own if not name or one.name == name]
    if len(found) != 1:
        known = ", ".join(f"{system}/{one.name}" for one in own) or "none"
        raise ConfigError(f"{clean(target, 80)!r} names no tokens; there are: {known}")
    return operations[system], found[0]


def _write_new(path: str, token: Secret) -> None:
    from core.clients.acting.files import LocalFiles

    data = f"{token.reveal()}\n".encode("ascii")
    asyncio.run(LocalFiles(SystemClock()).create(path, data, _MODE, f"{os.getpid()}"))


def _record(loaded: "Loaded", target: str, where: str) -> None:
    """Have it in the audit log that a token was made, where there is one to write to."""
    from config.state import state_folders_of
    from core.actions.audit.opening import open_log
    from core.actions.audit.record import Event

    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    try:
        log = open_log(folders, SystemClock())
        log.append(Event.REVEAL, verb="mint", target=target, target_kind="token", result=where)
        log.close()
    except ConsoleError as error:
        print(f"quarterdeck: not recorded: {error}", file=sys.stderr)
