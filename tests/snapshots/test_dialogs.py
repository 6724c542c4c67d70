"""Dialogs that no key of the scripted night leads to; looked at before kept."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from bench.scene import trouble
from bench.shots import MIDDLE, SMALL, Size
from bench.still import StillConsole
from core.model.text import SafeText
from screens.secret_entry import SecretEntryScreen


@pytest.mark.parametrize(("size", "is_presenting"), [(SMALL, False), (MIDDLE, True)])
def test_entering_a_secret_looks_as_it_did(
    size: Size, is_presenting: bool, snap_compare: Callable[..., bool]
) -> None:
    async def enter(pilot: Pilot[Any]) -> None:
        await pilot.press("6")
        title = SafeText("Enter GOOGLE_API_KEY in Environment of business-engine")
        pilot.app.push_screen(
            SecretEntryScreen(title, SafeText("The new value of GOOGLE_API_KEY:"))
        )
        await pilot.pause()
        pilot.app.post_message(Paste("one-that-nobody-sees"))
        await pilot.pause()

    app = StillConsole(trouble(), is_presenting=is_presenting)
    assert snap_compare(app, terminal_size=size, run_before=enter)
