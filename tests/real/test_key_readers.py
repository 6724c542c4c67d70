"""Readers of a key store beside us and the old tool; `python -m bench.key_store` has more."""

from pathlib import Path

from bench.key_readers import read_while_written


def test_no_reader_meets_half_a_store_of_ours_and_no_change_is_lost(tmp_path: Path) -> None:
    tally = read_while_written(tmp_path, readers=6, seconds=1.0)
    assert tally.counts["ours"] >= 1
    assert tally.counts["tool"] >= 1
    assert tally.counts["whole"] >= 1
    assert (tally.counts["torn"], tally.counts["missing"], tally.counts["short"]) == (0, 0, 0)
    assert tally.wrong == []
