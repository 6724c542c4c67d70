"""`python -m bench.pictures FOLDER [all]`: draws the guide's pictures, or all there are."""

import asyncio
import sys
from pathlib import Path

import resvg_py

from bench.shots import Shot, documented, shots
from bench.still import StillConsole


async def draw(shot: Shot) -> str:
    """Return a picture as SVG."""
    app = StillConsole(
        shot.picture, shot.theme, has_colour=shot.has_colour, is_presenting=shot.is_presenting
    )
    async with app.run_test(size=shot.size) as pilot:
        await pilot.pause()
        for key in shot.keys:
            await pilot.press(key)
        await pilot.pause()
        return app.export_screenshot(title="Quarterdeck")


def main() -> None:
    """Draw pictures as PNG into the folder."""
    folder, *which = Path(sys.argv[1]), *sys.argv[2:]
    folder.mkdir(parents=True, exist_ok=True)
    for shot in shots() if which == ["all"] else documented():
        svg = asyncio.run(draw(shot)).replace("arial", "DejaVu Sans")
        png = resvg_py.svg_to_bytes(svg_string=svg, font_dirs=["/usr/share/fonts"], zoom=1)
        (folder / f"{shot.name}.png").write_bytes(bytes(png))
        print(shot.name)


if __name__ == "__main__":
    main()
