"""The command line's entry: verbs, exit codes, and the last guard against a traceback.

A verb lives in `cli/<verb>.py` as `command` and is imported when it is used: `check` pays for no
other verb, and never for Textual.
"""

import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import click

from cli import exits
from cli.options import config_option, is_read_only_asked, read_only_option
from cli.output import forget_stdout
from core.errors import ConfigError, ConsoleError
from core.model.text import clean
from core.model.veil import VEIL

VERBS = {
    "check": "One pass over all checks and thresholds; the exit code tells the result.",
    "status": "The whole snapshot: systems, services, checks, metrics, host.",
    "logs": "Search, count and follow logs: files, containers, the journal, a pipe.",
    "streams": "Streams of Redis: groups, lag, consumers, entries; what lacks, what is not named.",
    "pending": "Pending entries of a group, oldest first, and why they are stuck.",
    "dlq": "Dead letters: why they died, what they have in common, which can go back.",
    "limits": "Rate limits: who is limited now, tokens left, when the next request passes.",
    "circuits": "Circuit breakers: state, since when, failures, the next probe.",
    "redis": "Redis servers: memory, persistence, evictions, slow log, keys by family.",
    "keys": "API keys, masked: list, info, usage, analytics; what is wrong with them.",
    "secrets": "Secrets by name: where they stand, how old, what is wrong; never a value.",
    "tokens": "Tokens: take one apart, make one, show one to its service.",
    "run": "Plan any action and show it; with --confirm CODE, do exactly that.",
    "approve": "Say yes, as a second person, to a plan that needs one.",
    "actions": "Running and past actions; with --possible, everything that can be done.",
    "attach": "Look on at a running action, or see how one ended.",
    "recover": "Say what a crash left unfinished; with --confirm, finish it.",
    "procedure": "Procedures: ordered steps with gates; list, show, run, resume, tick.",
    "releases": "Commits that a repository may go to, with dates and what runs now.",
    "backup": "Backups: list and verify them; create, restore, expire and send as actions.",
    "audit": "The audit log: show it, verify its chain, export it.",
    "validate": "Check the configuration and name every problem by file, line and key.",
    "schema": "Print the JSON Schema of the configuration, for editors.",
    "doctor": "What can be reached, which rights are missing, and what to do about it.",
    "demo": "Start five demo systems and open the console on them.",
}
"""Verb to its line in the help, so that the help imports no verb."""


_HIDDEN = frozenset({"execute", "key_end"})
"""Verbs that only programs use."""
_LONG_RUNNING = frozenset({"demo", "logs"})


class Verbs(click.Group):
    """Imports a verb when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the verbs in the order of the help."""
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a verb's command, imported now; None if there is no such verb."""
        if cmd_name not in VERBS and cmd_name not in _HIDDEN:
            return None
        if cmd_name in _LONG_RUNNING:
            gc.enable()
        command: click.Command = import_module(f"cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the verb; an unknown one is refused with the nearest that there is."""
        if args and args[0] not in VERBS and args[0] not in _HIDDEN and not args[0].startswith("-"):
            from difflib import get_close_matches

            close = get_close_matches(args[0], VERBS, 1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(VERBS)}."
            ctx.fail(f"no command {clean(args[0], 40)!r}; {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of verbs without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(VERBS.items()))


def _print_version(context: click.Context, _parameter: click.Parameter, is_asked: bool) -> None:
    if not is_asked or context.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"quarterdeck {version('quarterdeck')}")
    context.exit()


@click.group(
    cls=Verbs,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)
@config_option
@read_only_option
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Print the version and leave.",
)
@click.pass_context
def quarterdeck(context: click.Context, config_path: Path | None) -> None:
    """Operate running systems from a terminal. Without a command it opens the console."""
    if context.invoked_subcommand is None:
        gc.enable()
        from cli.console import open_console

        context.exit(open_console(config_path, is_read_only=is_read_only_asked()))


def main() -> None:
    """Run the command line and leave with its exit code.

    A verb that answers and leaves spends a good part of its time on garbage collection and on
    tidying up modules; both are left out. What runs long turns collection on again.
    """
    gc.disable()
    code = run(sys.argv[1:])
    if gc.isenabled():
        sys.exit(code)
    _leave_at_once(code)


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit code; no error leaves as a traceback."""
    try:
        code = quarterdeck.main(list(arguments), prog_name="quarterdeck", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        forget_stdout()
        return exits.PIPE
    except (click.Abort, KeyboardInterrupt):
        return _complain("interrupted", exits.INTERRUPTED)
    except (click.ClickException, ConsoleError) as error:
        return _complain(*_message_and_code(error))
    except Exception as error:  # noqa: BLE001 - the last guard: a crash leaves a private file
        from core.clients.crash_file import tell_crash

        return _complain(tell_crash(error), exits.CRASH)
    return code if isinstance(code, int) else exits.OK


def _message_and_code(error: click.ClickException | ConsoleError) -> tuple[str, int]:
    if isinstance(error, click.ClickException):
        return f"{error.format_message()} See `quarterdeck --help`.", exits.CONFIG
    return str(error), exits.CONFIG if isinstance(error, ConfigError) else exits.TROUBLE


def _complain(message: str, code: int) -> int:
    """Print one line on stderr and return the code."""
    line = VEIL.hide(" ".join(message.split()))
    try:
        print(f"quarterdeck: {line}", file=sys.stderr)
    except BrokenPipeError:
        forget_stdout()
    return code


def _leave_at_once(code: int) -> NoReturn:
    """End the process without unloading anything; every verb has closed what it opened."""
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except OSError:
        code = code or exits.PIPE
    os._exit(code)


if __name__ == "__main__":
    main()
