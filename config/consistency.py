"""Checks what no single value can tell.

Names that must exist, addresses that need a base, references that must be set for what is watched.
"""

from collections.abc import Iterator
from collections.abc import Mapping as Env

from config.checks import Check
from config.problems import Problem, nearest, word
from config.references import ReferenceBroken, has_reference, parse_secret
from config.services import LogFile, Service
from config.settings import Settings
from config.state import State
from config.systems import System
from config.yaml_tree import Location, Mapping, path_text, place_at
from core.errors import ConfigError
from core.model.check import CheckKind

MAX_TARGETS = 10_000
_REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})
_PLAIN_HEADERS = frozenset(
    {
        "accept",
        "accept-language",
        "cache-control",
        "content-type",
        "host",
        "origin",
        "user-agent",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-request-id",
    }
)
"""Headers that hold no secret, so their value may stand in the file."""


def inconsistencies(settings: Settings, tree: Mapping, env: Env[str, str]) -> Iterator[Problem]:
    """Yield everything wrong between the parts of a configuration that are each right."""
    targets = 0
    for path, what, remedy in _all(settings, env):
        yield Problem(place_at(tree, path), path_text(path), what, remedy)
    for system in settings.systems.values():
        targets += len(system.status_pages) + sum(
            len(one.checks) for one in system.services.values()
        )
    if targets > MAX_TARGETS:
        place = place_at(tree, ("systems",))
        what = f"{targets} checks; one console watches at most {MAX_TARGETS}"
        yield Problem(place, "systems", what, "share the systems between several files")


_Finding = tuple[Location, str, str]


def _all(settings: Settings, env: Env[str, str]) -> Iterator[_Finding]:
    if settings.log_formats:
        yield from _log_formats(settings)
    if settings.state is not None:
        yield from _redis_locks(settings.state, settings)
    for name, system in settings.systems.items():
        here = ("systems", name)
        yield from _log_files((*here, "logs"), system.logs, settings)
        yield from _redis(here, system, env)
        for service_name, service in system.services.items():
            place = (*here, "services", service_name)
            yield from _dependencies(place, service, service_name, name, settings)
            yield from _service(place, service, system, env)
            if service.logs is not None:
                yield from _log_format((*place, "logs"), service.logs.format, settings)
                yield from _log_files((*place, "logs", "files"), service.logs.files, settings)
        for page in system.status_pages.keys() & system.services.keys():
            what = f"{word(page)} is a service too"
            yield (*here, "status_pages", page), what, "give the status page another name"


def _redis_locks(state: State, settings: Settings) -> Iterator[_Finding]:
    known = {
        f"{system}/{service}"
        for system, one in settings.systems.items()
        for service in _redis_services(one)
    }
    for index, wanted in enumerate(state.redis_lock):
        if wanted not in known:
            remedy = nearest(wanted, known) if known else "give the system a `redis:` first"
            yield ("state", "redis_lock", index), f"no Redis {word(wanted)}", remedy


def _redis_services(system: System) -> Iterator[str]:
    """Yield the services that have the address of a Redis."""
    if system.redis is not None and system.redis.url is not None:
        yield "redis"
    for name, service in system.services.items():
        if any(map(_is_redis, service.checks.values())):
            yield name


def _is_redis(check: Check) -> bool:
    if check.kind is not None:
        return check.kind is CheckKind.REDIS
    return check.url.text.partition("://")[0] in _REDIS_SCHEMES


def _log_formats(settings: Settings) -> Iterator[_Finding]:
    from core.logs.parse.custom import custom  # noqa: PLC0415 - few files have formats

    for name, one in settings.log_formats.items():
        try:
            custom(name, one.pattern, one.time_format)
        except ConfigError as error:
            key = "time_format" if "time format" in str(error) else "pattern"
            what = str(error).removeprefix(f"log format {name}: ")
            what, _, remedy = what.partition("; ")
            yield ("log_formats", name, key), what, remedy or "see docs/log-formats.md"


