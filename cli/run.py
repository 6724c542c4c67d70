"""`quarterdeck run`: any action. Without `--confirm` it prints the plan and changes nothing."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli import exits
from cli.acting import open_desk
from cli.options import config_option, json_option, read_only_option
from cli.output import print_json, print_lines
from core.actions.desk_following import follow
from core.errors import ConfigError
from core.model.action import ActionRequest, Plan, Proof
from core.model.action_state import ActionState, ProcessRun

if TYPE_CHECKING:
    from core.actions.desk import ActionDesk

_FORMAT = 1


@click.command(
    short_help="Plan an action; with --confirm CODE, do it.",
    epilog="Exit: 0 done and verified (or planned), 1 not, 2 the configuration is wrong.",
)
@click.argument("action")
@click.argument("target")
@click.option("--set", "inputs", multiple=True, metavar="NAME=VALUE", help="An input; repeatable.")
@click.option("--dry-run", "is_dry_run", is_flag=True, help="Plan, and keep nothing of it.")
@click.option("--confirm", default="", metavar="CODE", help="The code or phrase of a plan shown.")
@json_option
@read_only_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    action: str,
    target: str,
    inputs: tuple[str, ...],
    is_dry_run: bool,
    confirm: str,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Plan ACTION on TARGET (`system/name`); with --confirm, do exactly what was shown."""
    context.params["config_path"] = config_path
    request = ActionRequest(action, target, tuple(_pair(one) for one in inputs))
    context.exit(
        run_action(context, request, confirm=confirm, is_dry_run=is_dry_run, is_json=is_json)
    )


def run_action(
    context: click.Context,
    request: ActionRequest,
    *,
    confirm: str,
    is_dry_run: bool,
    is_json: bool,
) -> int:
    """Plan a request, or do the plan that `confirm` names; return the exit status.

    The configuration is the one that the context's `config_path` names.
    """
    desk = open_desk(context.params.get("config_path"))
    if not confirm:
        return _show(asyncio.run(_planned(desk, request, is_kept=not is_dry_run)), is_json)
    plan = desk.planned(request, confirm)
    desk.confirm(plan, confirm, is_armed=True)
    return asyncio.run(watch(desk, plan.id, is_json=is_json))


async def _planned(desk: "ActionDesk", request: ActionRequest, *, is_kept: bool) -> Plan:
    return await desk.plan(request, is_kept=is_kept)


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator or not name:
        raise ConfigError(f"--set takes NAME=VALUE, not {text!r}")
    return name, value


def _show(plan: Plan, is_json: bool) -> int:
    from cli.plan_report import how_to_confirm, plan_document, plan_lines

    if is_json:
        print_json({"format": _FORMAT, "plan": plan_document(plan)})
    else:
        print_lines([*plan_lines(plan), how_to_confirm(plan)])
    return exits.TROUBLE if plan.is_stopped else exits.OK


async def watch(
    desk: "ActionDesk", action_id: str, *, is_json: bool, dead: ProcessRun | None = None
) -> int:
    """Follow an action to its end and print it; return the exit status.

    `dead` is the process that left it, where another one has been started to finish it.
    """
    from cli.plan_report import state_document, state_lines

    def tell(_state: ActionState, text: str) -> None:
        if text and not is_json:
            sys.stdout.write(text)
            sys.stdout.flush()

    state = await follow(desk, action_id, tell, dead)
    if is_json:
        print_json({"format": _FORMAT, "action": state_document(state)})
    else:
        print_lines(state_lines(state))
    return exits.OK if state.proof is Proof.VERIFIED else exits.TROUBLE
