"""The machine as gauges and charts over time. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.model.host import FolderSize, HostPoint, HostSample, HostState
from core.model.views import Picture
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bar, braille_chart, sparkline
from widgets.present.durations import ago_text, duration_text
from widgets.present.fitting import (
    beside,
    cut,
    cut_path,
    cut_text,
    fit,
    rule,
    spread,
    width_of,
    with_axis,
)
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import bytes_text, percent_text, plural, rate_text
from widgets.present.resample import resample, slice_s

HIGH_PERCENT = 80.0
FULL_PERCENT = 90.0
_LABEL_CELLS = 6
_GAUGE_TEXT_CELLS = 38
_AXIS_CELLS = 7
_RATE_AXIS_CELLS = 12
_MIN_CHART_CELLS = 36
_CARRY_S = 6.0
WINDOW_S = 900
"""How far back the charts reach."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of the machine over time, and how it is drawn."""

    name: str
    value: Callable[[HostPoint], float]
    text: Callable[[float], str]
    note: Callable[[HostSample], str]
    is_share: bool = False
    """True: 0 to 100, bad when high. False: drawn up to the largest value seen."""


def _memory_note(sample: HostSample) -> str:
    available = bytes_text(sample.memory_available_bytes)
    return f"{available} available of {bytes_text(sample.memory_total_bytes)}"


def _swap_note(sample: HostSample) -> str:
    if not sample.swap_total_bytes:
        return "no swap"
    return f"{bytes_text(sample.swap_used_bytes)} of {bytes_text(sample.swap_total_bytes)}"


def _load_note(sample: HostSample) -> str:
    cores = plural(len(sample.cpu_percent_per_core), "core")
    return f"5 m {sample.load_5m:.2f}, 15 m {sample.load_15m:.2f}, {cores}"


def _load_top(sample: HostSample) -> float:
    return float(max(1, len(sample.cpu_percent_per_core)))


def _no_note(_: HostSample) -> str:
    return ""


CPU = Measure(
    "CPU",
    lambda point: point.cpu_percent,
    percent_text,
    lambda sample: plural(len(sample.cpu_percent_per_core), "core"),
    is_share=True,
)
MEMORY = Measure(
    "Memory", lambda point: point.memory_percent, percent_text, _memory_note, is_share=True
)
SWAP = Measure("Swap", lambda point: point.swap_percent, percent_text, _swap_note, is_share=True)
LOAD = Measure("Load", lambda point: point.load_1m, lambda value: f"{value:.2f}", _load_note)
NETWORK_IN = Measure("Network in", lambda point: point.received_bytes_per_s, rate_text, _no_note)
NETWORK_OUT = Measure("Network out", lambda point: point.sent_bytes_per_s, rate_text, _no_note)
DISK_READ = Measure("Disk read", lambda point: point.disk_read_bytes_per_s, rate_text, _no_note)
DISK_WRITTEN = Measure(
    "Disk written", lambda point: point.disk_written_bytes_per_s, rate_text, _no_note
)
MEASURES = (CPU, MEMORY, LOAD, NETWORK_IN, NETWORK_OUT, DISK_READ, DISK_WRITTEN, SWAP)
"""In the order in which they get room."""


def share_tone(percent: float) -> Tone:
    """Return the tone of a share that is bad when it is high."""
    if percent >= FULL_PERCENT:
        return Tone.DOWN
    return Tone.DEGRADED if percent >= HIGH_PERCENT else Tone.ACCENT


def gauge(name: str, percent: float, note: str, width: int) -> Line:
    """Return a labelled bar with its share in words, and a warning word where it is high."""
    tone = share_tone(percent)
    cells = max(6, min(20, width - _GAUGE_TEXT_CELLS))
    word = " FULL" if tone is Tone.DOWN else (" high" if tone is Tone.DEGRADED else "")
    drawn = bar(min(1.0, percent / 100.0), cells, tone)
    value = Span(span(percent_text(percent).rjust(5)).text, tone, tone is not Tone.ACCENT)
    label = span(cut_text(name, _LABEL_CELLS).ljust(_LABEL_CELLS) + " ", Tone.LABEL)
    rest = (value, span(word, tone, bold=True), span(f"  {note}", Tone.DIM))
    return cut((label, *drawn, *rest), width)


