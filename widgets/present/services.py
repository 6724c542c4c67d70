"""A service as a row, as trouble in one line, and as a block of lines. Pure."""

from collections.abc import Sequence
from datetime import datetime

from core.model.runtime_state import RuntimeState
from core.model.topology import (
    ComposeService,
    DockerContainer,
    PlainProcess,
    RunsAs,
    ServiceSpec,
    SwarmService,
    SystemdUnit,
)
from core.model.verdict import Verdict
from core.model.views import CheckView, ServiceView, SystemView
from widgets.present.absence import Absence, absence_line
from widgets.present.durations import since_text
from widgets.present.fitting import cut, fit, width_of, wrap
from widgets.present.line import Line, Span, Tone, line, span, tone_of
from widgets.present.numbers import MISSING, bytes_text, cpu_text, latency_text, percent_text
from widgets.present.verdicts import is_loading, sign

_LABEL_CELLS = 11
_AGE_CELLS = 9
_MIN_REASON_CELLS = 12


def lead_check(view: ServiceView) -> CheckView | None:
    """Return the check that speaks for a service: its worst one, the first of equals."""
    return max(view.checks, key=lambda check: check.verdict.rank, default=None)


def timed_check(view: ServiceView) -> CheckView | None:
    """Return the first check whose answers were timed: the one whose latency is drawn."""
    for check in view.checks:
        if check.p50_s is not None:
            return check
    return None


def latencies(check: CheckView | None, count: int) -> tuple[float | None, ...]:
    """Return the last latencies of a check in seconds, oldest first; None where none came."""
    if check is None or check.status is None:
        return ()
    return tuple(probe.latency_s for probe in check.status.history[-count:])


def name_span(view: ServiceView, *, is_selected: bool = False) -> Span:
    """Return a service's name: bold when in trouble, reversed under the cursor."""
    tone = Tone.DIM if is_loading(view) else tone_of(view.verdict)
    if view.verdict is Verdict.OK:
        tone = Tone.PLAIN
    bold = view.verdict is not Verdict.OK and not is_loading(view)
    text = span(view.spec.id.service).text
    return Span(text, Tone.ACCENT if is_selected else tone, bold or is_selected, is_selected)


def chip(view: ServiceView, *, is_selected: bool = False) -> Line:
    """Return shape and name, as a card's strip of services shows it: `✖ proxy-service`."""
    shape = sign(view.verdict, loading=is_loading(view))
    return (shape, span(" "), name_span(view, is_selected=is_selected))


def why(view: ServiceView) -> Line:
    """Return why a service is as it is; a consequence is told as one."""
    if view.because:
        text = line(span("because ", Tone.DIM), span(f"{view.because} is down", Tone.PLAIN))
        return (*text, span(f"  ({view.reason})", Tone.DIM)) if view.reason else text
    if is_loading(view):
        return absence_line(Absence.LOADING)
    tone = Tone.DIM if view.verdict is Verdict.OK else Tone.PLAIN
    return line(span(view.reason or view.state, tone))


def trouble_lines(
    view: ServiceView,
    width: int,
    name_cells: int,
    now: datetime,
    *,
    rows: int = 1,
    hidden: int = 0,
    told_since: datetime | None = None,
) -> list[Line]:
    """Return one service in trouble: shape, name, why, and for how long at the right edge.

    A reason that is too long for one line goes on in the next ones, `rows` at most. Where others
    in trouble are hidden, their number stands in the place of the age. An age that is told
    already (`told_since`) leaves its room to a reason that needs it.
    """
    head = (*fit(chip(view), name_cells + 2), span("  "))
    room = width - width_of(head) - _AGE_CELLS - 1
    is_told = told_since is not None and since_text(told_since, now) == since_text(view.since, now)
    is_long = len(view.reason) > room
    if room < _MIN_REASON_CELLS or (is_told and is_long and rows == 1 and not hidden):
        return [cut((*head, *why(view)), width)]
    age = span(since_text(view.since, now).rjust(_AGE_CELLS), Tone.DIM)
    if hidden:
        age = span(f"+{hidden} more".rjust(_AGE_CELLS), tone_of(view.verdict), bold=True)
    told = [why(view)]
    if rows > 1 and not view.because:
        told = list(wrap(view.reason or view.state, room, rows))
    first = (*head, *fit(told[0], room), span(" "), age)
    return [first, *((span(" " * width_of(head)), *one) for one in told[1:])]


def roots_first(views: Sequence[ServiceView]) -> tuple[ServiceView, ...]:
    """Return services in trouble: causes before consequences, worst first, else as configured."""
    troubled = [view for view in views if view.verdict is not Verdict.OK and not is_loading(view)]
    return tuple(sorted(troubled, key=lambda view: (bool(view.because), -view.verdict.rank)))


