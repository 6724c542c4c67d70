"""Alerts of a system."""

from typing import Annotated, Literal

from config.fields import Duration, Matches, Name, OperationId
from config.section import Section

WHEN_PATTERN = r"^\s*\S.*(<=|>=|==|!=|<|>)\s*\S+\s*$"
When = Annotated[str, Matches(WHEN_PATTERN, "figure operator value, such as error_rate(api) > 5%")]
"""`figure operator value`, such as `p95(http_request_duration_seconds) > 1s`."""


class Alert(Section):
    """A rule that is evaluated all the time."""

    name: Name
    when: When
    for_: Duration = 0.0
    """How long it has to hold before it fires."""
    severity: Literal["info", "warning", "critical"] = "warning"
    summary: str = ""
    procedure: str = ""
    """The procedure to open when it fires."""
    note: str = ""
    """What to know, such as "nobody exports this series"."""
    operations: tuple[OperationId, ...] = ()
