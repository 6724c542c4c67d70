"""Where `esc`, `q` and `-` lead."""

from tui.trail import Trail

HOME = Trail(("overview",))


def test_going_back_retraces_the_way() -> None:
    trail = HOME.gone_to("services").gone_to("host")
    assert trail.gone_back().here == "services"
    assert trail.gone_back().gone_back().here == "overview"


def test_at_the_root_going_back_stays() -> None:
    assert HOME.is_at_root
    assert HOME.gone_back() == HOME


def test_the_last_view_is_the_one_that_was_left() -> None:
    trail = HOME.gone_to("services").gone_to("host")
    assert trail.last == "services"
    there = trail.gone_to(trail.last)
    assert (there.here, there.last) == ("services", "host")


def test_going_home_forgets_the_way_but_not_the_last_view() -> None:
    trail = HOME.gone_to("services").gone_to("host").gone_to("overview")
    assert trail.is_at_root
    assert trail.last == "host"


def test_going_where_one_is_changes_nothing() -> None:
    trail = HOME.gone_to("services")
    assert trail.gone_to("services") is trail


def test_a_long_way_is_forgotten_at_its_beginning_and_the_root_is_kept() -> None:
    trail = HOME
    for step in range(100):
        trail = trail.gone_to(("services", "host")[step % 2])
    assert len(trail.visited) < 30
    assert trail.visited[0] == "overview"
