"""`python -m bench.pictures FOLDER`: draws every screen, at three sizes and in every theme."""

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path

import resvg_py

from bench.scene import calm, trouble
from bench.still import StillConsole
from core.model.views import Picture
from tui.themes import THEME_NAMES

SIZES = ((80, 24), (120, 40), (200, 60))
SCREENS = {"overview": "1", "services": "2", "host": "9"}
OTHERS = {"logs": "3", "streams": "4", "limits": "5", "keys": "6", "alerts": "7", "runbook": "8",
          "actions": "0"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shot:
    """One picture to take."""

    name: str
    picture: Picture
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    theme: str = "dark"


def shots() -> list[Shot]:
    """Return all pictures of the documentation."""
    quiet, bad = calm(), trouble()
    found = [
        Shot(f"{name}-{size[0]}x{size[1]}", bad, size, (key,))
        for name, key in SCREENS.items()
        for size in SIZES
    ]
    found += [Shot(f"{name}-120x40", bad, (120, 40), (key,)) for name, key in OTHERS.items()]
    found += [
        Shot(f"overview-{theme}", bad, (120, 40), theme=theme)
        for theme in THEME_NAMES
        if theme != "auto"
    ]
    found += [
        Shot("overview-calm", quiet, (120, 40)),
        Shot("help", bad, (120, 40), ("question_mark",)),
        Shot("command", bad, (120, 40), ("colon", "s", "e")),
    ]
    return found


async def draw(shot: Shot) -> str:
    """Return a picture as SVG."""
    app = StillConsole(shot.picture, shot.theme)
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause()
        for key in shot.keys:
            await pilot.press(key)
        await pilot.pause()
        return app.export_screenshot(title="Quarterdeck")


def main() -> None:
    """Draw all pictures as PNG into the folder."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for shot in shots():
        svg = asyncio.run(draw(shot)).replace("arial", "DejaVu Sans")
        png = resvg_py.svg_to_bytes(svg_string=svg, font_dirs=["/usr/share/fonts"], zoom=1)
        (folder / f"{shot.name}.png").write_bytes(bytes(png))
        print(shot.name)


if __name__ == "__main__":
    main()
