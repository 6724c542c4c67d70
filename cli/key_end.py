"""What waits for the end of a grace, and ends it.

Started by the executor of a rotation, or by systemd's timer; nobody types it.
"""

import asyncio
import os
import signal
from pathlib import Path

import click

from cli import exits
from cli.acting import open_desk
from cli.execute import take_environment
from cli.options import config_option
from core.actions.failpoints import VARIABLE, FailPoints
from core.clients.clock import SystemClock
from core.clients.core_dumps import forbid_core_dumps
from core.clients.waits import Wait, Waits


@click.command(hidden=True)
@click.argument("order")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--environment", type=click.Path(path_type=Path), help="Of who asked; read once.")
@config_option
@click.pass_context
def command(
    context: click.Context,
    order: str,
    folder: Path,
    environment: Path | None,
    config_path: Path | None,
) -> None:
    """Wait for the end of ORDER, of which FOLDER tells, and carry it out."""
    forbid_core_dumps()
    # The console may go, its terminal too; whoever wants no end says so by its file.
    for one in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTSTP):
        signal.signal(one, lambda _number, _frame: None)
    if environment is not None:
        take_environment(environment)
    waits, fail = Waits(folder), FailPoints(os.environ.get(VARIABLE, ""))
    wait = waits.sign(order)
    if wait is None or not asyncio.run(_is_wanted_then(waits, wait, fail)):
        return
    problem = asyncio.run(_end(config_path, wait, fail))
    if problem:
        waits.tell(order, problem)
        click.echo(f"not ended: {problem}")
        context.exit(exits.TROUBLE)
    waits.drop(order)


async def _is_wanted_then(waits: Waits, wait: Wait, fail: FailPoints) -> bool:
    from core.actions.grace import wait_until

    fail("waiting")
    return await wait_until(wait, SystemClock(), lambda: waits.read(wait.order) is not None)


async def _end(config_path: Path | None, wait: Wait, fail: FailPoints) -> str:
    """End it; return why not, empty: it is done."""
    from core.actions.grace import GraceEnd
    from core.errors import ConsoleError

    try:
        desk = open_desk(config_path)
        return await GraceEnd(desk, wait, SystemClock(), fail).run()
    except ConsoleError as error:
        return str(error)
