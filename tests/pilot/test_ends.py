"""However the console ends: in time, with the right status, and with the terminal as it was."""

import signal

import pytest

from tests.pilot.conftest import Open
from tests.pilot.pty_child import RESTORED, PtyChild
from tui.app import STOP_WITHIN_S
from tui.signals import LAST_RESORT_GONE_S, LAST_RESORT_S

SIGNALS = [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
WITHOUT_LIMITS = """
import tui.app, tui.signals
tui.signals.LAST_RESORT_S = tui.signals.LAST_RESORT_GONE_S = tui.app.STOP_WITHIN_S = 3600.0
"""
"""Whoever needs one of the limits does not end at all: how slow the machine is makes no difference.
"""
STUCK = """
import time
import tui.app
tui.app.ConsoleApp.leave_with = lambda self, code: time.sleep(3600)
"""
COUNT_THREADS = """
import atexit, sys, threading
def tell():
    others = [one for one in threading.enumerate() if one is not threading.main_thread()]
    print("threads left:", [one.name for one in others if not one.daemon], file=sys.stderr)
atexit.register(tell)
"""
UNDER_A_LEADER = """
import os, signal, sys
child = os.fork()
if child:
    signal.signal(signal.SIGHUP, lambda *_: None)  # make keeps the hang-up to itself
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def assert_restored(child: PtyChild) -> None:
    assert [one for one in RESTORED if one not in child.output] == []
    assert child.output.rindex(b"\x1b[?1049l") > child.output.rindex(b"\x1b[?1049h")
    assert child.settings == child.settings_before


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_signal_ends_it_before_any_limit_has_to(
    open_console: Open, number: signal.Signals, code: int
) -> None:
    child = open_console(WITHOUT_LIMITS + COUNT_THREADS)
    child.wait_for("shop")
    child.send(number)
    assert child.wait_end()[0] == code
    assert_restored(child)
    assert b"threads left: []" in child.output
    assert b"Traceback" not in child.output


def test_a_terminal_that_goes_away_ends_it_as_a_hang_up(open_console: Open) -> None:
    child = open_console(WITHOUT_LIMITS)
    child.wait_for("shop")
    child.hang_up()
    assert child.wait_end(reads=False)[0] == 129


def test_a_hang_up_reaches_it_below_a_program_that_leads_the_session(open_console: Open) -> None:
    child = open_console(UNDER_A_LEADER + WITHOUT_LIMITS)
    child.wait_for("shop")
    child.hang_up()
    assert child.wait_end(reads=False)[0] == 129


@pytest.mark.parametrize(("number", "code"), SIGNALS[:2])
def test_a_terminal_that_does_not_read_cannot_keep_it_longer_than_two_seconds(
    open_console: Open, number: signal.Signals, code: int
) -> None:
    child = open_console()
    child.wait_for("shop")
    child.press_without_reading("?\x1b", 200)
    child.send(number)
    assert child.wait_end(reads=False)[0] == code


@pytest.mark.parametrize(("number", "code"), SIGNALS)
def test_a_console_that_is_stuck_ends_by_its_limit_and_leaves_the_terminal_as_it_was(
    open_console: Open, number: signal.Signals, code: int
) -> None:
    child = open_console(STUCK)
    child.wait_for("shop")
    child.send(number)
    assert child.wait_end()[0] == code
    assert_restored(child)


def test_the_limits_of_an_end_are_two_seconds_and_half_of_one() -> None:
    assert LAST_RESORT_S <= 2.0
    assert max(LAST_RESORT_GONE_S, STOP_WITHIN_S) <= 0.5


def test_leaving_by_command_is_a_good_end(open_console: Open) -> None:
    child = open_console(WITHOUT_LIMITS)
    child.wait_for("shop")
    child.press(":q\r")
    assert child.wait_end()[0] == 0
    assert_restored(child)


def test_ctrl_c_asks_first_and_leaves_when_it_is_meant(open_console: Open) -> None:
    child = open_console()
    child.wait_for("shop")
    child.press("\x03")
    child.wait_for("press ctrl+c again")
    child.press("\x03")
    assert child.wait_end()[0] == 0
    assert_restored(child)


def test_ctrl_z_gives_the_terminal_back_and_fg_takes_it_again(open_console: Open) -> None:
    child = open_console()
    child.wait_for("shop")
    child.press("\x1a")
    child.wait_stopped()
    assert b"\x1b[?1049l" in child.output
    assert child.settings == child.settings_before
    seen = len(child.output)
    child.send(signal.SIGCONT)
    child.wait_until(
        lambda: b"\x1b[?1049h" in child.output[seen:] and child.settings != child.settings_before,
        "it did not take the terminal again",
    )
    child.press(":q\r")
    assert child.wait_end()[0] == 0
    assert_restored(child)


def test_without_a_usable_terminal_it_says_what_to_do(open_console: Open) -> None:
    child = open_console(env={"TERM": "dumb"})
    status, _ = child.wait_end()
    assert status == 2
    assert b"quarterdeck check" in child.output
    assert b"\x1b" not in child.output