def gauges(picture: Picture, width: int, rows: int) -> tuple[Line, ...]:
    """Return the machine in few lines, the fullest disk last: for the Overview."""
    now = picture.snapshot.host.sample
    if now is None:
        return (absence_line(host_absence(picture), "host", host_reason(picture)),)
    fullest = max(now.disks, key=lambda disk: disk.used_percent, default=None)
    lines = [gauge("CPU", now.cpu_percent, f"load {now.load_1m:.2f}", width)]
    memory = f"{bytes_text(now.memory_available_bytes)} available"
    lines.append(gauge("Memory", now.memory_percent, memory, width))
    if fullest is not None:
        note = f"{fullest.mount} {bytes_text(fullest.free_bytes)} free"
        lines.append(gauge("Disk", fullest.used_percent, note, width))
    if now.swap_total_bytes:
        lines.append(gauge("Swap", now.swap_percent, _swap_note(now), width))
    point = now.point
    traffic = f"in {rate_text(point.received_bytes_per_s)}  out {rate_text(point.sent_bytes_per_s)}"
    lines.append(cut(line(span("Net    ", Tone.LABEL), traffic), width))
    return tuple(lines[:rows])


def gauge_line(picture: Picture, width: int) -> Line:
    """Return the machine in one line."""
    now = picture.snapshot.host.sample
    if now is None:
        return absence_line(host_absence(picture), "host", host_reason(picture))
    parts: list[Span] = [span(f"{picture.host_name}  ", Tone.TITLE, bold=True)]
    shares = [("CPU", now.cpu_percent), ("mem", now.memory_percent)]
    fullest = max(now.disks, key=lambda disk: disk.used_percent, default=None)
    if fullest is not None:
        shares.append((f"disk {fullest.mount}", fullest.used_percent))
    for name, percent in shares:
        tone = share_tone(percent)
        parts += [span(f"{name} ", Tone.LABEL), *bar(min(1.0, percent / 100), 6, tone)]
        parts.append(span(f" {percent_text(percent)}   ", tone, bold=tone is not Tone.ACCENT))
    parts.append(span(f"load {now.load_1m:.2f}", Tone.DIM))
    return cut(tuple(parts), width)


def host_absence(picture: Picture) -> Absence:
    """Return why there is no sample of the machine."""
    report = picture.snapshot.sources.get("host")
    is_failing = report is not None and not report.is_working
    return Absence.UNREACHABLE if is_failing else Absence.LOADING


def host_reason(picture: Picture) -> str:
    """Return what the host's source says of itself when it cannot look."""
    report = picture.snapshot.sources.get("host")
    return str(report.reason) if report is not None and not report.is_working else ""


def chart(
    measure: Measure,
    latest: HostSample,
    past: Sequence[HostPoint],
    room: tuple[int, int],
    now: datetime,
) -> list[Line]:
    """Return one measure over time: heading with the present value, chart, bounds at its edge.

    `room` is the width in cells and the height in lines.
    """
    width, rows = room
    value_now = measure.value(latest.point)
    head = (
        Span(span(measure.name).text, Tone.TITLE, True),
        span(f"  {measure.text(value_now)}", bold=True),
    )
    note = cut_text(measure.note(latest), width - width_of(head) - 2)
    axis = _RATE_AXIS_CELLS if measure.text is rate_text else _AXIS_CELLS
    cells = width - axis
    step_s = slice_s(WINDOW_S, 2 * cells)
    points = ((one.at, measure.value(one)) for one in past)
    values = resample(points, 2 * cells, step_s, now, _CARRY_S)
    known = [value for value in values if value is not None]
    top = 100.0 if measure.is_share else max((*known, 1.0))
    if measure is LOAD:
        top = max(top, _load_top(latest))
    tone = share_tone(value_now) if measure.is_share else Tone.ACCENT
    drawn = braille_chart(values, cells, rows - 1, 0.0, top, tone)
    heading = spread(head, (span(note, Tone.DIM),), width)
    return [heading, *with_axis(drawn, measure.text(top), measure.text(0.0), axis)]


