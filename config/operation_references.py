"""Checks that what operations name is there: services, checks, commands, actions, procedures.

What a shipped profile names is not judged where a file of one's own starts from it: a service that
was taken out takes its steps with it, and they say so when they are reached.
"""

from collections.abc import Callable, Iterable, Iterator
from collections.abc import Mapping as Env
from pathlib import Path, PurePosixPath

from config.consistency import names_of
from config.include import PROFILES
from config.operations import Operations
from config.problems import Problem, nearest, word
from config.procedures import Step
from config.settings import Settings
from config.systems import System, profile_name
from config.yaml_tree import Location, Mapping, path_text, place_at
from core.model.action_ids import ACTION_IDS

_Finding = tuple[Location, str, str]


def reference_problems(
    settings: Settings, operations: Env[str, Operations], tree: Mapping, path: Path
) -> Iterator[Problem]:
    """Yield every name that nothing has; `path` is the configuration's own file."""
    is_profile = _is_shipped(str(path))
    for name, own in operations.items():
        system = settings.systems.get(name)
        if system is None:
            continue
        for keys, what, remedy in _Names(name, system, own).findings():
            location = ("systems", name, *keys)
            place = place_at(tree, location)
            if is_profile or not _is_shipped(place.file):
                yield Problem(place, path_text(location), what, remedy)


def _is_shipped(file: str) -> bool:
    return Path(file).resolve().parent == PROFILES.resolve()


class _Names:
    """Everything in one system that has a name."""

    def __init__(self, name: str, system: System, own: Operations) -> None:
        self._name = name
        self._system = system
        self._own = own
        self._services = names_of(system)

    def findings(self) -> Iterator[_Finding]:
        """Yield what is named and not there."""
        yield from self._files()
        yield from self._programs()
        for name, procedure in self._own.procedures.items():
            for index, step in enumerate(procedure.steps):
                yield from self._step(("procedures", name, "steps", index), step)
            yield from self._circle(name)
        for index, limit in enumerate(self._own.limits):
            here = ("limits", index, "env_file")
            yield from _one(here, limit.env_file or "", "env file", self._own.env_files)
        alerts = {alert.name for alert in self._own.alerts}
        for index, alert in enumerate(self._own.alerts):
            yield from self._procedure(("alerts", index, "procedure"), alert.procedure)
        for name, incident in self._own.incidents.items():
            here = ("incidents", name)
            yield from self._procedure((*here, "procedure"), incident.procedure)
            yield from _each((*here, "alerts"), incident.alerts, "alert", alerts)

    def _files(self) -> Iterator[_Finding]:
        own = self._own
        for name, one in own.env_files.items():
            yield from self._each_service(("env_files", name, "read_by"), one.read_by)
        for name, one in own.config_files.items():
            here = ("config_files", name)
            yield from self._each_service((*here, "read_by"), one.read_by)
            yield from self._command((*here, "validate_with"), one.validate_with)
        for name, one in own.backups.items():
            here = ("backups", name)
            yield from self._service((*here, "service"), one.service)
            yield from self._command((*here, "command"), one.command)
        for name, one in own.repos.items():
            here = ("repos", name)
            yield from self._service((*here, "service"), one.service)
            yield from self._procedure((*here, "deploy"), one.deploy)
            yield from self._procedure((*here, "rollback"), one.rollback)
        for name, one in own.tuning.items():
            here = ("tuning", name)
            yield from _one((*here, "env_file"), one.env_file, "env file", own.env_files)
            yield from self._each_service((*here, "services"), one.services)

    def _programs(self) -> Iterator[_Finding]:
        own = self._own
        for name, one in own.commands.items():
            here = ("commands", name)
            yield from self._service((*here, "inside"), one.inside)
            yield from _each((*here, "alternatives"), one.alternatives, "command", own.commands)
        for name, one in own.scaling.items():
            yield from self._service(("scaling", name, "service"), one.service)
        for name, one in own.triggers.items():
            here = ("triggers", name, "service")
            yield from self._service(here, one.service)
            service = self._system.services.get(one.service)
            if service is not None and service.base_url is None:
                yield here, f"{word(one.service)} has no address", "add `base_url:` to it"

    def _step(self, here: Location, step: Step) -> Iterator[_Finding]:
        own = self._own
        for key in ("check", "until"):
            yield from _one((*here, key), getattr(step, key), "check", self._checks())
        if step.log:
            yield from _one((*here, "log"), step.log, "log", self._logs())
        yield from self._command((*here, "command"), step.command)
        yield from _one((*here, "procedure"), step.procedure, "procedure", own.procedures)
        if step.action in ACTION_IDS:
            yield from self._target(here, step)
        else:
            yield from _one((*here, "action"), step.action, "action", ACTION_IDS)

    def _target(self, here: Location, step: Step) -> Iterator[_Finding]:
        """Yield targets that do not exist; of some actions only the action itself can tell."""
        family, _, _ = step.action.partition(".")
        kind = _TARGETS.get(step.action) or _TARGETS.get(family)
        if not step.target:
            if kind is not None:
                yield here, f"{step.action} without a target", "add `target:`"
            return
        if kind is None:
            return
        what, known = kind[0], set(kind[1](self._own))
        if what in _SERVICES:
            known |= self._services
        if what == _COMPOSE:
            known |= {self._name, profile_name(self._system), *self._add_ons()}
        names = step.target.split(",") if what in _SERVICES else [step.target]
        for name in names:
            yield from _one((*here, "target"), name.strip(), what, known)

    def _circle(self, name: str) -> Iterator[_Finding]:
        """Yield the step by which a procedure comes to contain itself."""
        for index, step in enumerate(self._own.procedures[name].steps):
            if step.procedure and name in self._within(step.procedure):
                here = ("procedures", name, "steps", index, "procedure")
                yield here, f"{word(step.procedure)} contains this procedure", "remove one of them"

    def _within(self, name: str) -> set[str]:
        """Return a procedure and all it contains, however deep."""
        found: set[str] = set()
        left = [name]
        while left:
            one = left.pop()
            procedure = self._own.procedures.get(one)
            if procedure is None or one in found:
                continue
            found.add(one)
            left += [step.procedure for step in procedure.steps if step.procedure]
        return found

    def _checks(self) -> set[str]:
        system = self._system
        found = {
            f"{name}/{check}"
            for name, service in system.services.items()
            for check in service.checks
        }
        found |= {f"{page}/status" for page in system.status_pages}
        return found | {"redis/redis"} if "redis" in self._services else found

    def _logs(self) -> set[str]:
        """Return every name that a log may have here, however its service runs."""
        found = {*self._own.log_views, *self._system.logs}
        for name, service in self._system.services.items():
            found |= {f"{name}.container", f"{name}.journal", f"{name}.output"}
            found |= set(service.logs.files) if service.logs else set()
        return found

    def _add_ons(self) -> Iterator[str]:
        compose = self._system.compose
        for file in compose.optional_files if compose else ():
            yield PurePosixPath(file).stem.removeprefix("docker-compose").strip(".-_")

    def _service(self, here: Location, name: str) -> Iterator[_Finding]:
        yield from _one(here, name, "service", self._services)

    def _each_service(self, here: Location, names: tuple[str, ...]) -> Iterator[_Finding]:
        yield from _each(here, names, "service", self._services)

    def _command(self, here: Location, name: str) -> Iterator[_Finding]:
        yield from _one(here, name, "command", self._own.commands)

    def _procedure(self, here: Location, name: str) -> Iterator[_Finding]:
        yield from _one(here, name, "procedure", self._own.procedures)


