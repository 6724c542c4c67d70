"""What a running action writes into the audit log, and how."""

from typing import Protocol, TypedDict, Unpack

from core.actions.audit.record import Event
from core.actions.audit.writer import AuditLog


class Fields(TypedDict, total=False):
    """What an audit record of an action may say beside its event."""

    action_id: str
    verb: str
    target: str
    target_kind: str
    plan_hash: str
    step: int | None
    result: str
    code: str
    dur_ms: int | None
    before: str
    after: str
    reason: str
    env: str
    session: str
    is_ending: bool


class Recorder(Protocol):
    """The audit log, as far as actions need it."""

    def append(self, ev: Event, **fields: Unpack[Fields]) -> object:
        """Write a record durably, or raise ActionError."""
        ...

    def close(self) -> None:
        """Let go of it, once what goes elsewhere (anchors) has had a moment to leave."""
        ...


class AuditRecorder:
    """Writes into the audit log."""

    def __init__(self, log: AuditLog) -> None:
        self._log = log

    def append(self, ev: Event, **fields: Unpack[Fields]) -> object:
        """Write a record durably, or raise ActionError."""
        return self._log.append(ev, **fields)

    def close(self) -> None:
        """Let go of the log, once its anchors have had a moment to leave."""
        self._log.close()
