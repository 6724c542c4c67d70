"""Ten thousand random edits: every one is found, but a tail that no anchor covers yet."""

import collections
import random
from datetime import timedelta
from pathlib import Path

from core.actions.audit.verify import verify
from core.actions.audit.writer import Limits
from tests.real.audit_edits import edited, forget_head, is_cut_of, read_files, write_changes
from tests.unit.core.actions.audit.logs import SetClock, fill, open_log

EDITS = 10_000
LIMITS = Limits(rotate_bytes=12_000, ballast_bytes=4096, anchor_records=12)


def written(folder: Path, shift_s: int) -> Path:
    clock = SetClock()
    clock.shift = timedelta(seconds=shift_s)
    fill(open_log(folder, clock, limits=LIMITS), 44)
    return folder


def test_every_random_edit_is_found_but_the_loss_of_an_unanchored_tail(tmp_path: Path) -> None:
    folder = written(tmp_path / "audit", 0)
    foreign = read_files(written(tmp_path / "foreign", 7))
    forget_head(folder)
    whole = verify(folder)
    assert (whole.bad, whole.files >= 3, whole.unanchored > 2) == (None, True, True)
    files, dice = read_files(folder), random.Random(20260301)
    done: collections.Counter[str] = collections.Counter()
    for _ in range(EDITS):
        what, new = edited(files, foreign, dice)
        write_changes(folder, files, new)
        result = verify(folder)
        if result.bad is None:
            assert is_cut_of(new, files), what
            assert result.last.seq >= whole.last.seq - whole.unanchored, what
            assert result.unanchored == result.last.seq - (whole.last.seq - whole.unanchored), what
            done["unanchored"] += 1
        done[what.partition(" ")[0]] += 1
        write_changes(folder, new, files)
    assert verify(folder) == whole
    assert done["unanchored"] < EDITS / 20
    assert (
        min(done[kind] for kind in ("flip", "drop", "swap", "insert", "truncate", "splice")) > 500
    )