_COMPOSE = "service, system or add-on"
_SERVICES = ("service", _COMPOSE)
"""Kinds of which a target may be several, with commas between them."""


def _none(_own: Operations) -> Iterable[str]:
    return ()


def _streams(own: Operations) -> Iterable[str]:
    for stream in own.streams:
        yield stream.name
        yield from stream.dead_letters


_TARGETS: dict[str, tuple[str, Callable[[Operations], Iterable[str]]]] = {
    "service": ("service", _none),
    "chaos": ("service", _none),
    "http": ("service", _none),
    "redis": ("service", _none),
    "scheduler.disable": ("service", _none),
    "command": ("command", lambda own: own.commands),
    "compose": (_COMPOSE, _none),
    "backup": ("backup", lambda own: own.backups),
    "git": ("repo", lambda own: own.repos),
    "env": ("env file", lambda own: own.env_files),
    "secret": ("env file", lambda own: own.env_files),
    "config": ("config file", lambda own: own.config_files),
    "nginx": ("config file", lambda own: own.config_files),
    "tuning": ("tuning profile", lambda own: own.tuning),
    "scale": ("way to scale", lambda own: own.scaling),
    "scheduler.trigger": ("trigger", lambda own: own.triggers),
    "key": ("key store", lambda own: own.keys),
    "token": ("kind of token", lambda own: own.tokens),
    "token.revoke": ("family of keys", lambda own: own.redis_keys),
    "stream": ("stream", _streams),
    "dlq": ("stream", _streams),
    "circuit": ("circuit", lambda own: (one.name for one in own.circuits)),
    "limit": ("limit", lambda own: (one.name for one in own.limits)),
}
"""Action, or its family, to what it is done to; the rest have targets of their own."""


def _one(here: Location, name: str, what: str, known: Iterable[str]) -> Iterator[_Finding]:
    if name and name not in (names := set(known)):
        yield here, f"no {what} {word(name)}", nearest(name, names)


def _each(
    here: Location, names: tuple[str, ...], what: str, known: Iterable[str]
) -> Iterator[_Finding]:
    options = set(known)
    for index, name in enumerate(names):
        yield from _one((*here, index), name, what, options)
