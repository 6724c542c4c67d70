"""Composition root of acting: from a configuration to the desk, and to the executor's insides."""

import json
import os
import socket
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import cast

from config.loader import Loaded
from config.operation_specs import operations_of
from config.policy import rules_of
from config.state import state_folders_of
from config.topology import topology_of
from core.actions.action import Site
from core.actions.approval import reason_against_start
from core.actions.audit.actor import parse_actor, read_actor
from core.actions.audit.opening import open_log
from core.actions.audit.record import Event
from core.actions.desk import ActionDesk, Gates
from core.actions.executor import Executor
from core.actions.failpoints import VARIABLE, FailPoints
from core.actions.folder import ActionFolder, Confirmation, FolderWork
from core.actions.host_locks import HostLocks, look_between_hosts
from core.actions.journal import Journal
from core.actions.locks import TargetLocks, holder_of
from core.actions.planning import PLAN_LIVES_S, Planner
from core.actions.policy import decide, needs_second_person, reason_against_approval
from core.actions.ports import Ports
from core.actions.recorder import AuditRecorder
from core.actions.registry import LateActions, all_actions
from core.actions.run import Run
from core.actions.shelf import Shelf
from core.actions.undoing import undo_action
from core.clients.acting.backups import LocalBackups
from core.clients.acting.commands import LocalActing
from core.clients.acting.engine_docker import DockerControl
from core.clients.acting.files import LocalFiles
from core.clients.acting.git_local import LocalGit
from core.clients.acting.guards import LocalGuards
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.launch import launch
from core.clients.acting.prober_http import HttpProber
from core.clients.acting.processes import LocalProcesses
from core.clients.acting.redis_control import RedisServers
from core.clients.acting.redis_keys import RedisKeys
from core.clients.acting.redis_link import RedisLink
from core.clients.acting.redis_lock import RedisLocks
from core.clients.acting.redis_streams import RedisStreams
from core.clients.acting.units import SystemctlControl
from core.clients.acting.waiters import LocalWaiters
from core.clients.clock import Clock, SystemClock
from core.clients.command import LocalCommands
from core.clients.identity import read_who
from core.clients.keyspace.server import ServerKeyspace
from core.clients.process_runs import is_alive, own_run, read_boot_id
from core.errors import ActionError
from core.keys.ids import keys_folder
from core.model.action import Danger, Plan, Preflight
from core.model.check import CheckResult
from core.model.policy import Decision, Policy, Who
from core.model.security import SecurityItem
from core.model.state import StateFolders
from core.model.text import SafeText
from core.model.topology import Environment, Topology
from core.model.veil import VEIL
from core.once import look_once
from core.redis.servers import address_of, cap_of, redis_addresses
from tui.bootstrap import sources_of
from tui.presenting import hide_known

_ENVIRONMENT = "environment.json"
"""In an action's folder until its executor has read it."""
_ACTOR = "actor.json"
_ACTING_HASTE, _ACTING_SHARE = 10.0, 0.3
"""Times the commands of a view, and of the server's time: somebody waits for an action's end."""
"""In an action's folder: who asked for it, as the kernel told of them then."""


