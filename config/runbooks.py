"""The runbook behind a profile, and the people: who is asked, and when."""

from typing import Annotated

from config.fields import Duration, Matches, Name, OperationId, PathText, WebAddress
from config.section import Section

Day = Annotated[str, Matches(r"^\d{4}-\d{2}-\d{2}$", "a date, such as 2026-05-11")]
"""A date, `2026-05-11`."""


class Difference(Section):
    """Where the runbook and the real system disagree; the console shows which is which."""

    runbook: str
    real: str
    operations: tuple[OperationId, ...] = ()


class Link(Section):
    """Something to open in a browser."""

    url: WebAddress
    title: str = ""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Runbook(Section):
    """The document a system is operated by."""

    number: str
    title: str
    version: str = ""
    updated: Day = ""
    next_review: Day = ""
    file: PathText | None = None
    reviews: dict[str, str] = {}
    """How often to what is reviewed."""
    documents: tuple[str, ...] = ()
    """Documents it refers to."""
    differences: tuple[Difference, ...] = ()
    operations: tuple[OperationId, ...] = ()
    """Rows about the document itself."""


class Contact(Section):
    """Somebody to reach."""

    role: str
    primary: str = ""
    secondary: str = ""
    channel: str = ""
    external: bool = False
    note: str = ""
    """Values such as TBD or [Phone/Email] are shown as not filled in."""


class Level(Section):
    """A rung of the escalation ladder."""

    who: str
    after: Duration = 0.0
    """Since the incident was opened."""
    note: str = ""


class Contacts(Section):
    """People and the order in which they are asked."""

    people: dict[Name, Contact] = {}
    escalation: tuple[Level, ...] = ()
    note: str = ""
    operations: tuple[OperationId, ...] = ()
