"""Usage of a store's keys: figures, requests over time, endpoints, keys by refusals. Pure."""

from collections.abc import Callable, Sequence

from core.model.key_store import EndpointUsage, KeyAnalytics, KeyStoreView
from core.model.keys_view import KeysPicture
from core.model.text import SafeText, clean
from widgets.present.absence import Absence, absence_line
from widgets.present.chart import bar, histogram
from widgets.present.fitting import beside, cut, cut_text, fit, rule, spread, with_axis, wrap
from widgets.present.keys import Sort
from widgets.present.line import BLANK, Line, Span, Tone, line, span
from widgets.present.numbers import MISSING, count_text, latency_text, plural, value_text

GOOD_PERCENT = 99.0
"""Below it, requests fail that should not."""
_BESIDE_CELLS = 100
"""With so many, two blocks stand side by side."""
_AXIS_CELLS = 9
_CHART_ROWS = 6
_GAP_CELLS = 3
_BAR_CELLS = 10
_MOST_ROWS = 12
_MOST_BAR = 5

_Block = Callable[[KeyAnalytics, int], tuple[Line, ...]]
"""Draws one block of the page, so many cells wide."""


def usage_stores(picture: KeysPicture) -> tuple[KeyStoreView, ...]:
    """Return the stores, those with analytics first."""
    return tuple(sorted(picture.stores, key=lambda one: one.analytics is None))


def usage_cells(store: KeyStoreView) -> tuple[Line, ...]:
    """Return the cells in the order of the pane's columns."""
    found = store.analytics
    if found is None:
        none = line(span(MISSING, Tone.DIM))
        why = line(span("no analytics known", Tone.DIM))
        return (line(span(store.target, Tone.DIM)), *[none] * 6, why)
    refused = refused_of(found)
    busiest = found.endpoints[0].endpoint if found.endpoints else MISSING
    return (
        line(span(store.target, bold=True)),
        line(span(count_text(found.total))),
        line(success_span(found)),
        line(span(count_text(refused), Tone.DEGRADED if refused else Tone.DIM)),
        *(line(span(_latency(one))) for one in (found.p50_ms, found.p95_ms, found.p99_ms)),
        line(span(busiest, Tone.DIM)),
    )


def usage_sort(store: KeyStoreView) -> Sort:
    """Return what each cell sorts by."""
    found = store.analytics
    if found is None:
        return (store.target,)
    share = success_percent(found)
    times = (found.p50_ms, found.p95_ms, found.p99_ms)
    return (store.target, found.total, share, refused_of(found), *times)


def refused_of(found: KeyAnalytics) -> int:
    """Return how many requests were refused (401, 403), as far as keys tell."""
    return sum(refused for _, _, refused in found.by_key)


def success_percent(found: KeyAnalytics) -> float | None:
    """Return the share of requests that succeeded; None: there were none."""
    return 100 * found.succeeded / found.total if found.total > 0 else None


def success_span(found: KeyAnalytics) -> Span:
    """Return the share of requests that succeeded; cut, never rounded up to all."""
    share = success_percent(found)
    if share is None:
        return span(MISSING, Tone.DIM)
    text = "100%" if found.succeeded >= found.total else f"{int(share * 100) / 100:.2f}%"
    return span(text, Tone.OK if share >= GOOD_PERCENT else Tone.DEGRADED, bold=True)


def _latency(ms: float | None) -> str:
    return latency_text(None if ms is None else ms / 1000)


def usage_lines(
    store: KeyStoreView | None, picture: KeysPicture | None, width: int, *, is_focused: bool = False
) -> tuple[Line, ...]:
    """Return everything that the analytics of a store tell, for lines of `width` cells."""
    if store is None:
        absence = Absence.NONE if picture is not None and picture.is_read else Absence.LOADING
        return (absence_line(absence, "analytics"),)
    found = store.analytics
    head = rule("Usage", width, store.target, is_focused=is_focused)
    if found is None:
        why = "no analytics file of this store is known, or it cannot be read"
        return (
            head,
            absence_line(Absence.NOT_EXPOSED, "analytics"),
            *wrap(why, width, 2, Tone.DIM),
        )
    lines = [head, *_figures(found, width)]
    if found.note:
        lines += wrap(found.note, width, 3, Tone.DEGRADED)
    lines += [BLANK, *_pair(_by_day, _by_hour, found, width)]
    lines += [BLANK, *_pair(_by_endpoint, _by_key, found, width)]
    return tuple(lines)


