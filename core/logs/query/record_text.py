r"""The whole text of a record: as written without colours, and as it is understood.

A literal is looked for in both: `caf\u00e9` in JSON is found as café, and what was written is
found as written.
"""

import re
from collections.abc import Iterator

from core.model.log import FieldValue, LogRecord

_COLOURS = re.compile(r"\x1b\[[0-9;:]*[A-Za-z]")
_ENCODED = re.compile(rb'[\\\x00-\x08\x0b-\x1f\x7f-\xff]|"MESSAGE" ?: ?\[')
"""Bytes that may be shown as others: escapes, colours, controls, what is no UTF-8, UTF-16, and
journald's text as a list of bytes."""


def lines_of(record: LogRecord) -> Iterator[str]:
    """Yield every line of the text as written, then what else the record says."""
    yield from written(record).split("\n")
    if is_encoded(record.raw):
        yield from understood(record)


def written(record: LogRecord) -> str:
    """Return the bytes as text, colours removed."""
    text = record.raw.decode("utf-8", "replace")
    return _COLOURS.sub("", text) if "\x1b" in text else text


def is_encoded(raw: bytes) -> bool:
    """Return whether the record may say something that its bytes do not spell out."""
    return _ENCODED.search(raw) is not None


def is_spelled_out(raw: bytes) -> bool:
    """Return whether words stand in the bytes as such: no UTF-16, no list of bytes, no pieces."""
    return b"\0" not in raw and b'"MESSAGE"' not in raw and b'"stream"' not in raw


def understood(record: LogRecord) -> Iterator[str]:
    """Yield the message, its further lines and the texts among the fields."""
    yield record.message
    yield from record.details
    for value in record.fields.values():
        yield from _texts_in(value)


def _texts_in(value: FieldValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for each in value:
            yield from _texts_in(each)
