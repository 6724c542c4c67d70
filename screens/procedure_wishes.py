"""What a person wants of procedures, as the screen of actions posts it to the application."""

from dataclasses import dataclass

from core.model.action_pages import ProcedureEntry
from core.model.procedure import ProcedureRun
from core.model.procedure_ways import Way
from screens.action_wish import ProcedureWish


@dataclass
class BeginWanted(ProcedureWish):
    """Ask for what it needs to be told, show all its steps, and begin it after a yes."""

    entry: ProcedureEntry


@dataclass
class WayTaken(ProcedureWish):
    """Go on with a run in one of the ways that it has now."""

    run: ProcedureRun
    """As the person saw it."""
    way: Way


@dataclass
class LookWanted(ProcedureWish):
    """Open what the step that a run is at wants looked at."""

    run: ProcedureRun
    """As the person saw it."""


@dataclass
class LettingGo(ProcedureWish):
    """Stop moving a run on from here; what is under way goes on."""

    run: ProcedureRun
