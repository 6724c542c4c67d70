"""The header: where we are, what may be done, how the systems are, and how old that is. Pure.

What does not fit goes, the least important first; the environment, trouble and a pause stay.
What is not known is left out, never shown as zero.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo

from core.model.events import SourceReported
from core.model.topology import Environment
from core.model.verdict import Verdict
from core.model.views import Picture
from widgets.present.durations import duration_text
from widgets.present.fitting import cut, fit, width_of
from widgets.present.line import BLANK, Line, Span, Tone, glyph_of, line, span, tone_of
from widgets.present.numbers import plural
from widgets.present.verdicts import is_loading

STALE_AFTER_S = 30.0
"""When nothing new was seen for this long (or three times the shortest interval), we say so."""
RUNTIME = "runtime"
"""The name under which the runtime reports that it stopped (`core.runtime`)."""

_GAP = span("  ")
_BADGES = {
    Environment.PRODUCTION: (" PROD ", Tone.PRODUCTION),
    Environment.STAGING: (" STAGING ", Tone.DEGRADED),
    Environment.DEVELOPMENT: (" DEV ", Tone.ACCENT),
}
_WORST_FIRST = (Verdict.DOWN, Verdict.DEGRADED, Verdict.UNKNOWN, Verdict.OK)


@dataclass(frozen=True, slots=True)
class Mode:
    """What may be done from here, and what is being done."""

    armed_left_s: float | None = None
    """How long changes stay switched on; None: they are off."""
    running: int = 0
    """Actions that run now, whoever started them."""
    blocking: int = 0
    """Actions that wait for somebody."""
    is_presenting: bool = False
    """Others look: what looks secret is hidden."""


OFF = Mode()


@dataclass(frozen=True, slots=True)
class _Part:
    """A piece of the header; the highest `rank` goes first when room is short."""

    rank: int
    text: Line
    is_right: bool = False
    short: Line = BLANK
    """What takes its place before it goes altogether."""


def header_line(
    picture: Picture, title: str, width: int, *, mode: Mode = OFF, zone: tzinfo | None = None
) -> Line:
    """Return the header's first line, exactly `width` cells wide.

    Args:
        picture: What is shown.
        title: The screen's name.
        width: Cells.
        mode: What may be done from here.
        zone: The zone of the second clock; None: the machine's.
    """
    parts = list(_parts(picture, title, mode, zone))
    kept = [part for part in parts if part.text]
    while len(kept) > 1 and _cells(kept) > width:
        least = max(kept, key=lambda part: part.rank)
        at = kept.index(least)
        shorter = replace(least, rank=min(least.rank, 1), text=least.short, short=BLANK)
        kept[at : at + 1] = [shorter] if least.short else []
    left = _joined([part for part in kept if not part.is_right])
    right = _joined([part for part in kept if part.is_right])
    room = max(0, width - width_of(right))
    return cut((*fit(left, room), *right), width)


def banner_line(picture: Picture, width: int) -> Line:
    """Return the loud second line: paused, or nothing is being watched; empty when all is usual."""
    if picture.is_paused:
        now = picture.now.astimezone(UTC)
        text = f" PAUSED at {now:%H:%M:%S} UTC: nothing on this screen moves until p is pressed "
        return _field(text, Tone.DEGRADED, width)
    report = stopped(picture)
    if report is not None:
        text = f" NOTHING IS WATCHED ANY MORE: {report.reason} "
        return _field(text, Tone.DOWN, width)
    return BLANK


def stopped(picture: Picture) -> SourceReported | None:
    """Return the report that the runtime itself has stopped, if it has."""
    report = picture.snapshot.sources.get(RUNTIME)
    return report if report is not None and not report.is_working else None


def newest_at(picture: Picture) -> datetime | None:
    """Return when anything was last seen; None when nothing was yet."""
    snapshot = picture.snapshot
    moments = [status.result.observed_at for status in snapshot.checks.values()]
    moments += [state.observed_at for state in snapshot.runtimes.values()]
    if snapshot.host.sample is not None:
        moments.append(snapshot.host.sample.at)
    return max(moments, default=None)


def data_age_s(picture: Picture) -> float | None:
    """Return the age of the newest observation when it is too old to be called now, seconds."""
    newest = newest_at(picture)
    if newest is None:
        return None
    intervals = [
        check.every_s
        for system in picture.topology.systems
        for service in system.services
        for check in service.checks
    ]
    limit_s = max(STALE_AFTER_S, 3 * min(intervals, default=0.0))
    age_s = (picture.now - newest).total_seconds()
    return age_s if age_s > limit_s else None


def _parts(picture: Picture, title: str, mode: Mode, zone: tzinfo | None) -> Iterator[_Part]:
    """Yield the pieces from left to right."""
    word, tone = _BADGES[picture.topology.environment]
    yield _Part(0, (_badge(word, tone),))
    if mode.is_presenting:
        yield _Part(0, (_badge(" PRESENTING ", Tone.ACCENT),))
    yield _Part(5, line(span(picture.topology.label or picture.host_name, Tone.TITLE, bold=True)))
    yield _Part(6, line(span(title, Tone.ACCENT)))
    # That changes are on is never left out for the sake of a clock.
    rank = 4 if mode.armed_left_s is None else 2
    short = _mode(mode, with_time=False) if mode.armed_left_s is not None else BLANK
    yield _Part(rank, _mode(mode), short=short)
    yield _Part(2, _actions(mode), short=_actions(mode, with_words=False))
    yield _Part(2, systems_line(picture), short=systems_line(picture, with_words=False))
    yield _Part(2, _age(picture))
    now = picture.now.astimezone(UTC)
    yield _Part(3, line(span(f"{now:%H:%M:%S} UTC", Tone.PLAIN)), is_right=True)
    local = picture.now.astimezone(zone)
    if local.utcoffset() != now.utcoffset():
        yield _Part(7, line(span(f"{local:%H:%M %Z}", Tone.DIM)), is_right=True)


def _badge(word: str, tone: Tone) -> Span:
    one = span(word, tone, bold=True)
    return Span(one.text, tone, is_bold=True, is_reversed=True)


def _mode(mode: Mode, *, with_time: bool = True) -> Line:
    if mode.armed_left_s is None:
        return line(span("read-only", Tone.LABEL))
    left = f" for {duration_text(mode.armed_left_s)}" if with_time else ""
    return (_badge(f" ARMED{left} ", Tone.DEGRADED),)


def _actions(mode: Mode, *, with_words: bool = True) -> Line:
    """Return how many actions run or wait for somebody; nothing while there are none."""
    spans: list[Span] = []
    if mode.blocking:
        count = plural(mode.blocking, "action") if with_words else str(mode.blocking)
        said = f"✖ {count} unfinished"
        spans.append(span(said, Tone.DOWN, bold=True))
    if mode.running:
        spans += [_GAP] if spans else []
        spans.append(
            span(f"▶ {mode.running}{' running' if with_words else ''}", Tone.ACCENT, bold=True)
        )
    return tuple(spans)


def systems_line(picture: Picture, *, with_words: bool = True) -> Line:
    """Return systems by worst verdict, in shape, number and word: `✖ 1 down  ● 4 ok`."""
    if not picture.systems:
        return line(span("no systems configured", Tone.DEGRADED))
    loading = sum(is_loading(view) for view in picture.systems)
    counts = Counter(view.verdict for view in picture.systems if not is_loading(view))
    parts = [
        span(
            f"{glyph_of(verdict)} {counts[verdict]}{f' {verdict}' if with_words else ''}",
            tone_of(verdict),
            bold=verdict is not Verdict.OK,
        )
        for verdict in _WORST_FIRST
        if counts[verdict]
    ]
    if loading:
        parts.append(span(f"… {loading}{' loading' if with_words else ''}", Tone.DIM))
    return _joined([_Part(0, (part,)) for part in parts])


def _age(picture: Picture) -> Line:
    age_s = data_age_s(picture)
    if age_s is None:
        return BLANK
    return line(span(f"data {duration_text(age_s)} old", Tone.DEGRADED, bold=True))


def _joined(parts: list[_Part]) -> Line:
    spans: list[Span] = []
    for part in parts:
        if spans:
            spans.append(_GAP)
        spans += part.text
    return tuple(spans)


def _cells(parts: list[_Part]) -> int:
    return sum(width_of(part.text) for part in parts) + 2 * (len(parts) - 1)


def _field(text: str, tone: Tone, width: int) -> Line:
    """Return text centred in a field of colour."""
    one = span(text, tone, bold=True)
    room = max(0, width - width_of((one,)))
    padded = span(" " * (room // 2) + text + " " * (room - room // 2), tone)
    return cut((Span(padded.text, tone, is_bold=True, is_reversed=True),), width)
