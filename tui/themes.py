"""The themes: what each tone looks like, and which theme a terminal gets.

Every `tone-*` reads at 4.5:1 or better on every surface of its theme (tested), and the four
verdict tones stay apart for people who do not tell red from green (tested too). The tones of the
dark theme are colours of the 256 palette, because those take half the bytes (`widgets.sgr`).
"""

from collections.abc import Mapping
from typing import Final

from textual.theme import Theme

from core.model.text import SafeText, clean

AUTO: Final = "auto"


def _tones(**colours: str) -> dict[str, str]:
    """Return tone variables under the names that the widgets look up."""
    return {f"tone-{name}": colour for name, colour in colours.items()}


def _cursor(background: str, foreground: str) -> dict[str, str]:
    return {
        "block-cursor-background": background,
        "block-cursor-foreground": foreground,
        "block-cursor-text-style": "bold",
        "block-cursor-blurred-text-style": "none",
    }


DARK = Theme(
    name="dark",
    primary="#5fafd7",
    secondary="#9fb0c3",
    accent="#5fafd7",
    success="#5fd7af",
    warning="#ffd75f",
    error="#ff875f",
    foreground="#dadada",
    background="#0f1419",
    surface="#161c23",
    panel="#1f2730",
    dark=True,
    variables={
        **_tones(
            plain="#dadada",
            dim="#9e9e9e",
            label="#b2b2b2",
            title="#ffffff",
            accent="#5fafd7",
            key="#ffd787",
            ok="#5fd7af",
            degraded="#ffd75f",
            down="#ff875f",
            unknown="#d7afff",
            production="#ff87af",
            match="#ffd75f",
        ),
        **_cursor("#2b5f86", "#ffffff"),
        "border": "#5fafd7",
        "border-blurred": "#3a4653",
        "scrollbar": "#3a4653",
        "scrollbar-background": "#0f1419",
    },
)
LIGHT = Theme(
    name="light",
    primary="#0b5fa5",
    secondary="#445163",
    accent="#0b5fa5",
    success="#00664f",
    warning="#7a5200",
    error="#b3261e",
    foreground="#1b1f24",
    background="#fbfbf8",
    surface="#f2f2ee",
    panel="#e6e6e0",
    dark=False,
    variables={
        **_tones(
            plain="#1b1f24",
            dim="#565f6a",
            label="#445163",
            title="#000000",
            accent="#0b5fa5",
            key="#704400",
            ok="#00664f",
            degraded="#7a5200",
            down="#b3261e",
            unknown="#5b4b8a",
            production="#a80038",
            match="#8a3b00",
        ),
        **_cursor("#bcd9f2", "#000000"),
        "border": "#0b5fa5",
        "border-blurred": "#b8b8b0",
        "scrollbar": "#b8b8b0",
        "scrollbar-background": "#f2f2ee",
    },
)
CONTRAST = Theme(
    name="contrast",
    primary="#8fd3ff",
    secondary="#ffffff",
    accent="#8fd3ff",
    success="#5cffd1",
    warning="#ffe600",
    error="#ff9a8a",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#141414",
    dark=True,
    variables={
        **_tones(
            plain="#ffffff",
            dim="#d0d0d0",
            label="#e4e4e4",
            title="#ffffff",
            accent="#8fd3ff",
            key="#ffe600",
            ok="#35ffc6",
            degraded="#ffe600",
            down="#ff8a70",
            unknown="#d4c4ff",
            production="#ff9fb4",
            match="#ffe600",
        ),
        **_cursor("#ffffff", "#000000"),
        "border": "#ffffff",
        "border-blurred": "#808080",
        "scrollbar": "#ffffff",
        "scrollbar-background": "#000000",
    },
)


