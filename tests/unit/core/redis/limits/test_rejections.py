"""Refusals stand beside the client they are of, with what tells them; or with why nothing does."""

from dataclasses import replace

from core.model.limit import LimitRow, Limits, LimitShape, Rejections
from core.model.redis_spec import LimitSpec
from core.model.stream import Progress
from core.model.text import clean
from core.redis.limits.rejections import with_rejections

SPECS = (LimitSpec("clients", ("rl:*",), service="shop/api"), LimitSpec("others", ("x:*",)))
DONE = Progress(1, 1, is_complete=True, elapsed_s=0.0)
LOG = Rejections("log", {"10.0.0.1": 12.5}, True, clean("log shop/api/access, last 60 s"))
METRIC = Rejections("metric", {"10.0.0.1": 11.0}, source=clean("metric refused_total"))


def row(client: str, spec: str = "clients") -> LimitRow:
    return LimitRow(
        "shop/redis", (), clean(client), spec, LimitShape.BUCKET,
        1.0, clean("1"), 10.0, 1.0, 0.0, 0.0, 60.0, is_limited=False,
    )  # fmt: skip


def told(one: LimitRow, *by: Rejections) -> LimitRow:
    limits = Limits("shop/redis", (one,), 1, 0, DONE)
    for found in by:
        limits = with_rejections(limits, SPECS, {"shop/api": found})
    return limits.rows[0]


def test_a_client_of_the_log_has_its_refusals_and_where_they_are_from() -> None:
    found = told(row("10.0.0.1"), LOG)
    assert (found.rejections_per_min, found.rejections_by) == (12.5, "log")
    assert found.rejections_told == "log shop/api/access, last 60 s"


def test_a_client_that_a_log_does_not_name_was_not_refused() -> None:
    assert told(row("10.0.0.2"), LOG).rejections_per_min == 0.0


def test_a_client_that_no_label_names_is_not_known() -> None:
    assert told(row("10.0.0.2"), METRIC).rejections_per_min is None


def test_a_metric_with_a_label_goes_before_the_log_and_one_without_leaves_it() -> None:
    found = told(row("10.0.0.1"), LOG, METRIC)
    assert (found.rejections_per_min, found.rejections_by) == (11.0, "metric")
    without = replace(METRIC, per_client={}, why=clean("no label"))
    assert told(row("10.0.0.1"), LOG, without) == told(row("10.0.0.1"), LOG)


def test_why_nothing_tells_is_told_of_all_that_was_asked() -> None:
    log = Rejections("log", {}, why=clean("log shop/api/access: no such file"))
    metric = Rejections("metric", {}, why=clean("metric refused_total has no label"))
    found = told(row("10.0.0.1"), log, metric, metric)
    assert found.rejections_per_min is None
    assert found.rejections_told == (
        "log shop/api/access: no such file; metric refused_total has no label"
    )
    assert "names no service" in told(row("10.0.0.1", "others"), LOG).rejections_told