def _log_files(place: Location, files: Env[str, LogFile], settings: Settings) -> Iterator[_Finding]:
    for name, log in files.items():
        yield from _log_format((*place, name), log.format, settings)


def _log_format(place: Location, given: str, settings: Settings) -> Iterator[_Finding]:
    if given != "auto" and given not in settings.log_formats:
        what = f"no log format {word(given)}"
        yield (*place, "format"), what, nearest(given, {"auto", *settings.log_formats})


def _redis(here: Location, system: System, env: Env[str, str]) -> Iterator[_Finding]:
    redis = system.redis
    if redis is not None and redis.password is not None:
        yield from _unread((*here, "redis", "password"), redis.password.text, env)


def _dependencies(
    place: Location, service: Service, name: str, system: str, settings: Settings
) -> Iterator[_Finding]:
    for index, wanted in enumerate(service.depends_on):
        path = (*place, "depends_on", index)
        owner, _, other = wanted.rpartition("/")
        there = settings.systems.get(owner or system)
        if there is None:
            yield path, f"no system {word(owner)}", nearest(owner, settings.systems)
            continue
        known = names_of(there)
        if other not in known:
            yield path, f"no service {word(other)}", nearest(other, known - {name})
        elif (owner or system, other) == (system, name):
            yield path, "a service cannot depend on itself", "remove it"


def names_of(system: System) -> frozenset[str]:
    """Return the names of a system's services, with those its Redis and status pages become."""
    own = {*system.services, *system.status_pages}
    has_redis = system.redis is not None and system.redis.url is not None
    return frozenset(own | {"redis"} if has_redis else own)


def _service(
    place: Location, service: Service, system: System, env: Env[str, str]
) -> Iterator[_Finding]:
    remedy = "add `base_url:` to the service, or write the whole address"
    for check_name, check in service.checks.items():
        path = (*place, "checks", check_name)
        if check.url.is_relative and service.base_url is None:
            yield (*path, "url"), "a path without a base_url", remedy
        yield from _check_times(path, check)
        yield from _headers(path, check.headers, env)
    if service.metrics is not None:
        path = (*place, "metrics")
        if service.metrics.url.is_relative and service.base_url is None:
            yield (*path, "url"), "a path without a base_url", remedy
        yield from _headers(path, service.metrics.headers, env)
    compose = service.runs_as.compose if service.runs_as else None
    if compose and not compose.project and not (system.compose and system.compose.project):
        what = "the compose project is not named"
        yield (
            (*place, "runs_as", "compose"),
            what,
            "add `project:`, here or in the system's `compose`",
        )


def _check_times(path: Location, check: Check) -> Iterator[_Finding]:
    if check.every < 0.1:
        yield (*path, "every"), "probes more often than ten times a second", "write 1s or more"
    if not 0 < check.timeout <= 300:
        yield (*path, "timeout"), "should be more than 0 and at most 5m", "write 5s"


def _headers(path: Location, headers: Env[str, str], env: Env[str, str]) -> Iterator[_Finding]:
    for header, text in headers.items():
        yield from _header((*path, "headers", header), header, text, env)


def _header(path: Location, header: str, text: str, env: Env[str, str]) -> Iterator[_Finding]:
    if not header.replace("-", "").replace("_", "").isalnum() or not header.isascii():
        yield path, "not the name of a header", "use letters, digits and -"
    elif header.lower() in _PLAIN_HEADERS and not has_reference(text):
        if not text.isprintable() or not text.isascii():
            yield path, "a header holds printable ASCII only", "remove the other characters"
    else:
        yield from _unread(path, text, env)


def _unread(path: Location, text: str, env: Env[str, str]) -> Iterator[_Finding]:
    """Yield why a secret that is in use cannot be read."""
    try:
        parse_secret(text).read(env)
    except ReferenceBroken as broken:
        yield path, broken.what, broken.remedy
