"""What the user writes lies over profiles and includes."""

from pathlib import Path

from config.merge import merge
from config.yaml_reader import parse_tree
from config.yaml_tree import Mapping, plain_of
from tests.unit.config.writing import loaded, write


def merged(base: str, over: str) -> object:
    node = merge(parse_tree(base, "base.yaml"), parse_tree(over, "over.yaml"))
    assert node is not None
    return plain_of(node)


def test_maps_merge_key_by_key_and_lists_replace() -> None:
    assert merged("{a: {b: 1, c: [1, 2]}, d: 1}", "{a: {c: [3]}, e: 2}") == {
        "a": {"b": 1, "c": [3]},
        "d": 1,
        "e": 2,
    }


def test_null_removes_what_is_inherited_and_only_that() -> None:
    assert merged("{a: {b: 1, c: 2}}", "{a: {b: null, d: null}}") == {"a": {"c": 2, "d": None}}


def test_lists_of_named_things_merge_by_name() -> None:
    base = "{alerts: [{name: a, for: 5m, when: x}, {name: b, when: y}]}"
    over = "{alerts: [{name: b, for: 1m}, {name: c, when: z}]}"
    assert merged(base, over) == {
        "alerts": [
            {"name": "a", "for": "5m", "when": "x"},
            {"name": "b", "when": "y", "for": "1m"},
            {"name": "c", "when": "z"},
        ]
    }


def test_an_empty_list_empties() -> None:
    assert merged("{alerts: [{name: a}]}", "{alerts: []}") == {"alerts": []}


def test_another_way_to_run_replaces_and_the_same_one_merges() -> None:
    base = "{runs_as: {compose: {project: p, service: s}}}"
    assert merged(base, "{runs_as: {process: {pidfile: x}}}") == {
        "runs_as": {"process": {"pidfile": "x"}}
    }
    assert merged(base, "{runs_as: {compose: {project: q}}}") == {
        "runs_as": {"compose": {"project": "q", "service": "s"}}
    }


def test_every_value_keeps_the_place_it_came_from() -> None:
    node = merge(parse_tree("a:\n  b: 1\n", "base.yaml"), parse_tree("\n\na: {c: 1}", "over.yaml"))
    assert isinstance(node, Mapping)
    inner = node.entries["a"]
    assert isinstance(inner, Mapping)
    assert str(inner.entries["b"].place) == "base.yaml:2"
    assert str(inner.entries["c"].place) == "over.yaml:3"


def test_later_includes_lie_over_earlier_ones_and_the_file_over_all(tmp_path: Path) -> None:
    write(tmp_path, "label: one\ntheme: one\nwar_room: true\n", "one.yaml")
    write(tmp_path, "label: two\ntheme: two\n", "two.yaml")
    settings = loaded(tmp_path, "version: 1\ninclude: [one.yaml, two.yaml]\nlabel: own\n").settings
    assert (settings.label, settings.theme, settings.war_room) == ("own", "two", True)


def test_an_include_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    write(tmp_path, "include: [inner.yaml]\n", "sub/outer.yaml")
    write(tmp_path, "label: inner\n", "sub/inner.yaml")
    settings = loaded(tmp_path, "version: 1\ninclude: ['${SUB}/outer.yaml']\n", {"SUB": "sub"})
    assert settings.settings.label == "inner"


def test_a_profile_is_a_start_and_one_address_moves_all_of_its_checks(tmp_path: Path) -> None:
    system = loaded(
        tmp_path,
        """\
        version: 1
        systems:
          gw:
            profile: api-gateway
            services:
              proxy-service: {base_url: "http://127.0.0.1:1234"}
        """,
    ).settings.systems["gw"]
    service = system.services["proxy-service"]
    assert service.base_url is not None
    assert service.base_url.text == "http://127.0.0.1:1234"
    assert service.checks["health"].url.text == "/health"
    assert service.title == "Proxy"


def test_two_systems_may_start_from_one_profile(tmp_path: Path) -> None:
    systems = loaded(
        tmp_path,
        """\
        version: 1
        systems:
          east: {profile: api-gateway, title: East}
          west: {profile: api-gateway, services: {redis: null}}
        """,
    ).settings.systems
    assert systems["east"].title == "East"
    assert systems["west"].title == "Resilient API gateway"
    assert "redis" in systems["east"].services
    assert "redis" not in systems["west"].services


def test_a_profile_of_your_own_may_start_from_a_shipped_one(tmp_path: Path) -> None:
    write(tmp_path, "systems: {x: {profile: api-gateway, root: /srv/ours}}\n", "ours.yaml")
    system = loaded(
        tmp_path, "version: 1\nsystems: {gw: {profile: ./ours.yaml, title: Gateway}}\n"
    ).settings.systems["gw"]
    assert (system.root, system.title) == ("/srv/ours", "Gateway")
    assert system.redis is not None


def test_including_a_profile_takes_its_system_as_it_is(tmp_path: Path) -> None:
    systems = loaded(tmp_path, "version: 1\ninclude: ['profile:ai-diy']\n").settings.systems
    assert list(systems) == ["ai-diy"]
    assert systems["ai-diy"].profile == "ai-diy"
