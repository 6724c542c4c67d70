"""Where figures become a warning or critical."""

from config.fields import Amount, OperationId
from config.section import Section


class Threshold(Section):
    """Where a figure becomes a warning, and where it becomes critical."""

    warning: Amount | None = None
    critical: Amount | None = None
    target: Amount | None = None
    """What it should be, where the runbook says so."""
    is_low_bad: bool = False
    """Below is worse (uptime), instead of above."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()
