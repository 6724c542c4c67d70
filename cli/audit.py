"""`quarterdeck audit`: show the audit log, verify its chain, export it, answer for a broken one."""

import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli import exits
from cli.options import config_option, json_option
from cli.output import print_json, print_lines, print_parts
from core.errors import AuditBroken, AuditError, ConfigError
from core.model.text import clean

if TYPE_CHECKING:
    from core.actions.audit.anchors import Anchor
    from core.actions.audit.record import AuditRecord
    from core.model.state import StateFolders

_SHOWN = 200
_MAX_ANCHOR_BYTES = 64 * 1024 * 1024
_Verb = TypeVar("_Verb", bound=Callable[..., Any])


@click.group(short_help="The audit log: show it, verify its chain, export it.")
@config_option
def command(config_path: Path | None) -> None:
    """Read the audit log: who did what, where, and how it ended."""


def _place_options(verb: _Verb) -> _Verb:
    folder = click.option(
        "--folder",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Read the log in this folder, such as a copy, instead of the configured one.",
    )
    return folder(config_option(verb))


def _since_option(verb: _Verb) -> _Verb:
    return click.option("--since", default="", metavar="TIME", help="From: 1h, 2026-03-14.")(verb)


def _folder(folder: Path | None, config_path: Path | None) -> Path:
    """Return the log's folder.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    return folder if folder is not None else _folders(config_path).audit


def _folders(config_path: Path | None) -> "StateFolders":
    from config.loader import load
    from config.state import state_folders_of

    loaded = load(config_path, os.environ, checks_filters=False)
    return state_folders_of(loaded.settings.state, os.environ, os.geteuid())


def _own_key(folder: Path | None, config_path: Path | None) -> bytes:
    """Return the key of the configuration's log; a copy elsewhere is read with `--key`.

    Raises:
        AuditError: the key cannot be used.
        ConfigError: the configuration cannot be used.
    """
    if folder is not None:
        return b""
    from core.actions.audit.opening import key_of

    return key_of(_folders(config_path))


def _moment(text: str) -> datetime | None:
    from core.clients.clock import SystemClock
    from core.logs.query.quantities import parse_time_s

    if not text:
        return None
    at_s = parse_time_s(text, SystemClock().now().timestamp())
    if at_s is None:
        raise ConfigError(f"--since {clean(text, 40)!r} is no time; write 1h, 09:00 or 2026-03-14")
    return datetime.fromtimestamp(at_s, UTC)


@command.command(short_help="Records, oldest first.")
@_since_option
@click.option("--event", "events", multiple=True, metavar="EVENT", help="Only these events.")
@click.option("--action", "action_id", default="", metavar="ID", help="Only of this action.")
@click.option("--limit", default=_SHOWN, show_default=True, help="The last so many; 0: all.")
@json_option
@_place_options
def show(
    since: str,
    events: tuple[str, ...],
    action_id: str,
    limit: int,
    is_json: bool,
    folder: Path | None,
    config_path: Path | None,
) -> None:
    """Print records; whether they are as they were written, `verify` tells."""
    import json

    from cli.audit_report import record_lines, records_json
    from core.actions.audit.folder import AuditFolder
    from core.actions.audit.reading import read_last, read_records
    from core.actions.audit.record import Event

    unknown = [one for one in events if one not in set(Event)]
    if unknown:
        raise ConfigError(f"no event {clean(unknown[0], 40)!r}; there are: {', '.join(Event)}")
    moment = _moment(since)
    begin = moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if moment is not None else ""

    def is_wanted(record: "AuditRecord") -> bool:
        is_event = not events or record.ev in events
        return record.at >= begin and is_event and action_id in {"", record.action_id}

    part = json.dumps(action_id).strip('"').encode()
    opened = AuditFolder(_folder(folder, config_path), is_for_reading=True)
    try:
        shown: Iterable[AuditRecord] = (
            read_last(opened, limit, is_wanted, part)
            if limit
            else filter(is_wanted, read_records(opened, part))
        )
        if is_json:
            print_parts(records_json(shown))
        else:
            for lines in record_lines(shown):
                print_lines(lines)
    finally:
        opened.close()


@command.command(
    short_help="Whether every record is as it was written.",
    epilog="Exit: 0 whole, 1 broken, 2 it cannot be verified.",
)
@_since_option
@click.option(
    "--anchor",
    "anchor_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Anchors kept elsewhere, as `journalctl -t quarterdeck-audit -o cat` prints them.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The key of a signed log.",
)
@click.option("--record", "is_recorded", is_flag=True, help="Write the result into the log.")
@json_option
@_place_options
@click.pass_context
def verify(
    context: click.Context,
    since: str,
    anchor_file: Path | None,
    key_file: Path | None,
    is_recorded: bool,
    is_json: bool,
    folder: Path | None,
    config_path: Path | None,
) -> None:
    """Follow the chain from the first record to the last, and name the first that does not fit."""
    from cli.audit_report import result_document, result_lines
    from core.actions.audit.opening import read_key
    from core.actions.audit.verify import verify as verify_log
    from core.actions.audit.weaker import what_weakens

    try:
        place = _folder(folder, config_path)
        anchors = _anchors(anchor_file) if anchor_file is not None else ()
        key = read_key(key_file) if key_file is not None else _own_key(folder, config_path)
        result = verify_log(place, _moment(since), anchors, key)
        notes = what_weakens(place)
        if is_recorded:
            _record(place, key, result.bad is None, result.last.seq)
    except AuditError as error:
        print(f"quarterdeck: {clean(str(error))}", file=sys.stderr)
        context.exit(exits.CONFIG)
    if is_json:
        print_json(result_document(result, notes))
    else:
        print_lines(result_lines(result, notes))
    context.exit(exits.OK if result.bad is None else exits.TROUBLE)


def _anchors(path: Path) -> "tuple[Anchor, ...]":
    from core.actions.audit.anchors import parse_anchors

    shown = clean(str(path))
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_ANCHOR_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise AuditError(f"the anchors in {shown} cannot be read: {error.strerror}") from error
    anchors, _ = parse_anchors(text)
    if not anchors:
        raise AuditError(f"{shown} holds no anchor")
    return anchors


def _record(place: Path, key: bytes, is_whole: bool, last_seq: int) -> None:
    from core.actions.audit.opening import open_audit
    from core.actions.audit.record import Event
    from core.clients.clock import SystemClock

    log = open_audit(place, SystemClock(), key=key)
    event = Event.VERIFY_OK if is_whole else Event.VERIFY_BAD
    log.append(event, result=f"up to record {last_seq}")
    log.close()


@command.command(short_help="Copy the log into one new file.")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path))
@_place_options
@click.pass_context
def export(
    context: click.Context, target: Path, folder: Path | None, config_path: Path | None
) -> None:
    """Copy all records, unpacked, into a file that is not there yet, and verify the log."""
    from cli.audit_report import break_line
    from core.actions.audit.export import export as export_log
    from core.actions.audit.verify import verify as verify_log

    place = _folder(folder, config_path)
    done = export_log(place, target)
    print_lines([f"{done.lines} lines, {done.size_bytes} bytes, sha256 {done.sha256}"])
    bad = verify_log(place, key=_own_key(folder, config_path)).bad
    if bad is not None:
        print(f"quarterdeck: the log is broken: {break_line(bad)}", file=sys.stderr)
        context.exit(exits.TROUBLE)


@command.command(short_help="Answer, by name, for a log that is broken, and go on.")
@click.option("--reason", required=True, metavar="TEXT", help="What happened to the log.")
@click.option("--confirm", "code", default="", metavar="CODE", help="The code that was shown.")
@_place_options
@click.pass_context
def override(
    context: click.Context, reason: str, code: str, folder: Path | None, config_path: Path | None
) -> None:
    """Begin a new file behind a broken log. The break stays, and `verify` goes on naming it."""
    from cli.audit_report import problem_code
    from core.actions.audit.opening import open_audit
    from core.clients.clock import SystemClock
    from core.clients.identity import read_who

    key = _own_key(folder, config_path)
    log = open_audit(_folder(folder, config_path), SystemClock(), key=key)
    try:
        log.check()
    except AuditBroken as error:
        problem = str(error)
    else:
        raise AuditError("the audit log is not broken; there is nothing to override")
    wanted = problem_code(problem)
    if code != wanted:
        print_lines([clean(problem), f"to answer for it, add --confirm {wanted}"])
        context.exit(exits.TROUBLE)
    record = log.override(read_who().user, reason)
    log.close()
    print_lines([f"record {record.seq} says that {clean(read_who().user)} answers for it"])
