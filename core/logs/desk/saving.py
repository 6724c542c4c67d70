"""Writes what a query matches to a file, record by record, as it was written."""

import os
from collections.abc import Iterator, Sequence

from core.errors import LogError
from core.logs.browse.merging import page_after
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.query import Query
from core.logs.stream.followed import Cancelled
from core.model.log import LogRecord
from core.model.veil import VEIL

MOST_BYTES = 256 * 1024 * 1024
_PAGE_RECORDS = 2000


def pages(
    logs: Sequence[OpenedLog], query: Query | None, cancelled: Cancelled
) -> Iterator[tuple[Sequence[LogRecord], bool]]:
    """Yield all that a query matches, oldest first, each page with whether it is the last."""
    ends, is_whole = {log.source: log.begin_position() for log in logs}, False
    while not is_whole and not cancelled():
        page = page_after(logs, ends, _PAGE_RECORDS, query, cancelled)
        ends, is_whole = dict(page.ends), page.is_last
        yield page.records, is_whole


def save(path: str, found: Iterator[tuple[Sequence[LogRecord], bool]]) -> str:
    """Write the records in time order, their bytes unchanged but for what is secret.

    Returns what was done.

    The file is new and private. It ends after 256 MiB, and where the pages end before the last;
    then the answer says so.

    Raises:
        LogError: the file cannot be made or written, or bytes of a log cannot be had any more.
    """
    records, size, is_whole = 0, 0, False
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            for page, is_last in found:
                for record in page:
                    raw = record.raw.removesuffix(b"\n")
                    size += file.write(VEIL.hide_for_keeping(raw) + b"\n")
                records, is_whole = records + len(page), is_last
                if size >= MOST_BYTES:
                    break
    except OSError as error:
        raise LogError(f"{path} cannot be written: {error.strerror}") from error
    tail = "" if is_whole else ", and then stopped: not everything is in it"
    return f"{records:,} records, {size:,} bytes, saved to {path}{tail}"