class Acting:
    """What a configuration comes to for whoever acts: built once per process."""

    def __init__(
        self,
        loaded: Loaded,
        clock: Clock,
        *,
        is_read_only: bool = False,
        session: str = "",
        fail: Callable[[str], None] = lambda _name: None,
        action_id: str = "",
    ) -> None:
        self.clock, self._fail = clock, fail
        self._runner = LocalActing(clock, action_id)
        self.topology = topology_of(loaded.settings, operations=loaded.operations)
        hide_known(self.topology, loaded)
        self.is_read_only = is_read_only or self.topology.is_read_only
        self.policy: Policy = rules_of(loaded.settings.policy)
        self.folders: StateFolders = state_folders_of(
            loaded.settings.state, os.environ, os.geteuid()
        )
        state = loaded.settings.state
        self.lock_servers = {
            one.partition("/")[0]: one for one in (state.redis_lock if state else ())
        }
        """By system, where its locks between hosts are kept."""
        self.locks_between = RedisLocks(RedisLink(redis_addresses(self.topology)))
        self.config = str(loaded.path)
        self.who = read_who()
        self.site = Site(self.topology, operations_of(loaded), self._ports())
        self.audit = open_log(self.folders, clock, session)
        self.recorder = AuditRecorder(self.audit)
        self.shelf = Shelf(self.folders.actions, is_alive)
        self.actions = LateActions(undo_action(self.shelf))

    def _ports(self) -> Ports:
        addresses = redis_addresses(self.topology)
        return Ports(
            clock=self.clock,
            files=LocalFiles(self.clock),
            commands=self._runner,
            units=SystemctlControl(LocalCommands()),
            engine=DockerControl(self.topology.docker_url, self.clock),
            processes=LocalProcesses(self.clock),
            look=self._look,
            git=LocalGit(self._runner),
            backups=LocalBackups(self.clock),
            results=str(self.folders.actions.parent / "results"),
            prober=HttpProber(self.clock),
            guards=LocalGuards(self.clock),
            redis=RedisServers(addresses),
            redis_streams=RedisStreams(addresses),
            redis_keys=RedisKeys(addresses),
            keyspace=self._keyspace,
            security=self._security,
            keys=LocalKeyStores(
                keys_folder(self.folders), self.clock, lambda name: self._fail(f"store_{name}")
            ),
            waiters=LocalWaiters(
                keys_folder(self.folders), self._argv_of_end, self.clock, (VARIABLE,)
            ),
        )

    def _keyspace(self, server: str) -> ServerKeyspace:
        address = address_of(redis_addresses(self.topology), server)
        rate = cap_of(self.topology, server) * _ACTING_HASTE
        return ServerKeyspace(address, self.clock, rate, server_share=_ACTING_SHARE)

    def _argv_of_end(self, order: str, environment: str) -> tuple[str, ...]:
        """Return the program that waits for the end of a grace."""
        return (
            sys.executable, "-P", "-m", "cli.main", "--config", self.config,
            "key_end", order, str(keys_folder(self.folders)), "--environment", environment,
        )  # fmt: skip

    async def _look(self, check: str) -> CheckResult:
        narrowed = _only(self.topology, check)
        if narrowed is None:
            raise ActionError(f"the configuration has no check {check!r}")
        found = await look_once(sources_of(narrowed, self.clock, only_checks=True), self.clock)
        for name, status in found.checks.items():
            if str(name).endswith(f"/{check}"):
                return status.result
        raise ActionError(f"the check {check!r} could not be made")

    async def _security(self, system: str) -> tuple[SecurityItem, ...]:
        from tui.security_look import look_at_files  # noqa: PLC0415 - only an audit loads it

        given = (self.topology, self.site.operations, self.folders, self.clock)
        return await look_at_files(system, *given)

    def write_as(self, document: object) -> None:
        """Record in the name of whoever asked for the action, not of the process that does it."""
        if isinstance(document, dict):
            actor = parse_actor(cast("dict[str, object]", document))
            self.audit = open_log(self.folders, self.clock, actor=actor)
            self.recorder = AuditRecorder(self.audit)

    def refusal(self, plan: Plan, *, is_armed: bool = True, is_starting: bool = False) -> str:
        """Return why policy or read-only forbids a plan; empty: nothing does."""
        decision = self._decided(plan.request.action, plan.danger, is_armed=is_armed)
        if not decision.is_allowed:
            return decision.reason
        if decision.needs_second_person and is_starting:
            folder = self.shelf.at(plan.id)
            rule, boot_s = self.policy.second_person, self.clock.monotonic()
            return reason_against_start(folder, plan, rule, boot_s)
        return ""

    def refusal_of_wish(self, action: str, danger: Danger) -> str:
        """Return why policy or read-only forbids what could not even be planned."""
        decision = self._decided(action, danger, is_armed=True)
        return "" if decision.is_allowed else decision.reason

    def _decided(self, action: str, danger: Danger, *, is_armed: bool) -> Decision:
        return decide(
            self.policy,
            self.who,
            action,
            danger,
            self.topology.environment,
            is_read_only=self.is_read_only,
            is_armed=is_armed,
        )

    def reason_against_approval(self, plan: Plan) -> str:
        """Return why this person may not approve a plan; empty: they may."""
        return reason_against_approval(
            self.policy,
            Who(plan.actor, plan.actor_uid),
            self.who,
            plan.request.action,
            plan.danger,
            Environment(plan.environment),
        )

    async def look_between_hosts(self, plan: Plan) -> tuple[Preflight, ...]:
        """Return what a plan should say of locks between hosts; nothing where none are asked."""
        server = self.lock_servers.get(plan.system)
        return await look_between_hosts(self.locks_between, server, plan) if server else ()

    def between_hosts(self, run: Run) -> HostLocks | None:
        """Return the locks between hosts of an action; None where none are asked for."""
        server = self.lock_servers.get(run.plan.system)
        if server is None:
            return None

        def say(text: SafeText) -> None:
            run.work.say(text)
            run.record(Event.LOCK_WAIT, reason=text)

        holder = {**_holder(run.plan, self.clock), "host": run.plan.host}
        return HostLocks(self.locks_between, server, run.plan, holder, self.clock, say)

    def lives_s(self, danger: Danger) -> float:
        """Return how long a plan holds: longer where somebody else has to be found for it."""
        place = self.topology.environment
        if needs_second_person(self.policy, danger, place):
            return self.policy.second_person.within_s
        return PLAN_LIVES_S

    async def capsule(self, system: str) -> bytes:
        """Return how a system does, as JSON: its checks, as one look has them."""
        systems = tuple(one for one in self.topology.systems if one.name == system)
        narrowed = replace(self.topology, systems=systems)
        found = await look_once(sources_of(narrowed, self.clock, only_checks=True), self.clock)
        checks = {
            str(name): {"verdict": one.result.verdict.value, "reason": one.result.reason}
            for name, one in found.checks.items()
        }
        words = {"at_s": self.clock.now().timestamp(), "checks": checks}
        return VEIL.hide_bytes(json.dumps(words, sort_keys=True).encode())


