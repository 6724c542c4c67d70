"""Builds what is watched from the settings. The core never sees the settings."""

import os
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from config.addresses import REDIS
from config.checks import Check, Expect, Metrics
from config.redis_specs import redis_spec
from config.references import has_reference, parse_secret
from config.services import (
    Compose,
    Docker,
    LogFile,
    Process,
    RunsAs,
    Service,
    ServiceLogs,
    StatusPage,
    Swarm,
    Systemd,
)
from config.settings import Settings
from config.systems import Redis, System
from core.model.check import CheckKind, CheckSpec, Expectation
from core.model.ids import CheckId, ServiceId
from core.model.redis_spec import RedisSpec
from core.model.secret import Secret
from core.model.topology import (
    ComposeService,
    DockerContainer,
    LogFormatSpec,
    LogQuerySpec,
    LogSpec,
    MetricsSpec,
    PlainProcess,
    RetentionSpec,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
    SystemSpec,
    Topology,
)
from core.model.topology import RunsAs as RunsAsSpec

if TYPE_CHECKING:
    from config.backups import Retention
    from config.operations import Operations
    from config.procedures import LogView

_KIND_OF_SCHEME = {
    "tcp": CheckKind.TCP,
    **dict.fromkeys(REDIS, CheckKind.REDIS),
}


def topology_of(
    settings: Settings,
    env: Mapping[str, str] | None = None,
    operations: "Mapping[str, Operations] | None" = None,
) -> Topology:
    """Return the systems, services, checks and logs that the settings describe.

    `env` is where references to secrets are read; None: the process environment. `operations` has
    the saved queries of logs and their retention, by system.
    """
    environment = os.environ if env is None else env
    own = operations or {}
    systems = tuple(
        _system(name, system, environment, own.get(name))
        for name, system in settings.systems.items()
    )
    asked = settings.host.log_folders if settings.host else ()
    folders = (*asked, *(folder for system in systems for folder in _folders(system)))
    return Topology(
        environment=settings.environment,
        is_read_only=settings.read_only,
        systems=systems,
        log_folders=tuple(dict.fromkeys(folders)),
        docker_url=settings.docker.url.text if settings.docker and settings.docker.url else "",
        label=settings.label,
        log_formats=tuple(
            LogFormatSpec(name, one.pattern, one.time_format)
            for name, one in settings.log_formats.items()
        ),
    )


def _system(
    name: str, system: System, env: Mapping[str, str], operations: "Operations | None"
) -> SystemSpec:
    builder = _Builder(name, system, env)
    services = [builder.service(key, service) for key, service in system.services.items()]
    has_redis_check = any(
        check.kind is CheckKind.REDIS for service in services for check in service.checks
    )
    if system.redis and system.redis.url and not has_redis_check:
        services = builder.with_redis(services, system.redis)
    services += [builder.status_page(key, page) for key, page in system.status_pages.items()]
    return SystemSpec(
        name=name,
        title=system.title or name,
        profile=system.profile,
        services=tuple(services),
        root=system.root or "",
        logs=tuple(builder.log(key, log) for key, log in system.logs.items()),
        log_queries=_log_queries(operations.log_views) if operations else (),
        retention=builder.retention(operations.retention) if operations else (),
        redis=_redis(name, system, services, operations),
    )


def _redis(
    name: str,
    system: System,
    services: Sequence[ServiceSpec],
    operations: "Operations | None",
) -> tuple[RedisSpec, ...]:
    """Return the system's servers; the configured views belong to the first of them."""
    servers = [
        f"{name}/{service.id.service}"
        for service in services
        if any(check.kind is CheckKind.REDIS for check in service.checks)
    ]
    if not servers:
        return ()
    cap = system.redis.commands_per_s if system.redis else RedisSpec("").commands_per_s
    return tuple(
        redis_spec(server, name, operations if at == 0 else None, cap)
        for at, server in enumerate(servers)
    )


