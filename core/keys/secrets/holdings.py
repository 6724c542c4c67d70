"""Gathers which secret stands where: env files, compose files, units. Looks only."""

import os
from dataclasses import dataclass, replace

from core.clients.secret_files import SecretFile, SecretFiles
from core.errors import ClientError, ClientMissing
from core.keys.secrets.compose_text import ComposeVariable, parse_compose
from core.keys.secrets.names import is_secret_variable
from core.keys.secrets.unit_text import parse_unit
from core.model.env_text import EnvText, parse_env
from core.model.operation import EnvFileSpec, OperationsSpec, VariableSpec
from core.model.secret import Secret
from core.model.secret_view import SecretPlace
from core.model.text import SafeText, clean
from core.model.topology import ComposeService, SystemdUnit, SystemSpec

ENV_FILE, COMPOSE_FILE, UNIT = "env file", "compose file", "unit"
_UNIT_FOLDERS = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system",
                 "/lib/systemd/system")  # fmt: skip
_COMPOSE_NAMES = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")


@dataclass(frozen=True, slots=True)
class Holding:
    """One secret in one place."""

    name: str
    value: Secret | None
    """None: it is named there, and its value comes from elsewhere."""
    place: SecretPlace
    used_by: tuple[str, ...]
    findings: tuple[SafeText, ...] = ()
    """About the place."""
    spec: VariableSpec | None = None
    is_copy: bool = False
    """It stands in a copy beside, which no service reads."""


