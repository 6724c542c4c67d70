"""Wishes become orders, pictures reach the screen only while it is looked at."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from core.logs.desk import orders
from core.model.log import LogPosition, LogRecord
from core.model.log_view import LogPicture, LogRow, LogStatus, SavedLogQuery
from core.model.text import clean
from core.model.topology import LogQuerySpec
from screens import log_wishes as wishes
from screens.log_wish import LogWish
from tui.log_link import FEW_LOGS, LogLink, Pace
from widgets.present.log_rows import Highlights

NOW_S = 1_773_480_413.0
ROW = ("shop/api/app", LogPosition(0, 7), False)
ROW_READ = LogRow(LogRecord("a", LogPosition(0, 7), b"read", clean("read")))


@dataclass
class FakeDesk:
    """Takes orders and carries none out."""

    picture: LogPicture = field(default_factory=LogPicture)
    sent: list[orders.Order] = field(default_factory=list[orders.Order])
    seen: list[LogPicture] = field(default_factory=list[LogPicture])
    starts: int = 0
    stops: int = 0
    tell: Callable[[], None] = lambda: None

    def start(self) -> None:
        self.starts += 1

    def send(self, order: orders.Order) -> None:
        self.sent.append(order)

    def painted(self, picture: LogPicture) -> None:
        self.seen.append(picture)

    def stop(self, timeout_s: float = 1.0) -> bool:
        self.stops += 1
        return True


@dataclass
class FakeScreen:
    """Remembers what it is told."""

    logs: LogPicture | None = None
    highlights: Highlights | None = None
    accepted: list[str] = field(default_factory=list[str])
    refused: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])

    def accept(self, text: str) -> None:
        self.accepted.append(text)

    def refuse(self, problem: str, at_char: int) -> None:
        self.refused.append((problem, at_char))


class Linked:
    """A link between a fake screen and a fake desk."""

    def __init__(self, *sources: str, pace: Pace | None = None) -> None:
        statuses = tuple(LogStatus(source, clean(source)) for source in sources)
        self.desk = FakeDesk(LogPicture(logs=statuses))
        self.screen = FakeScreen()
        self.is_shown = True
        self.link = LogLink(self._make, lambda: NOW_S, lambda: self.is_shown, pace)

    def _make(self, tell: Callable[[], None]) -> FakeDesk:
        self.desk.tell = tell
        return self.desk

    def order(self, wish: LogWish) -> orders.Order | None:
        """What the desk is asked to do for a wish."""
        before = len(self.desk.sent)
        self.link.take(self.screen, wish)
        new = self.desk.sent[before:]
        return new[0] if new else None


async def test_the_first_look_opens_a_few_logs_all_and_of_many_one_system() -> None:
    few = Linked("shop/api/app", "bank/ledger/app")
    assert few.order(wishes.LogsOpened()) == orders.Choose(("shop/api/app", "bank/ledger/app"))
    assert few.desk.starts == 1
    many = [f"shop/s{number}/app" for number in range(FEW_LOGS)]
    assert Linked(*many, "bank/ledger/app").order(wishes.LogsOpened()) == orders.Choose(tuple(many))
    assert Linked().order(wishes.LogsOpened()) == orders.Choose(())


@pytest.mark.parametrize(
    ("wish", "order"),
    [
        (wishes.LogsChosen(("a",)), orders.Choose(("a",))),
        (wishes.RowsWanted(is_older=True), orders.Older()),
        (wishes.RowsWanted(is_older=False), orders.Newer()),
        (wishes.HoldWanted(is_held=True), orders.Hold(is_held=True)),
        (wishes.EdgeWanted(is_start=True), orders.ToStart()),
        (wishes.EdgeWanted(is_start=False), orders.ToEnd()),
        (wishes.MomentWanted(5.0), orders.GoTo(5.0)),
        (wishes.FiguresWanted(count_by="status"), orders.Figures(count_by="status")),
        (wishes.FiguresWanted(measure="took_ms"), orders.Figures(measure="took_ms")),
        (wishes.AroundWanted(ROW, 5.0), orders.Around(ROW[0], ROW[1], 5.0)),
        (wishes.QueryWanted("  ", 60.0), orders.Ask(None, 60.0)),
        (
            wishes.SearchWanted("", ROW, is_backwards=True),
            orders.Find(None, ROW, is_backwards=True, is_counted=True),
        ),
        (wishes.TextSought("needle"), None),
    ],
)
async def test_each_wish_is_one_order(wish: LogWish, order: orders.Order | None) -> None:
    assert Linked("a").order(wish) == order


async def test_a_saved_query_is_one_order_with_all_that_it_asks() -> None:
    spec = LogQuerySpec(
        "slow", "Slow", "app", "took_ms>{least}", "path", "took_ms", window_s=60.0, last=50
    )
    linked = Linked("shop/api/app")
    saved = SavedLogQuery("shop", spec, "shop/api/app")
    order = linked.order(wishes.RecallWanted(saved, 'took_ms>"5"'))
    assert isinstance(order, orders.Recall)
    assert order.query.text == 'took_ms>"5"'
    assert (order.sources, order.window_s, order.last) == (("shop/api/app",), 60.0, 50)
    assert order.figures == orders.Figures("path", "took_ms")
    assert linked.screen.accepted == ['took_ms>"5"']
    assert linked.order(wishes.RecallWanted(saved, "took_ms>")) is None
    assert [at for _, at in linked.screen.refused] == [8]


async def test_a_saved_query_without_a_filter_is_still_one_that_asks_for_all() -> None:
    saved = SavedLogQuery("shop", LogQuerySpec("all", "All", "app"), "shop/api/app")
    order = Linked("shop/api/app").order(wishes.RecallWanted(saved, ""))
    assert isinstance(order, orders.Recall)
    assert order.query.tree is None


async def test_a_query_is_understood_here_and_marks_what_it_matches() -> None:
    linked = Linked("a")
    order = linked.order(wishes.QueryWanted("needle level>=warn", None))
    assert isinstance(order, orders.Ask)
    assert order.query is not None
    assert order.query.text == "needle level>=warn"
    assert linked.screen.accepted == ["needle level>=warn"]
    assert linked.screen.highlights is not None
    assert list(linked.screen.highlights("a needle")) == [(2, 8)]


async def test_a_mistake_is_refused_at_its_character_and_nothing_is_ordered() -> None:
    linked = Linked("a")
    assert linked.order(wishes.QueryWanted("level>=bogus", None)) is None
    ((problem, at_char),) = linked.screen.refused
    assert "bogus" in problem
    assert at_char == len("level>=")
    assert linked.screen.accepted == []


async def test_what_is_typed_so_far_is_no_mistake() -> None:
    linked = Linked("a")
    linked.order(wishes.TextSought("needle"))
    assert linked.screen.highlights is not None
    linked.order(wishes.TextSought("level>="))
    assert linked.screen.highlights is None
    assert linked.screen.refused == []


async def test_saving_names_a_new_file_by_the_moment() -> None:
    order = Linked("a").order(wishes.SaveWanted())
    assert isinstance(order, orders.Save)
    assert order.path.endswith("/quarterdeck-logs-20260314T092653Z.log")


async def test_pictures_reach_the_screen_only_while_it_is_looked_at() -> None:
    linked = Linked("a")
    linked.link.take(linked.screen, wishes.LogsOpened())
    assert linked.screen.logs is linked.desk.picture
    linked.is_shown = False
    shown = linked.screen.logs
    linked.desk.picture = replace(linked.desk.picture, busy="reading")
    linked.desk.tell()
    await asyncio.sleep(0)
    assert linked.screen.logs is shown
    linked.is_shown = True
    linked.link.show_again()
    assert linked.screen.logs is linked.desk.picture
    linked.link.stop(0.0)
    assert linked.desk.stops == 1


async def test_that_it_reads_waits_for_the_tick_and_what_it_read_does_not() -> None:
    linked = Linked("a")
    linked.link.take(linked.screen, wishes.LogsOpened())
    shown = linked.screen.logs
    linked.desk.picture = replace(linked.desk.picture, busy="reading")
    linked.desk.tell()
    await asyncio.sleep(0)
    assert linked.screen.logs is shown
    linked.link.show_again()
    assert linked.screen.logs is linked.desk.picture
    linked.desk.picture = replace(linked.desk.picture, rows=(ROW_READ,), busy="")
    linked.desk.tell()
    await asyncio.sleep(0)
    assert linked.screen.logs is linked.desk.picture


async def test_frames_are_held_from_a_choice_to_its_answer_and_the_desk_hears_of_the_painting() -> (
    None
):
    frames: list[str] = []
    painted: list[Callable[[], None]] = []
    pace = Pace(
        lambda: 0.0, painted.append, lambda: frames.append("held"), lambda: frames.append("go")
    )
    linked = Linked("a", pace=pace)
    linked.link.take(linked.screen, wishes.LogsChosen(("a",)))
    assert frames == ["held"]
    assert not painted, "what is held is not painted"
    linked.link.take(linked.screen, wishes.RowsWanted(is_older=True))
    assert frames == ["held"]
    linked.desk.picture = replace(linked.desk.picture, rows=(ROW_READ,))
    linked.desk.tell()
    await asyncio.sleep(0)
    assert frames == ["held", "go"]
    painted[-1]()
    assert linked.desk.seen == [linked.desk.picture]


async def test_a_link_that_was_never_used_has_nothing_to_stop() -> None:
    linked = Linked("a")
    linked.link.stop(0.0)
    assert (linked.desk.starts, linked.desk.stops) == (0, 0)