def state_line(view: ServiceView) -> Line:
    """Return the process manager's word, short enough for a column: `running`, `exited 137`."""
    runtime = view.runtime
    if runtime is None:
        if view.spec.runs_as is None:
            return line(span("outside" if view.spec.is_outside else MISSING, Tone.DIM))
        return line(span(Absence.LOADING.value, Tone.DIM))
    tone = Tone.PLAIN if runtime.verdict is Verdict.OK else tone_of(runtime.verdict)
    text = str(runtime.state)
    if runtime.exit_code is not None and text not in {"running", "active"}:
        text = f"{text} {runtime.exit_code}"
    return line(span(text, tone))


def _place(where: RunsAs | None) -> str:
    """Return where the configuration says that a service runs."""
    match where:
        case SystemdUnit(unit):
            return f"systemd unit {unit}"
        case ComposeService(project, service):
            return f"compose {project} / {service}"
        case DockerContainer(container):
            return f"container {container}"
        case SwarmService(service):
            return f"swarm service {service}"
        case PlainProcess(command, _, pidfile):
            return f"process {' '.join(command) or pidfile}"
        case None:
            return "nowhere that is watched"


def label(name: str, *rest: str | Span) -> Line:
    """Return a line with its name in a column of its own."""
    return line(span(f"{name:<{_LABEL_CELLS}}", Tone.LABEL), *rest)


def runtime_lines(view: ServiceView, now: datetime) -> tuple[Line, ...]:
    """Return where a service runs and how that place sees it."""
    place = label("runs as", _place(view.spec.runs_as))
    if view.spec.is_outside:
        return (label("runs as", "an outside provider, not ours"),)
    runtime = view.runtime
    if runtime is None:
        if view.spec.runs_as is None:
            return (place,)
        return (place, label("state", span(Absence.LOADING.value, Tone.DIM)))
    lines = [place, _found_line(runtime, now), _run_line(runtime, now)]
    lines.append(label("uses", *_use_spans(runtime)))
    if runtime.image:
        lines.append(label("image", runtime.image))
    if runtime.fingerprint:
        lines.append(label("this run", span(str(runtime.fingerprint)[:40], Tone.DIM)))
    return tuple(lines)


def _found_line(runtime: RuntimeState, now: datetime) -> Line:
    """Return the manager's word, what it called the thing, and how old that is."""
    tone = Tone.PLAIN if runtime.verdict is Verdict.OK else tone_of(runtime.verdict)
    said = span(str(runtime.state), tone, bold=runtime.verdict is not Verdict.OK)
    reason = f": {runtime.reason}" if runtime.reason else ""
    seen = f"  ({runtime.kind} {runtime.name}, seen {since_text(runtime.observed_at, now)} ago)"
    return label("state", said, span(reason), span(seen, Tone.DIM))


def _run_line(runtime: RuntimeState, now: datetime) -> Line:
    restarts = MISSING if runtime.restarts is None else str(runtime.restarts)
    exit_code = MISSING if runtime.exit_code is None else str(runtime.exit_code)
    pid = MISSING if runtime.pid is None else str(runtime.pid)
    rest = span(f"  restarts {restarts}  exit code {exit_code}  pid {pid}")
    return label("up for", span(since_text(runtime.started_at, now)), rest)


def _use_spans(runtime: RuntimeState) -> tuple[Span, ...]:
    text = f"CPU {cpu_text(runtime.cpu_percent)}  memory {bytes_text(runtime.memory_bytes)}"
    limit = runtime.memory_limit_bytes
    if limit:
        used = runtime.memory_bytes
        share = None if used is None else 100.0 * used / limit
        text += f" of {bytes_text(limit)} ({percent_text(share)})"
    return (span(text),)


def dependency_lines(
    view: ServiceView, systems: Sequence[SystemView], width: int
) -> tuple[Line, ...]:
    """Return what a service needs and who needs it, each with its verdict and consequence."""
    known = {one.spec.id: one for system in systems for one in system.services}
    lines: list[Line] = []
    for need in view.spec.depends_on:
        other = known.get(need)
        if other is None:
            absent = f"? needs {need.service}, which is not configured"
            lines.append(cut(line(span(absent, Tone.DIM)), width))
            continue
        lines.append(cut((*_with_system(other, view.spec), span("  "), *why(other)), width))
    if view.because:
        text = f"→ this is a consequence: {view.because} is down"
        lines.append(cut(line(span(text, tone_of(view.verdict), bold=True)), width))
    users = [one for one in known.values() if view.spec.id in one.spec.depends_on]
    if users:
        names: list[Span] = []
        for one in users:
            names += [span("  "), *chip(one)]
        lines.append(cut((span("needed by", Tone.LABEL), *names), width))
    return tuple(lines) or (absence_line(Absence.NONE),)


def _with_system(other: ServiceView, spec: ServiceSpec) -> Line:
    """Return a service's chip, with its system where that is another one."""
    where = other.spec.id.system
    prefix = "" if where == spec.id.system else f"{where}/"
    return (span("needs ", Tone.LABEL), *chip(other)[:2], span(prefix, Tone.DIM), chip(other)[2])


def latency_now(view: ServiceView) -> str:
    """Return the latency of the check that is drawn."""
    check = timed_check(view)
    return latency_text(check.latency_s if check else None)