def _log_queries(views: "Mapping[str, LogView]") -> tuple[LogQuerySpec, ...]:
    return tuple(
        LogQuerySpec(
            name=name,
            title=view.title or name,
            log=view.log,
            filter=view.filter,
            count_by=view.count_by,
            measure=view.measure,
            window_s=view.window,
            last=view.last,
            is_personal_data=view.personal_data,
            note=view.note,
        )
        for name, view in views.items()
    )


class _Builder:
    """Builds the services of one system."""

    def __init__(self, name: str, system: System, env: Mapping[str, str]) -> None:
        self._name = name
        self._system = system
        self._env = env

    def service(self, key: str, service: Service) -> ServiceSpec:
        """Return one service."""
        own = ServiceId(self._name, key)
        return ServiceSpec(
            id=own,
            title=service.title or key,
            runs_as=self._runs_as(service.runs_as),
            checks=tuple(
                self._check(CheckId(own, name), check, service)
                for name, check in service.checks.items()
            ),
            metrics=self._metrics(service.metrics, service),
            logs=self._logs(key, service.logs, service.runs_as),
            depends_on=tuple(self._id(wanted) for wanted in service.depends_on),
            is_outside=service.outside,
        )

    def with_redis(self, services: list[ServiceSpec], redis: Redis) -> list[ServiceSpec]:
        """Return the services with a check of the system's Redis on the service `redis`."""
        own = ServiceId(self._name, "redis")
        check = self._redis_check(CheckId(own, "redis"), redis)
        for index, service in enumerate(services):
            if service.id == own:
                changed = ServiceSpec(
                    id=own,
                    title=service.title,
                    runs_as=service.runs_as,
                    checks=(*service.checks, check),
                    metrics=service.metrics,
                    logs=service.logs,
                    depends_on=service.depends_on,
                    is_outside=service.is_outside,
                )
                return [*services[:index], changed, *services[index + 1 :]]
        return [*services, ServiceSpec(own, "Redis", None, (check,))]

    def status_page(self, key: str, page: StatusPage) -> ServiceSpec:
        """Return an outside provider as a service."""
        own = ServiceId(self._name, key)
        check = CheckSpec(
            id=CheckId(own, "status"),
            kind=CheckKind.STATUS_PAGE,
            url=page.url.text,
            secret=page.url.secret,
            every_s=page.every,
            timeout_s=page.timeout,
            note=page.note,
        )
        return ServiceSpec(own, page.title or key, None, (check,), is_outside=True)

    def log(self, name: str, log: LogFile) -> LogSpec:
        """Return a log on disk."""
        return LogSpec(
            name,
            self._path(log.path),
            retention=log.retention,
            format=log.format,
            zone=log.zone or "",
            note=log.note,
        )

    def retention(self, classes: "Mapping[str, Retention]") -> tuple[RetentionSpec, ...]:
        """Return how long each class of logs is kept."""
        return tuple(
            RetentionSpec(
                name,
                one.keep,
                one.compress_after,
                tuple(self._path(path) for path in one.paths),
                one.note,
            )
            for name, one in classes.items()
        )

    def _check(self, own: CheckId, check: Check, service: Service) -> CheckSpec:
        address = check.url.below(service.base_url)
        kind = check.kind or _KIND_OF_SCHEME.get(urlsplit(address.text).scheme, CheckKind.HEALTH)
        return CheckSpec(
            id=own,
            kind=kind,
            url=address.text,
            secret=address.secret,
            every_s=check.every,
            timeout_s=check.timeout,
            method=check.method,
            headers=_headers(check.headers, self._env),
            expect=_expectation(check.expect),
            note=check.note,
            ca_file=self._path(check.ca_file) if check.ca_file else None,
        )

    def _metrics(self, metrics: Metrics | None, service: Service) -> MetricsSpec | None:
        if metrics is None:
            return None
        address = metrics.url.below(service.base_url)
        return MetricsSpec(
            url=address.text,
            every_s=metrics.every,
            timeout_s=metrics.timeout,
            known_as=metrics.known_as,
            headers=_headers(metrics.headers, self._env),
            secret=address.secret,
            ca_file=self._path(metrics.ca_file) if metrics.ca_file else None,
        )

    def _redis_check(self, own: CheckId, redis: Redis) -> CheckSpec:
        address = redis.url
        if address is None:
            raise ValueError("a Redis without an address has no check")
        secret = address.secret
        if secret is None and redis.password is not None:
            secret = _with_password(address.text, redis, redis.password.read(self._env))
        return CheckSpec(
            id=own,
            kind=CheckKind.REDIS,
            url=address.text,
            secret=secret,
            note=redis.note,
            ca_file=self._path(redis.ca_file) if redis.ca_file else None,
        )

    def _runs_as(self, runs_as: RunsAs | None) -> RunsAsSpec | None:
        match runs_as:
            case RunsAs(compose=Compose() as one):
                of_system = self._system.compose.project if self._system.compose else ""
                found = ComposeService(one.project or of_system, one.service, one.aliases)
            case RunsAs(systemd=Systemd() as one):
                found = SystemdUnit(one.unit)
            case RunsAs(docker=Docker() as one):
                found = DockerContainer(one.container)
            case RunsAs(swarm=Swarm() as one):
                found = SwarmService(one.service)
            case RunsAs(process=Process() as one):
                found = PlainProcess(
                    command=one.command,
                    cwd=self._path(one.cwd or ""),
                    pidfile=self._path(one.pidfile or ""),
                    log=self._path(one.log or ""),
                    start=one.start,
                )
            case _:
                found = None
        return found

    def _logs(
        self, key: str, logs: ServiceLogs | None, runs_as: RunsAs | None
    ) -> tuple[LogSpec, ...]:
        found: list[LogSpec] = []
        if logs is not None:
            # A user who runs a profile's service another way need not switch these off too.
            if logs.container and runs_as and not (runs_as.systemd or runs_as.process):
                found.append(
                    LogSpec(
                        f"{key}.container", container=True, format=logs.format, zone=logs.zone or ""
                    )
                )
            unit = logs.unit or (runs_as.systemd.unit if runs_as and runs_as.systemd else "")
            if unit and (logs.journal or logs.unit):
                found.append(
                    LogSpec(
                        f"{key}.journal",
                        journal=True,
                        unit=unit,
                        format=logs.format,
                        zone=logs.zone or "",
                    )
                )
            found += [self.log(name, log) for name, log in logs.files.items()]
        process_log = runs_as.process.log if runs_as and runs_as.process else None
        if process_log and not any(one.path == self._path(process_log) for one in found):
            found.append(LogSpec(f"{key}.output", self._path(process_log)))
        return tuple(found)

    def _id(self, wanted: str) -> ServiceId:
        owner, _, service = wanted.rpartition("/")
        return ServiceId(owner or self._name, service)

    def _path(self, path: str) -> str:
        """Return the path, below the system's root when it is relative."""
        if not path or path.startswith("/") or not self._system.root:
            return path
        return str(PurePosixPath(self._system.root) / path)


def _expectation(expect: Expect | None) -> Expectation:
    if expect is None:
        return Expectation()
    return Expectation(
        ok_words=expect.status,
        http_statuses=expect.http,
        conditions=expect.conditions,
        max_age_s=expect.max_age,
        slow_s=expect.slow,
        headers=expect.headers,
    )


def _headers(headers: Mapping[str, str], env: Mapping[str, str]) -> tuple[tuple[str, Secret], ...]:
    return tuple((name, _header(text, env)) for name, text in headers.items())


def _header(text: str, env: Mapping[str, str]) -> Secret:
    return parse_secret(text).read(env) if has_reference(text) or "file:/" in text else Secret(text)


def _with_password(url: str, redis: Redis, password: Secret) -> Secret:
    scheme, _, rest = url.partition("://")
    user = quote(redis.username, safe="")
    return Secret(f"{scheme}://{user}:{quote(password.reveal(), safe='')}@{rest}")


def _folders(system: SystemSpec) -> tuple[str, ...]:
    """Return the folders of the system's logs."""
    logs = (*system.logs, *(log for service in system.services for log in service.logs))
    return tuple(str(PurePosixPath(log.path).parent) for log in logs if log.path.startswith("/"))
