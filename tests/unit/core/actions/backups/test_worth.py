"""What a backup is worth, when it may go, and what a restore would change."""

from dataclasses import replace

import pytest

from core.actions.backups.comparing import compare, preview_lines
from core.actions.backups.listing import view_of
from core.actions.backups.pruning import expired
from core.actions.backups.validity import FoundCopy, Judged, Validity, judge_copy
from core.model.operation import BackupSpec
from core.model.text import SafeText
from core.model.verdict import Verdict
from tests.unit.core.actions.backups.test_manifest import MANIFEST

COPY = FoundCopy("/b/keys_20260301.json", 12, 17, 5, MANIFEST)
DAY = 86_400.0


def worth(copy: FoundCopy, host: str = "web-1") -> tuple[Validity, str]:
    judged = judge_copy(copy, "shop", "keys", host)
    return judged.validity, judged.why


def test_one_that_is_as_it_was_made_is_good() -> None:
    assert worth(COPY)[0] is Validity.GOOD


@pytest.mark.parametrize(
    ("copy", "validity", "why"),
    [
        (replace(COPY, size_bytes=0), Validity.BAD, "0 bytes"),
        (replace(COPY, size_bytes=11), Validity.BAD, "11 bytes, its manifest says 12"),
        (replace(COPY, is_missing=True), Validity.BAD, "missing"),
        (replace(COPY, problem=SafeText("damaged")), Validity.BAD, "damaged"),
        (replace(COPY, manifest=None), Validity.UNVERIFIED, "no manifest"),
        (replace(COPY, mtime_ns=18), Validity.UNVERIFIED, "verify it"),
    ],
)
def test_one_that_is_not_says_why(copy: FoundCopy, validity: Validity, why: str) -> None:
    assert worth(copy)[0] is validity
    assert why in worth(copy)[1]


def test_one_of_another_host_is_not_good_here() -> None:
    assert worth(COPY, "web-9") == (Validity.UNVERIFIED, "it was made on web-1, this is web-9")


def aged(days: float, validity: Validity = Validity.GOOD) -> Judged:
    made = replace(MANIFEST, made_at_s=100 * DAY - days * DAY)
    copy = replace(COPY, path=f"/b/{days:g}-{validity}", manifest=made)
    return Judged(copy, validity, SafeText(""))


def gone(*copies: Judged, keep_s: float | None = 7 * DAY, least: int = 1) -> list[str]:
    found = expired(copies, keep_s, least, 100 * DAY)
    return [one.copy.path.removeprefix("/b/") for one in found]


def test_what_is_older_than_its_term_goes_the_oldest_first() -> None:
    assert gone(aged(1), aged(9), aged(30)) == ["30-good", "9-good"]


def test_the_only_good_one_stays_however_old() -> None:
    bad = aged(1, Validity.BAD)
    assert gone(bad, aged(400), aged(500)) == ["500-good"]


def test_as_many_good_ones_stay_as_is_asked_for() -> None:
    assert gone(aged(8), aged(9), aged(10), least=2) == ["10-good"]


@pytest.mark.parametrize("least", [0, -3])
def test_one_stays_even_where_none_is_asked_for(least: int) -> None:
    assert gone(aged(400), least=least) == []


def test_without_a_good_one_the_newest_unproven_stays() -> None:
    old, older = aged(30, Validity.UNVERIFIED), aged(40, Validity.UNVERIFIED)
    assert gone(old, older) == ["40-unverified"]


def test_a_bad_one_never_stands_in_for_a_good_one() -> None:
    assert gone(aged(20, Validity.BAD), aged(30)) == ["20-bad"]


def test_what_lived_before_a_restore_stands_in_for_nothing() -> None:
    kept = replace(COPY, path="/b/shop.keys.before-restore.20260301-030000")
    before = Judged(kept, Validity.GOOD, SafeText(""))
    assert gone(before, aged(30)) == []
    assert view_of("shop", SPEC, (before,), 100 * DAY).verdict is Verdict.UNKNOWN


def test_without_a_term_nothing_goes() -> None:
    assert gone(aged(4000), aged(5000), keep_s=None) == []


SPEC = BackupSpec("keys", "/b/keys_%Y%m%d.json", title="Keys", max_age_s=DAY)


@pytest.mark.parametrize(
    ("copies", "verdict", "reason"),
    [
        ((), Verdict.DEGRADED, "there is no backup"),
        ((aged(0.5),), Verdict.OK, "young enough"),
        ((aged(2),), Verdict.DEGRADED, "older than it should be"),
        ((aged(0.5, Validity.UNVERIFIED), aged(2)), Verdict.DEGRADED, "older"),
        ((aged(0.5, Validity.BAD),), Verdict.UNKNOWN, "none is proven"),
    ],
)
def test_a_set_is_judged_by_its_newest_good_one(
    copies: tuple[Judged, ...], verdict: Verdict, reason: str
) -> None:
    view = view_of("shop", SPEC, copies, 100 * DAY)
    assert view.verdict is verdict
    assert reason in view.reason


def test_the_newest_comes_first_and_bytes_are_summed() -> None:
    view = view_of("shop", SPEC, (aged(9), aged(1)), 100 * DAY)
    assert [round(one.age_s / DAY) for one in view.copies] == [1, 9]
    assert view.total_bytes == 24


def test_a_restore_is_previewed_with_counts_and_names() -> None:
    found = compare({"a": "1", "b": "2", "c": "3"}, {"b": "2", "c": "9", "d\x1b[2J": "4"})
    assert preview_lines(found, is_removing=True) == (
        "1 added, 1 changed, 1 the same, 1 removed",
        "+ a",
        "~ c",
        "- d␛[2J",
    )
    assert preview_lines(found, is_removing=False)[0].endswith(
        "0 removed, 1 not in the backup stay"
    )


def test_a_long_preview_is_cut_with_a_count() -> None:
    found = compare({f"f{number:03}": "1" for number in range(50)}, {})
    assert preview_lines(found, is_removing=False)[-1] == "+ and 30 more"
