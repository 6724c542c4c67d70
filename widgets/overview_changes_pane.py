"""What happened lately, newest first."""

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.fitting import rule
from widgets.present.line import Line
from widgets.present.numbers import plural
from widgets.present.timeline import changes

_SHOWN = 200


class OverviewChangesPane(PicturePane):
    """The timeline of all systems."""

    DEFAULT_CSS = """
    OverviewChangesPane { height: 1fr; width: 100%; }
    """

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        notes = picture.snapshot.timeline
        note = plural(len(notes), "change") if notes else ""
        head = rule("What happened", width, note, is_focused=self.has_focus)
        return (head, *changes(notes, width, _SHOWN, picture.now))
