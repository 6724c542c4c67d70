"""`quarterdeck actions`: what runs, what ran, and what is possible."""

from pathlib import Path

import click

from cli import exits
from cli.acting import open_desk
from cli.options import config_option, json_option
from cli.output import aligned, print_json, print_lines
from core.errors import ActionError

_FORMAT = 1


@click.command(
    short_help="Running and past actions; with --possible, what can be done.",
    epilog="Exit: 0 nothing is unfinished, 1 something waits for `quarterdeck recover`.",
)
@click.argument("which", nargs=-1, metavar="[ID|WORD]...")
@click.option(
    "--possible", "is_possible", is_flag=True, help="What can be done; with WORD, only that."
)
@click.option("--limit", default=20, show_default=True, help="How many of the newest.")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context,
    which: tuple[str, ...],
    is_possible: bool,
    limit: int,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """List actions, the newest first, or show those named by ID.

    With --possible: every action on every target, or those in which every WORD stands.
    """
    from cli.plan_report import outcome, state_document, state_lines

    desk = open_desk(config_path)
    if is_possible:
        rows = [
            row
            for one in desk.offers()
            for row in ((one.action, one.target, one.title, one.reason_against),)
            if all(word.lower() in " ".join(row).lower() for word in which)
        ]
        if which and not rows:
            raise ActionError("no action has these words; without any all are listed")
        if is_json:
            names = ("action", "target", "title", "reason_against")
            listed = [dict(zip(names, row, strict=True)) for row in rows]
            print_json({"format": _FORMAT, "possible": listed})
        else:
            print_lines(aligned(rows))
        return
    states, odd = desk.shelf.begun(limit)
    if which:
        ids = {desk.shelf.at(one).action_id for one in which}
        states = tuple(desk.shelf.state(one) for one in sorted(ids, reverse=True))
    if is_json:
        problems = [{"id": one.action_id, "problem": one.problem} for one in odd]
        actions = [state_document(one) for one in states]
        print_json({"format": _FORMAT, "actions": actions, "unreadable": problems})
    elif which:
        print_lines([line for one in states for line in state_lines(one)])
    else:
        print_lines(aligned([(one.plan.id, one.plan.title, outcome(one)) for one in states]))
        print_lines([f"{one.action_id}  {one.problem}" for one in odd])
    is_waiting = any(one.is_left_over for one in states)
    context.exit(exits.TROUBLE if is_waiting else exits.OK)
