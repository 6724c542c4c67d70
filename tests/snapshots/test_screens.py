"""Every screen at three sizes, on a frozen clock and a scripted world; looked at before kept."""

from collections.abc import Callable

import pytest

from bench.shots import Shot, shots
from bench.still import StillConsole


@pytest.mark.parametrize("shot", shots(), ids=lambda shot: shot.name)
def test_a_screen_looks_as_it_did(shot: Shot, snap_compare: Callable[..., bool]) -> None:
    app = StillConsole(
        shot.picture, shot.theme, has_colour=shot.has_colour, is_presenting=shot.is_presenting
    )
    assert snap_compare(app, press=shot.keys, terminal_size=shot.size)
