"""A record, a backup or a procedure in full."""

from textual.reactive import var

from core.model.action_pages import AuditRow, AuditTrail, BackupRow, ProcedureEntry
from core.model.action_view import ActionsPicture
from core.model.procedure import ProcedureRun
from core.model.procedure_ways import step_in_question
from core.model.views import CheckView, Picture
from widgets.picture_pane import PicturePane
from widgets.present.action_pages import audit_lines, backup_lines
from widgets.present.line import Line
from widgets.present.procedures import NOTHING_BESIDE, Beside, procedure_lines

Subject = AuditRow | BackupRow | ProcedureEntry


class ActionPageDetailsPane(PicturePane):
    """Tells about what the cursor of the page's table is on."""

    subject: var[Subject | None] = var(None, init=False)
    trail: var[AuditTrail | None] = var(None, init=False)
    actions: var[ActionsPicture | None] = var(None, init=False)

    def watch_subject(self) -> None:
        self.redraw()

    def watch_trail(self) -> None:
        self.redraw()

    def watch_actions(self) -> None:
        if isinstance(self.subject, ProcedureEntry):
            self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        match self.subject:
            case AuditRow() as row:
                return audit_lines(row, self.trail, width)
            case BackupRow() as row:
                return backup_lines(row, width, picture.now)
            case ProcedureEntry() as entry:
                beside = _beside(entry.last, self.actions, picture)
                return procedure_lines(entry, beside, width, picture.now)
            case None:
                return ()


def _beside(run: ProcedureRun | None, actions: ActionsPicture | None, picture: Picture) -> Beside:
    """Return what is known of the step that a run is at."""
    index = step_in_question(run) if run is not None else None
    if run is None or index is None or actions is None:
        return NOTHING_BESIDE
    action_id = run.records[index].action_id
    state = next((one for one in actions.states if one.plan.id == action_id), None)
    looked_at = actions.looked_at
    is_looked_at = looked_at is not None and looked_at.action_id == action_id
    output = looked_at.output if looked_at is not None and is_looked_at else ()
    return Beside(state, output, _check(picture, run.system, run.steps[index].step.until))


def _check(picture: Picture, system: str, name: str) -> CheckView | None:
    """Return the check `service/check` of a system."""
    return next(
        (
            check
            for one in picture.systems
            for service in one.services
            for check in service.checks
            if name and str(check.spec.id).endswith(f"{system}/{name}")
        ),
        None,
    )
