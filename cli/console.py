"""Opens the console: the bare command, and the end of `demo`."""

import gc
import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from cli import exits
from core.clients.clock import SystemClock
from core.clients.core_dumps import forbid_core_dumps
from core.model.text import SafeText, clean
from core.model.topology import Topology
from tui.terminal import problem_with_terminal, settle_encoding, settle_environment

if TYPE_CHECKING:
    from config.loader import Loaded
    from core.actions.desk import ActionDesk
    from core.actions.desk_thread import ActionDeskThread
    from core.actions.recorder import AuditRecorder
    from core.actions.sessions import ConsoleSession
    from core.model.operation import OperationsSpec
    from core.sources.base import Source
    from tui.demo_faults import DemoFaults
    from tui.keys_link import KeysDeskHandle, MakeKeysDesk
    from tui.presenting import Presenting


def open_console(
    config_path: Path | None,
    demo_faults: "DemoFaults | None" = None,
    *,
    is_read_only: bool = False,
) -> int:
    """Open the console on a configuration and return its exit status when it has been left.

    `demo_faults` are what the palette can switch when the configuration is the demo's;
    `is_read_only` refuses every change, whatever the configuration says.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    # Textual reads from stdin and draws on stderr; stdout may be anything.
    is_terminal = sys.stdin.isatty() and sys.stderr.isatty()
    problem = problem_with_terminal(os.environ, is_terminal=is_terminal)
    if problem:
        print(f"quarterdeck: {problem}", file=sys.stderr)
        return exits.CONFIG
    settle_environment(os.environ)
    settle_encoding()
    forbid_core_dumps()
    # A collection while modules are loaded finds nothing; the application turns it on again.
    gc.disable()
    return _run(config_path, demo_faults, is_read_only=is_read_only)


def _run(config_path: Path | None, demo_faults: "DemoFaults | None", *, is_read_only: bool) -> int:
    from config.loader import load
    from config.policy import rules_of
    from config.state import state_folders_of
    from config.topology import topology_of
    from core.actions.ids import new_id
    from core.runtime import RuntimeThread
    from tui.arming import Arming

    clock = SystemClock()
    loaded = load(config_path, os.environ, checks_filters=False)
    topology = topology_of(loaded.settings, operations=loaded.operations)
    topology = replace(topology, is_read_only=is_read_only or topology.is_read_only)
    rules, state = rules_of(loaded.settings.policy), loaded.settings.state

    def make_runtime(on_change: Callable[[], None]) -> RuntimeThread:
        return RuntimeThread(lambda: _sources(topology, clock), clock, on_change)

    from tui.app import ConsoleApp
    from tui.bootstrap import desk_of
    from tui.crash import CrashLog, FaultFile
    from tui.presenting import watched_of
    from tui.redis_views import redis_desk_of
    from tui.setup import Setup

    presenting, known = watched_of(topology, loaded, is_on=loaded.settings.war_room)
    name = new_id(clock.now().timestamp())
    crashes, faults = CrashLog(), FaultFile()
    crashes.take_hooks()
    faults.open()
    setup = Setup(
        topology,
        make_runtime,
        clock,
        _host_name(),
        theme=loaded.settings.theme,
        keymap=loaded.settings.keymap,
        warnings=tuple(clean(str(one), 500) for one in loaded.warnings),
        takes_signals=True,
        demo_faults=demo_faults,
        make_desk=desk_of(topology, clock),
        make_redis_desk=redis_desk_of(topology, clock),
        make_keys_desk=_make_keys_desk(loaded, topology, clock, presenting),
        make_action_desk=lambda tell: _action_desk(loaded, topology.is_read_only, name, tell),
        has_acted=lambda: _has_acted(state_folders_of(state, os.environ, os.geteuid()).actions),
        session=_session(loaded, topology, name, clock),
        presenting=presenting,
        known=known,
        arming=Arming(rules.arming_lapses_s, rules.arming_idle_s),
    )
    app = ConsoleApp(setup, crashes)
    app.run()
    # The interpreter looks for garbage as it ends: nobody waits for that.
    gc.freeze()
    gc.enable()
    faults.close()
    if crashes.line:
        print(f"quarterdeck: {crashes.line}", file=sys.stderr)
    return app.exit_code


def _make_keys_desk(
    loaded: "Loaded", topology: Topology, clock: SystemClock, presenting: "Presenting"
) -> "MakeKeysDesk | None":
    """Return what makes the desk of keys and secrets; None: nothing of the kind is configured."""
    if not any(one.keys or one.tokens or one.env_files for one in loaded.operations.values()):
        return None

    def operations() -> "Mapping[str, OperationsSpec]":
        from config.operation_specs import operations_of

        return operations_of(loaded)

    def make_desk(tell: Callable[[], None]) -> "KeysDeskHandle":
        from config.state import state_folders_of
        from tui.keys_desk import keys_desk
        from tui.presenting import learn_store

        folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
        learn = partial(learn_store, presenting)
        return keys_desk(topology, operations, folders, clock, tell, learn)

    return make_desk


def _sources(topology: Topology, clock: SystemClock) -> "tuple[Source, ...]":
    """Build the sources; called in the runtime's thread, after the first painting."""
    from tui.bootstrap import sources_of

    return sources_of(topology, clock)


def _host_name() -> SafeText:
    return clean(socket.gethostname() or "this host", 64)


def _session(
    loaded: "Loaded", topology: Topology, name: str, clock: SystemClock
) -> "ConsoleSession":
    """Return what writes down that this console was opened and left; nothing is loaded yet."""
    from config.state import state_folders_of
    from core.actions.sessions import ConsoleSession

    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())

    def opened() -> "AuditRecorder":
        from core.actions.audit.opening import open_log
        from core.actions.recorder import AuditRecorder

        return AuditRecorder(open_log(folders, clock, name))

    mode = "read-only" if topology.is_read_only else "changes off until armed"
    return ConsoleSession(opened, clock, mode, topology.environment.value)


def _action_desk(
    loaded: "Loaded", is_read_only: bool, session: str, tell: Callable[[], None]
) -> "ActionDeskThread":
    """Return what plans and starts actions; nobody pays for it before somebody wants to."""
    from config.state import state_folders_of
    from core.actions.desk_thread import ActionDeskThread

    def make() -> "ActionDesk":
        from tui.acting import desk_of

        return desk_of(loaded, is_read_only=is_read_only, session=session)

    folders = state_folders_of(loaded.settings.state, os.environ, os.geteuid())
    return ActionDeskThread(make, tell, folders)


def _has_acted(folder: Path) -> bool:
    """Tell whether there are action folders: only then a crash can have left one unfinished."""
    try:
        return any(folder.iterdir())
    except OSError:
        return False
