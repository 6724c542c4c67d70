"""One process in full: its whole command, whose it is, what it uses, where it listens. Pure."""

from core.model.host import HostState, ListeningPort, ProcessRow
from core.model.snapshot import Snapshot
from core.model.views import Picture
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import clock_text, since_text
from widgets.present.fitting import cut, rule, width_of, wrap
from widgets.present.line import Line, Span, Tone, span
from widgets.present.numbers import bytes_text, cpu_text, plural
from widgets.present.processes import process_key
from widgets.present.services import label

_COMMAND_ROWS = 12
"""Most lines of a command; more than its 512 characters need in a usual room."""


def process_at(host: HostState, key: str) -> ProcessRow | None:
    """Return the process with a key of its row; None when it has ended."""
    return next((one for one in host.processes if process_key(one) == key), None)


def key_of_pid(host: HostState, pid: int | None) -> str:
    """Return the key of the process that has a pid now; empty when none has."""
    return next((process_key(one) for one in host.processes if one.pid == pid), "")


def process_lines(row: ProcessRow | None, picture: Picture, width: int) -> tuple[Line, ...]:
    """Return the description of a process for a room of `width` cells."""
    if row is None:
        gone = "it has ended, or is none of those that are listed any more"
        return (rule("Process", width), absence_line(Absence.NONE, "", gone))
    now = picture.now
    started = f"{clock_text(row.started_at, now)}, {since_text(row.started_at, now)} ago"
    uses = (
        f"CPU {cpu_text(row.cpu_percent)}   memory {bytes_text(row.memory_bytes)}"
        f"   {plural(row.threads, 'thread')}"
    )
    told = (
        label("pid", str(row.pid), span(f"   user {row.user}   {row.state}", Tone.DIM)),
        label("started", started),
        label("uses", uses),
        label("listens", *_listening(row, picture.snapshot.host)),
        label("service", _services_text(row, picture.snapshot)),
    )
    return (
        rule("Process", width, str(row.name)),
        *(cut(one, width) for one in told),
        *_command(row, width),
    )


def _command(row: ProcessRow, width: int) -> tuple[Line, ...]:
    name = label("command")
    cells = width_of(name)
    lines = wrap(str(row.command or row.name), width - cells, _COMMAND_ROWS)
    return tuple(
        (*(name if number == 0 else (span(" " * cells),)), *one) for number, one in enumerate(lines)
    )


def _listening(row: ProcessRow, host: HostState) -> tuple[Span, ...]:
    """Return the sockets of a process, or why none is known."""
    if host.ports_at is None:
        return (span(Absence.LOADING.value, Tone.DIM),)
    found = [one for one in host.ports if one.pid == row.pid]
    if found:
        return (span(", ".join(_socket_text(one) for one in found)),)
    hidden = sum(one.pid is None for one in host.ports)
    doubt = f" that we may see: the owners of {plural(hidden, 'port')} are hidden from us"
    return (span(f"on no port{doubt if hidden else ''}", Tone.DIM),)


def _socket_text(port: ListeningPort) -> str:
    address = f"[{port.address}]" if ":" in port.address else port.address
    return f"{address}:{port.port} {port.protocol}"


def _services_text(row: ProcessRow, snapshot: Snapshot) -> str:
    """Return which configured services run as this process."""
    names = [
        f"{service.system}/{service.service}"
        for service, runtime in snapshot.runtimes.items()
        if runtime.pid == row.pid
    ]
    return ", ".join(names) or "none of those that are watched"
