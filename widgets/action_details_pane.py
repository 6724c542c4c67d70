"""One action in full."""

from textual.reactive import var

from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.absence import Absence, absence_line
from widgets.present.actions import action_lines
from widgets.present.line import Line
from widgets.present.reveal import waiting_line


class ActionDetailsPane(PicturePane):
    """Steps, second look, what changed for others, plan and output of the selected action."""

    state: var[ActionState | None] = var(None, init=False)
    actions: var[ActionsPicture | None] = var(None, init=False)
    undo_against: var[str] = var("", init=False)

    def watch_state(self) -> None:
        self.redraw()

    def watch_actions(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        if self.state is None:
            return (absence_line(Absence.NONE, "action selected"),)
        looked_at = self.actions.looked_at if self.actions is not None else None
        if looked_at is not None and looked_at.action_id != self.state.plan.id:
            looked_at = None
        lines = action_lines(self.state, looked_at, width, picture.now, self.undo_against)
        waiting = self.actions.waiting if self.actions is not None else ()
        own = next((one for one in waiting if one.action_id == self.state.plan.id), None)
        # Below title and outcome, which say what it was and how it went.
        return lines if own is None else (*lines[:2], waiting_line(own), *lines[2:])
