"""`quarterdeck procedure`: ordered steps with gates, carried out by people and machine."""

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cli import exits
from cli.options import config_option, is_read_only_asked, json_option, system_option
from cli.output import aligned, print_json, print_lines
from core.errors import ActionError, ConfigError
from core.model.procedure import ProcedureRun, StepStatus
from core.model.procedure_ways import Move, Way, next_step
from core.model.text import clean

if TYPE_CHECKING:
    from config.loader import Loaded
    from core.actions.desk import ActionDesk
    from core.actions.procedure.hands import DeskHands
    from core.actions.procedure.store import HeldRun, RunStore
    from core.model.operation import OperationsSpec, ProcedureSpec

_FORMAT = 1
_EXIT = "Exit: 0 nothing has failed, 1 a step failed, 2 it makes no sense."
_Verb = TypeVar("_Verb", bound=Callable[..., Any])


@click.group(short_help="Procedures: list, show, run, resume, tick.", epilog=_EXIT)
@config_option
def command(config_path: Path | None) -> None:
    """Carry out procedures: the machine does its steps, people tick theirs, gates hold."""


@dataclass(frozen=True)
class _Desk:
    """What the verbs work on."""

    loaded: "Loaded"
    operations: "dict[str, OperationsSpec]"
    store: "RunStore"
    who: str

    @cached_property
    def acting(self) -> "ActionDesk":
        """What plans, confirms and records; made when something is done with a run."""
        from tui.acting import desk_of

        return desk_of(self.loaded, is_read_only=is_read_only_asked())

    def named(self, name: str) -> "tuple[OperationsSpec, ProcedureSpec]":
        """Return the procedure of `system/name`, or of a name that one system alone has."""
        from core.actions.procedure.steps import procedure_of

        system, _, alone = name.rpartition("/")
        if system and system not in self.operations:
            known = ", ".join(self.operations)
            raise ConfigError(
                f"no system {clean(system, 80)!r} in the configuration; known: {known}"
            )
        having = [
            one
            for one in self.operations.values()
            if (one.system == system or not system)
            and alone in {procedure.name for procedure in one.procedures}
        ]
        if len(having) == 1:
            return having[0], procedure_of(having[0], alone)
        if having:
            names = ", ".join(f"{one.system}/{alone}" for one in having)
            raise ConfigError(f"several systems have it; write one of: {names}")
        if system:
            return self.operations[system], procedure_of(self.operations[system], alone)
        raise ConfigError(
            f"no procedure {clean(alone, 80)!r}; `quarterdeck procedure list` names them"
        )


def _open(config_path: Path | None) -> _Desk:
    from config.loader import load
    from config.operation_specs import operations_of
    from config.state import state_folders_of
    from core.actions.procedure.store import RunStore
    from core.clients.identity import read_who

    loaded = load(config_path, os.environ, checks_filters=False)
    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    return _Desk(loaded, operations_of(loaded), RunStore(folders.procedures), read_who().user)


def _run_argument(verb: _Verb) -> _Verb:
    return click.argument("run_id", metavar="RUN")(config_option(json_option(verb)))


_set_option = click.option(
    "--set",
    "inputs",
    multiple=True,
    metavar="STEP.NAME=VALUE",
    help="An input that a step leaves open; may be repeated.",
)


