"""The audit page's line above its records."""

from datetime import UTC, datetime

from core.model.action_pages import AuditRow, AuditTrail, AuditVerdict
from core.model.text import SafeText
from widgets.present.action_pages import audit_lines, audit_summary
from widgets.present.line import Line

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ROW = AuditRow(7, NOW, SafeText("plan"), SafeText("ada"), SafeText("restart x"), SafeText("-"))
PLACE = SafeText("others may write to the audit folder")
SINK = SafeText("no anchor has got to journald since 11:02")


def text_of(one: Line) -> str:
    return "".join(span.text for span in one)


def trail(*weaker: SafeText) -> AuditTrail:
    return AuditTrail((ROW,), True, AuditVerdict(12, 3, (), True, NOW), weaker=weaker)


def test_a_log_that_proves_less_says_why_before_what_may_be_cut_off() -> None:
    said = text_of(audit_summary(trail(PLACE), NOW, 200))
    assert said.index("● whole, 3 unanchored") < said.index(f"▲ weaker: {PLACE}")
    assert said.index("weaker") < said.index("the newest 1 record")


def test_several_reasons_are_counted_and_stand_in_full_below_a_record() -> None:
    weaker = trail(PLACE, SINK)
    assert f"▲ weaker: {PLACE} and 1 more" in text_of(audit_summary(weaker, NOW, 200))
    lines = "\n".join(map(text_of, audit_lines(ROW, weaker, 100)))
    assert "Why the log proves less than it could" in lines
    assert SINK in lines


def test_a_log_without_weakness_says_nothing_of_it() -> None:
    assert "weaker" not in text_of(audit_summary(trail(), NOW, 200))
    assert "proves less" not in "\n".join(map(text_of, audit_lines(ROW, trail(), 100)))
