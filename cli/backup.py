"""`quarterdeck backup`: list and verify at once; create, restore, expire and send as actions."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli import exits
from cli.backup_report import check_lines, list_document, list_lines
from cli.options import config_option, json_option
from cli.output import print_json, print_lines
from core.errors import ActionError
from core.model.action import ActionRequest

if TYPE_CHECKING:
    from core.actions.action import Site


@click.group(short_help="Backups: list, verify, create, restore, expire, send.")
def command() -> None:
    """List and verify backups; make, restore, expire and send them.

    A TARGET is SYSTEM/SET; for `create` also SYSTEM/all. What changes something prints its plan
    first, and does exactly that when it is called again with --confirm CODE.
    """


def _confirming(verb: Callable[..., Any]) -> Callable[..., Any]:
    """Add what every verb takes that changes something."""
    dry = click.option(
        "--dry-run", "is_dry_run", is_flag=True, help="Plan, and keep nothing of it."
    )
    confirm = click.option(
        "--confirm", default="", metavar="CODE", help="The code or phrase of a plan shown."
    )
    return dry(confirm(json_option(config_option(click.pass_context(verb)))))


@command.command("list", epilog="Exit: 0 every set has a young good copy, 1 one has not.")
@click.argument("systems", nargs=-1, metavar="[SYSTEM]...")
@json_option
@config_option
@click.pass_context
def list_verb(
    context: click.Context, systems: tuple[str, ...], is_json: bool, config_path: Path | None
) -> None:
    """Show every set with its copies: age, size, and whether they are good."""
    from core.actions.families.backups import backup_views
    from core.model.verdict import Verdict

    site = _site(config_path, systems)
    views = asyncio.run(backup_views(site, systems))
    if is_json:
        print_json(list_document(views, site.ports.clock.now()))
    else:
        print_lines(list_lines(views))
    is_fine = all(one.verdict is Verdict.OK for one in views)
    context.exit(exits.OK if is_fine else exits.TROUBLE)


@command.command(epilog="Exit: 0 good, 1 not.")
@click.argument("target")
@click.option("--copy", default="newest", metavar="PATH", help="Which one; default: the newest.")
@json_option
@config_option
@click.pass_context
def verify(
    context: click.Context, target: str, copy: str, is_json: bool, config_path: Path | None
) -> None:
    """Read one backup of TARGET as a whole, now; nothing is changed."""
    path, problem = asyncio.run(_verified(_site(config_path), target, copy))
    if is_json:
        print_json({"format": 1, "path": path, "is_good": not problem, "problem": problem})
    else:
        print_lines(check_lines(path, problem))
    context.exit(exits.TROUBLE if problem else exits.OK)


@command.command()
@click.argument("target")
@_confirming
def create(context: click.Context, target: str, **options: Any) -> None:
    """Copy TARGET, or everything with SYSTEM/all, with a manifest, rehearsed and proven."""
    _run(context, ActionRequest("backup.create", target), options)


@command.command()
@click.argument("target")
@click.option("--copy", default="newest", metavar="PATH", help="Which one; default: the newest.")
@click.option("--remove-others", is_flag=True, help="What the backup does not have goes.")
@click.option("--from-host", default="", metavar="HOST", help="Accept a backup of that host.")
@_confirming
def restore(
    context: click.Context,
    target: str,
    copy: str,
    remove_others: bool,
    from_host: str,
    **options: Any,
) -> None:
    """Put a backup of TARGET back; what lives now becomes a backup before."""
    others = "remove" if remove_others else "keep"
    inputs = (("copy", copy), ("others", others), ("from_host", from_host))
    given = tuple((name, value) for name, value in inputs if value)
    _run(context, ActionRequest("backup.restore", target, given), options)


@command.command()
@click.argument("target")
@_confirming
def expire(context: click.Context, target: str, **options: Any) -> None:
    """Delete backups of TARGET past their term; never the only good one."""
    _run(context, ActionRequest("backup.expire", target), options)


@command.command()
@click.argument("target")
@click.option("--copy", default="newest", metavar="PATH", help="Which one; default: the newest.")
@_confirming
def send(context: click.Context, target: str, copy: str, **options: Any) -> None:
    """Send a backup of TARGET to where `offsite` says, and see that it arrived."""
    _run(context, ActionRequest("backup.send", target, (("copy", copy),)), options)


def _run(context: click.Context, request: ActionRequest, options: dict[str, Any]) -> None:
    """Go the way of `quarterdeck run`."""
    from cli.run import run_action

    context.params["config_path"] = options["config_path"]
    code = run_action(
        context,
        request,
        confirm=options["confirm"],
        is_dry_run=options["is_dry_run"],
        is_json=options["is_json"],
    )
    context.exit(code)


def _site(config_path: Path | None, systems: tuple[str, ...] = ()) -> "Site":
    """Return where backups are looked at; neither state folder nor audit log is made for it."""
    from cli.watched import narrowed
    from config.loader import load
    from core.clients.clock import SystemClock
    from tui.acting import Acting

    site = Acting(load(config_path, os.environ, checks_filters=False), SystemClock()).site
    narrowed(site.topology, systems)
    return site


async def _verified(site: "Site", target: str, copy: str) -> tuple[str, str]:
    from core.actions.families.backups_sets import spec_of
    from core.actions.families.backups_steps import proven_problem
    from core.actions.families.backups_verify import chosen_copy, form_of

    system, spec = spec_of(site, target)
    one = await chosen_copy(site, system, spec, copy)
    if one.copy.is_missing:
        raise ActionError(f"{one.copy.path}: {one.why}")
    return one.copy.path, await proven_problem(site.ports, one.copy.path, form_of(spec, one))
