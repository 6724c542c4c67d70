"""Percentiles of a field as lines: heading, figures below their names, what they are of. Pure."""

from collections.abc import Sequence

from core.model.log_view import LogCount, LogMeasure
from core.model.text import SafeText
from widgets.present.fitting import cut, rule
from widgets.present.line import Line, Tone, line, span
from widgets.present.log_progress import progress_text
from widgets.present.log_summary import errors_among
from widgets.present.numbers import MISSING, value_text

_GAP_CELLS = 2
_LEAST_CELLS = 7


def measure_lines(
    measure: LogMeasure, count: LogCount, unknown: Sequence[SafeText], width: int
) -> tuple[Line, ...]:
    """Return the lines, as many as the width needs.

    Args:
        measure: The figures.
        count: What was counted in the same pass: the share of errors.
        unknown: Fields that no record has, each with the nearest there is.
        width: Cells of a line.
    """
    heading = cut(rule(f"Percentiles of {measure.field}", width, "esc closes"), width)
    if not measure.count:
        return (heading, cut(_nothing(measure, count, unknown), width))
    of = cut(_of_what(measure, count), width)
    return (heading, *_table(_figures(measure), width), of)


def _nothing(measure: LogMeasure, count: LogCount, unknown: Sequence[SafeText]) -> Line:
    if not measure.is_complete:
        text = f" measuring {measure.field}…  {progress_text(count)}, esc stops it"
        return line(span(text, Tone.ACCENT))
    names = [name for name in unknown if name.startswith(measure.field)]
    if names:
        return line(span(" no record has ", Tone.DEGRADED), span(names[0]))
    return line(span(f" no record has a number in {measure.field}", Tone.DEGRADED))


def _figures(measure: LogMeasure) -> list[tuple[str, str]]:
    unit = f" {measure.unit}" if measure.unit else ""
    about = "" if measure.is_complete else "≈ "

    def figure(value: float | None) -> str:
        return MISSING if value is None else f"{about}{value_text(value)}{unit}"

    return [
        ("records", f"{about}{measure.count:,}"),
        ("min", figure(measure.minimum)),
        ("average", figure(measure.average)),
        *((f"p{100 * share:g}", figure(value)) for share, value in measure.percentiles),
        ("max", figure(measure.maximum)),
    ]


def _table(figures: Sequence[tuple[str, str]], width: int) -> tuple[Line, ...]:
    """Return names with the figures below them; what does not fit beside goes below."""
    cells = max(_LEAST_CELLS, *(len(part) for pair in figures for part in pair)) + _GAP_CELLS
    beside = max(1, width // cells)
    lines: list[Line] = []
    for at in range(0, len(figures), beside):
        row = figures[at : at + beside]
        lines.append(tuple(span(name.rjust(cells), Tone.LABEL) for name, _ in row))
        lines.append(tuple(span(text.rjust(cells), Tone.TITLE, bold=True) for _, text in row))
    return tuple(lines)


def _of_what(measure: LogMeasure, count: LogCount) -> Line:
    """Return the share of errors, and what the figures are not of."""
    errors = errors_among(dict(count.by_level))
    share = f" ({100 * errors / count.matched:.2f}%)" if count.matched else ""
    tone = Tone.DOWN if errors else Tone.LABEL
    about = "" if measure.is_complete else "≈ "
    text = f"{about}{errors:,} of {count.matched:,}{share}"
    parts = [span("  errors ", Tone.LABEL), span(text, tone)]
    if measure.without:
        parts.append(span(f"  {measure.without:,} without a number", Tone.DIM))
    if measure.relative_error:
        parts.append(span(f"  ±{100 * measure.relative_error:g}%: very many values", Tone.DIM))
    if not measure.is_complete:
        parts.append(span(f"  {progress_text(count)}, esc stops it", Tone.ACCENT, bold=True))
    return tuple(parts)
