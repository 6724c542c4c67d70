"""What `check` says of graces that are over."""

from cli import exits
from cli.check_report import Report, as_document, as_lines, exit_code
from core.model.text import clean
from core.model.topology import Environment
from tests.fakes.clock import START


def test_a_grace_that_is_over_is_a_line_of_its_own_and_no_success() -> None:
    said = clean("shop/api: 1 key is still live though the grace is over: key.end")
    report = Report(Environment.DEVELOPMENT, (), (), START, (said,))
    assert as_lines(report, is_colour=False) == [said]
    assert as_document(report)["overdue_graces"] == [said]
    assert exit_code(report) != exits.OK
