"""The one sanitiser: text from outside becomes `SafeText` here and nowhere else.

Invariant: a `SafeText` holds no character that a terminal acts on and none that hides or
reorders its neighbours. Controls are shown, never dropped, so a forged line looks forged.
"""

import re
from typing import NewType

SafeText = NewType("SafeText", str)
"""Text that may reach the screen. Only `clean` and `join` make it; a type checker refuses `str`."""

EMPTY = SafeText("")

_TAB_WIDTH = 4
_MAX_CHARS = 8192

# C0 and DEL, C1, soft hyphen, bidi marks and overrides, zero-width and invisible operators,
# line and paragraph separators, interlinear and object marks, byte-order mark, variation
# selectors' supplement and tag characters, lone surrogates, Hangul and Mongolian fillers.
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202f\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)
# More than three combining marks on one base character ("zalgo") overpaint the lines around it.
_COMBINING_FLOOD = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]{3})"
    "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+"
)


def _visible(match: re.Match[str]) -> str:
    """Return a printable stand-in for one unsafe character."""
    code = ord(match.group())
    if code == 0x09:
        return " " * _TAB_WIDTH
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def clean(raw: str | bytes, max_chars: int = _MAX_CHARS) -> SafeText:
    """Return `raw` with every terminal-active or invisible character made visible.

    Bytes are read as UTF-8 with undecodable bytes shown as U+FFFD. Newlines become `␊`: callers
    that want several lines split first (`clean_lines`). Text longer than `max_chars` characters
    is cut and ends in a note with the true length.
    """
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    total = len(text)
    if total > max_chars:
        text = text[:max_chars]
    if not (text.isascii() and text.isprintable()):
        text = _COMBINING_FLOOD.sub(r"\1\\u0300…", _UNSAFE.sub(_visible, text))
    if total > max_chars:
        text = f"{text}… ({total} characters)"
    return SafeText(text)


def clean_lines(raw: str | bytes, max_chars: int = _MAX_CHARS) -> tuple[SafeText, ...]:
    """Split at line feeds (CRLF too) and clean each line."""
    text = raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw
    return tuple(clean(line.removesuffix("\r"), max_chars) for line in text.split("\n"))


def join(separator: str, parts: "tuple[SafeText, ...] | list[SafeText]") -> SafeText:
    """Join safe parts with a separator of our own."""
    return SafeText(separator.join(parts))
