"""The keys of the screen of actions that take back, finish or settle what was done."""

from textual.binding import Binding
from textual.reactive import var

from core.model.action import ActionRequest, Phase
from core.model.action_state import ActionState
from core.model.action_view import ActionsPicture
from screens.action_wishes import PlanWanted, RecoveryWanted, ResolutionAsked, RevealWanted
from screens.actions_procedures import ProceduresScreen

UNDO = "action.undo"


class WaysOutScreen(ProceduresScreen):
    """What can be done about an action that is over, or was left; `selected` is that action."""

    BINDINGS = [
        Binding("u", "undo", "Undo", id="action.undo"),
        Binding("R", "recover", "Recover", id="action.recover"),
        Binding("M", "resolve", "Dealt with", id="action.resolve"),
        Binding("v", "reveal", "Show the key", id="action.reveal"),
    ]

    actions: var[ActionsPicture | None] = var(None, init=False)

    @property
    def selected(self) -> ActionState | None:
        """The action under the cursor, while actions are shown."""
        raise NotImplementedError

    def undo_against(self, state: ActionState | None) -> str:
        """Return why an action cannot be undone; empty: it can."""
        if state is None:
            return "no action is selected"
        if state.phase is not Phase.COMMITTED:
            return "only what was committed is undone"
        last = next((one.title for one in state.plan.steps if not one.has_way_back), None)
        return f"there is no way back from: {last}" if last else ""

    def reason_against(self, action: str) -> str:
        """Say why an action of this screen cannot be done now."""
        state = self.selected
        if action == "undo":
            return self.undo_against(state)
        if action == "recover" and (state is None or not state.is_left_over):
            return "it is not unfinished"
        if action == "resolve" and not _needs_human(state):
            return "it does not wait for a person"
        if action == "reveal" and not self._is_waiting(state):
            return "it left no new key, or it has been shown"
        return super().reason_against(action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys of an action only where they can do something."""
        if action in {"undo", "recover", "resolve", "reveal"} and self.reason_against(action):
            return None
        return super().check_action(action, parameters)

    def action_undo(self) -> None:
        """Plan the undoing of the selected action."""
        state = self.selected
        if state is not None and not self.undo_against(state):
            self.post_message(PlanWanted(ActionRequest(UNDO, state.plan.id)))

    def action_recover(self) -> None:
        """Finish what a dead executor left of the selected action."""
        if self.selected is not None and self.selected.is_left_over:
            self.post_message(RecoveryWanted(self.selected.plan.id))

    def action_resolve(self) -> None:
        """Say that a person has dealt with the selected action, and how."""
        state = self.selected
        if state is not None and _needs_human(state):
            self.post_message(ResolutionAsked(state.plan.id, state.plan.title))

    def _is_waiting(self, state: ActionState | None) -> bool:
        known = self.actions.waiting if self.actions is not None else ()
        return state is not None and any(one.action_id == state.plan.id for one in known)

    def action_reveal(self) -> None:
        """Have the new key shown that the selected action left, once."""
        if self.selected is not None and self._is_waiting(self.selected):
            self.post_message(RevealWanted(self.selected.plan.id))


def _needs_human(state: ActionState | None) -> bool:
    return state is not None and state.phase is Phase.NEEDS_HUMAN and not state.is_resolved
