"""What a prune of the engine would take away, and the prune itself."""

import json
from typing import Any, cast

from core.clients.acting.engine import PRUNES, PruneCount
from core.clients.acting.engine_api import ActingApi, post
from core.clients.docker_facts import dig, number, text
from core.errors import ClientGarbled
from core.model.text import SafeText, clean

_PREDEFINED = frozenset({"bridge", "host", "none", "ingress", "docker_gwbridge"})
_STOPPED = frozenset({"created", "exited", "dead"})
_PATHS = {
    "containers": "/containers/prune",
    "networks": "/networks/prune",
    "images": "/images/prune",
    "unused-images": "/images/prune",
    "build-cache": "/build/prune",
    "volumes": "/volumes/prune",
}
_FILTERS: dict[str, dict[str, list[str]]] = {
    "images": {"dangling": ["true"]},
    "unused-images": {"dangling": ["false"]},
    # Engines of API 1.42 and newer take only anonymous ones unless told; older ones do not know it.
    "volumes": {"all": ["true"]},
}
_ALL_VOLUMES_API = (1, 42)


def _rows(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _short(value: object) -> str:
    return str(value or "").removeprefix("sha256:")[:12]


def _counted(what: str, rows: list[tuple[str, int]]) -> PruneCount:
    items: tuple[SafeText, ...] = tuple(clean(name, 200) for name, _ in sorted(rows))
    return PruneCount(clean(what), items, sum(size for _, size in rows))


def read_prunable(api: ActingApi, what: str) -> PruneCount:
    """Return what a prune would remove.

    Raises:
        ClientGarbled: no such kind of prune.
        Exception: one of `FAULTS`.
    """
    if what not in PRUNES:
        raise ClientGarbled(f"there is no prune of {clean(what)!r}; there are: {', '.join(PRUNES)}")
    if what == "networks":
        return _counted(what, _networks(api))
    usage = api.df()
    if what == "containers":
        return _counted(what, _containers(usage))
    if what == "volumes":
        return _counted(what, _volumes(usage))
    if what == "build-cache":
        return _counted(what, _build_cache(usage))
    return _counted(what, _images(api, usage, only_dangling=what == "images"))


def _containers(usage: object) -> list[tuple[str, int]]:
    return [
        (f"{_short(dig(one, 'Id'))} {_name(one)}", number(dig(one, "SizeRw")) or 0)
        for one in _rows(dig(usage, "Containers"))
        if dig(one, "State") in _STOPPED
    ]


def _name(container: object) -> str:
    names = _rows(dig(container, "Names"))
    return str(names[0]).removeprefix("/") if names else ""


def _images(api: ActingApi, usage: object, *, only_dangling: bool) -> list[tuple[str, int]]:
    if only_dangling:
        wanted = {str(dig(one, "Id")) for one in api.images(filters={"dangling": True})}
    else:
        used = {str(dig(one, "ImageID")) for one in _rows(dig(usage, "Containers"))}
        wanted = {str(dig(one, "Id")) for one in _rows(dig(usage, "Images"))} - used
    return [
        (_image_name(one), max(0, (number(dig(one, "Size")) or 0) - _shared(one)))
        for one in _rows(dig(usage, "Images"))
        if str(dig(one, "Id")) in wanted
    ]


def _shared(image: object) -> int:
    return max(0, number(dig(image, "SharedSize")) or 0)


def _image_name(image: object) -> str:
    tags = [str(tag) for tag in _rows(dig(image, "RepoTags")) if tag != "<none>:<none>"]
    return f"{_short(dig(image, 'Id'))} {', '.join(tags) or '(no name)'}"


def _networks(api: ActingApi) -> list[tuple[str, int]]:
    # The engine asks for live endpoints only: the network of a stopped container goes as well.
    busy = {
        str(name)
        for one in api.containers(all=False, filters={})
        for name in cast("dict[str, Any]", dig(one, "NetworkSettings", "Networks") or {})
    }
    return [
        (f"{_short(dig(one, 'Id'))} {dig(one, 'Name')}", 0)
        for one in api.networks()
        if dig(one, "Name") not in _PREDEFINED | busy and dig(one, "Scope") == "local"
    ]


def _volumes(usage: object) -> list[tuple[str, int]]:
    return [
        (str(dig(one, "Name")), max(0, number(dig(one, "UsageData", "Size")) or 0))
        for one in _rows(dig(usage, "Volumes"))
        if number(dig(one, "UsageData", "RefCount")) == 0
    ]


def _build_cache(usage: object) -> list[tuple[str, int]]:
    return [
        (f"{_short(dig(one, 'ID'))} {text(dig(one, 'Description'), 80)}", _shown_size(one))
        for one in _rows(dig(usage, "BuildCache"))
        if dig(one, "InUse") is False and dig(one, "Shared") is False
    ]


def _shown_size(one: object) -> int:
    return number(dig(one, "Size")) or 0


def prune(api: ActingApi, what: str) -> int:
    """Prune; return the bytes that the engine says it freed.

    Raises:
        ClientGarbled: no such kind of prune.
        Exception: one of `FAULTS`.
    """
    if what not in PRUNES:
        raise ClientGarbled(f"there is no prune of {clean(what)!r}")
    filters = dict(_FILTERS.get(what, {}))
    version = tuple(int(part) for part in api.api_version.split("."))
    if what == "volumes" and version < _ALL_VOLUMES_API:
        filters = {}
    answer = post(api, _PATHS[what], {"filters": json.dumps(filters)} if filters else {}, None)
    return number(dig(answer, "SpaceReclaimed")) or 0
