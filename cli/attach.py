"""`quarterdeck attach ID`: look on at an action; leaving changes nothing."""

import asyncio
from pathlib import Path

import click

from cli.acting import open_desk
from cli.options import config_option, json_option
from cli.run import watch


@click.command(
    short_help="Look on at a running action, or see how one ended.",
    epilog="Exit: 0 done and verified, 1 not.",
)
@click.argument("action_id", metavar="ID")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context, action_id: str, is_json: bool, config_path: Path | None
) -> None:
    """Print what an action says until it ends. Any number of people may look on."""
    desk = open_desk(config_path)
    folder = desk.shelf.at(action_id)
    context.exit(asyncio.run(watch(desk, folder.action_id, is_json=is_json)))
