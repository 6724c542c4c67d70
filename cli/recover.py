"""`quarterdeck recover`: what a crash left unfinished, and finishing it."""

import asyncio
from pathlib import Path

import click

from cli import exits
from cli.acting import open_desk
from cli.options import config_option, json_option
from cli.output import print_json, print_lines
from cli.run import watch
from core.errors import ConfigError

_FORMAT = 1


@click.command(
    short_help="Say what a crash left unfinished; with --confirm, finish it.",
    epilog="Exit: 0 nothing is unfinished (any more), 1 something is.",
)
@click.argument("action_id", metavar="[ID]", required=False, default="")
@click.option("--confirm", is_flag=True, help="Finish it: forward, back, or to a person.")
@click.option("--resolved", default="", metavar="NOTE", help="A person has dealt with it.")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    action_id: str,
    confirm: bool,
    resolved: str,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Show unfinished actions: what was found, and what would be done about each."""
    from core.actions.recovery import find

    desk = open_desk(config_path)
    if resolved:
        if not action_id:
            raise ConfigError("--resolved needs the action's ID; `quarterdeck recover` lists them")
        desk.resolve(action_id, resolved)
        return
    found = [
        one
        for one in desk.blocking()
        if not action_id or one.plan.id == desk.shelf.at(action_id).action_id
    ]
    if confirm:
        for one in found:
            if one.is_left_over:
                desk.recover(one.plan.id)
                asyncio.run(watch(desk, one.plan.id, is_json=is_json, dead=one.executor))
        # Gone back is finished too; what still waits for somebody is not.
        left = {one.plan.id for one in desk.blocking()} & {one.plan.id for one in found}
        context.exit(exits.TROUBLE if left else exits.OK)
    rows = [(one, find(one)) for one in found]
    if is_json:
        listed = [
            {
                "id": state.plan.id,
                "title": state.plan.title,
                "phase": state.phase.value,
                "found": finding.found,
                "will": finding.will,
            }
            for state, finding in rows
        ]
        print_json({"format": _FORMAT, "unfinished": listed})
    else:
        for state, finding in rows:
            print_lines(
                [
                    f"{state.plan.id}  {state.plan.title}",
                    f"  found: {finding.found}",
                    f"  will:  {finding.will}",
                ]
            )
    context.exit(exits.TROUBLE if rows else exits.OK)
