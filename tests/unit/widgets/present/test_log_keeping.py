"""Housekeeping in words: totals first, and what can be done with a file, with the reason."""

from collections.abc import Iterable
from dataclasses import replace

from core.model.action import Input, Offer
from core.model.log_keeping import KeepingNeed, KeptFile, KeptSum, LogKeeping
from core.model.text import EMPTY, clean
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.log_keeping import (
    class_filter,
    file_cells,
    file_key,
    file_search,
    keeping_heading,
    nothing_kept,
)
from widgets.present.log_keeping_offers import class_offers, file_offers
from widgets.present.table import Row, Wish, wanted_rows

_INPUT = Input("file", "only these paths")
EVERY = (
    *(
        Offer(action, target, clean(f"{action} of {target}"), inputs=(_INPUT,))
        for action in ("logs.archive", "logs.compress", "logs.expire", "service.restart")
        for target in ("shop/all", "shop/application", "shop/audit", "bank/all")
    ),
    Offer("logs.snapshot", "shop/api/app", clean("copy")),
)


def text_of(lines: Iterable[Line]) -> str:
    return "\n".join("".join(part.text for part in one) for one in lines)


def kept(
    need: KeepingNeed = KeepingNeed.OVERDUE,
    name: str = "/var/log/app.log.1",
    against_delete: str = "",
    against_pack: str = "",
    *,
    is_live: bool = False,
) -> KeptFile:
    return KeptFile(
        clean("shop"), clean(name or "/var/log/a,b"), name, "shop/api/app", clean("application"),
        1_000, 40 * 86_400.0, 30 * 86_400.0, need, clean("10 d past its term"), 4_096,
        clean(against_delete), clean(against_pack), is_live,
    )  # fmt: skip


def test_the_heading_says_what_action_would_free_and_never_more_than_there_is_room() -> None:
    keeping = LogKeeping(
        1_000.0, (kept(),), 7, (), KeptSum(9, 5_000, 0), KeptSum(2, 900, 2048),
        KeptSum(1, 10, 1024), ((clean("today's file"), KeptSum(3, 5, 0)),), False, clean("stopped"),
    )  # fmt: skip
    text = text_of(keeping_heading(keeping, 200, 1_000.0))
    for said in ("2 overdue, deleting frees 2.0 KiB", "1 to pack, packing frees ≈ 1.0 KiB",
                 "of 9 files", "today's file (3)", "not all of it was looked at: stopped",
                 "7 files more", "looked at 00:16:40Z"):  # fmt: skip
        assert said in text
    for width in (20, 40, 80):
        assert all(width_of(one) <= width for one in keeping_heading(keeping, width, 1_000.0))


def test_what_is_due_and_held_back_is_counted_beside_what_would_be_done() -> None:
    held = (kept(KeepingNeed.HELD), kept())
    assert "1 due and held back" in text_of(keeping_heading(LogKeeping(1.0, held), 200, 1.0))
    assert "held back" not in text_of(keeping_heading(LogKeeping(1.0, held[1:]), 200, 1.0))


def test_a_class_is_told_from_paths_logs_and_classes_that_have_its_name_in_theirs() -> None:
    own = kept()
    others = (
        replace(own, class_name=clean("application-audit")),
        replace(own, class_name=clean("other"), path=clean("/srv/shop/application/x.log")),
        replace(own, class_name=EMPTY, log="shop/application"),
    )
    rows = [Row(file_key(one), search=file_search(one)) for one in (own, *others)]
    wish = Wish(class_filter("shop/application"))
    assert wanted_rows(rows, wish) == (rows[0],)
    assert wanted_rows(rows, Wish("shop/application")) == tuple(rows)


def test_not_looked_yet_none_and_not_readable_are_different_texts() -> None:
    texts = {
        text_of([nothing_kept(one)])
        for one in (LogKeeping(), LogKeeping(1.0), LogKeeping(1.0, is_complete=False))
    }
    assert len(texts) == 3
    assert "looking" in text_of(keeping_heading(LogKeeping(), 80, 1.0))


def test_what_is_not_known_is_no_zero() -> None:
    unread = KeptFile(clean("shop"), clean("/x"), "", "", EMPTY, None, None, None,
                      KeepingNeed.UNREAD, clean("Permission denied"))  # fmt: skip
    cells = ["".join(part.text for part in cell) for cell in file_cells(unread)]
    assert cells[2:4] == ["–", "–"]
    assert cells[1] == "/x"


def test_a_file_is_given_to_the_actions_by_its_path_and_the_class_comes_after() -> None:
    offers = file_offers(EVERY, [kept()])
    assert [(one.action, one.target) for one in offers] == [
        ("logs.expire", "shop/application"), ("logs.compress", "shop/application"),
        ("logs.expire", "shop/application"), ("logs.compress", "shop/application"),
        ("logs.archive", "shop/application"), ("logs.expire", "shop/all"),
        ("logs.compress", "shop/all"), ("logs.archive", "shop/all"),
    ]  # fmt: skip
    assert offers[0].title == "Delete app.log.1"
    assert offers[0].inputs[0].default == "/var/log/app.log.1"
    assert offers[2].inputs[0].default == ""


def test_what_the_plan_would_leave_alone_says_why_before() -> None:
    offers = file_offers(EVERY, [kept(against_delete="today's file")])
    assert offers[0].reason_against == "today's file"
    assert not offers[1].reason_against


def test_marked_files_go_together_as_long_as_one_of_them_can() -> None:
    both = [kept(), kept(name="/var/log/app.log.2", against_delete="hard link")]
    offer = file_offers(EVERY, both)[0]
    assert offer.inputs[0].default == "/var/log/app.log.1,/var/log/app.log.2"
    assert (offer.title, offer.reason_against) == ("Delete 2 marked files", "")


def test_a_file_that_no_input_can_name_is_never_given_as_the_whole_class() -> None:
    offers = file_offers(EVERY, [kept(name="")])
    assert all("cannot be given" in one.reason_against for one in offers[:2])


def test_a_live_file_offers_its_snapshot() -> None:
    offers = file_offers(EVERY, [kept(KeepingNeed.IN_USE, is_live=True)])
    assert "logs.snapshot" in {one.action for one in offers}
    assert "logs.snapshot" not in {one.action for one in file_offers(EVERY, [kept()])}


def test_an_unread_folder_and_a_class_offer_what_is_for_all_of_them() -> None:
    unread = file_offers(EVERY, [kept(KeepingNeed.UNREAD, name="")])
    assert {one.target for one in unread} == {"shop/all"}
    assert {one.target for one in class_offers(EVERY, "shop/audit")} == {"shop/audit", "shop/all"}
    assert class_offers(EVERY, "") == ()
