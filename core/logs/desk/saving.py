"""Writes what a query matches to a file, record by record, as it was written."""

import os
from collections.abc import Sequence

from core.errors import LogError
from core.logs.browse.merging import page_after
from core.logs.browse.opened_log import OpenedLog
from core.logs.query.query import Query
from core.logs.stream.followed import Cancelled

MOST_BYTES = 256 * 1024 * 1024
_PAGE_RECORDS = 2000


def save(path: str, logs: Sequence[OpenedLog], query: Query | None, cancelled: Cancelled) -> str:
    """Write the records in time order, their bytes unchanged; return what was done.

    The file is new and private. It ends after 256 MiB, and when something else is asked for; then
    the answer says so.

    Raises:
        LogError: the file cannot be made or written, or bytes of a log cannot be had any more.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            records, size, is_whole = 0, 0, False
            ends = {log.source: log.begin_position() for log in logs}
            while size < MOST_BYTES and not is_whole and not cancelled():
                page = page_after(logs, ends, _PAGE_RECORDS, query, cancelled)
                for record in page.records:
                    size += file.write(record.raw.removesuffix(b"\n") + b"\n")
                records += len(page.records)
                ends, is_whole = dict(page.ends), page.is_last
    except OSError as error:
        raise LogError(f"{path} cannot be written: {error.strerror}") from error
    tail = "" if is_whole else ", and then stopped: not everything is in it"
    return f"{records:,} records, {size:,} bytes, saved to {path}{tail}"
