"""A Redis server on the screen: findings first, and four kinds of nothing."""

from dataclasses import replace

import pytest

from bench.scene_limits import GATEWAY
from bench.scene_redis import redis_picture
from bench.scene_streams import COSTS, DECISIONS, ENGINE
from core.model.redis_server import ServerView, Trouble
from core.model.redis_view import RedisPicture
from core.model.text import clean
from core.model.verdict import Verdict
from widgets.present.fitting import width_of
from widgets.present.line import Line
from widgets.present.redis_server import redis_lines, server_of, server_verdict

PICTURE = redis_picture(0.0)
SERVERS = (GATEWAY, ENGINE, COSTS, DECISIONS)


def plain(lines: tuple[Line, ...]) -> str:
    return "\n".join("".join(part.text for part in one).rstrip() for one in lines)


def shown(server: str, width: int = 120, picture: RedisPicture | None = PICTURE) -> str:
    return plain(redis_lines(picture, server, width))


def only(view: ServerView) -> RedisPicture:
    return RedisPicture(servers=(view,), is_read=True, now_s=100.0)


def view_of(server: str) -> ServerView:
    view = PICTURE.server(server)
    assert view is not None
    return view


@pytest.mark.parametrize("width", [40, 60, 80, 120, 139, 140, 200])
@pytest.mark.parametrize("server", SERVERS)
def test_no_line_is_longer_than_the_room(server: str, width: int) -> None:
    for one in redis_lines(PICTURE, server, width):
        assert width_of(one) <= width


def test_findings_come_before_figures_the_failing_ones_first() -> None:
    text = shown(ENGINE)
    failing = text.index("✖ MISCONF: the last save to disk failed")
    warning = text.index("▲ memory 82.0% of 512.0 MiB")
    assert failing < warning < text.index("Hit rate")


def test_a_server_without_a_limit_has_no_share_and_no_gauge() -> None:
    memory = next(one for one in shown(COSTS).splitlines() if one.startswith("Memory"))
    assert "48.0 MiB, no limit" in memory
    assert "%" not in memory
    assert "█" not in memory


def test_a_full_server_has_a_gauge_with_a_word() -> None:
    memory = next(one for one in shown(GATEWAY).splitlines() if one.startswith("Memory"))
    assert "98% nearly full" in memory


def test_nothing_wrong_is_said_and_our_own_rights_are_a_note() -> None:
    text = shown(COSTS)
    assert "● nothing is wrong with it" in text
    assert "may write: `quarterdeck doctor`" in text
    assert "not allowed to our user: CONFIG GET" in text


def test_four_kinds_of_nothing_are_four_texts() -> None:
    assert "loading…" in shown("", picture=None)
    assert "none: no Redis is configured" in shown("", picture=RedisPicture(is_read=True))
    assert "loading…" in shown("", picture=only(ServerView("shop/redis")))
    refused = Trouble(clean("refused"), clean("connection refused"), clean("start the server"))
    text = shown("", picture=only(ServerView("shop/redis", trouble=refused)))
    assert "✖ refused: connection refused" in text
    assert "→ start the server" in text
    assert "loading" not in text


def test_a_word_that_the_server_said_itself_is_not_said_twice() -> None:
    said = Trouble(clean("LOADING"), clean("LOADING: Redis is loading the dataset in memory"))
    text = shown("", picture=only(ServerView("shop/redis", trouble=said)))
    assert text.count("LOADING") == 1


def test_old_figures_are_kept_and_said_to_be_old() -> None:
    trouble = Trouble(clean("timeout"), clean("no answer within 2 s"))
    old = replace(view_of(GATEWAY), trouble=trouble, looked_at_s=40.0)
    text = shown("", picture=only(old))
    assert "what follows is 1m old" in text
    assert "63.0 MiB of 64.0 MiB" in text


def test_what_is_not_allowed_is_neither_none_nor_loading() -> None:
    view = replace(view_of(COSTS), figures=None, slow=None, refused=clean("SCAN: not allowed"))
    text = shown("", picture=only(view))
    assert "INFO is not allowed to us" in text
    assert "SLOWLOG is not allowed to us" in text
    assert "SCAN is not allowed to us" in text
    assert "nothing is wrong" not in text


def test_an_incomplete_count_says_so_with_a_bar() -> None:
    assert "≈ 473,500 of 1,894,203 keys" in shown(ENGINE)
    assert "41,208 keys" in shown(GATEWAY)
    assert "≈ 41,208 keys" not in shown(GATEWAY)


def test_of_tokens_only_the_beginning_is_shown_and_the_profile_is_heard() -> None:
    text = shown(ENGINE)
    assert "token:9f86d081…" in text
    assert "0000000000" not in text
    assert "the code does not consult them" in text
    assert "no TTL" in text


def test_nobody_is_told_that_a_latency_of_nothing_was_measured() -> None:
    assert "none: nobody sampled it yet" in shown(GATEWAY)


def test_the_first_server_in_trouble_is_shown_where_nobody_has_chosen() -> None:
    well, bad = view_of(COSTS), view_of(DECISIONS)
    chosen = server_of(RedisPicture(servers=(well, bad)), "")
    assert chosen is bad
    assert server_of(RedisPicture(servers=(well, bad)), well.server) is well
    assert server_of(RedisPicture(servers=(well, bad)), "gone/redis") is bad


def test_the_chosen_server_is_in_sight_however_many_there_are() -> None:
    many = tuple(ServerView(f"system-{number}/redis") for number in range(30))
    picture = RedisPicture(servers=many)
    line = plain(redis_lines(picture, "system-29/redis", 80)).splitlines()[1]
    assert "system-29/redis" in line


def test_a_server_is_as_bad_as_its_worst_finding() -> None:
    verdicts = {name: server_verdict(view_of(name)) for name in SERVERS}
    assert verdicts == {
        GATEWAY: Verdict.DOWN,
        ENGINE: Verdict.DOWN,
        COSTS: Verdict.OK,
        DECISIONS: Verdict.DOWN,
    }
    assert server_verdict(ServerView("shop/redis")) is Verdict.UNKNOWN
