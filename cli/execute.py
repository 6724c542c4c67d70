"""The executor: carries out one confirmed action, or finishes what a dead one left.

Started by the console and by `quarterdeck run`, in a session of its own; nobody types it.
"""

import asyncio
import json
import os
import signal
import traceback
from pathlib import Path

import click

from cli import exits
from cli.options import config_option
from core.actions.failpoints import VARIABLE, FailPoints
from core.clients.core_dumps import forbid_core_dumps


@click.command(hidden=True)
@click.argument("what", type=click.Choice(["execute", "recover"]))
@click.argument("action_id", metavar="ID")
@click.option("--environment", type=click.Path(path_type=Path), help="Of who asked; read once.")
@config_option
@click.pass_context
def command(
    context: click.Context,
    what: str,
    action_id: str,
    environment: Path | None,
    config_path: Path | None,
) -> None:
    """Carry out an action that has been confirmed."""
    forbid_core_dumps()
    if environment is not None:
        take_environment(environment)
    from config.loader import load
    from tui.acting import executor_of

    # The console may go, and its terminal; TERM lets the running step end and then goes back.
    # Heard and not heeded: what is ignored would be ignored by every service that is started here.
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(one, lambda _number, _frame: None)
    told: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _frame: told.append(number))
    loaded = load(config_path, os.environ, checks_filters=False)
    fail = FailPoints(os.environ.get(VARIABLE, ""))
    executor = executor_of(loaded, action_id, fail, lambda: bool(told))
    if what == "recover":
        asyncio.run(executor.recover())
        return
    try:
        asyncio.run(executor.execute())
    except Exception:  # noqa: BLE001 - a bug must not leave a half-done action to its own
        traceback.print_exc()  # into the action's output, which only its owner reads
        executor.close()
        asyncio.run(executor_of(loaded, action_id, fail, lambda: True).recover())
        context.exit(exits.CRASH)
    executor.close()


def take_environment(path: Path) -> None:
    """Know the variables that the configuration may refer to; the file is gone after that.

    What is set so late is not in /proc/PID/environ, and no child is given it.
    """
    try:
        found = json.loads(path.read_bytes())
        path.unlink()
    except (OSError, ValueError):
        return  # a configuration that needs a variable says which
    for name, value in found.items():
        os.environ.setdefault(name, value)
