"""That a console was open stands in the log; that it cannot holds up nobody."""

import threading
from pathlib import Path

from core.actions.audit.record import Event
from core.actions.sessions import ConsoleSession
from core.errors import ActionError
from core.model.text import SafeText
from tests.fakes.clock import FakeClock
from tests.unit.core.actions.stage import Records


def session_on(records: Records, clock: FakeClock | None = None) -> ConsoleSession:
    return ConsoleSession(lambda: records, clock or FakeClock(), "read-only", "production")


async def test_a_console_has_a_beginning_and_an_end() -> None:
    records, clock, told = Records(), FakeClock(), list[SafeText]()
    session = session_on(records, clock)
    session.begin(told.append)
    session.begin(told.append)
    await clock.advance(90)
    session.end().join(30)
    (began, first), (ended, last) = records.rows
    assert (began, ended) == (Event.SESSION_START, Event.SESSION_END)
    assert (first["result"], first["env"]) == ("read-only", "production")
    assert last["dur_ms"] == 90_000
    assert told == []


def test_a_console_that_is_left_at_once_has_both_as_well() -> None:
    records = Records()
    session_on(records).end().join(30)
    assert [event for event, _ in records.rows] == [Event.SESSION_START, Event.SESSION_END]


def test_where_nothing_can_be_written_that_is_said_once_and_nothing_ends() -> None:
    records, told, said = Records(), list[SafeText](), threading.Event()
    records.fails_from = 0

    def tell(text: SafeText) -> None:
        told.append(text)
        said.set()

    session = session_on(records)
    session.begin(tell)
    assert said.wait(30)
    session.end().join(30)
    assert told == ["that this console is open is not recorded: the audit log takes nothing"]
    assert records.rows == []


def test_a_log_that_cannot_be_opened_is_said_as_well(tmp_path: Path) -> None:
    told, said = list[SafeText](), threading.Event()

    def open_log() -> Records:
        raise ActionError(f"{tmp_path} is a file")

    def tell(text: SafeText) -> None:
        told.append(text)
        said.set()

    ConsoleSession(open_log, FakeClock(), "read-only", "production").begin(tell)
    assert said.wait(30)
    assert "is a file" in told[0]


def test_beginning_returns_while_the_log_is_held() -> None:
    """And what ends the console waits no longer than it wants to."""
    gate, records = threading.Event(), Records()

    def open_log() -> Records:
        gate.wait(30)
        return records

    session = ConsoleSession(open_log, FakeClock(), "read-only", "production")
    session.begin(lambda _text: None)
    ending = session.end()
    ending.join(0.01)
    assert ending.is_alive()
    assert records.rows == []
    gate.set()
    ending.join(30)
    assert [event for event, _ in records.rows] == [Event.SESSION_START, Event.SESSION_END]
