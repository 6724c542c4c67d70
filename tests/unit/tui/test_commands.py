"""What `:` and the palette understand, complete and refuse."""

import pytest

from core.model.topology import Topology
from tests.fakes.scripted import small_topology
from tests.hostile import CORPUS
from tui.commands import (
    COMMANDS,
    Argument,
    Words,
    completions,
    palette,
    parsed,
    problem_with,
    ranked,
    words_of,
)
from tui.places import PLACES

KEYS = {"app.pause": "p", "go.host": "9"}


@pytest.fixture(name="words")
def fixture_words() -> Words:
    return words_of(small_topology(), KEYS)


def offered(text: str, words: Words) -> list[str]:
    return [one.command for one in completions(text, words)]


def test_every_place_can_be_named(words: Words) -> None:
    for place in PLACES:
        command, _ = parsed(f":{place.name}")
        assert command is not None
        assert problem_with(place.name, words) == ""


def test_a_name_is_completed_from_its_beginning(words: Words) -> None:
    assert offered("serv", words) == ["services"]
    assert offered("se", words) == ["services", "secrets"]
    assert "quit" in offered("q", words)
    assert offered("xyz", words) == []


def test_nothing_typed_offers_everything(words: Words) -> None:
    assert len(offered("", words)) == len(COMMANDS)


def test_an_argument_is_completed_from_what_is_watched(words: Words) -> None:
    assert offered("services ap", words) == ["services shop/api"]
    assert offered("system ", words) == ["system shop", "system bank"]
    assert "theme light" in offered("theme l", words)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("servces", "no command servces; did you mean services?"),
        ("theme", "theme what?"),
        ("theme drak", "no theme drak; did you mean dark?"),
        ("system shpo", "no system shpo; did you mean shop?"),
        ("pause now", "pause takes no argument"),
    ],
)
def test_a_refusal_says_what_would_do(line: str, problem: str, words: Words) -> None:
    assert problem_with(line, words) == problem


@pytest.mark.parametrize(
    "line",
    ["q", "o", ":services shop/api", "filter [/nope]", "theme light", "PAUSE", "system shop"],
)
def test_what_can_be_run_is_not_refused(line: str, words: Words) -> None:
    assert problem_with(line, words) == ""


def test_the_palette_finds_by_scattered_letters_and_prefers_words(words: Words) -> None:
    found = [one.command for one in palette("host", words)]
    assert found[0] == "host"
    assert "services shop/api" in [one.command for one in palette("shapi", words)]


def test_the_palette_shows_the_keys_in_use(words: Words) -> None:
    by_name = {one.command: one for one in palette("", words)}
    assert by_name["pause"].keys == "p"
    assert by_name["host"].keys == "9"


def test_everything_the_palette_offers_can_be_run(words: Words) -> None:
    refused = {one.command for one in palette("", words) if problem_with(one.command, words)}
    assert refused == set()


def test_ranking_puts_beginnings_before_middles_before_scatter() -> None:
    assert ranked("app", ["xappx", "a.p.p", "app", "my app"]) == ("app", "my app", "xappx", "a.p.p")


def test_hostile_text_is_refused_without_reaching_the_terminal(words: Words) -> None:
    for payload in CORPUS:
        for line in (payload, f"theme {payload}", f"system {payload}"):
            assert "\x1b" not in problem_with(line, words)
            assert "\x1b" not in "".join(offered(line, words))


def test_every_kind_of_argument_has_words_or_is_free(words: Words) -> None:
    free = {kind for kind in Argument if not words.of(kind)}
    assert free == {Argument.NOTHING, Argument.TEXT, Argument.FAULT, Argument.OFFER}


def test_faults_of_the_demo_are_offered_only_on_the_demo(words: Words) -> None:
    on_demo = words_of(small_topology(), {}, ("redis-down", "slow-responses"))
    line = "demo-fault redis-down"
    assert line in {one.command for one in palette("redis-d", on_demo)}
    assert line not in {one.command for one in palette("redis-d", words)}
    assert [one.command for one in completions("demo-f", on_demo)] == ["demo-fault"]
    assert completions("demo-f", words) == completions("demo-fault re", words) == ()
    assert problem_with(line, on_demo) == ""
    assert problem_with("demo-fault redis-up", on_demo).endswith("did you mean redis-down?")
    assert problem_with(line, words).startswith("no command demo-fault")


def test_names_from_the_configuration_are_made_harmless() -> None:
    watched = small_topology()
    bad = Topology(
        watched.environment,
        is_read_only=False,
        systems=tuple(
            type(one)(f"{one.name}\x1b[2J", one.title, "", one.services) for one in watched.systems
        ),
    )
    assert all("\x1b" not in name for name in words_of(bad, {}).systems)
