"""The keys of procedures on the screen of actions: begin one, and take its run on."""

from textual.binding import Binding, BindingType

from core.model.action_pages import ProcedureEntry
from core.model.procedure_ways import Way, step_in_question, ways_on
from screens.base import ConsoleScreen
from screens.procedure_wishes import BeginWanted, LettingGo, LookWanted, WayTaken
from screens.step_places import sight_of
from widgets.present.procedures import BEGIN_KEY, LET_GO_KEY, LOOK_KEY, WAY_KEYS

_TITLES = {
    Way.GO_ON: "Go on",
    Way.TICK: "Done",
    Way.FAIL: "Failed",
    Way.SKIP: "Skip",
    Way.SKIP_PART: "Skip part",
    Way.ROLL_BACK: "Roll back",
    Way.ABANDON: "Give up",
}


_OURS = frozenset({"begin", "let_go", "look"})


def _bindings() -> list[BindingType]:
    ways: list[BindingType] = [
        Binding(WAY_KEYS[way], f"way('{way}')", title, id=f"procedure.{way}")
        for way, title in _TITLES.items()
    ]
    begin = Binding(BEGIN_KEY, "begin", "Begin", id="procedure.begin")
    # Enter has the table's row in full first; where that is shown it goes on to the step's place.
    look = Binding(f"{LOOK_KEY},enter", "look", "Look", id="procedure.look")
    return [begin, look, *ways, Binding(LET_GO_KEY, "let_go", "Let go", id="procedure.let-go")]


class ProceduresScreen(ConsoleScreen):
    """Everything of the screen of actions that moves runs on; `procedure` is the selected one."""

    BINDINGS = _bindings()

    @property
    def procedure(self) -> ProcedureEntry | None:
        """The procedure under the cursor, while procedures are shown."""
        raise NotImplementedError

    def reason_against(self, action: str) -> str:
        if action in _OURS:
            return self._reason_against(action)
        return super().reason_against(action)

    def _reason_against(self, action: str) -> str:
        entry = self.procedure
        if entry is None:
            return "no procedure is selected"
        if action == "look":
            return "" if self._has_sight(entry) else "its run is at nothing that a screen shows"
        if action == "let_go":
            return "" if entry.is_moved_here else "no run of it is moved on from here"
        if entry.problem:
            return entry.problem
        is_open = entry.last is not None and not entry.last.is_over
        return "a run of it is not over" if is_open else ""

    def _has_sight(self, entry: ProcedureEntry) -> bool:
        run = entry.last
        index = step_in_question(run) if run is not None else None
        return (
            run is not None
            and index is not None
            and sight_of(run.system, run.steps[index].step) is not None
        )

    def ways(self) -> tuple[Way, ...]:
        """Return the ways that the selected procedure's run has now; none while it is moved."""
        entry = self.procedure
        if entry is None or entry.last is None or entry.holder:
            return ()
        return tuple(one.way for one in ways_on(entry.last))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Show the keys of a procedure only where they can do something."""
        if action == "way" and parameters[0] not in self.ways():
            return None
        if action in _OURS and self._reason_against(action):
            return None
        return super().check_action(action, parameters)

    def action_begin(self) -> None:
        """Begin the selected procedure, after a look at all its steps."""
        if self.procedure is not None and not self._reason_against("begin"):
            self.post_message(BeginWanted(self.procedure))

    def action_way(self, way: str) -> None:
        """Take the selected procedure's run on."""
        entry = self.procedure
        if entry is not None and entry.last is not None and way in self.ways():
            self.post_message(WayTaken(entry.last, Way(way)))

    def action_look(self) -> None:
        """Open what the step looks at that the selected procedure's run is at."""
        entry = self.procedure
        if entry is not None and entry.last is not None and self._has_sight(entry):
            self.post_message(LookWanted(entry.last))

    def action_let_go(self) -> None:
        """Stop moving the selected procedure's run on from here."""
        entry = self.procedure
        if entry is not None and entry.last is not None and entry.is_moved_here:
            self.post_message(LettingGo(entry.last))
