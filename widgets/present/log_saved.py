"""Saved queries as rows and in full: what they ask, of which log, over what. Pure."""

from collections.abc import Sequence

from core.logs.saved import parameters_of
from core.model.log_view import SavedLogQuery
from core.model.text import SafeText, clean
from widgets.present.fitting import cut, wrap
from widgets.present.line import Line, Tone, line, span
from widgets.present.log_status import window_text
from widgets.present.table import Column

SAVED_COLUMNS = (
    Column("title", "QUESTION", 26, weight=1, is_sortable=False, is_frozen=True),
    Column("system", "SYSTEM", 15, is_sortable=False),
    Column("log", "LOG", 16, is_sortable=False, priority=2),
    Column("over", "OVER", 22, weight=1, is_sortable=False, priority=1),
)


def ordered(saved: Sequence[SavedLogQuery], chosen: Sequence[str]) -> tuple[SavedLogQuery, ...]:
    """Return questions to the systems whose logs are shown before the others."""
    shown = {source.partition("/")[0] for source in chosen}
    return tuple(sorted(saved, key=lambda one: one.system not in shown))


def reason_against(saved: SavedLogQuery) -> str:
    """Return why a question is not asked on a screen, and where instead; empty: it can be."""
    if not saved.spec.is_personal_data:
        return ""
    return f"quarterdeck logs --query {saved.name}  shows it with masked samples, to you alone"


def search_text(saved: SavedLogQuery) -> SafeText:
    """Return what the list is narrowed by."""
    spec = saved.spec
    return clean(" ".join((spec.title, saved.name, saved.source, spec.filter, spec.count_by)))


def saved_cells(saved: SavedLogQuery) -> tuple[Line, ...]:
    """Return a row."""
    tone = Tone.DIM if reason_against(saved) else Tone.PLAIN
    log = saved.source.removeprefix(f"{saved.system}/")
    return (
        line(span(saved.spec.title, tone)),
        line(span(saved.system, Tone.LABEL)),
        line(span(log, Tone.DIM)),
        line(span(over_text(saved), Tone.DIM)),
    )


def over_text(saved: SavedLogQuery) -> str:
    """Return over what it is asked, and what comes of it: `last 1 h, by path, user?`."""
    spec = saved.spec
    parts = [
        f"last {window_text(spec.window_s)}" if spec.window_s is not None else "",
        f"last {spec.last:,}" if spec.last is not None else "",
        f"by {spec.count_by}" if spec.count_by else "",
        f"% of {spec.measure}" if spec.measure else "",
        *(f"{name}?" for name in parameters_of(spec.filter)),
    ]
    return ", ".join(part for part in parts if part)


def saved_lines(saved: SavedLogQuery, width: int) -> tuple[Line, ...]:
    """Return its filter, how it is called on the command line, and what should be known of it."""
    spec = saved.spec
    asked = line(span("& ", Tone.KEY, bold=True), span(spec.filter or "everything", Tone.TITLE))
    reason = reason_against(saved)
    if reason:
        return (
            line(span("not on a screen that others see:", Tone.DEGRADED)),
            *wrap(reason, width, 2),
        )
    called = line(span(f"quarterdeck logs --query {saved.name}", Tone.DIM))
    return (cut(asked, width), cut(called, width), cut(line(span(spec.note, Tone.LABEL)), width))