def _pairs(inputs: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    split = (one.partition("=") for one in inputs)
    return tuple((name, value) for name, _, value in split)


@command.command("list", short_help="Procedures, and runs that are not over.")
@system_option
@json_option
@config_option
def list_them(systems: tuple[str, ...], is_json: bool, config_path: Path | None) -> None:
    """List the procedures of every system, and the runs that wait for somebody."""
    from cli.procedure_report import procedure_document, run_document

    desk = _open(config_path)
    for name in systems:
        if name not in desk.operations:
            raise ConfigError(f"no system {clean(name, 80)!r} in the configuration")
    shown = [one for name, one in desk.operations.items() if not systems or name in systems]
    runs = [one for one in _readable(desk) if not systems or one.system in systems]
    if is_json:
        procedures = [procedure_document(own, one) for own in shown for one in own.procedures]
        documents = [run_document(one) for one in runs]
        print_json({"format": _FORMAT, "procedures": procedures, "runs": documents})
        return
    rows = [
        (f"{own.system}/{one.name}", one.kind, str(clean(one.title)))
        for own in shown
        for one in own.procedures
    ]
    print_lines(aligned(rows))
    if runs:
        open_rows = [
            (one.id, f"{one.system}/{one.procedure}", one.phase.replace("_", " ")) for one in runs
        ]
        print_lines(["", "Not over:", *aligned(open_rows)])


def _readable(desk: _Desk) -> list[ProcedureRun]:
    """Return the runs that are not over; one that cannot be read is said by `show`."""
    found: list[ProcedureRun] = []
    for run_id in desk.store.ids()[:200]:
        try:
            run = desk.store.read(run_id)
        except ActionError:
            continue
        if not run.is_over:
            found.append(run)
    return found


@command.command(short_help="A procedure's steps, or a run and what comes next.")
@click.argument("name", metavar="NAME|RUN")
@json_option
@config_option
def show(name: str, is_json: bool, config_path: Path | None) -> None:
    """Show the procedure NAME (`system/name`), or the run RUN as it stands now."""
    from cli.procedure_report import procedure_document, procedure_lines

    desk = _open(config_path)
    try:
        run = desk.store.read(desk.store.find(name))
    except ActionError:
        own, spec = desk.named(name)
        if is_json:
            print_json({"format": _FORMAT, "procedure": procedure_document(own, spec)})
        else:
            print_lines(procedure_lines(own, spec))
        return
    holder = desk.store.holder(run.id)
    _print(run, is_json, holder=f"{holder} it now" if holder else "")


@command.command(short_help="Begin a procedure and go up to the first step that needs a person.")
@click.argument("name")
@_set_option
@json_option
@config_option
@click.pass_context
def run(
    context: click.Context,
    name: str,
    inputs: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Begin the procedure NAME (`system/name`)."""
    from core.actions.ids import new_id
    from core.actions.procedure.deciding import started
    from core.actions.procedure.events import Started
    from core.actions.procedure.inputs import with_inputs
    from core.actions.procedure.steps import steps_of

    desk = _open(config_path)
    own, spec = desk.named(name)
    now_s = _now_s()
    path = str(desk.loaded.path.resolve())
    steps = with_inputs(steps_of(own, spec.name), _pairs(inputs))
    event = Started(
        now_s, desk.who, new_id(now_s), own.system, spec.name, spec.title, steps, path
    )  # fmt: skip
    held = started(event, desk.store, desk.acting.audit)
    context.exit(_go(desk, held, is_json=is_json))


@command.command(short_help="Go on, try a failed step again, or confirm an action.")
@click.option("--confirm", default="", metavar="CODE", help="The code or phrase of a plan shown.")
@_set_option
@_run_argument
@click.pass_context
def resume(
    context: click.Context,
    run_id: str,
    confirm: str,
    inputs: tuple[str, ...],
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Go on with RUN, from the failed step where one failed."""
    desk, held = _moved(config_path, run_id, Move(Way.GO_ON, given=_pairs(inputs)))
    context.exit(_go(desk, held, confirm=confirm, is_json=is_json))


@command.command(short_help="Say that you did a step, or looked; the rest goes on.")
@click.option("--failed", "is_failed", is_flag=True, help="It did not come out as it should.")
@click.option("--note", default="", metavar="TEXT", help="What was seen.")
@_run_argument
@click.pass_context
def tick(
    context: click.Context,
    run_id: str,
    is_failed: bool,
    note: str,
    is_json: bool,
    config_path: Path | None,
) -> None:
    """Tick the step of RUN that waits for a person, then go on."""
    way = Way.FAIL if is_failed else Way.TICK
    desk, held = _moved(config_path, run_id, Move(way, note))
    context.exit(_go(desk, held, is_json=is_json))


@command.command(short_help="Go past a step that is no gate.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@_run_argument
@click.pass_context
def skip(
    context: click.Context, run_id: str, note: str, is_json: bool, config_path: Path | None
) -> None:
    """Skip the step of RUN that failed or is next, then go on."""
    desk, held = _moved(config_path, run_id, Move(Way.SKIP, note))
    context.exit(_go(desk, held, is_json=is_json))


@command.command("skip-part", short_help="Leave out an optional part as a whole, gates too.")
@click.option("--note", required=True, metavar="TEXT", help="Why it is not needed.")
@_run_argument
@click.pass_context
def skip_part(
    context: click.Context, run_id: str, note: str, is_json: bool, config_path: Path | None
) -> None:
    """Skip all that is left of the optional part that RUN is in or comes to, then go on."""
    desk, held = _moved(config_path, run_id, Move(Way.SKIP_PART, note))
    context.exit(_go(desk, held, is_json=is_json))


@command.command("roll-back", short_help="Take back what a run's actions did, the last first.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@_run_argument
@click.pass_context
def roll_back(
    context: click.Context, run_id: str, note: str, is_json: bool, config_path: Path | None
) -> None:
    """Turn RUN back: each of its actions is undone by one of its own, or by hand and ticked."""
    desk, held = _moved(config_path, run_id, Move(Way.ROLL_BACK, note))
    context.exit(_go(desk, held, is_json=is_json))


@command.command(short_help="Give a run up; what was done stays done.")
@click.option("--note", default="", metavar="TEXT", help="Why.")
@_run_argument
def abandon(run_id: str, note: str, is_json: bool, config_path: Path | None) -> None:
    """Give RUN up; nothing is taken back."""
    _, held = _moved(config_path, run_id, Move(Way.ABANDON, note))
    held.close()
    _print(held.run, is_json)


def _moved(config_path: Path | None, run_id: str, move: Move) -> "tuple[_Desk, HeldRun]":
    """Take a run up and write a person's move down."""
    from core.actions.procedure.deciding import decide
    from core.actions.procedure.moves import events_of

    desk = _open(config_path)
    held = desk.store.hold(desk.store.find(run_id), desk.who)
    try:
        _refuse_others(desk, held.run)
        decide(held, events_of(held.run, move, _now_s(), desk.who), desk.acting.audit)
    except (ActionError, ConfigError):
        held.close()
        raise
    return desk, held


def _refuse_others(desk: _Desk, run: ProcedureRun) -> None:
    if run.config != str(desk.loaded.path.resolve()):
        raise ConfigError(f"this run belongs to another configuration: --config {run.config}")


def _go(desk: _Desk, held: "HeldRun", *, confirm: str = "", is_json: bool) -> int:
    """Carry a run on, print it with what comes next, and return the exit status."""
    from core.actions.procedure.hands import DeskHands
    from core.actions.procedure.runner import Runner
    from core.actions.procedure.steps import asked_by
    from core.clients.clock import SystemClock

    acting = desk.acting
    try:
        hands = DeskHands(acting, _quiet if is_json else _tell)
        index = next_step(held.run)
        if confirm and index is not None:
            hands.confirm(acting.planned(asked_by(held.run, index), confirm), confirm)
        asyncio.run(Runner(held, hands, SystemClock(), desk.who).go())
        _print(held.run, is_json, hands=hands)
    finally:
        held.close()
    has_failed = any(one.status is StepStatus.FAILED for one in held.run.records)
    return exits.TROUBLE if has_failed else exits.OK


def _quiet(_text: str) -> None:
    """Print nothing beside the document."""


def _tell(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _print(
    shown: ProcedureRun, is_json: bool, *, hands: "DeskHands | None" = None, holder: str = ""
) -> None:
    from cli.plan_report import how_to_confirm, plan_document, plan_lines
    from cli.procedure_report import run_document, run_lines, what_now

    plan = hands.waiting if hands is not None else None
    if is_json:
        document: dict[str, object] = {"run": run_document(shown), "holder": holder or None}
        document["plan"] = plan_document(plan) if plan is not None else None
        print_json({"format": _FORMAT, **document})
        return
    lines = run_lines(shown)
    if plan is None:
        print_lines([*lines, "", holder or what_now(shown)])
        return
    how = how_to_confirm(plan).replace(
        "--confirm", f"`quarterdeck procedure resume {shown.id[-6:]}` with --confirm"
    )
    print_lines([*lines, "", *plan_lines(plan), how])


def _now_s() -> float:
    from core.clients.clock import SystemClock

    return round(SystemClock().now().timestamp(), 3)
