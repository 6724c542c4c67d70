"""A record, a backup or a procedure in full."""

from textual.reactive import var

from core.model.action_pages import AuditRow, AuditTrail, BackupRow, ProcedureEntry
from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.action_pages import audit_lines, backup_lines
from widgets.present.line import Line
from widgets.present.procedures import procedure_lines

Subject = AuditRow | BackupRow | ProcedureEntry


class ActionPageDetailsPane(PicturePane):
    """Tells about what the cursor of the page's table is on."""

    subject: var[Subject | None] = var(None, init=False)
    trail: var[AuditTrail | None] = var(None, init=False)

    def watch_subject(self) -> None:
        self.redraw()

    def watch_trail(self) -> None:
        self.redraw()

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        match self.subject:
            case AuditRow() as row:
                return audit_lines(row, self.trail, width)
            case BackupRow() as row:
                return backup_lines(row, width, picture.now)
            case ProcedureEntry() as entry:
                return procedure_lines(entry, width, picture.now)
            case None:
                return ()
