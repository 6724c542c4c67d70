"""Processes and listening ports as cells of a table row. Pure."""

from datetime import datetime

from core.model.host import ListeningPort, ProcessRow
from core.model.text import SafeText, clean
from widgets.present.durations import since_text
from widgets.present.line import Line, Tone, line, span
from widgets.present.numbers import MISSING, bytes_text, cpu_text

Sort = tuple[float | str | None, ...]

BUSY_PERCENT = 90.0
"""A process that uses this much of a core is shown in warning."""


def process_key(row: ProcessRow) -> str:
    """Return the identity of a process: pids are reused, so the start belongs to it."""
    return f"{row.pid}@{row.started_at.timestamp():.2f}"


def process_cells(row: ProcessRow, now: datetime) -> tuple[Line, ...]:
    """Return pid, user, CPU, memory, threads, state, age, command."""
    cpu = row.cpu_percent
    is_busy = cpu is not None and cpu >= BUSY_PERCENT
    tone = Tone.DEGRADED if is_busy else (Tone.DIM if not cpu else Tone.PLAIN)
    arguments = str(row.command).removeprefix(str(row.name))
    is_same = len(arguments) < len(row.command)
    command = (
        span(row.name, bold=True),
        span(arguments if is_same else f"  {row.command}", Tone.DIM),
    )
    return (
        line(str(row.pid)),
        line(span(row.user, Tone.DIM)),
        line(span(cpu_text(cpu), tone, bold=is_busy)),
        line(bytes_text(row.memory_bytes)),
        line(span(str(row.threads), Tone.DIM)),
        line(span(row.state, Tone.DOWN if row.state == "zombie" else Tone.DIM)),
        line(span(since_text(row.started_at, now), Tone.DIM)),
        command,
    )


def process_sort(row: ProcessRow) -> Sort:
    """Return what each cell sorts by."""
    return (
        float(row.pid),
        str(row.user),
        row.cpu_percent,
        float(row.memory_bytes),
        float(row.threads),
        row.state,
        -row.started_at.timestamp(),
        str(row.command),
    )


def process_search(row: ProcessRow) -> SafeText:
    """Return what a filter looks at."""
    return clean(f"{row.pid} {row.user} {row.name} {row.command}")


def port_key(row: ListeningPort) -> str:
    """Return the identity of a listening socket."""
    return f"{row.protocol} {row.address} {row.port} {row.pid}"


def port_cells(row: ListeningPort) -> tuple[Line, ...]:
    """Return port, protocol, address, who listens."""
    is_open = row.address in {"0.0.0.0", "::", "*"}  # noqa: S104 - compared, not bound
    where = span(f"{row.address} (all)" if is_open else str(row.address))
    if row.pid is None:
        owner = span("another user's process", Tone.DIM)
    else:
        owner = span(f"{row.process or MISSING} ({row.pid})")
    return (
        line(span(str(row.port), bold=True)),
        line(span(row.protocol, Tone.DIM)),
        line(where),
        line(owner),
    )


def port_sort(row: ListeningPort) -> Sort:
    """Return what each cell sorts by."""
    return (float(row.port), row.protocol, str(row.address), str(row.process))


def port_search(row: ListeningPort) -> SafeText:
    """Return what a filter looks at."""
    return clean(f"{row.port} {row.protocol} {row.address} {row.process} {row.pid}")


def is_process_fault(row: ProcessRow) -> bool:
    """Tell whether "faults only" keeps a process: a zombie, or one that eats a core."""
    return row.state == "zombie" or (row.cpu_percent or 0.0) >= BUSY_PERCENT