def charts(picture: Picture, width: int, height: int) -> tuple[Line, ...]:
    """Return the machine drawn over time, as many measures as the room has, in columns."""
    latest, past = picture.snapshot.host.sample, tuple(picture.snapshot.host.past)
    if latest is None:
        return (absence_line(host_absence(picture), "host", host_reason(picture)),)
    columns = max(1, min(4, width // _MIN_CHART_CELLS))
    if height < 7:
        return tuple(_small(latest, past, width)[:height])
    cell_width = (width - 3 * (columns - 1)) // columns
    bands = max(1, min((len(MEASURES) + columns - 1) // columns, (height - 1) // 6))
    rows = (height - 1) // bands - 1
    lines: list[Line] = [_cores(latest, width)]
    for band in range(bands):
        shown = MEASURES[band * columns : (band + 1) * columns]
        block: tuple[Line, ...] = ()
        for index, measure in enumerate(shown):
            drawn = chart(measure, latest, past, (cell_width, rows), picture.now)
            used = index * (cell_width + 3) - 3
            block = beside(block, drawn, used, 3) if index else tuple(drawn)
        lines += [*block, BLANK]
    return tuple(lines[:height])


def _small(latest: HostSample, past: Sequence[HostPoint], width: int) -> list[Line]:
    """Return one line per measure: name, value, sparkline."""
    lines: list[Line] = []
    for measure in MEASURES:
        value = measure.value(latest.point)
        cells = max(8, width - 50)
        drawn = sparkline(tuple(measure.value(one) for one in past[-cells:]), cells, Tone.ACCENT)
        head = (
            span(measure.name.ljust(13), Tone.LABEL),
            span(measure.text(value).rjust(12) + "  "),
        )
        lines.append(cut((*head, *drawn, span(f"  {measure.note(latest)}", Tone.DIM)), width))
    return lines


def _cores(sample: HostSample, width: int) -> Line:
    """Return each core's use as a small bar with its number."""
    parts: list[Span] = [span("cores  ", Tone.LABEL)]
    for number, percent in enumerate(sample.cpu_percent_per_core):
        tone = share_tone(percent)
        parts += [span(f"{number} ", Tone.DIM), *bar(min(1.0, percent / 100), 5, tone)]
        parts.append(span(f" {percent_text(percent):<5}"))
    up = duration_text((sample.at - sample.boot_at).total_seconds())
    note = line(span(f"up {up}, drawn: the last {WINDOW_S // 60} min", Tone.DIM))
    return spread(cut(tuple(parts), max(10, width - 44)), note, width)


def disk_lines(host: HostState, width: int, *, is_focused: bool = False) -> list[Line]:
    """Return the file systems, each as a bar with what is free."""
    lines = [rule("Disks", width, is_focused=is_focused)]
    if host.sample is None:
        return [*lines, absence_line(Absence.LOADING)]
    disks = host.sample.disks
    if not disks:
        return [*lines, absence_line(Absence.NONE)]
    cells = min(20, max(len(disk.mount) for disk in disks) + 1)
    for disk in disks:
        tone = share_tone(disk.used_percent)
        note = f"  {bytes_text(disk.free_bytes)} free of {bytes_text(disk.total_bytes)}"
        value = Span(
            span(percent_text(disk.used_percent).rjust(5)).text, tone, tone is not Tone.ACCENT
        )
        drawn = bar(min(1.0, disk.used_percent / 100), 12, tone)
        text = (*fit((span(disk.mount),), cells), *drawn, value, span(note, Tone.DIM))
        lines.append(cut(text, width))
    return lines


def folder_lines(host: HostState, width: int, now: datetime) -> list[Line]:
    """Return the log folders with size, files and when the newest was written."""
    lines = [rule("Log folders", width)]
    if host.folders_at is None:
        return [*lines, absence_line(Absence.LOADING)]
    if not host.folders:
        return [*lines, absence_line(Absence.NONE, "", "no log folder is configured")]
    cells = min(44, max(16, width - 44))
    return lines + [_folder(one, cells, width, now) for one in host.folders]


def _folder(folder: FolderSize, cells: int, width: int, now: datetime) -> Line:
    path = fit((span(cut_path(folder.path, cells)),), cells)
    if folder.size_bytes is None:
        return cut((*path, span(" "), *absence_line(Absence.UNREACHABLE, "", folder.note)), width)
    size = ("" if folder.is_complete else "≥ ") + bytes_text(folder.size_bytes)
    rest = f"{plural(folder.files, 'file'):>10}  newest {ago_text(folder.newest_at, now)}"
    return cut((*path, span(f" {size:>11}"), span(f"  {rest}", Tone.DIM)), width)


def network_lines(host: HostState, width: int) -> list[Line]:
    """Return each interface's traffic."""
    lines = [rule("Network", width)]
    if host.sample is None:
        return [*lines, absence_line(Absence.LOADING)]
    for one in host.sample.networks:
        rates = (
            f"in {rate_text(one.received_bytes_per_s):>12}"
            f"   out {rate_text(one.sent_bytes_per_s):>12}"
        )
        lines.append(cut((*fit((span(one.interface),), 14), span(rates, Tone.DIM)), width))
    return lines
