"""Writes only what changed: sits in the display path of the application (ADR 0009).

Textual repaints regions; this compares them with what the terminal shows and writes the runs that
differ. While the terminal does not read, nothing is written and nothing piles up; what it shows is
remembered, and when it reads again one repaint brings it up to date.
"""

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

from rich.console import RenderableType
from rich.control import Control
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

from widgets.frame_cells import Frame, Run
from widgets.frame_shift import scrolled
from widgets.sgr import SgrWriter

BACKLOG_BYTES = 4096
"""More than this waiting for the terminal means that it is not reading."""
_LOOK_AGAIN_S = 0.1
_SYNC_START, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"


@runtime_checkable
class Backlogged(Protocol):
    """A driver that knows how much the terminal has not taken yet."""

    @property
    def backlog_bytes(self) -> int:
        """Bytes written and not yet taken."""
        ...


class FrameDiff(App[None], inherit_bindings=False):
    """An application that sends differences."""

    def __init__(
        self,
        *,
        ansi_color: bool | None = None,
        erases_in_colour: bool = False,
        scrolls_regions: bool = False,
    ) -> None:
        """Start with nothing known of what the terminal shows.

        Args:
            ansi_color: Textual's own switch.
            erases_in_colour: What the terminal erases gets the background colour.
            scrolls_regions: It can move some of its rows and leave the others.
        """
        super().__init__(ansi_color=ansi_color)
        self._erases_in_colour = erases_in_colour
        self._scrolls_regions = scrolls_regions
        self._last_frame = Frame(0, 0)
        self._is_behind = False
        self.may_scroll = True
        """Whether rows may be moved in the place of being sent again."""
        self.frames_sent = 0
        self.frames_skipped = 0
        self.bytes_sent = 0

    def force_full_frame(self) -> None:
        """Forget what the terminal shows and draw everything: something else wrote on it."""
        self._last_frame = Frame(0, 0)
        self.screen.refresh()

    def on_mount(self) -> None:
        """Draw everything after a suspension: the shell has written on the terminal since."""
        # Textual leaves the parameter of App open.
        self.app_resume_signal.subscribe(self, self._after_suspension)  # pyright: ignore[reportUnknownMemberType]

    def _after_suspension(self, _app: App[Any]) -> None:
        self.force_full_frame()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            not isinstance(renderable, LayoutUpdate | ChopsUpdate)
            or self._batch_count
            or not self.is_running
            or self.is_headless
            or driver is None
            or driver.is_inline
        ):
            super()._display(screen, renderable)  # pyright: ignore[reportUnknownMemberType] - as above
            return
        if isinstance(driver, Backlogged) and driver.backlog_bytes > BACKLOG_BYTES:
            self._fall_behind()
        elif written := self._difference(renderable):
            driver.write(written)
            driver.flush()
            self.frames_sent += 1
            self.bytes_sent += len(written)
        self.post_display_hook()

    def _difference(self, update: CompositorUpdate) -> str:
        """Return the sequences that bring the terminal up to date with an update."""
        size = (self.size.width, self.size.height)
        if self._last_frame.size != size:
            self._last_frame = Frame(*size)
        writer = SgrWriter(self.console.color_system, erases_in_colour=self._erases_in_colour)
        parts: list[str] = []
        frame = self._last_frame
        drawn = [one for place in _placed(update) if (one := frame.drawn(*place)) is not None]
        runs: list[Run] = []
        if self._scrolls_regions and self.may_scroll:
            sequence, runs = scrolled(frame, drawn)
            parts.append(sequence)
        for one in drawn:
            runs += frame.put(one)
        for run in runs:
            parts.append(f"\x1b[{run.y + 1};{run.x + 1}H")
            parts.append(writer.render(run.strip, is_at_edge=run.ends_at(size[0])))
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not any(parts) and cursor == self._previous_cursor_position:
            return ""
        self._previous_cursor_position = cursor
        parts.append(writer.finish())
        parts.append(Control.move_to(*cursor).segment.text)
        if self._sync_available:
            return "".join((_SYNC_START, *parts, _SYNC_END))
        return "".join(parts)

    def _fall_behind(self) -> None:
        """Skip a frame and look again soon."""
        self.frames_skipped += 1
        if not self._is_behind:
            self._is_behind = True
            self.set_timer(_LOOK_AGAIN_S, self._catch_up, name="terminal")

    def _catch_up(self) -> None:
        """Repaint when the terminal has taken what was written; the frame says what differs."""
        driver = self._driver
        if isinstance(driver, Backlogged) and driver.backlog_bytes > BACKLOG_BYTES:
            self.set_timer(_LOOK_AGAIN_S, self._catch_up, name="terminal")
            return
        self._is_behind = False
        self.screen.refresh()


def _placed(update: CompositorUpdate) -> Iterator[tuple[int, int, Strip]]:
    """Yield the strips of an update with their places."""
    if isinstance(update, LayoutUpdate):
        for y, strips in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in strips:
                yield x, y, strip
                x += strip.cell_length
    elif isinstance(update, ChopsUpdate):
        for y, start, stop in update.spans:
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
                if strip is None or x > stop or end <= start:
                    continue
                is_whole = stop > x >= start and end <= stop
                yield x, y, strip if is_whole else strip.crop(0, min(end, stop) - x)