def _pair(left: _Block, right: _Block, found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    """Return two blocks, side by side where there is room."""
    if width < _BESIDE_CELLS:
        return (*left(found, width), BLANK, *right(found, width))
    half = (width - _GAP_CELLS) // 2
    return beside(left(found, half), right(found, width - half - _GAP_CELLS), half, _GAP_CELLS)


def _figures(found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    """Return names with the figures below them."""
    figures = (
        ("requests", span(count_text(found.total), Tone.TITLE, bold=True)),
        ("succeeded", success_span(found)),
        ("failed", span(count_text(max(0, found.total - found.succeeded)))),
        ("401/403", span(count_text(refused_of(found)))),
        ("p50", span(_latency(found.p50_ms))),
        ("p95", span(_latency(found.p95_ms))),
        ("p99", span(_latency(found.p99_ms))),
    )
    cells = max(11, *(len(text.text) + 2 for _, text in figures))
    shown = figures[: max(1, width // cells)]
    names = tuple(span(name.rjust(cells), Tone.LABEL) for name, _ in shown)
    texts = tuple(part for _, text in shown for part in fit((text,), cells, is_right=True))
    return (names, texts)


def _by_day(found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    counts = [count for _, count in found.by_day]
    if not counts:
        return _unknown("Requests by day", width)
    days = [day for day, _ in found.by_day]
    return _chart("Requests by day", counts, (days[0], days[-1]), width)


def _by_hour(found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    counts = list(found.by_hour)
    if not counts:
        return _unknown("Requests by hour", width)
    first = f"{len(counts)} h ago"
    return _chart("Requests by hour", counts, (first, "now"), width)


def _unknown(title: str, width: int) -> tuple[Line, ...]:
    return (rule(title, width), absence_line(Absence.NOT_EXPOSED))


def _chart(
    title: str, counts: Sequence[int], ends: tuple[str, str], width: int
) -> tuple[Line, ...]:
    """Return bars, one a count, as wide as there is room for, with their ends named below."""
    room = width - _AXIS_CELLS
    shown = list(counts[-room:])
    cells = max(1, min(_MOST_BAR, room // len(shown)))
    # A blank after each bar keeps neighbours apart, where a bar has cells to spare.
    bars = [one for count in shown for one in _bar_of(count, cells)]
    drawn = histogram(bars, len(bars), _CHART_ROWS, Tone.ACCENT)
    top = max(shown)
    note = f"peak {count_text(top)}, last {count_text(shown[-1])}"
    below = _ends(ends, len(bars), room)
    return (
        rule(title, width, note),
        *with_axis(drawn, value_text(top), "0", _AXIS_CELLS),
        (span(" " * _AXIS_CELLS), *below),
    )


def _ends(ends: tuple[str, str], cells: int, room: int) -> Line:
    """Return the names of a chart's ends below them; few bars have them one after the other."""
    first, last = (line(span(one, Tone.DIM)) for one in ends)
    if first == last:
        return cut(last, room)
    if len(ends[0]) + len(ends[1]) + 2 > cells:
        return cut((*first, span(" to ", Tone.DIM), *last), room)
    return spread(first, last, cells)


def _bar_of(count: int, cells: int) -> list[int]:
    return [count] if cells == 1 else [*[count] * (cells - 1), 0]


def _by_endpoint(found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    """Return the busiest endpoints as a table."""
    head = rule("Busiest endpoints", width, _of(len(found.endpoints), "endpoint"))
    if not found.endpoints:
        return (head, absence_line(Absence.NONE))
    name_cells = max(12, width - 39)
    names = f"{'':{name_cells}}{'requests':>9}{'failed':>8}{'p50':>7}{'p95':>7}{'p99':>7}"
    rows = (_endpoint(one, name_cells, width) for one in found.endpoints[:_MOST_ROWS])
    return (head, cut(line(span(names, Tone.LABEL)), width), *rows)


def _endpoint(one: EndpointUsage, name_cells: int, width: int) -> Line:
    name = fit(line(span(cut_text(one.endpoint, name_cells - 1))), name_cells)
    failed = span(f"{count_text(one.failed):>8}", Tone.DEGRADED if one.failed else Tone.DIM)
    times = (one.p50_ms, one.p95_ms, one.p99_ms)
    figures = (span(f"{_latency(ms):>7}") for ms in times)
    return cut((*name, span(f"{count_text(one.count):>9}"), failed, *figures), width)


def _by_key(found: KeyAnalytics, width: int) -> tuple[Line, ...]:
    """Return keys by refusals, then by volume: where a leaked or guessed key shows first."""
    head = rule("Keys by refusals (401, 403)", width, _of(len(found.by_key), "key"))
    if not found.by_key:
        return (head, absence_line(Absence.NOT_EXPOSED))
    ranked = sorted(found.by_key, key=lambda one: (-one[2], -one[1]))[:_MOST_ROWS]
    worst = max(1, ranked[0][2])
    names = (
        f"{'key begins with':<18}{'requests':>10}{'refused':>10}{'':{_BAR_CELLS + 4}}{'share':>7}"
    )
    rows = (_key(*one, worst, width) for one in ranked)
    return (head, cut(line(span(names, Tone.LABEL)), width), *rows)


def _key(begins: SafeText, count: int, refused: int, worst: int, width: int) -> Line:
    share = refused / count if count > 0 else 0.0
    tone = Tone.DOWN if share >= 0.5 else Tone.DEGRADED if refused else Tone.DIM
    name = fit(line(span(cut_text(begins, 17))), 18)
    gauge = bar(refused / worst, _BAR_CELLS, tone)
    percent = f"{100 * share:>6.1f}%" if refused else f"{'0%':>7}"
    counts = span(f"{count_text(count):>10}")
    said = span(f"{count_text(refused):>10}", tone, bold=refused > 0)
    return cut((*name, counts, said, span("  "), *gauge, span(f"  {percent}", tone)), width)


def _of(count: int, noun: str) -> str:
    known = plural(count, noun)
    return f"first {_MOST_ROWS} of {known}" if count > _MOST_ROWS else known


def usage_search(store: KeyStoreView) -> SafeText:
    """Return what a filter looks at."""
    names = " ".join(one.endpoint for one in store.analytics.endpoints) if store.analytics else ""
    return clean(f"{store.target} {store.title} {names}")
