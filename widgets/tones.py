"""Tones as styles of the present theme, resolved once per theme.

Panes keep what they have drawn as long as this mapping is the same one. So it is another one too
when other things are to be hidden.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from rich.style import Style
from textual.app import App
from textual.color import Color

from core.model.veil import VEIL, Redacting
from widgets.present.line import Tone

_Resolved = tuple[Mapping[str, str], Redacting | None, Mapping[Tone, Style]]
_resolved: WeakKeyDictionary[App[Any], _Resolved] = WeakKeyDictionary()


def styles(app: App[Any]) -> Mapping[Tone, Style]:
    """Return a foreground style for every tone; the theme's `tone-*` variables name the colours."""
    variables = app.theme_variables
    known = _resolved.get(app)
    redacting = VEIL.redacting
    if known is not None and known[0] is variables and known[1] is redacting:
        return known[2]
    found = MappingProxyType({tone: _style(variables.get(f"tone-{tone}")) for tone in Tone})
    _resolved[app] = (variables, redacting, found)
    return found


def _style(colour: str | None) -> Style:
    return Style() if colour is None else Style(color=Color.parse(colour).rich_color)
