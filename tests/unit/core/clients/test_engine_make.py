"""How a container was made becomes the order for another like it."""

import json
from typing import Any

from core.clients.acting.engine_make import creation_of, parse_make

ID = "ab" * 32
VOLUME = "cd" * 32


def inspected(**host: Any) -> dict[str, Any]:
    return {
        "Id": ID,
        "Name": "/api-1",
        "Image": "sha256:old",
        "Config": {
            "Hostname": ID[:12],
            "Image": "shop/api:2",
            "Env": ["PATH=/bin", "RELEASE=2", "OWN=1"],
            "Cmd": ["serve"],
            "Entrypoint": None,
            "WorkingDir": "/app",
            "Labels": {"team": "ops", "built": "by-image"},
            "Volumes": {"/data": {}},
            "StopTimeout": 3,
        },
        "HostConfig": {
            "NetworkMode": "front",
            "Binds": ["/data", "/etc/api:/etc/api:ro"],
            "RestartPolicy": {"Name": "always"},
            "PortBindings": {"80/tcp": [{"HostPort": "8080"}], "81/tcp": [{"HostPort": ""}]},
            **host,
        },
        "Mounts": [
            {"Type": "volume", "Name": VOLUME, "Destination": "/data", "RW": True},
            {"Type": "bind", "Source": "/etc/api", "Destination": "/etc/api"},
        ],
        "NetworkSettings": {
            "Networks": {
                "back": {"Aliases": ["api", ID[:12]], "IPAMConfig": {"IPv4Address": "10.0.0.9"}},
                "front": {"Aliases": None},
            }
        },
    }


OLD_IMAGE = {
    "Config": {
        "Env": ["PATH=/bin", "RELEASE=2"],
        "Cmd": ["serve"],
        "Entrypoint": None,
        "WorkingDir": "/app",
        "Labels": {"built": "by-image"},
    }
}


def test_what_a_plan_needs_is_read() -> None:
    make = parse_make(inspected())
    assert (make.name, make.image_id, make.image_name) == ("api-1", "sha256:old", "shop/api:2")
    assert (make.stop_timeout_s, make.restart_policy) == (3.0, "always")
    assert make.anonymous_volumes == ("/data",)
    assert make.ports == (8080,)
    assert make.networks == ("back", "front")
    assert make.label("team") == "ops"
    assert not make.is_auto_removed


def test_secrets_of_the_environment_are_not_in_its_representation() -> None:
    raw = inspected()
    raw["Config"]["Env"] = ["PASSWORD=canary"]
    assert "canary" not in repr(parse_make(raw))


def test_what_the_old_image_had_set_is_left_to_the_new_one() -> None:
    config, _ = creation_of(parse_make(inspected()), OLD_IMAGE, "shop/api:1", (("mine", "1"),))
    assert config["Env"] == ["OWN=1"]
    assert "Cmd" not in config
    assert "WorkingDir" not in config
    assert config["Labels"] == {"team": "ops", "mine": "1"}
    assert config["Image"] == "shop/api:1"
    assert "Hostname" not in config, "the engine had named it after the old container"


def test_a_command_of_its_own_stays() -> None:
    raw = inspected()
    raw["Config"]["Cmd"] = ["serve", "--fast"]
    config, _ = creation_of(parse_make(raw), OLD_IMAGE, "shop/api:1")
    assert config["Cmd"] == ["serve", "--fast"]


def test_an_anonymous_volume_is_shared_by_its_name() -> None:
    config, _ = creation_of(parse_make(inspected()), OLD_IMAGE, "x")
    assert config["HostConfig"]["Binds"] == ["/etc/api:/etc/api:ro", f"{VOLUME}:/data"]
    mounted = inspected(Binds=None, Mounts=[{"Type": "volume", "Target": "/data"}])
    config, _ = creation_of(parse_make(mounted), OLD_IMAGE, "x")
    assert config["HostConfig"]["Mounts"] == [
        {"Type": "volume", "Target": "/data", "Source": VOLUME}
    ]
    assert not config["HostConfig"]["Binds"]


def test_its_main_network_comes_first_and_the_others_later() -> None:
    config, later = creation_of(parse_make(inspected()), OLD_IMAGE, "x")
    assert list(config["NetworkingConfig"]["EndpointsConfig"]) == ["front"]
    assert later["back"]["Aliases"] == ["api"], "its own id is no alias that a person gave"
    assert later["back"]["IPAMConfig"] == {"IPv4Address": "10.0.0.9"}


def test_predefined_networks_are_not_joined_again() -> None:
    raw = inspected(NetworkMode="default")
    raw["NetworkSettings"]["Networks"] = {"bridge": {"Aliases": None}}
    config, later = creation_of(parse_make(raw), None, "x")
    assert "NetworkingConfig" not in config
    assert later == {}


def test_the_same_container_gives_the_same_text() -> None:
    one, other = inspected(), dict(reversed(inspected().items()))
    assert parse_make(one).config == parse_make(other).config
    assert json.loads(parse_make(one).config)["Config"]["Image"] == "shop/api:2"
