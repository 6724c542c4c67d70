"""How a container was made, and the order to make another like it. Pure."""

import json
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, cast

from core.clients.acting.engine import ContainerMake
from core.clients.docker_facts import dig

_ANONYMOUS = re.compile(r"^[0-9a-f]{64}$")
_USUAL_STOP_S = 10.0
_OF_THE_IMAGE = ("WorkingDir", "User", "StopSignal", "Healthcheck", "Shell", "Labels", "Volumes",
                 "ExposedPorts", "Env")  # fmt: skip
"""Set by the image unless the container says otherwise: what is equal to the old image's is left
to the new one."""
_PREDEFINED = frozenset({"bridge", "host", "none", "default"})

Json = dict[str, Any]


def canonical(value: object) -> str:
    """Return JSON that is equal for equal values."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def parse_make(raw: object) -> ContainerMake:
    """Return how a container was made, from its inspect answer."""
    mounts = _list(dig(raw, "Mounts"))
    kept = {
        "Config": dig(raw, "Config"),
        "HostConfig": dig(raw, "HostConfig"),
        "Mounts": mounts,
        "Networks": dig(raw, "NetworkSettings", "Networks"),
    }
    stop_s = dig(raw, "Config", "StopTimeout")
    labels = cast("Mapping[str, object]", dig(raw, "Config", "Labels") or {})
    return ContainerMake(
        id=str(dig(raw, "Id") or ""),
        name=str(dig(raw, "Name") or "").removeprefix("/"),
        image_id=str(dig(raw, "Image") or ""),
        image_name=str(dig(raw, "Config", "Image") or ""),
        stop_timeout_s=float(stop_s) if isinstance(stop_s, int | float) else _USUAL_STOP_S,
        restart_policy=str(dig(raw, "HostConfig", "RestartPolicy", "Name") or "no"),
        anonymous_volumes=tuple(
            str(dig(one, "Destination")) for one in mounts if _is_anonymous(one)
        ),
        mounts=tuple(
            (str(dig(one, "Name") or dig(one, "Source")), str(dig(one, "Destination")))
            for one in mounts
        ),
        places=tuple(
            (str(dig(one, "Source") or ""), str(dig(one, "Destination"))) for one in mounts
        ),
        config=canonical(kept),
        is_auto_removed=dig(raw, "HostConfig", "AutoRemove") is True,
        labels=tuple(sorted((name, str(value)) for name, value in labels.items())),
        ports=_ports(dig(raw, "HostConfig", "PortBindings")),
        networks=tuple(sorted(cast("Json", dig(raw, "NetworkSettings", "Networks") or {}))),
    )


def _ports(bindings: object) -> tuple[int, ...]:
    found = {
        str(dig(one, "HostPort"))
        for several in cast("Mapping[str, object]", bindings or {}).values()
        for one in _list(several)
    }
    return tuple(sorted(int(port) for port in found if port.isdigit() and port != "0"))


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _is_anonymous(mount: object) -> bool:
    name = dig(mount, "Name")
    return dig(mount, "Type") == "volume" and bool(_ANONYMOUS.match(str(name or "")))


def creation_of(
    make: ContainerMake,
    old_image: object,
    image: str,
    labels: tuple[tuple[str, str], ...] = (),
) -> tuple[Json, dict[str, Json]]:
    """Return what to send for a container like another, and the networks to join it to later.

    Args:
        make: how the other was made.
        old_image: the inspect answer of the other's image; None where it is gone.
        image: reference or id of the image to use.
        labels: set beside those that it had.
    """
    raw = cast("Json", json.loads(make.config))
    config = deepcopy(cast("Json", raw["Config"]))
    _leave_to_image(config, cast("Json", dig(old_image, "Config") or {}))
    if make.id.startswith(str(config.get("Hostname") or "-")):
        config.pop("Hostname", None)  # the engine named it after the container
    config.pop("MacAddress", None)
    config["Image"] = image
    config["Labels"] = {**cast("Json", config.get("Labels") or {}), **dict(labels)}
    host = deepcopy(cast("Json", raw["HostConfig"]))
    _share_anonymous(host, cast("list[Json]", raw["Mounts"]))
    config["HostConfig"] = host
    networks = _networks(cast("Json", raw["Networks"] or {}), make, str(host.get("NetworkMode")))
    first = next(iter(networks), "")
    if first:
        config["NetworkingConfig"] = {"EndpointsConfig": {first: networks.pop(first)}}
    return config, networks


def _leave_to_image(config: Json, image: Json) -> None:
    """Drop what the old image had set."""
    if config.get("Entrypoint") == image.get("Entrypoint"):
        config.pop("Entrypoint", None)
        if config.get("Cmd") == image.get("Cmd"):
            config.pop("Cmd", None)
    for name in _OF_THE_IMAGE:
        mine, its = config.get(name), image.get(name)
        if isinstance(mine, list) and isinstance(its, list):
            shared = cast("list[object]", its)
            config[name] = [one for one in cast("list[object]", mine) if one not in shared]
        elif isinstance(mine, dict) and isinstance(its, dict):
            defaults = cast("Json", its)
            config[name] = {
                key: value
                for key, value in cast("Json", mine).items()
                if name == "Healthcheck" or key not in defaults or defaults[key] != value
            }
            if mine == its:
                config.pop(name)
        elif mine == its:
            config.pop(name, None)


def _share_anonymous(host: Json, mounts: list[Json]) -> None:
    """Bind the anonymous volumes by their names, so that their data is there."""
    ordered = cast("list[Json]", host.get("Mounts") or [])
    binds = list(cast("list[str]", host.get("Binds") or []))
    for mount in filter(_is_anonymous, mounts):
        named = next((one for one in ordered if one.get("Target") == mount["Destination"]), None)
        if named is not None:
            named["Source"] = mount["Name"]
        else:
            mode = "" if mount.get("RW", True) else ":ro"
            binds = [bind for bind in binds if bind != mount["Destination"]]
            binds.append(f"{mount['Name']}:{mount['Destination']}{mode}")
    host["Binds"] = binds or None


def _networks(raw: Json, make: ContainerMake, mode: str) -> dict[str, Json]:
    """Return what to join: networks of a person's own, the container's main one first."""
    found: dict[str, Json] = {
        name: {
            "IPAMConfig": one.get("IPAMConfig"),
            "Links": one.get("Links"),
            "DriverOpts": one.get("DriverOpts"),
            "Aliases": _aliases(one, make.id),
        }
        for name, one in cast("dict[str, Json]", raw).items()
        if name not in _PREDEFINED and not mode.startswith("container:")
    }
    return dict(sorted(found.items(), key=lambda item: item[0] != mode))


def _aliases(endpoint: Json, container_id: str) -> list[str]:
    """Return the names that a person gave; the engine adds the container's own."""
    given = cast("list[str]", endpoint.get("Aliases") or [])
    return [alias for alias in given if not container_id.startswith(alias)]
