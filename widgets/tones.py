"""Tones as styles of the present theme, resolved once per theme."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.app import App
from textual.color import Color

from widgets.present.line import Tone

_resolved: WeakKeyDictionary[App[Any], tuple[Mapping[str, str], Mapping[Tone, Style]]] = (
    WeakKeyDictionary()
)


def styles(app: App[Any]) -> Mapping[Tone, Style]:
    """Return a foreground style for every tone; the theme's `tone-*` variables name the colours."""
    variables = app.theme_variables
    known = _resolved.get(app)
    if known is not None and known[0] is variables:
        return known[1]
    found = MappingProxyType({tone: _style(variables.get(f"tone-{tone}")) for tone in Tone})
    _resolved[app] = (variables, found)
    return found


def _style(colour: str | None) -> Style:
    return Style() if colour is None else Style(color=Color.parse(colour).rich_color)
