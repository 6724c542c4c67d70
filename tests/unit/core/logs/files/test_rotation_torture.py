"""Every way to rotate, while a writer in another process goes on: each number once."""

import pytest

from bench.rotation import torture
from bench.rotation_kinds import KINDS

ROUNDS = 40


@pytest.mark.parametrize("kind", KINDS)
def test_no_number_is_missing_or_doubled(kind: str) -> None:
    tally = torture(kind, ROUNDS)
    assert tally.written > ROUNDS
    assert (tally.missing, tally.doubled, tally.lost_bytes) == (0, 0, 0)


def test_the_same_holds_where_the_kernel_does_not_tell() -> None:
    tally = torture("rename-create", ROUNDS, may_watch=False)
    assert (tally.missing, tally.doubled) == (0, 0)
