"""`quarterdeck approve CODE`: a second person's yes to exactly one plan."""

from pathlib import Path

import click

from cli.acting import open_desk
from cli.options import config_option, json_option
from cli.output import print_json, print_lines

_FORMAT = 1


@click.command(
    short_help="Say yes, as a second person, to a plan that needs one.",
    epilog="Exit: 0 approved, 1 refused.",
)
@click.argument("code")
@json_option
@config_option
def command(code: str, is_json: bool, config_path: Path | None) -> None:
    """Approve the plan with this CODE; it was made by another login, and shows what it would do."""
    from cli.plan_report import plan_document, plan_lines

    plan = open_desk(config_path).approve(code.upper())
    if is_json:
        print_json({"format": _FORMAT, "approved": plan_document(plan)})
    else:
        print_lines([*plan_lines(plan), f"approved; {plan.actor} may confirm it now"])
