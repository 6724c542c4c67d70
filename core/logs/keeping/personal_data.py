"""Scans records for personal data and secrets: counts, places, masked samples. Pure, bounded.

Within one record a value counts once, however often it is repeated. Nothing found is kept but its
count, its first and last position and up to three masked samples.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from core.logs.keeping.personal_kinds import (
    PersonalHit,
    find_personal,
    is_secret_value,
)
from core.logs.keeping.personal_samples import mask_sample
from core.model.log import FieldValue, LogPosition, LogRecord
from core.model.masking import secret_spans
from core.model.personal import DEFAULT_KINDS, PersonalKind
from core.model.text import EMPTY, SafeText, clean

_MAX_SAMPLES = 3
_MAX_PLACES = 2_000
_CHECK_EVERY = 32
_WINDOW_CHARS = 8_192
_OVERLAP_CHARS = 1_024
ELSEWHERE = SafeText("(more places)")
"""The source and the field of what is found when there are more places than are kept apart."""
_MESSAGE = SafeText("message")
_DETAILS = SafeText("details")
_RAW = SafeText("raw")


@dataclass(frozen=True, slots=True)
class TextAt:
    """A line or any other text where there are no records."""

    source: str
    position: LogPosition
    text: SafeText


@dataclass(frozen=True, slots=True)
class PersonalFinding:
    """Hits of one kind in one field of one log."""

    source: SafeText
    field: SafeText
    """`details.email`, `message`; empty for plain text."""
    kind: PersonalKind
    count: int
    first: LogPosition
    last: LogPosition
    samples: tuple[SafeText, ...]
    """Different masked samples, the first few."""
    segment: int | None = None
    """Which of the log's files, where they are told apart."""


@dataclass(frozen=True, slots=True)
class PersonalReport:
    """What a scan found; nothing found over nothing scanned is told apart by `records`."""

    findings: tuple[PersonalFinding, ...]
    """Most hits first, within each source."""
    records: int
    records_with_hits: int
    cut_records: int
    """Records of which only the beginning was there to be looked at."""
    is_complete: bool
    """False: cancelled."""

    def count_by_source(self) -> dict[SafeText, int]:
        """Return hits by log."""
        counts: dict[SafeText, int] = {}
        for finding in self.findings:
            counts[finding.source] = counts.get(finding.source, 0) + finding.count
        return counts


@dataclass(slots=True)
class _Tally:
    first: LogPosition
    last: LogPosition
    count: int = 0
    samples: dict[SafeText, None] = field(default_factory=dict[SafeText, None])


_Place = tuple[SafeText, int | None, SafeText, PersonalKind]


class PersonalScan:
    """Adds up what records hold. Memory is bounded by the places, not by the records.

    Args:
        kinds: What is looked for.
        is_by_file: A log's files count each on its own.
    """

    def __init__(
        self, kinds: frozenset[PersonalKind] = DEFAULT_KINDS, *, is_by_file: bool = False
    ) -> None:
        self._kinds = kinds
        self._is_by_file = is_by_file
        self._tallies: dict[_Place, _Tally] = {}
        self._records = 0
        self._with_hits = 0
        self._cut = 0

    def add(self, item: LogRecord | TextAt) -> None:
        """Look at one record."""
        self._records += 1
        self._cut += isinstance(item, LogRecord) and item.is_cut
        source = clean(item.source)
        segment = item.position.segment if self._is_by_file else None
        seen = set[tuple[PersonalKind, str]]()
        for name, text in _texts(item):
            for hit, sample in _hits(name, text, self._kinds):
                if (hit.kind, hit.value) in seen:
                    continue
                seen.add((hit.kind, hit.value))
                self._count((source, segment, name, hit.kind), item.position, sample)
        self._with_hits += bool(seen)

    def _count(self, place: _Place, position: LogPosition, sample: SafeText) -> None:
        if place not in self._tallies and len(self._tallies) >= _MAX_PLACES:
            place = (ELSEWHERE, None, ELSEWHERE, place[3])
        tally = self._tallies.setdefault(place, _Tally(position, position))
        tally.count += 1
        tally.first = min(tally.first, position)
        tally.last = max(tally.last, position)
        if len(tally.samples) < _MAX_SAMPLES:
            tally.samples[sample] = None

    def result(self, *, is_complete: bool = True) -> PersonalReport:
        """Return what was found so far."""
        findings = [
            PersonalFinding(
                *(source, name, kind, tally.count, tally.first, tally.last),
                samples=tuple(tally.samples),
                segment=segment,
            )
            for (source, segment, name, kind), tally in self._tallies.items()
        ]
        findings.sort(key=lambda found: (found.source, -found.count, found.field, found.kind))
        return PersonalReport(
            tuple(findings), self._records, self._with_hits, self._cut, is_complete
        )


def scan_personal(
    items: Iterable[LogRecord | TextAt],
    cancelled: Callable[[], bool],
    kinds: frozenset[PersonalKind] = DEFAULT_KINDS,
) -> PersonalReport:
    """Scan all of `items`, until `cancelled`."""
    scan = PersonalScan(kinds)
    for index, item in enumerate(items):
        if index % _CHECK_EVERY == 0 and cancelled():
            return scan.result(is_complete=False)
        scan.add(item)
    return scan.result()


def _texts(item: LogRecord | TextAt) -> Iterator[tuple[SafeText, SafeText]]:
    """Return each text of a record with the name of its field, fields first."""
    if isinstance(item, TextAt):
        yield EMPTY, item.text
        return
    for name, value in item.fields.items():
        for text in _leaves(value):
            yield clean(name, 200), text
    yield _MESSAGE, item.message
    for line in item.details:
        yield _DETAILS, line
    if (
        len(item.raw) > _WINDOW_CHARS
    ):  # what is shown of a text ends there; what was written may not
        yield _RAW, clean(item.raw, len(item.raw))


def _leaves(value: FieldValue) -> Iterator[SafeText]:
    """Return the texts in a value, and numbers that are long enough for a card's."""
    if isinstance(value, tuple):
        for part in value:
            yield from _leaves(part)
    elif isinstance(value, str):
        yield value
    elif isinstance(value, int) and 10**13 <= value < 10**19:
        yield clean(str(value))


def _hits(
    name: SafeText, text: SafeText, kinds: frozenset[PersonalKind]
) -> Iterator[tuple[PersonalHit, SafeText]]:
    if PersonalKind.SECRET in kinds and _is_secret_field(name) and is_secret_value(text):
        hit = PersonalHit(PersonalKind.SECRET, 0, len(text), text)
        yield hit, mask_sample(hit, text)
        return
    for begin in range(0, max(len(text) - _OVERLAP_CHARS, 1), _WINDOW_CHARS - _OVERLAP_CHARS):
        window = text[begin : begin + _WINDOW_CHARS]
        is_last = begin + _WINDOW_CHARS >= len(text)
        for hit in find_personal(window, kinds):
            # Cut by the window's edge it would be another value; the other window has it whole.
            is_cut = (hit.begin == 0 and begin > 0) or (hit.end == len(window) and not is_last)
            if not is_cut:
                yield hit, mask_sample(hit, window)


@lru_cache(maxsize=1_024)
def _is_secret_field(name: SafeText) -> bool:
    """Say whether a field's name promises a secret: `password`, `db.api_key`."""
    return bool(name) and bool(secret_spans(f"{name}=value"))
