"""Builds what may be done to the systems from their Operations. The core never sees those.

Paths are absolute: relative ones start at the system's root.
"""

from pathlib import PurePosixPath

from config.addresses import Address
from config.backups import Backup, Repo
from config.commands import Command, JobTrigger, Judge, Scale, Tuning
from config.key_specs import key_store_spec, token_spec
from config.key_stores import ConfigFile, EnvFile, VariableRule
from config.loader import Loaded
from config.operations import Operations
from config.procedures import Procedure, Step, kind_of, on_failure_of
from config.systems import ComposeProject, System, profile_name
from core.model.operation import (
    BackupSpec,
    CommandSpec,
    ComposeSpec,
    ConfigFileSpec,
    EnvFileSpec,
    JudgeSpec,
    OperationsSpec,
    ProcedureSpec,
    ProcedureStep,
    RepoSpec,
    ScaleSpec,
    TriggerSpec,
    TuningSpec,
    VariableSpec,
)

_NO_OPERATIONS = Operations()


def operations_of(loaded: Loaded) -> dict[str, OperationsSpec]:
    """Return what may be done to each system of a configuration, by the system's name."""
    return {
        name: _Builder(name, system, loaded.operations.get(name, _NO_OPERATIONS)).spec()
        for name, system in loaded.settings.systems.items()
    }


