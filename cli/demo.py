"""`quarterdeck demo`: five small systems with faults on demand, and the console on them."""

import signal
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from cli import exits
from cli.options import json_option
from cli.output import aligned, print_json, print_lines
from core.errors import ConfigError, ConsoleError
from demo.cleanup import demo_folders, is_alive
from demo.control import Control, NotRunning
from demo.faults import ALL, UnknownFault
from demo.home import Home

_FORMAT = 1
_folder_option = click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The demo's folder; default: one of its own in the temporary folder.",
)


class DemoError(ConsoleError):
    """The demo cannot do what was asked."""


@click.group(
    short_help="Start five demo systems and open the console on them.",
    invoke_without_command=True,
    epilog="Leaving stops every process and removes the folder.",
)
@click.option(
    "--fault", "faults", multiple=True, metavar="NAME", help="Switch a fault on; may be repeated."
)
@click.option(
    "--headless", is_flag=True, help="Open no console: print the configuration's path and wait."
)
@_folder_option
@click.pass_context
def command(
    context: click.Context, faults: tuple[str, ...], headless: bool, folder: Path | None
) -> None:
    """Start five small real systems on loopback ports and open the console on them."""
    if context.invoked_subcommand is not None:
        context.obj = folder
        return
    context.exit(_run(faults, folder, is_headless=headless))


@command.command(short_help="Switch a fault of the running demo.")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@_folder_option
@click.pass_context
def fault(context: click.Context, name: str, state: str, folder: Path | None) -> None:
    """Switch a fault of the running demo, and return when it is in effect."""
    control = Control(_running(folder or context.obj))
    try:
        control.set(name, state == "on")
    except UnknownFault as error:
        raise ConfigError(str(error)) from error
    except NotRunning as error:
        raise DemoError(str(error)) from error


@command.command(short_help="List the faults, and which are on.")
@json_option
@_folder_option
@click.pass_context
def faults(context: click.Context, is_json: bool, folder: Path | None) -> None:
    """List the faults, what each changes and what must come of it."""
    wanted = folder or context.obj
    running = wanted or next(iter(_alive()), None)
    states = _states(running, is_needed=wanted is not None)
    if is_json:
        print_json(
            {"format": _FORMAT, "folder": str(running) if states else None} | _listed(states)
        )
        return
    rows = [
        ("on" if states.get(one.name) else "off", one.name, f"{one.system}: {one.how}")
        for one in ALL
    ]
    print_lines(list(aligned(rows)))


def _listed(states: dict[str, bool]) -> dict[str, object]:
    return {
        "faults": [
            {
                "name": one.name,
                "title": one.title,
                "is_on": states.get(one.name, False),
                "system": one.system,
                "service": one.service,
                "check": one.check,
                "verdict": one.verdict,
                "how": one.how,
            }
            for one in ALL
        ]
    }


def _states(folder: Path | None, *, is_needed: bool) -> dict[str, bool]:
    """Return which faults are on; none when no demo runs and none was named."""
    if folder is None:
        return {}
    try:
        return Control(folder).faults()
    except NotRunning as error:
        if is_needed:
            raise DemoError(str(error)) from error
        return {}


def _alive() -> list[Path]:
    return [folder for folder in demo_folders() if is_alive(Home(folder))]


def _running(folder: Path | None) -> Path:
    """Return the demo that is meant: the one named, else the only one that runs."""
    if folder is not None:
        return folder
    found = _alive()
    if not found:
        raise DemoError("no demo is running; start one with `quarterdeck demo`")
    if len(found) > 1:
        names = ", ".join(str(one) for one in found)
        raise DemoError(f"{len(found)} demos are running; name one with --folder: {names}")
    return found[0]


def _run(faults: tuple[str, ...], folder: Path | None, *, is_headless: bool) -> int:
    from demo.supervisor import Demo, DemoFailed

    progress = _Progress()
    demo = Demo(folder, progress.tell)
    with _told() as told:
        try:
            config = demo.start(faults)
        except UnknownFault as error:
            raise ConfigError(str(error)) from error
        except DemoFailed as error:
            raise DemoError(str(error)) from error
        finally:
            progress.clear()
        try:
            if is_headless:
                print_lines([str(config)])
                told.wait()
                return exits.OK
            return exits.INTERRUPTED if told.is_set() else _open(config)
        finally:
            demo.stop()


def _open(config: Path) -> int:
    from cli.console import open_console

    return open_console(config, PaletteFaults(Control(config.parent)))


class PaletteFaults:
    """The faults as the console's palette switches them."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self.names = tuple(one.name for one in ALL)

    def switch(self, name: str) -> str:
        """Switch a fault on, or off again; return what came of it."""
        try:
            is_on = not self._control.faults().get(name, False)
            self._control.set(name, is_on)
        except (UnknownFault, NotRunning) as error:
            return str(error)
        return f"{name} is {'on' if is_on else 'off'}"


class _Progress:
    """One line on a terminal, written over and gone in the end; nothing elsewhere."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()

    def tell(self, text: str) -> None:
        """Show what is being done."""
        if self._is_shown:
            print(f"\r\x1b[Kdemo: {text}", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Take the line away."""
        if self._is_shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


@contextmanager
def _told() -> Generator[threading.Event]:
    """Give an event that INT, TERM and HUP set; the console sets handlers of its own."""
    event = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        event.set()

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, end) for number in numbers}
    try:
        yield event
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
