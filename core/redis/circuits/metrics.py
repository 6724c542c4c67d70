"""Puts the metric of a breaker beside its record. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.model.circuit import Circuit, Circuits, CircuitState
from core.model.metric import MetricsState, Series
from core.model.redis_spec import CircuitSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.circuits.states import Legend, meaning, state_word


def with_metric(
    circuits: Circuits, values: Mapping[tuple[str, str], str], specs: Sequence[CircuitSpec]
) -> Circuits:
    """Return circuits with the raw value of their metric and what it means by the legend.

    Args:
        circuits: The breakers of a server.
        values: The raw value by `system/service` and name of the metric, as it was exposed; what
            has no sample is not in it, and is never taken for a zero.
        specs: What is configured, with the legends.
    """
    legends = {one.name: one.legend for one in specs}
    return replace(
        circuits,
        rows=tuple(
            _with_value(row, values.get((row.service, row.metric)), legends.get(row.spec_name, ()))
            for row in circuits.rows
        ),
    )


def metric_values(metrics: Iterable[MetricsState]) -> Mapping[tuple[str, str], str]:
    """Return the newest raw value of each series, by `system/service` and name.

    Of a state set (a series for each state, one of them 1) the value is the state's name. What was
    read once and cannot be read now is not in it; nor are series of one name that differ, as no
    breaker could be told from another.
    """
    values: dict[tuple[str, str], set[str]] = {}
    for one in metrics:
        if one.scrape.state != "ok":
            continue
        for series in one.series:
            service = series.key.service
            value = _value(series)
            if value is not None:
                name = (f"{service.system}/{service.service}", str(series.key.name))
                values.setdefault(name, set()).add(value)
    return {name: min(told) for name, told in values.items() if len(told) == 1}


def _value(series: Series) -> str | None:
    """Return what a series says now; None: nothing, or that another state is the one."""
    if not series.points:
        return None
    number = series.points[-1][1]
    labels = dict(series.key.labels)
    state = labels.get(SafeText("state")) or labels.get(series.key.name)
    if state is None:
        return f"{number:g}"
    return state if number == 1 else None


def _with_value(row: Circuit, value: str | None, legend: Legend) -> Circuit:
    if value is None or not row.metric:
        return replace(row, metric_raw=EMPTY, metric_means=EMPTY)
    word = meaning(value, legend)
    means = clean(word) if word is not None else EMPTY
    said = state_word(word if word is not None else value)
    if not means and said is not None:
        means = clean(said)
    return replace(row, metric_raw=clean(value, 80), metric_means=means, note=_note(row, said))


def _note(row: Circuit, said: CircuitState | None) -> SafeText:
    """Return the row's note, with it where metric and record are at odds."""
    if said is None or row.state in {said, CircuitState.ABSENT, CircuitState.INVALID}:
        return row.note
    odds = f"the metric says {said}, the record {row.state}"
    return clean(f"{row.note}; {odds}" if row.note else odds)
