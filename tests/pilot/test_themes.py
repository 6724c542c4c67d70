"""Every theme opens: a variable that one of them lacks would end the console at start."""

import pytest
from textual.app import App

from tui.themes import THEMES


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_a_theme_has_every_variable_that_textual_asks_for(theme) -> None:
    app = App()
    app.register_theme(theme)
    app.theme = theme.name
    wanted = {"ansi-background", "ansi-foreground", "screen-selection-background", "panel"}
    known = set(app.theme_variables)
    assert wanted <= known