def _sixteen(name: str, *, dark: bool, tones: dict[str, str], cursor: tuple[str, str]) -> Theme:
    """Return a theme of the terminal's own sixteen colours on its own background."""
    return Theme(
        name=name,
        ansi=True,
        primary="ansi_cyan",
        secondary="ansi_blue",
        accent="ansi_cyan",
        success="ansi_green",
        warning="ansi_yellow",
        error="ansi_red",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        boost="ansi_default",
        dark=dark,
        variables={
            **tones,
            **_cursor(*cursor),
            "ansi-background": "ansi_black" if dark else "ansi_white",
            "ansi-foreground": "ansi_white" if dark else "ansi_black",
            "border": "ansi_cyan",
            "border-blurred": "ansi_bright_black",
            "input-cursor-background": cursor[0],
            "input-cursor-foreground": cursor[1],
            "input-cursor-text-style": "none",
            "input-selection-background": cursor[0],
            "input-selection-foreground": cursor[1],
            "scrollbar": "ansi_bright_black",
            "scrollbar-background": "ansi_default",
            "scrollbar-corner-color": "ansi_default",
        },
    )


SIXTEEN = _sixteen(
    "sixteen",
    dark=True,
    tones=_tones(
        plain="ansi_default",
        dim="ansi_white",
        label="ansi_white",
        title="ansi_bright_white",
        accent="ansi_bright_cyan",
        key="ansi_bright_yellow",
        ok="ansi_bright_cyan",
        degraded="ansi_bright_yellow",
        down="ansi_bright_red",
        unknown="ansi_bright_magenta",
        production="ansi_bright_red",
        match="ansi_bright_yellow",
    ),
    cursor=("ansi_white", "ansi_black"),
)
SIXTEEN_LIGHT = _sixteen(
    "sixteen-light",
    dark=False,
    tones=_tones(
        plain="ansi_default",
        dim="ansi_black",
        label="ansi_black",
        title="ansi_black",
        accent="ansi_blue",
        key="ansi_blue",
        ok="ansi_blue",
        degraded="ansi_magenta",
        down="ansi_red",
        unknown="ansi_black",
        production="ansi_red",
        match="ansi_magenta",
    ),
    cursor=("ansi_blue", "ansi_bright_white"),
)

THEMES: Final[tuple[Theme, ...]] = (DARK, LIGHT, CONTRAST, SIXTEEN, SIXTEEN_LIGHT)
THEME_NAMES: Final[tuple[str, ...]] = tuple(theme.name for theme in THEMES)

_FEW_COLOURS = frozenset({"dumb", "unknown", "linux", "vt100", "vt220", "ansi", "cygwin"})


def problem_with_theme(wanted: str) -> tuple[SafeText, ...]:
    """Return a line that says why there is no such theme, and which ones there are."""
    if wanted.strip().lower() in {*THEME_NAMES, AUTO, ""}:
        return ()
    return (clean(f"no theme {clean(wanted, 40)}; there are: {', '.join(THEME_NAMES)}"),)


def chosen_theme(wanted: str, env: Mapping[str, str]) -> str:
    """Return the theme to start with: the configuration's, else what the terminal can show.

    `NO_COLOR` wins over everything: only a sixteen-colour theme leaves no colour at all once
    colours are taken out. A terminal that promises neither truecolor nor 256 colours gets the
    theme of its own sixteen.
    """
    name = wanted.strip().lower()
    is_light = name in {LIGHT.name, SIXTEEN_LIGHT.name} or _has_light_background(env)
    few = SIXTEEN_LIGHT.name if is_light else SIXTEEN.name
    if "NO_COLOR" in env:
        return few
    if name in THEME_NAMES:
        return name
    if _shows_many_colours(env):
        return LIGHT.name if is_light else DARK.name
    return few


def _shows_many_colours(env: Mapping[str, str]) -> bool:
    term = env.get("TERM", "").lower()
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return term not in {"dumb", "unknown"}
    return bool(term) and term not in _FEW_COLOURS and ("256" in term or "direct" in term)


def _has_light_background(env: Mapping[str, str]) -> bool:
    """Tell what COLORFGBG says; terminals that set it write `foreground;background`."""
    background = env.get("COLORFGBG", "").rpartition(";")[2]
    return background in {"7", "15"}
