"""The scan: candidate lines of a segment, chunk by chunk from the end that is asked for."""

from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass

from core.logs.query.prefilter import Prefilter
from core.logs.scan.chunk import Chunk, Order
from core.logs.scan.crew import Crew
from core.logs.scan.finders import Finder, finder_of
from core.logs.scan.lines import LONGEST_LINE_BYTES, Extent, line_starts
from core.logs.segment import Segment


@dataclass(frozen=True, slots=True)
class Effort:
    """How much a scan may take: threads, chunks in memory, bytes of one line.

    Memory stays near (threads + 1) x (chunk + longest line), plus the offsets of `ahead` chunks.
    """

    threads: int = 2
    ahead: int = 4
    longest_line_bytes: int = LONGEST_LINE_BYTES
    chunk_bytes: int | None = None
    """None leaves it to the finder."""


NORMAL_EFFORT = Effort()


def candidates(
    segment: Segment,
    prefilter: Prefilter | None,
    order: Order,
    begin_byte: int,
    end_byte: int,
    cancelled: Callable[[], bool],
    effort: Effort = NORMAL_EFFORT,
    find: Callable[[Prefilter | None], Finder] = finder_of,
) -> Generator[Chunk, None, None]:
    """Yield a chunk for every stretch of the range, in the order asked for, empty ones too.

    A line belongs to the chunk in which it begins; what is left of a line before `begin_byte` is
    not looked at. Every line that holds a pattern is among the candidates; others may be too: very
    long ones, and all of them where no engine takes the patterns or there is no prefilter.
    Ends early, without an error, when `cancelled` says so; it is asked at least every 20 ms.
    Who stops taking before the end closes it, which ends the threads.

    Raises:
        LogUnreadableError: the segment vanished or shrank; chunks before that have been yielded.
    """
    extent = Extent(segment, segment.begin_byte, segment.end_byte)
    begin_byte, end_byte = max(begin_byte, extent.begin_byte), min(end_byte, extent.end_byte)
    finder = find(prefilter)
    chunk_bytes = effort.chunk_bytes or finder.chunk_bytes

    def look(at_byte: int) -> tuple[int, int, list[int]]:
        if order is Order.OLDEST_FIRST:
            begin, end = at_byte, min(at_byte + chunk_bytes, end_byte)
        else:
            begin, end = max(at_byte - chunk_bytes, begin_byte), at_byte
        return begin, end, line_starts(extent, begin, end, finder, effort.longest_line_bytes)

    crew = Crew(
        look, _places(order, begin_byte, end_byte, chunk_bytes), effort.threads, effort.ahead
    )
    scanned_bytes, total_bytes = 0, end_byte - begin_byte
    with closing(crew.results(cancelled)) as results:
        for begin, end, starts in results:
            scanned_bytes += end - begin
            yield Chunk(begin, end, tuple(starts), scanned_bytes, total_bytes)


def _places(order: Order, begin_byte: int, end_byte: int, chunk_bytes: int) -> Sequence[int]:
    """Where chunks begin, or, newest first, where they end."""
    if order is Order.OLDEST_FIRST:
        return range(begin_byte, end_byte, chunk_bytes)
    return range(end_byte, begin_byte, -chunk_bytes)