def desk_of(loaded: Loaded, *, is_read_only: bool = False, session: str = "") -> ActionDesk:
    """Return the desk of a configuration for the person at the keyboard.

    `session` is the console's, where it is one; it stands in the records of that console.
    """
    acting = Acting(loaded, SystemClock(), is_read_only=is_read_only, session=session)
    planner = Planner(
        acting.site,
        host=socket.gethostname(),
        actor=acting.who.user,
        boot_id=read_boot_id(),
        config=acting.config,
        bulk=acting.policy.danger_cap,
        actor_uid=acting.who.uid,
        lives_s=acting.lives_s,
    )
    return ActionDesk(
        planner,
        acting.actions,
        acting.shelf,
        acting.recorder,
        acting.audit.check,
        Gates(
            acting.who,
            acting.refusal,
            lambda plan, is_armed: acting.refusal(plan, is_armed=is_armed, is_starting=True),
            acting.reason_against_approval,
            acting.refusal_of_wish,
        ),
        lambda what, action_id: _start(acting, what, action_id),
        lambda name: holder_of(acting.folders.locks, name),
        lambda: acting.audit.tail_hash[-8:],
        acting.look_between_hosts,
        lambda: acting.audit.sink_trouble,
    )


def _start(acting: Acting, what: str, action_id: str) -> None:
    """Start the executor in a process that outlives this one."""
    folder = acting.shelf.at(action_id)
    _leave_name(folder)
    argv = (
        sys.executable, "-P", "-m", "cli.main", "--config", acting.config,
        "execute", what, action_id, "--environment", _leave_environment(folder),
    )  # fmt: skip
    passed = (VARIABLE,) if VARIABLE in os.environ else ()
    name = f"{what}-{action_id.lower()}"
    launch(argv, folder.output, name, passed)


def _leave_environment(folder: ActionFolder) -> str:
    """Keep the variables that the configuration may refer to, in a private file; return its path.

    Not as variables of the executor: those of a systemd unit can be read by everybody.
    """
    (folder.path / _ENVIRONMENT).unlink(missing_ok=True)
    folder.write(_ENVIRONMENT, json.dumps(dict(os.environ)).encode("utf-8", "surrogatepass"))
    return str(folder.path / _ENVIRONMENT)


def _leave_name(folder: ActionFolder) -> None:
    """Keep who asks: the executor is nobody's child, and would not find out."""
    (folder.path / _ACTOR).unlink(missing_ok=True)
    folder.write(_ACTOR, json.dumps(read_actor().document(), sort_keys=True).encode())


def executor_of(
    loaded: Loaded,
    action_id: str,
    fail: FailPoints,
    is_told_to_stop: Callable[[], bool],
    clock: Clock | None = None,
) -> Executor:
    """Return what carries out one action, in the process that does nothing else."""
    all_actions()  # the parts of a plan are known once their families are loaded
    acting = Acting(loaded, clock or SystemClock(), fail=fail, action_id=action_id)
    folder = acting.shelf.at(action_id)
    acting.write_as(folder.read_json(_ACTOR))
    plan = folder.plan()
    run = Run(
        plan,
        acting.site.ports,
        Journal(folder.path, acting.clock),
        acting.recorder,
        FolderWork(folder, is_told_to_stop),
        fail,
        is_told_to_stop,
    )
    return Executor(
        folder,
        run,
        TargetLocks(acting.folders.locks),
        lambda plan, confirmation: _gate(acting, plan, confirmation),
        lambda: acting.capsule(plan.system),
        _holder(plan, acting.clock),
        own_run(),
        acting.refusal,
        acting.between_hosts(run),
    )


def _gate(acting: Acting, plan: Plan, confirmation: Confirmation) -> str:
    unfinished = acting.shelf.blocking(plan.locks, but=plan.id)
    if unfinished is not None:
        return f"action {unfinished.plan.id} ({unfinished.plan.title}) is unfinished"
    if plan.boot_id != read_boot_id():
        return "the machine has been started anew since the plan"
    return acting.refusal(plan, is_armed=confirmation.is_armed, is_starting=True)


def _holder(plan: Plan, clock: Clock) -> dict[str, object]:
    since = clock.now().astimezone(UTC)
    return {
        "actor": plan.actor,
        "title": plan.title,
        "action": plan.id,
        "since": f"{since:%H:%M:%S} UTC",
        "pid": os.getpid(),
    }


def _only(topology: Topology, check: str) -> Topology | None:
    """Return the topology with nothing but one check, named `system/service/check`."""
    for system in topology.systems:
        for service in system.services:
            found = tuple(one for one in service.checks if str(one.id).endswith(f"/{check}"))
            if found:
                alone = replace(service, runs_as=None, checks=found, metrics=None)
                return replace(topology, systems=(replace(system, services=(alone,)),))
    return None
