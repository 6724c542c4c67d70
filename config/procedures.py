"""Procedures, incidents and views: how the steps of a runbook are done here."""

from typing import Literal

from config.fields import Duration, OperationId, WebAddress
from config.section import Section, fields_of, key_of

_KINDS = ("check", "log", "view", "action", "command", "wait", "human", "procedure")
_LOOKS = ("check", "log", "view")
_NOT_OF_PARTS = ("gate", "until", "within", "on_failure", "target", "set_", "link")
"""What a procedure within another would silently not do: its steps have their own."""


class Step(Section):
    """One step: exactly one of check, log, view, action, command, wait, human, procedure."""

    title: str
    check: str = ""
    """`service/check` to look at again."""
    log: str = ""
    """The log or log view to read."""
    view: str = ""
    """A screen and what to select there: `host`, `streams/automation.events`."""
    action: str = ""
    """An action's id, such as `service.restart`."""
    target: str = ""
    """What the action is done to."""
    set_: dict[str, str] = {}
    """The action's inputs."""
    command: str = ""
    """The name of a command of the system."""
    wait: Duration | None = None
    human: str = ""
    """What a person does and then ticks."""
    procedure: str = ""
    """Another procedure, done whole."""
    link: WebAddress | None = None
    until: str = ""
    """`service/check` that has to be ok before it goes on."""
    within: Duration = 60.0
    """How long `until` may take."""
    gate: bool = False
    """Go no further unless it succeeded; a failed one cannot be skipped."""
    optional: bool = False
    """Of `procedure`: done only where a person says that it is needed; gates in it hold within."""
    on_failure: Literal["stop", "roll_back", "go_on"] | None = None
    """None: `go_on` for a look (check, log, view) without `gate` and `until`, else `stop`."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()

    def reason_against(self) -> tuple[str, str] | None:
        """Return why it is not exactly one kind of step."""
        kinds = [kind for kind in _KINDS if getattr(self, kind) not in ("", None)]
        if len(kinds) == 1:
            return self._reason_against_failure()
        what = f"does {len(kinds)} things" if kinds else "does nothing"
        return what, f"keep one of: {', '.join(kind for kind in fields_of(Step) if kind in _KINDS)}"

    def _reason_against_failure(self) -> tuple[str, str] | None:
        own = (one for one in _NOT_OF_PARTS if getattr(self, one) != getattr(Step, one))
        if self.procedure and (lost := next(own, "")):
            what = f"`{key_of(lost)}` beside `procedure`"
            return what, "write it at the steps of that procedure"
        if self.optional and not self.procedure:
            remedy = "leave it out: each step can be skipped that is no gate"
            return "`optional` at a single step", remedy
        if self.gate and self.on_failure == "go_on":
            return "a gate that is gone through when it fails", "keep one: `gate`, or `on_failure`"
        return None


def kind_of(step: Step) -> str:
    """Return which of its keys says what a step does."""
    return next(kind for kind in _KINDS if getattr(step, kind) not in ("", None))


def on_failure_of(step: Step) -> str:
    """Return what follows when a step fails: a look that finds a fault is a finding."""
    is_look = kind_of(step) in _LOOKS and not step.gate and not step.until
    return step.on_failure or ("go_on" if is_look else "stop")


class Procedure(Section):
    """Ordered steps with gates."""

    title: str
    when: str = ""
    """What it is for."""
    kind: Literal["routine", "incident", "deploy", "rollback", "maintenance", "emergency"] = (
        "routine"
    )
    every: Duration | None = None
    """How often it should be done."""
    steps: tuple[Step, ...]
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class Incident(Section):
    """A kind of incident: how it shows and what is done."""

    title: str
    severity: Literal["info", "warning", "critical"] = "warning"
    symptoms: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()
    """Alerts that open it."""
    procedure: str = ""
    stages: tuple[str, ...] = ()
    response: Duration | None = None
    """How soon somebody has to be at it; 0s is at once."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()


class LogView(Section):
    """A question that a runbook asks of a log."""

    title: str = ""
    log: str
    """Name of the log."""
    filter: str = ""
    """In the language of `quarterdeck logs --filter`; `{user}` is asked for when it is used."""
    count_by: str = ""
    """Field to count by."""
    measure: str = ""
    """Field whose average, p50, p95 and maximum are shown."""
    window: Duration | None = None
    last: int | None = None
    """Records from the end."""
    personal_data: bool = False
    """Look for personal data in what matches, and show counts with masked samples."""
    note: str = ""
    operations: tuple[OperationId, ...] = ()
