"""`quarterdeck releases`: what a repository may go to, newest first, and what runs now."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.acting import open_desk
from cli.as_json import moment
from cli.options import config_option, json_option
from cli.output import aligned, print_json, print_lines
from core.errors import ClientError, ConfigError
from core.model.moment import moment_at
from core.model.text import EMPTY, SafeText, clean

if TYPE_CHECKING:
    from core.actions.action import Site
    from core.model.action_view import ReleaseRow

_FORMAT = 1
_HASH_CHARS = 12
_UNKNOWN = "–"
_Read = tuple[str, "tuple[ReleaseRow, ...]", SafeText]
"""`system/repo`, what it may go to, and why nobody knows; empty: it was read."""


@click.command(
    short_help="Commits that a repository may go to, with dates; what runs now.",
    epilog="Exit: 0 every repository was read, 1 one was not, 2 it makes no sense.",
)
@click.argument("targets", nargs=-1, metavar="[SYSTEM/REPO]...")
@json_option
@config_option
@click.pass_context
def command(
    context: click.Context, targets: tuple[str, ...], is_json: bool, config_path: Path | None
) -> None:
    """List the newest commits of the repositories named, or of all that are configured."""
    site = open_desk(config_path).planner.site
    known = [f"{name}/{repo.name}" for name, own in site.operations.items() for repo in own.repos]
    odd = next((one for one in targets if one not in known), None)
    if odd is not None:
        there = ", ".join(known) or "none is configured"
        raise ConfigError(f"no repository {clean(odd, 80)!r}; known: {there}")
    read = asyncio.run(_all(site, targets or tuple(known)))
    if is_json:
        print_json({"format": _FORMAT, "repositories": [_document(one) for one in read]})
    else:
        print_lines([text for one in read for text in _lines(one)])
    context.exit(1 if any(problem for _, _, problem in read) else 0)


async def _all(site: "Site", targets: tuple[str, ...]) -> list[_Read]:
    from core.actions.families.releases_look import release_rows

    found: list[_Read] = []
    for target in targets:
        try:
            found.append((target, await release_rows(site, target), EMPTY))
        except ClientError as error:
            found.append((target, (), clean(str(error))))
    return found


def _lines(read: _Read) -> list[str]:
    target, rows, problem = read
    if problem:
        return [f"{target}  {problem}"]
    cells = [
        (
            "→" if one.is_now else " ",
            one.commit[:_HASH_CHARS],
            f"{made:%Y-%m-%d %H:%M}" if (made := moment_at(one.made_s)) else _UNKNOWN,
            " ".join((*one.tags, one.subject)),
        )
        for one in rows
    ]
    return [f"{target} (→ runs now; times are UTC)", *(f"  {text}" for text in aligned(cells))]


def _document(read: _Read) -> dict[str, object]:
    target, rows, problem = read
    releases = [
        {
            "commit": one.commit,
            "made": moment(moment_at(one.made_s)),
            "subject": one.subject,
            "tags": list(one.tags),
            "is_now": one.is_now,
        }
        for one in rows
    ]
    return {"target": target, "releases": releases, "problem": problem or None}
