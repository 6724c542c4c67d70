"""Verdicts as words and shapes: readable without colour, loud only in trouble."""

import pytest

from core.model.verdict import Verdict
from widgets.present.absence import Absence, absence_line
from widgets.present.verdicts import BADGE_CELLS, badge, block, counts_line, verdict_line


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_badge_has_the_same_width_and_says_its_word(verdict: Verdict) -> None:
    assert len(badge(verdict).text) == BADGE_CELLS
    assert verdict.value.upper() in badge(verdict).text


def test_no_two_verdicts_share_a_shape() -> None:
    shapes = {verdict_line(verdict)[0].text for verdict in Verdict}
    assert len(shapes) == len(Verdict)


def test_trouble_is_a_field_of_colour_and_health_is_plain_text() -> None:
    loud = {verdict for verdict in Verdict if badge(verdict).is_reversed}
    assert loud == {Verdict.DEGRADED, Verdict.DOWN, Verdict.UNKNOWN}
    assert not badge(Verdict.UNKNOWN, loading=True).is_reversed
    assert not block(Verdict.UNKNOWN, 4).is_reversed
    assert block(Verdict.DOWN, 4).is_reversed


def test_counts_are_told_worst_first_with_their_shapes() -> None:
    told = counts_line([(Verdict.DOWN, 1), (Verdict.OK, 4)])
    assert "".join(part.text for part in told) == "✖ 1  ● 4"


def test_the_four_reasons_for_nothing_are_four_texts() -> None:
    texts = {"".join(part.text for part in absence_line(one, "ports")) for one in Absence}
    assert len(texts) == 4
