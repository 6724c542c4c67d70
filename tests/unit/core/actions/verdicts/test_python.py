"""Tracebacks, pytest, unittest, and scripts that count."""

import pytest

from core.actions.judging import judge
from tests.fakes.acting_commands import ran

TRACEBACK = """Traceback (most recent call last):
  File "/srv/app/validate_config.py", line 3, in <module>
    import yaml
ModuleNotFoundError: No module named 'yaml'
"""
CHAINED = """Traceback (most recent call last):
  File "a.py", line 1, in <module>
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "a.py", line 3, in <module>
sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) connection refused
"""


@pytest.mark.parametrize(
    ("output", "exit_code", "is_good", "text"),
    [
        ("===== 12 passed in 3.21s =====", 0, True, "12 passed"),
        ("12 passed, 2 skipped, 1 warning in 0.21s", 0, True, "12 passed, 2 skipped, 1 warning"),
        ("=== 1 failed, 11 passed in 3.21s ===", 1, False, "1 failed, 11 passed"),
        ("=== 2 errors in 0.10s ===", 2, False, "2 error"),
        ("=== no tests ran in 0.01s ===", 5, False, "nothing ran"),
        ("=== 3 skipped in 0.01s ===", 0, False, "3 skipped: nothing passed"),
        ("=== 5 deselected in 0.01s ===", 5, False, "nothing"),
        ("", 4, False, "pytest was called wrongly (exit 4)"),
        ("=== 12 passed in 301.21s (0:05:01) ===", 0, True, "12 passed"),
        ("=== 12 passed in 3.21s ===", 1, False, "12 passed: tests failed"),
        ("something else", 0, None, "not understood"),
    ],
)
def test_pytest_is_read_by_its_summary(
    output: str, exit_code: int, is_good: bool | None, text: str
) -> None:
    judged = judge(None, ran(exit_code, output), ("pytest", "tests", "-v"))
    assert judged.is_good is is_good
    assert text in judged.text


def test_counts_of_pytest_are_facts() -> None:
    judged = judge(None, ran(1, "= 1 failed, 11 passed, 3 errors in 3.2s ="), ("pytest",))
    assert dict(judged.facts) == {"failed": 1, "passed": 11, "error": 3}


def test_a_script_that_ends_like_pytest_is_read_like_it() -> None:
    assert judge(None, ran(0, "== 3 passed in 0.1s =="), ("python", "api/test_all.py")).is_good
    assert judge(None, ran(0, "== 3 passed in 0.1s =="), ("python", "-m", "pytest")).is_good


def test_unittest_writes_to_standard_error() -> None:
    argv = ("python", "-m", "unittest")
    assert (
        judge(None, ran(0, "", "..\nRan 2 tests in 0.001s\n\nOK"), argv).text == "2 ran, all well"
    )
    failed = judge(None, ran(1, "", "Ran 2 tests in 0.001s\n\nFAILED (failures=1)"), argv)
    assert (failed.is_good, failed.text) == (False, "2 ran: failures=1")
    assert judge(None, ran(0, "", "Ran 0 tests in 0.000s\n\nOK"), argv).is_good is False


def test_a_script_that_counts_is_believed_only_when_all_passed() -> None:
    argv = ("bash", "./test-endpoints.sh")
    assert judge(None, ran(0, "Passed: 12 / 12"), argv).is_good
    assert judge(None, ran(0, "Passed: 11 / 12"), argv).is_good is False
    assert judge(None, ran(0, "Passed: 0 / 0"), argv).is_good is False


def test_a_traceback_is_told_by_its_last_exception() -> None:
    judged = judge(None, ran(1, "", CHAINED), ("python", "api/x.py"))
    assert judged.is_good is False
    assert "OperationalError" in judged.text
    assert "connection refused" in judged.text


def test_a_traceback_of_a_program_that_went_on_leaves_it_unclear() -> None:
    judged = judge(None, ran(0, "starting", TRACEBACK), ("python", "api/x.py"))
    assert judged.is_good is None
    assert "ModuleNotFoundError" in judged.text


def test_a_module_or_script_that_is_not_there_is_absence_and_no_crash() -> None:
    module = judge(
        None, ran(1, "", "/usr/bin/python3: No module named alembic"),
        ("python", "-m", "alembic", "current"),
    )  # fmt: skip
    script = judge(
        None, ran(2, "", "python: can't open file '/srv/x.py': [Errno 2] No such file"),
        ("python", "x.py"),
    )  # fmt: skip
    assert module.is_absent
    assert script.is_absent
    assert not judge(None, ran(1, "", TRACEBACK), ("python", "validate_config.py")).is_absent
