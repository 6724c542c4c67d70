"""Bytes to text for parsing, colours removed. What comes out is raw text until it is cleaned."""

import re
from typing import Final

from core.model.text import SafeText, clean

_COLOURS: Final = re.compile(r"\x1b\[[0-9;:]*m")
_LITTLE, _BIG = "utf-16-le", "utf-16-be"
_MARKS: Final = {b"\xff\xfe": _LITTLE, b"\xfe\xff": _BIG}
_WIDE_FROM_BYTES: Final = 4


def text_of(raw: bytes, codec: str | None = None) -> str:
    """Return the text of a record without colour codes; undecodable bytes become U+FFFD.

    `codec` is what `wide_codec` said of the log's first line. Without it UTF-16 is still told by
    its byte-order mark, or by its NULs: in all even or in all odd places.
    """
    if codec is not None:
        text = _decode_wide(raw, codec)
    elif b"\0" in raw and (found := _wide(raw)) is not None:
        text = _decode_wide(raw, found)
    else:
        text = raw.decode("utf-8", "replace")
    return without_colours(text.removeprefix("\ufeff"))


def without_colours(text: str) -> str:
    """Return the text without its colour codes; every other control stays, to be shown."""
    return _COLOURS.sub("", text) if "\x1b" in text else text


def shown(text: str) -> SafeText:
    """Return a decoded text as it may be shown: colours gone, other controls visible."""
    return clean(without_colours(text))


def wide_codec(first_line: bytes) -> str | None:
    """Return the codec that a log's byte-order mark names; None for everything but UTF-16."""
    return _MARKS.get(first_line[:2])


def _wide(raw: bytes) -> str | None:
    if (marked := _MARKS.get(raw[:2])) is not None:
        return marked
    even, odd = raw[::2].count(0), raw[1::2].count(0)
    # The line feed's own NUL may stand on either side of the cut, hence the one exception.
    if len(raw) < _WIDE_FROM_BYTES or (even + odd) * 5 < len(raw) * 2 or min(even, odd) > 1:
        return None
    return _BIG if raw.startswith(b"\0") else _LITTLE


def _decode_wide(raw: bytes, codec: str) -> str:
    """Decode lines that were cut at the byte 0x0a, which is half of a line feed."""
    whole = raw[2:] if raw[:2] in _MARKS else raw
    if codec == _LITTLE and raw.startswith(b"\0"):
        whole = whole[1:]
    if codec == _LITTLE and whole.endswith(b"\n"):
        whole += b"\0"
    return whole.decode(codec, "replace")