class _Builder:
    """Builds the operations of one system."""

    def __init__(self, name: str, system: System, own: Operations) -> None:
        self._name = name
        self._system = system
        self._own = own

    def spec(self) -> OperationsSpec:
        """Return all of them."""
        own, compose = self._own, self._system.compose
        return OperationsSpec(
            system=self._name,
            root=self._system.root or "",
            compose=self._compose(compose) if compose else None,
            commands=tuple(self._command(name, one) for name, one in own.commands.items()),
            env_files=tuple(self._env_file(name, one) for name, one in own.env_files.items()),
            keys=tuple(
                key_store_spec(name, one, self._path, self._below, self._name)
                for name, one in own.keys.items()
            ),
            tokens=tuple(token_spec(name, one, self._below) for name, one in own.tokens.items()),
            config_files=tuple(
                self._config_file(name, one) for name, one in own.config_files.items()
            ),
            backups=tuple(self._backup(name, one) for name, one in own.backups.items()),
            repos=tuple(self._repo(name, one) for name, one in own.repos.items()),
            tuning=tuple(_tuning(name, one) for name, one in own.tuning.items()),
            scaling=tuple(self._scale(name, one) for name, one in own.scaling.items()),
            triggers=tuple(self._trigger(name, one) for name, one in own.triggers.items()),
            procedures=tuple(self._procedure(name, one) for name, one in own.procedures.items()),
        )

    def _compose(self, compose: ComposeProject) -> ComposeSpec:
        return ComposeSpec(
            project=compose.project,
            files=self._paths(compose.files),
            optional_files=self._paths(compose.optional_files),
            folder=self._path(compose.folder) or self._system.root or "",
            env_file=self._path(compose.env_file),
        )

    def _command(self, name: str, command: Command) -> CommandSpec:
        # A folder inside a container has nothing to do with the system's root.
        cwd = command.cwd if command.inside else self._path(command.cwd) or self._system.root
        return CommandSpec(
            name=name,
            argv=command.argv,
            title=command.title or name,
            inputs=tuple(command.inputs.items()),
            cwd=cwd or "",
            inside=command.inside,
            danger=command.danger,
            timeout_s=command.timeout,
            environment=tuple(command.environment.items()),
            judge=self._judge(command.judge) if command.judge else None,
            background=self._path(command.background.log) if command.background else "",
            known_by=command.background.known_by if command.background else (),
            absent=command.absent,
            alternatives=command.alternatives,
            note=command.note,
        )

    def _judge(self, judge: Judge) -> JudgeSpec:
        return JudgeSpec(
            exit=judge.exit,
            says=judge.says,
            never_says=judge.never_says,
            report=self._path(judge.report),
            report_path=judge.report_path,
            report_equals=judge.report_equals,
            fresh_s=judge.fresh,
        )

    def _env_file(self, name: str, env_file: EnvFile) -> EnvFileSpec:
        return EnvFileSpec(
            name=name,
            path=self._path(env_file.path),
            title=env_file.title or name,
            also=self._paths(env_file.also),
            template=self._path(env_file.template),
            read_by=env_file.read_by,
            apply=env_file.apply,
            variables=tuple(_variable(key, one) for key, one in env_file.variables.items()),
            note=env_file.note,
        )

    def _config_file(self, name: str, file: ConfigFile) -> ConfigFileSpec:
        # The slash at the end says that it is a folder.
        slash = "/" if file.path.endswith("/") else ""
        return ConfigFileSpec(
            name=name,
            path=self._path(file.path).rstrip("/") + slash,
            title=file.title or name,
            format=file.format,
            owner=file.owner,
            validate_with=file.validate_with,
            max_age_s=file.max_age,
            apply=file.apply,
            read_by=file.read_by,
            rules=file.rules,
            note=file.note,
        )

    def _backup(self, name: str, backup: Backup) -> BackupSpec:
        # What postgres copies is named by a variable or an address, not by a path.
        is_files = backup.kind != "postgres"
        return BackupSpec(
            name=name,
            target=self._path(backup.target),
            title=backup.title or name,
            kind=backup.kind,
            sources=self._paths(backup.sources) if is_files else backup.sources,
            also=self._paths(backup.also),
            service=backup.service,
            command=backup.command,
            mode=int(backup.mode, 8),
            keep_s=backup.keep,
            keep_at_least=backup.keep_at_least,
            max_age_s=backup.max_age,
            schedule=backup.schedule,
            schedule_line=backup.schedule_line,
            offsite=backup.offsite,
            restore_needs_stop=backup.restore_needs_stop,
            note=backup.note,
        )

    def _repo(self, name: str, repo: Repo) -> RepoSpec:
        return RepoSpec(
            name=name,
            path=self._path(repo.path),
            title=repo.title or name,
            remote=repo.remote,
            branch=repo.branch,
            url=repo.url,
            service=repo.service,
            venv=self._path(repo.venv),
            requirements=self._path(repo.requirements),
            deploy=repo.deploy,
            rollback=repo.rollback,
            note=repo.note,
        )

    def _scale(self, name: str, scale: Scale) -> ScaleSpec:
        return ScaleSpec(
            name=name,
            kind=scale.kind,
            service=scale.service,
            title=scale.title or name,
            namespace=scale.namespace,
            deployment=scale.deployment,
            replicas=scale.replicas,
            image=scale.image,
            file=self._path(scale.file),
            limits=tuple(scale.limits.items()),
            note=scale.note,
        )

    def _below(self, service: str, address: Address) -> str:
        known = self._system.services.get(service)
        return address.below(known.base_url if known else None).text

    def _trigger(self, name: str, trigger: JobTrigger) -> TriggerSpec:
        service = self._system.services.get(trigger.service)
        return TriggerSpec(
            name=name,
            service=trigger.service,
            base_url=service.base_url.text if service and service.base_url else "",
            paths=trigger.paths,
            method=trigger.method,
            jobs=trigger.jobs,
            success=trigger.success,
            cron_variables=tuple(trigger.cron_variables.items()),
            note=trigger.note,
        )

    def _procedure(self, name: str, procedure: Procedure) -> ProcedureSpec:
        return ProcedureSpec(
            name=name,
            title=procedure.title,
            steps=tuple(self._step(step) for step in procedure.steps),
            kind=procedure.kind,
            when=procedure.when,
            every_s=procedure.every,
            note=procedure.note,
            operations=procedure.operations,
        )

    def _step(self, step: Step) -> ProcedureStep:
        kind = kind_of(step)
        return ProcedureStep(
            title=step.title,
            kind=kind,
            what="" if kind == "wait" else getattr(step, kind),
            target=self._target(step),
            inputs=tuple(step.set_.items()),
            wait_s=step.wait or 0.0,
            until=step.until,
            within_s=step.within,
            is_gate=step.gate,
            is_optional=step.optional,
            on_failure=on_failure_of(step),
            link=step.link.text if step.link else "",
            note=step.note,
            operations=step.operations,
        )

    def _target(self, step: Step) -> str:
        family = step.action.partition(".")[0]
        if family == "folder":
            return self._path(step.target)
        # A profile knows its system by the name that it has there.
        is_whole = family == "compose" and step.target == profile_name(self._system)
        return self._name if is_whole else step.target

    def _path(self, path: str | None) -> str:
        """Return the path, below the system's root when it is relative."""
        if not path or path.startswith("/") or not self._system.root:
            return path or ""
        return str(PurePosixPath(self._system.root) / path)

    def _paths(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._path(path) for path in paths)


def _variable(name: str, rule: VariableRule) -> VariableSpec:
    return VariableSpec(
        name=name,
        is_required=rule.is_required,
        is_secret=rule.is_secret,
        one_of=rule.one_of,
        kind=rule.kind,
        least=rule.min,
        most=rule.max,
        note=rule.note,
    )


def _tuning(name: str, tuning: Tuning) -> TuningSpec:
    return TuningSpec(
        name=name,
        title=tuning.title or name,
        env_file=tuning.env_file,
        values=tuple(tuning.values.items()),
        redis=tuple(tuning.redis.items()),
        services=tuning.services,
        danger=tuning.danger,
        note=tuning.note,
    )
