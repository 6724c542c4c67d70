"""The last lines of a service's logs, as far as they are files, for whoever looks for one event."""

from core.logs.files.log_file import LogFile
from core.model.ids import ServiceId
from core.model.text import SafeText, clean_lines
from core.model.topology import Topology

TAIL_BYTES = 128 * 1024


def tail_lines(topology: Topology, service: str) -> tuple[SafeText, ...]:
    """Return the last whole lines of the logs of `system/service`. Blocking, bounded.

    A log that is a container's or the journal's, or cannot be read, has none here.
    """
    found: list[SafeText] = []
    for path in _paths(topology, service):
        found += _tail(path)
    return tuple(found)


def _paths(topology: Topology, service: str) -> tuple[str, ...]:
    services = (one for system in topology.systems for one in system.services)
    return tuple(
        spec.path
        for one in services
        if _name(one.id) == service
        for spec in one.logs
        if spec.path and not spec.container and not spec.journal
    )


def _name(service: ServiceId) -> str:
    return f"{service.system}/{service.service}"


def _tail(path: str) -> tuple[SafeText, ...]:
    log = LogFile(path)
    try:
        log.poll(0.0)
        if not log.segments:
            return ()
        newest = log.segments[-1]
        begin = max(newest.begin_byte, newest.end_byte - TAIL_BYTES)
        lines = clean_lines(newest.read(begin, newest.end_byte - begin))
        return lines[1:] if begin > newest.begin_byte else lines
    finally:
        log.close()
