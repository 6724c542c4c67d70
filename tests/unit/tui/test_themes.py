"""Every theme can be read, also by people who do not tell red from green."""

from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import Theme

from tui.themes import THEMES, chosen_theme, problem_with_theme
from widgets.present.line import Tone

VERDICTS = (Tone.OK, Tone.DEGRADED, Tone.DOWN, Tone.UNKNOWN)
XTERM = {
    "black": "#000000", "red": "#cd0000", "green": "#00cd00", "yellow": "#cdcd00",
    "blue": "#0000ee", "magenta": "#cd00cd", "cyan": "#00cdcd", "white": "#e5e5e5",
    "bright_black": "#7f7f7f", "bright_red": "#ff5c5c", "bright_green": "#00ff00",
    "bright_yellow": "#ffff00", "bright_blue": "#5c5cff", "bright_magenta": "#ff00ff",
    "bright_cyan": "#00ffff", "bright_white": "#ffffff",
}  # fmt: skip
PROTANOPIA = ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052))
DEUTERANOPIA = ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969))
TRITANOPIA = ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304))


def rgb(theme: Theme, name: str) -> Color:
    """Resolve a colour; the terminal's own are taken to be xterm's."""
    if name == "ansi_default":
        name = "#e5e5e5" if theme.dark else "#000000"
    return Color.parse(XTERM.get(name.removeprefix("ansi_"), name))


def surfaces(theme: Theme) -> list[Color]:
    if theme.ansi:
        return [Color.parse("#000000" if theme.dark else "#ffffff")]
    return [Color.parse(str(one)) for one in (theme.background, theme.surface, theme.panel)]


def tone(theme: Theme, which: Tone) -> Color:
    return rgb(theme, theme.variables[f"tone-{which}"])


def luminance(colour: Color) -> float:
    def linear(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.r) + 0.7152 * linear(colour.g) + 0.0722 * linear(colour.b)


def contrast(one: Color, other: Color) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def lab(colour: Color) -> tuple[float, float, float]:
    def linear(value: float) -> float:
        share = min(1.0, max(0.0, value / 255))
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    def root(value: float) -> float:
        return value ** (1 / 3) if value > 0.008856 else 7.787 * value + 16 / 116

    r, g, b = linear(colour.r), linear(colour.g), linear(colour.b)
    x = root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    y = root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    z = root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def apart(one: Color, other: Color) -> float:
    return sum((a - b) ** 2 for a, b in zip(lab(one), lab(other), strict=True)) ** 0.5


def seen_by(matrix: tuple[tuple[float, ...], ...], colour: Color) -> Color:
    channels = (colour.r, colour.g, colour.b)
    mixed = [sum(m * c for m, c in zip(row, channels, strict=True)) for row in matrix]
    return Color(*(round(min(255, max(0, value))) for value in mixed))


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_tone_reads_on_every_surface(theme: Theme) -> None:
    needed = 7.0 if theme.name == "contrast" else 4.5
    poor = {
        f"{which} on {surface.hex}": round(contrast(tone(theme, which), surface), 2)
        for which in Tone
        for surface in surfaces(theme)
        if contrast(tone(theme, which), surface) < needed
    }
    assert poor == {}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_cursor_line_reads(theme: Theme) -> None:
    background = rgb(theme, theme.variables["block-cursor-background"])
    foreground = rgb(theme, theme.variables["block-cursor-foreground"])
    assert contrast(background, foreground) >= 4.5


@pytest.mark.parametrize("theme", [one for one in THEMES if not one.ansi], ids=lambda one: one.name)
@pytest.mark.parametrize(
    "matrix", [PROTANOPIA, DEUTERANOPIA, TRITANOPIA], ids=["red", "green", "blue"]
)
def test_verdicts_stay_apart_without_one_kind_of_cone(
    theme: Theme, matrix: tuple[tuple[float, ...], ...]
) -> None:
    near = {
        f"{one} and {other}": round(distance, 1)
        for one, other in combinations(VERDICTS, 2)
        if (
            distance := apart(
                seen_by(matrix, tone(theme, one)), seen_by(matrix, tone(theme, other))
            )
        )
        < 11
    }
    assert near == {}


@pytest.mark.parametrize(
    ("env", "theme"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, "dark"),
        ({"TERM": "xterm-256color"}, "dark"),
        ({"TERM": "xterm-direct"}, "dark"),
        ({"TERM": "xterm"}, "sixteen"),
        ({"TERM": "linux"}, "sixteen"),
        ({"TERM": "vt100", "COLORFGBG": "0;15"}, "sixteen-light"),
        ({"TERM": "xterm-256color", "COLORFGBG": "0;15"}, "light"),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": ""}, "sixteen"),
    ],
)
def test_the_terminal_decides_unless_the_configuration_does(
    env: dict[str, str], theme: str
) -> None:
    assert chosen_theme("", env) == theme
    assert chosen_theme("auto", env) == theme


def test_the_configuration_wins_over_the_terminal_but_not_over_no_color() -> None:
    assert chosen_theme("light", {"TERM": "xterm-256color"}) == "light"
    assert chosen_theme("Contrast", {"TERM": "xterm"}) == "contrast"
    assert chosen_theme("light", {"TERM": "xterm-256color", "NO_COLOR": "1"}) == "sixteen-light"


def test_a_theme_that_does_not_exist_is_as_good_as_none() -> None:
    assert chosen_theme("solarised", {"TERM": "xterm-256color"}) == "dark"


def test_a_theme_that_does_not_exist_is_told_with_those_that_do() -> None:
    (told,) = problem_with_theme("solarised\x1b[2J")
    assert "there are: dark, light" in told
    assert told.isprintable()
    assert problem_with_theme("auto") == problem_with_theme("") == problem_with_theme("Dark") == ()
