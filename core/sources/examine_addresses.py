"""Which network addresses of a system `doctor` looks at, and how. Pure."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from core.model.check import CheckId, CheckKind, CheckSpec
from core.model.topology import SystemSpec

_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_PORTS = {"http": 80, "https": 443}


def http_checks(system: SystemSpec) -> tuple[CheckSpec, ...]:
    """Return what is asked over HTTP; a metrics endpoint is a check of its own."""
    found: list[CheckSpec] = []
    for service in system.services:
        found += (check for check in service.checks if _is_http(check) and _is_read_only(check))
        if (metrics := service.metrics) is not None:
            found.append(
                CheckSpec(
                    CheckId(service.id, "metrics"),
                    CheckKind.API,
                    metrics.url,
                    timeout_s=metrics.timeout_s,
                    headers=metrics.headers,
                    secret=metrics.secret,
                    ca_file=metrics.ca_file,
                )
            )
    return tuple(found)


def port_checks(system: SystemSpec) -> Iterator[CheckSpec]:
    """Yield what is only dialled: ports, and HTTP addresses that would be made to do something."""
    for service in system.services:
        for check in service.checks:
            if check.kind is CheckKind.TCP or (_is_http(check) and not _is_read_only(check)):
                yield check


def _is_http(check: CheckSpec) -> bool:
    return check.url.partition("://")[0].lower() in _PORTS


def _is_read_only(check: CheckSpec) -> bool:
    """Return whether asking changes nothing, as far as the method says."""
    return check.method in _READING


def place_of(url: str) -> tuple[str, int] | None:
    """Return host and port of an address; None for one that cannot be read (`validate` tells)."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    return (parts.hostname, port) if parts.hostname and port else None


def use_of(check: CheckSpec) -> str:
    """Return what a check's address is for."""
    sent = "" if _is_read_only(check) else f": {check.method} is not sent"
    return f"{check.id.service.service}/{check.id.check}{sent}"


def told(uses: Sequence[str]) -> str:
    """Return what an address is for, the first few uses."""
    more = f" and {len(uses) - 4} more" if len(uses) > 4 else ""
    return f"(for {', '.join(uses[:4])}{more})"