class Gathering:
    """One look at the places of a system.

    Args:
        system: What is watched.
        operations: What may be done to it, env files and compose files among it.
        files: Reads.
    """

    def __init__(self, system: SystemSpec, operations: OperationsSpec, files: SecretFiles) -> None:
        self._system, self._operations, self._files = system, operations, files
        self._read: dict[str, SecretFile | None] = {}
        self._names = {
            name: str(one.id.service)
            for one in system.services
            if isinstance(one.runs_as, ComposeService)
            for name in (one.runs_as.service, *one.runs_as.aliases)
        }
        self.holdings: list[Holding] = []
        self.addresses: dict[str, str] = {}
        """Addresses by variable: that of a key is checked with it."""
        self.problems: list[SafeText] = []

    def gather(self) -> None:
        """Look everywhere."""
        for spec in self._operations.env_files:
            for path in (spec.path, *spec.also):
                self._env_file(path, spec, spec.read_by, is_copy=path != spec.path)
        self._compose()
        self._units()

    def template_of(self, name: str) -> frozenset[str]:
        """Return what templates say for a variable."""
        found: set[str] = set()
        for spec in self._operations.env_files:
            seen = self._file(spec.template, is_needed=False) if spec.template else None
            value = parse_env(seen.data).values().get(name) if seen else None
            found |= {value} if value else set()
        return frozenset(found)

    def _file(self, path: str, *, is_needed: bool) -> SecretFile | None:
        if path not in self._read:
            self._read[path] = None
            try:
                self._read[path] = self._files.read(path)
            except ClientMissing:
                if is_needed:
                    self.problems.append(clean(f"{path} is not there"))
            except ClientError as error:
                self.problems.append(clean(str(error)))
        return self._read[path]

    def _env_file(
        self, path: str, spec: EnvFileSpec | None, used_by: tuple[str, ...], *, is_copy: bool
    ) -> None:
        seen = self._file(path, is_needed=spec is not None and not is_copy)
        if seen is None:
            return
        text, rules = (
            parse_env(seen.data),
            {one.name: one for one in spec.variables} if spec else {},
        )
        findings = self._about(seen)
        target = f"{self._system.name}/{spec.name}" if spec and not is_copy else ""
        whole = _place(ENV_FILE, path, seen, None, target)
        for name, value in text.values().items():
            rule = rules.get(name)
            if (rule and rule.is_secret) or is_secret_variable(name, value):
                entry = text.last(name)
                place = replace(whole, line=entry.line if entry else None)
                told = (*findings, *_repeated(text, name))
                self.holdings.append(
                    Holding(name, Secret(value), place, used_by, told, rule, is_copy)
                )
            if name.upper().endswith("_URL") and not is_copy:
                self.addresses.setdefault(name, value)
        if not is_copy:
            self._missing(rules, text, whole, used_by)

    def _missing(
        self,
        rules: dict[str, VariableSpec],
        text: EnvText,
        place: SecretPlace,
        used_by: tuple[str, ...],
    ) -> None:
        for name, rule in rules.items():
            if name not in text.values() and (rule.is_secret or is_secret_variable(name)):
                self.holdings.append(Holding(name, None, place, used_by, spec=rule))

    def _about(self, seen: SecretFile) -> tuple[SafeText, ...]:
        name = os.path.basename(seen.path)  # noqa: PTH119
        found: list[SafeText] = []
        if self._files.is_tracked(seen.path):
            found.append(clean(f"in git: {name} is tracked"))
        if seen.mode & 0o004:
            found.append(clean(f"everybody may read {name} ({seen.mode:04o})"))
        elif seen.mode & 0o040:
            found.append(clean(f"the group {seen.group} may read {name} ({seen.mode:04o})"))
        return tuple(found)

    def _compose(self) -> None:
        compose = self._operations.compose
        root = self._operations.root
        if compose is not None:
            root = compose.folder or root
            named = (*compose.files, *compose.optional_files)
            for path in named or tuple(f"{root}/{one}" for one in _COMPOSE_NAMES):
                self._compose_file(path)

    def _compose_file(self, path: str) -> None:
        seen = self._file(path, is_needed=False)
        if seen is None:
            return
        try:
            text = parse_compose(seen.data)
        except ClientError as error:
            self.problems.append(clean(f"{path}: {error}"))
            return
        findings = self._about(seen)
        for one in text.variables:
            if is_secret_variable(one.name, one.value or ""):
                self._compose_variable(one, path, seen, findings)
        known = {spec.path for spec in self._operations.env_files}
        known |= {copy for spec in self._operations.env_files for copy in spec.also}
        for service, given in text.env_files:
            env = os.path.normpath(f"{os.path.dirname(path)}/{given}")  # noqa: PTH120
            if given.startswith("/"):
                env = os.path.normpath(given)
            if env not in known and "$" not in given:
                self._env_file(env, None, (self._service(service),), is_copy=False)

    def _service(self, name: str) -> str:
        return self._names.get(name, clean(name, 80))

    def _compose_variable(
        self,
        one: ComposeVariable,
        path: str,
        seen: SecretFile,
        findings: tuple[SafeText, ...],
    ) -> None:
        place = _place(COMPOSE_FILE, path, seen, one.line)
        name = os.path.basename(path)  # noqa: PTH119
        told: tuple[SafeText, ...] = ()
        if one.value is not None:
            told = (*findings, clean(f"its value stands in {name}, line {one.line}"))
        value = Secret(one.value) if one.value is not None else None
        used = (self._service(one.service),)
        self.holdings.append(Holding(one.name, value, place, used, told))

    def _units(self) -> None:
        known = {spec.path for spec in self._operations.env_files}
        for service in self._system.services:
            if isinstance(service.runs_as, SystemdUnit):
                for path in self._unit_files(service.runs_as.unit):
                    self._unit_file(path, str(service.id.service), known)

    def _unit_files(self, unit: str) -> list[str]:
        """Return a unit's own file, the first that counts, and its drop-ins."""
        name = unit if "." in unit else f"{unit}.service"
        own = [f"{one}/{name}" for one in _UNIT_FOLDERS if name in self._files.names(one)][:1]
        drops = [f"{one}/{name}.d" for one in _UNIT_FOLDERS]
        return own + [
            f"{one}/{file}" for one in drops for file in self._files.names(one)
            if file.endswith(".conf")
        ]  # fmt: skip

    def _unit_file(self, path: str, service: str, known: set[str]) -> None:
        seen = self._file(path, is_needed=False)
        if seen is None:
            return
        variables, files = parse_unit(seen.data)
        for name, value, line in variables:
            if is_secret_variable(name, value):
                told = clean("a unit file is readable by everybody, and so is `systemctl show`")
                place = _place(UNIT, path, seen, line)
                self.holdings.append(Holding(name, Secret(value), place, (service,), (told,)))
        for env in files:
            if env not in known:
                self._env_file(env, None, (service,), is_copy=False)


def _place(
    kind: str, path: str, seen: SecretFile, line: int | None, target: str = ""
) -> SecretPlace:
    mode = clean(f"{seen.mode:04o} {seen.owner}:{seen.group}")
    return SecretPlace(kind, clean(path), line, mode, seen.modified, target)


def _repeated(text: EnvText, name: str) -> tuple[SafeText, ...]:
    values = {one.value for one in text.entries if one.name == name}
    return (SafeText("stands there twice; the last line counts"),) if len(values) > 1 else ()
