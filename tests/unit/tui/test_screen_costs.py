"""A screen loads what its first picture needs, and nothing of what only comes when it is asked."""

import subprocess
import sys

import pytest

PREFIXES = ("core.logs", "core.actions", "core.redis", "docker", "requests")
LOG_ENGINE = {"core.logs.browse", "core.logs.parse", "core.logs.query", "core.logs.scan"}
ACTING = {"core.actions.desk", "core.actions.families", "core.actions.registry"}
DOCKER = {"docker", "requests"}
OPENED = "import cli.console, tui.app, tui.bootstrap\n"
LIMITS_BOOKS = (
    "from core.clients.clock import SystemClock\n"
    "from core.model.redis_spec import CircuitSpec, LimitSpec, RedisSpec\n"
    "from core.redis import desk, desk_thread\n"
    "from tests.fakes.world import service, system, topology\n"
    "from tui import redis_beside, redis_link\n"
    "from tui.redis_views import book_of\n"
    "spec = RedisSpec('shop/redis', circuits=(CircuitSpec('a', ('cb:*',), service='shop/api'),),"
    " limits=(LimitSpec('b', ('rl:*',), service='shop/api'),))\n"
    "watched = topology(system('shop', service('redis')))\n"
    "for topic in ('limits', 'circuits'):\n"
    "    book_of(watched, spec, topic, SystemClock(), lambda: None)\n"
)


def shown(place: str) -> str:
    return f"from tui.places import PLACES_BY_NAME\nPLACES_BY_NAME[{place!r}].make()\n"


def loaded_after(code: str) -> set[str]:
    code += (
        "import sys\n"
        f"print('\\n'.join(one for one in sys.modules if one.startswith({PREFIXES!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("place", ["overview", "services", "host", "keys"])
def test_a_screen_of_what_is_watched_loads_neither_the_log_engine_nor_actions(place: str) -> None:
    assert not loaded_after(OPENED + shown(place)) & (LOG_ENGINE | ACTING | DOCKER)


def test_limits_load_no_log_engine_before_a_log_is_read() -> None:
    found = loaded_after(OPENED + shown("limits") + LIMITS_BOOKS)
    assert "core.redis.limits.book" in found, "the books were made"
    assert not found & (LOG_ENGINE | ACTING | DOCKER)


def test_what_can_be_done_is_known_without_the_sdk_of_the_engine() -> None:
    found = loaded_after("import tui.acting\nfrom core.actions.registry import all_actions\n"
                         "assert all_actions()\n")  # fmt: skip
    assert "core.actions.families.services" in found
    assert not found & DOCKER
