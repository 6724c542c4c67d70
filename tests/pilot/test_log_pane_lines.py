"""What the rows of a log are drawn as: the same strips as before where nothing has changed."""

from pathlib import Path

from textual.geometry import Region

from tests.pilot.log_console import opened, stamped
from widgets.log_pane import LogPane


async def test_lines_are_as_wide_as_what_is_asked_for_also_before_the_pane_has_its_size(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(stamped(number, f"a{number}") for number in range(500)))
    async with opened({"api/app": path}) as logs:
        await logs.until_shown("a499")
        pane = logs.screen.query_one(LogPane)
        width, height = pane.size
        for columns in (width - 7, width, width + 2):
            strips = pane.render_lines(Region(0, 0, columns, height))
            assert {one.cell_length for one in strips} == {columns}
        (part,) = pane.render_lines(Region(3, 1, 20, 1))
        (whole,) = pane.render_lines(Region(0, 1, width, 1))
        assert part.text == whole.text[3:23]


async def test_rows_that_move_up_are_drawn_as_the_same_strips(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_text("".join(stamped(number, f"a{number}") for number in range(500)))
    async with opened({"api/app": path}) as logs:
        await logs.until_shown("a499")
        pane = logs.screen.query_one(LogPane)
        region = Region(0, 0, pane.region.width, pane.size.height)
        before = pane.render_lines(region)
        with path.open("a") as file:
            file.write(stamped(500, "fresh"))
        await logs.until_shown("fresh")
        after = pane.render_lines(region)
        moved = sum(one is other for one, other in zip(before[1:], after, strict=False))
        # The row that the cursor has left is drawn anew.
        assert moved >= len(after) - 2
