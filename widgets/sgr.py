"""Colours and attributes as terminal sequences, written only where they change.

Rich writes every segment with all its codes and a reset. Within a frame most neighbours differ in
one colour or in nothing; sending just that cuts the bytes of a cursor key to about a third.
"""

from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.style import Style
from textual.strip import Strip

_SYSTEMS = {
    "standard": ColorSystem.STANDARD,
    "256": ColorSystem.EIGHT_BIT,
    "truecolor": ColorSystem.TRUECOLOR,
}
_ATTRIBUTES = (
    ("bold", "1"), ("dim", "2"), ("italic", "3"), ("underline", "4"), ("blink", "5"),
    ("reverse", "7"), ("conceal", "8"), ("strike", "9"), ("underline2", "21"),
)  # fmt: skip
_Codes = tuple[str, str, str]
"""Attributes, foreground and background, each as the inside of a sequence."""
_PLAIN: _Codes = ("", "39", "49")


@lru_cache(maxsize=4096)
def codes_of(style: Style | None, system: ColorSystem) -> _Codes:
    """Return what a style means on a terminal with these colours."""
    if style is None:
        return _PLAIN
    attributes = ";".join(code for name, code in _ATTRIBUTES if getattr(style, name))
    return (
        attributes,
        _colour(style.color, system, is_foreground=True),
        _colour(style.bgcolor, system, is_foreground=False),
    )


def _colour(colour: Color | None, system: ColorSystem, *, is_foreground: bool) -> str:
    if colour is None:
        return "39" if is_foreground else "49"
    return ";".join(colour.downgrade(system).get_ansi_codes(foreground=is_foreground))


class SgrWriter:
    """Renders strips one after the other, remembering the colours that the terminal has."""

    def __init__(self, color_system: str | None) -> None:
        """Take the terminal's colour system by Rich's name; None: no colour and no attribute."""
        self._system = _SYSTEMS.get(color_system or "")
        self._now = _PLAIN

    def render(self, strip: Strip) -> str:
        """Return a strip's text with the changes of colour that it needs."""
        if self._system is None:
            return strip.text
        parts: list[str] = []
        for segment in strip:
            wanted = codes_of(segment.style, self._system)
            if wanted != self._now:
                parts.append(self._change(wanted))
                self._now = wanted
            parts.append(segment.text)
        return "".join(parts)

    def finish(self) -> str:
        """Return what leaves the terminal without colours and attributes."""
        if self._now == _PLAIN:
            return ""
        self._now = _PLAIN
        return "\x1b[0m"

    def _change(self, wanted: _Codes) -> str:
        if wanted[0] != self._now[0]:
            # An attribute can only be taken back by taking all back.
            fresh = [code for code, plain in zip(wanted, _PLAIN, strict=True) if code != plain]
            return f"\x1b[{';'.join(('0', *fresh))}m"
        changed = [new for new, old in zip(wanted[1:], self._now[1:], strict=True) if new != old]
        return f"\x1b[{';'.join(changed)}m"
