"""What is said of a key's quota is what its figures say."""

from datetime import UTC, datetime

import pytest

from core.keys.store.findings import KeyFacts, Rules, key_findings, percent_of
from core.keys.store.usage import KeyUsage

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
RULES = Rules(NOW, frozenset(), 80.0, is_usage_known=False)


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (799, ()),
        (800, ("near quota (80 %)",)),
        (999, ("near quota (99 %)",)),
        (1000, ("quota used up",)),
        (1001, ("over quota (101 %)",)),
        (1300, ("over quota (130 %)",)),
    ],
)
def test_a_quota_is_near_until_it_is_used_up_and_over_only_beyond_that(
    used: int, said: tuple[str, ...]
) -> None:
    facts = KeyFacts(True, False, False, "free", 1000, NOW, None)
    assert key_findings(facts, KeyUsage(), RULES, percent_of(used, 1000)) == said
