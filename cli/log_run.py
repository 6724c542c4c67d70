"""Carries out one call of `quarterdeck logs`: reads, prints, counts or follows."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from threading import Event

import click

from cli import exits
from cli.log_choice import ChosenLog
from cli.log_figures import FigureRequest, Figures, FiguresOf, as_document, as_lines
from cli.log_printing import Printing
from cli.log_query import QueryRequest, query_of
from cli.log_reading import Reading, limited
from cli.output import print_json, print_lines
from core.clients.clock import Clock
from core.clients.descriptors import allow_descriptors
from core.logs.query.query import Query
from core.logs.query.unknown import UnknownField, unknown_fields
from core.logs.saved import filled, parameters_of
from core.model.log import LogRecord
from core.model.text import clean
from core.model.topology import LogFormatSpec
from core.sources.log_opening import LogOpening
from core.sources.log_places import SavedQuery

_FOLLOWED_TAIL = 10
"""Records shown before what is new, where nothing else is asked for."""
_FILES_OF_LOG, _SPARE_FILES = 10, 200
"""What a log has open at most while others are read beside it, and everything else."""


@dataclass(frozen=True, slots=True)
class LogCall:
    """What one call asks."""

    chosen: tuple[ChosenLog, ...]
    query: QueryRequest
    figures: FigureRequest
    limit: int | None = None
    tail: int | None = None
    is_followed: bool = False
    is_personal_data: bool = False
    is_json: bool = False
    formats: tuple[LogFormatSpec, ...] = ()
    docker_url: str = ""


def with_saved(call: LogCall, saved: SavedQuery, values: Sequence[str]) -> LogCall:
    """Return a call with what a saved query asks; options of the call come on top.

    Raises:
        click.UsageError: the query asks for a value that was not given, or the other way round.
    """
    spec, own = saved.spec, call.query
    given = dict(_pair(value) for value in values)
    wanted = parameters_of(spec.filter)
    for name in wanted:
        if name not in given:
            raise click.UsageError(f"{saved.name} asks for a value: --set {name}=VALUE.")
    for name in given.keys() - set(wanted):
        raise click.UsageError(f"{saved.name} asks for no {clean(name, 80)!r}.")
    has_own_figures = call.figures.is_any
    return replace(
        call,
        chosen=call.chosen or (ChosenLog(saved.place.source, saved.place),),
        query=replace(own, saved=filled(spec.filter, given), window_s=spec.window_s),
        figures=call.figures
        if has_own_figures
        else replace(
            call.figures,
            count_by=(spec.count_by,) if spec.count_by else (),
            percentiles=(spec.measure,) if spec.measure else (),
        ),
        tail=spec.last if call.tail is None else call.tail,
        is_personal_data=call.is_personal_data or spec.is_personal_data,
    )


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise click.UsageError(f"--set {clean(text, 80)!r} has no =; write --set NAME=VALUE.")
    return name, value


def run(call: LogCall, clock: Clock) -> int:
    """Do what is asked and return the exit code.

    Raises:
        OptionError: a query cannot be understood.
    """
    query = query_of(call.query, clock.now().timestamp())
    came = Event()
    allow_descriptors(_SPARE_FILES + _FILES_OF_LOG * len(call.chosen))
    reading = Reading(call.chosen, _opening(call, came), clock, came)
    try:
        reading.settle()
        is_readable = reading.tell_unreadable()
        may_appear = call.is_followed and not all(log.is_refused for log in reading.logs)
        if not is_readable and not may_appear:
            return exits.UNREACHED
        return _done(call, query, reading)
    finally:
        reading.close()


def _opening(call: LogCall, came: Event) -> LogOpening:
    if all(one.place is None or one.place.kind == "file" for one in call.chosen):
        return LogOpening(formats=call.formats)
    from core.sources.log_streams import EngineStreams

    return LogOpening(EngineStreams(call.docker_url, came.set), call.formats)


def _done(call: LogCall, query: Query, reading: Reading) -> int:
    if call.is_personal_data:
        from cli.log_personal import scan

        return scan(reading, query, is_json=call.is_json)
    if call.figures.is_any:
        return _count(call, query, reading)
    has_pipe = any(log.pipe is not None for log in reading.logs) and call.tail is None
    is_followed = call.is_followed or has_pipe
    printing = Printing(reading, is_json=call.is_json, is_prompt=is_followed)
    past = reading.records(query, _tail_of(call), printing.flush, has_pipes=not is_followed)
    matched = _print(limited(past, call.limit), printing)
    if is_followed and (call.limit is None or matched < call.limit):
        from cli.log_following import follow

        left = None if call.limit is None else call.limit - matched
        matched += follow(reading, query, printing, left, only_pipes=not call.is_followed)
    return _ended(reading, query, matched, is_told=not call.is_followed)


def _tail_of(call: LogCall) -> int | None:
    """Return how much of the past is shown before what comes."""
    has_bounds = call.tail is not None or call.query.since or call.limit is not None
    return _FOLLOWED_TAIL if call.is_followed and not has_bounds else call.tail


def _print(records: Iterable[LogRecord], printing: Printing) -> int:
    count = 0
    for record in records:
        printing.add(record)
        count += 1
    printing.flush()
    return count


def _count(call: LogCall, query: Query, reading: Reading) -> int:
    counting = FiguresOf(call.figures, query.since_s, query.until_s)
    matched = 0
    for record in limited(reading.records(query, call.tail, _nothing), call.limit):
        counting.add(record)
        matched += 1
    figures = counting.result()
    if call.is_json:
        names = [str(clean(log.chosen.name)) for log in reading.logs]
        print_json(as_document(figures, names, query.text))
    else:
        print_lines(as_lines(figures))
    if matched and figures.unanswered and not _has_any_answer(call, figures):
        _tell_unknown(unknown_fields(figures.unanswered, figures.field_names))
        _tell_problems(reading)
        return exits.TROUBLE
    return _ended(reading, query, matched)


def _nothing() -> None:
    """Show nothing meanwhile: figures are printed at the end."""


def _has_any_answer(call: LogCall, figures: Figures) -> bool:
    asked = len(call.figures.count_by) + len(call.figures.percentiles)
    return len(figures.unanswered) < asked


def _ended(reading: Reading, query: Query, matched: int, *, is_told: bool = True) -> int:
    """Say what could not be read and what no record has; return the exit code."""
    problems = _tell_problems(reading)
    if matched:
        return exits.OK
    if problems and all(log.problems for log in reading.logs):
        return exits.UNREACHED
    if is_told and query.fields:
        _tell_unknown(reading.unknown(query))
    return exits.TROUBLE


def _tell_problems(reading: Reading) -> bool:
    reading.look_back()
    problems = reading.problems
    for text in problems:
        print(f"quarterdeck: {text}", file=sys.stderr)
    return bool(problems)


def _tell_unknown(unknown: Iterable[UnknownField]) -> None:
    for one in unknown:
        hint = f"; did you mean `{clean(one.nearest, 200)}`?" if one.nearest else ""
        print(f"quarterdeck: no record has `{clean(one.name, 200)}`{hint}", file=sys.stderr)
