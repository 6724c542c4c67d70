"""Colours and attributes as terminal sequences, written only where they change.

Rich writes every segment with all its codes and a reset. Within a frame most neighbours differ in
one colour or in nothing; sending just that cuts the bytes of a cursor key to about a third. A
blank has no foreground, so none is sent for it, and a terminal that erases in the background
colour (terminfo's `bce`) is told to erase long blanks.
"""

from functools import lru_cache
from itertools import product

from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
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
_CUBE_STEPS = (0, 95, 135, 175, 215, 255)
_FIXED = {
    **{
        ColorTriplet(red, green, blue): number
        for number, (red, green, blue) in enumerate(product(_CUBE_STEPS, repeat=3), 16)
        # Some shells set the first six of the cube to colours of their own.
        if number > 21
    },
    **{ColorTriplet(grey, grey, grey): 232 + step for step, grey in enumerate(range(8, 248, 10))},
}
"""Colours that every terminal of 256 colours has under a number, which is half as long to send."""
_Codes = tuple[str, str, str]
"""Attributes, foreground and background, each as the inside of a sequence."""
_PLAIN: _Codes = ("", "39", "49")
_SEEN_ON_BLANKS = frozenset({"4", "7", "9", "21"})
_ERASED_GAP = 16
"""Blanks between texts are erased when that is shorter than sending them."""
_ERASED_END = 4


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
    if system is ColorSystem.TRUECOLOR and colour.triplet and colour.triplet in _FIXED:
        return f"{38 if is_foreground else 48};5;{_FIXED[colour.triplet]}"
    return ";".join(colour.downgrade(system).get_ansi_codes(foreground=is_foreground))


@lru_cache(maxsize=256)
def _shows_on_blanks(attributes: str) -> bool:
    """Tell whether a blank with these attributes looks different: underlined, reversed, struck."""
    return not _SEEN_ON_BLANKS.isdisjoint(attributes.split(";"))


class SgrWriter:
    """Renders strips one after the other, remembering the colours that the terminal has."""

    def __init__(self, color_system: str | None, *, erases_in_colour: bool = False) -> None:
        """Take what the terminal can do.

        Args:
            color_system: Rich's name for its colours; None: no colour and no attribute.
            erases_in_colour: What it erases gets the background colour.
        """
        self._system = _SYSTEMS.get(color_system or "")
        self._erases = erases_in_colour
        self._now = _PLAIN

    def render(self, strip: Strip, *, is_at_edge: bool = False) -> str:
        """Return a strip's text with the changes of colour that it needs.

        With `is_at_edge` the strip ends at the right edge of the terminal.
        """
        if self._system is None:
            return strip.text
        parts: list[str] = []
        segments = list(strip)
        for segment in segments:
            wanted = codes_of(segment.style, self._system)
            parts += self._stretch(
                segment.text, wanted, is_last=is_at_edge and segment is segments[-1]
            )
        return "".join(parts)

    def _stretch(self, text: str, wanted: _Codes, *, is_last: bool) -> tuple[str, ...]:
        """Return text of one style; blanks at its end are erased where that is shorter."""
        if _shows_on_blanks(wanted[0]):
            return self._colour(wanted), text
        shown = text.rstrip(" ")
        blanks = len(text) - len(shown)
        if shown and blanks < _ERASED_END:
            return self._colour(wanted), text
        before = self._colour(wanted) if shown else ""
        if not _shows_on_blanks(self._now[0]):
            wanted = (self._now[0], self._now[1], wanted[2])
        return before, shown, self._colour(wanted), self._blanks(blanks, is_last=is_last)

    def _blanks(self, count: int, *, is_last: bool) -> str:
        if self._erases and is_last and count >= _ERASED_END:
            return "\x1b[K"
        if self._erases and count >= _ERASED_GAP:
            return f"\x1b[{count}X\x1b[{count}C"
        return " " * count

    def finish(self) -> str:
        """Return what leaves the terminal without colours and attributes."""
        if self._now == _PLAIN:
            return ""
        self._now = _PLAIN
        return "\x1b[0m"

    def _colour(self, wanted: _Codes) -> str:
        if wanted == self._now:
            return ""
        before, self._now = self._now, wanted
        if wanted[0] != before[0]:
            # An attribute can only be taken back by taking all back.
            fresh = [code for code, plain in zip(wanted, _PLAIN, strict=True) if code != plain]
            return f"\x1b[{';'.join(('0', *fresh))}m"
        changed = [new for new, old in zip(wanted[1:], before[1:], strict=True) if new != old]
        return f"\x1b[{';'.join(changed)}m"
