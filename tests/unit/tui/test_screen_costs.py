"""A screen loads what its first picture needs, and nothing of what only comes when it is asked."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.unit.core.actions.stage import Stage

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
PAST_ACTIONS = (
    "import os, time\n"
    "from pathlib import Path\n"
    "from cli import console\n"
    "from config.loader import load\n"
    "loaded = load(Path({config!r}), os.environ, checks_filters=False)\n"
    "desk = console._action_desk(loaded, False, '', lambda: None)\n"
    "desk.start()\n"
    "def until(is_so):\n"
    "    end_s = time.monotonic() + 120\n"
    "    while not is_so():\n"
    "        assert time.monotonic() < end_s, desk.picture\n"
    "        time.sleep(0.01)\n"
    "until(lambda: desk.picture.states)\n"
)
"""What a console does at its start where there are past actions."""
LOOKED_AT = (
    "desk.look_at(desk.picture.states[0].plan.id)\n"
    "until(lambda: desk.picture.looked_at)\n"
    "assert desk.picture.offers is None\n"
)
"""What it does beside that on the screen of actions."""


def shown(place: str) -> str:
    return f"from tui.places import PLACES_BY_NAME\nPLACES_BY_NAME[{place!r}].make()\n"


def loaded_after(code: str) -> set[str]:
    code += (
        "import sys\n"
        f"print('\\n'.join(one for one in sys.modules if one.startswith({PREFIXES!r})))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=180, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("place", ["overview", "services", "host", "keys"])
def test_a_screen_of_what_is_watched_loads_neither_the_log_engine_nor_actions(place: str) -> None:
    assert not loaded_after(OPENED + shown(place)) & (LOG_ENGINE | ACTING | DOCKER)


def test_limits_load_no_log_engine_before_a_log_is_read() -> None:
    found = loaded_after(OPENED + shown("limits") + LIMITS_BOOKS)
    assert "core.redis.limits.book" in found, "the books were made"
    assert not found & (LOG_ENGINE | ACTING | DOCKER)


@pytest.fixture(name="past")
def fixture_past(tmp_path: Path) -> str:
    """A console's start on one action that was committed."""
    stage = Stage(tmp_path)
    stage.confirm(stage.plan())
    assert stage.execute().is_ended
    config = tmp_path / "quarterdeck.yaml"
    config.write_text(
        f"version: 1\nenvironment: development\nstate: {{folder: {tmp_path}}}\n"
        "systems:\n  shop:\n    services:\n      web: {}\n",
        "utf-8",
    )
    config.chmod(0o600)
    return PAST_ACTIONS.format(config=str(config))


def families(found: set[str]) -> set[str]:
    return {one for one in found if one.startswith("core.actions.families")}


@pytest.mark.parametrize(
    "then", ["", shown("actions") + LOOKED_AT], ids=["overview", "actions screen"]
)
def test_past_actions_are_told_without_the_families_that_did_them(past: str, then: str) -> None:
    found = loaded_after(OPENED + past + then)
    assert "core.actions.shelf" in found, "they were read"
    assert not families(found)
    assert not found & (LOG_ENGINE | DOCKER)


def test_what_can_be_done_loads_the_families_once_it_is_asked_for(past: str) -> None:
    asked = "desk.look_up_offers()\nuntil(lambda: desk.picture.offers is not None)\n"
    assert families(loaded_after(OPENED + past + asked))


def test_what_can_be_done_is_known_without_the_sdk_of_the_engine() -> None:
    found = loaded_after("import tui.acting\nfrom core.actions.registry import all_actions\n"
                         "assert all_actions()\n")  # fmt: skip
    assert "core.actions.families.services" in found
    assert not found & DOCKER
