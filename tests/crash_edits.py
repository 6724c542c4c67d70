"""Small worlds for `tests.crashes` in which a file is edited, and programs that are stood in for.

No nginx and no cluster is here: a small program of the world's own answers as they do.
"""

import json
import os
from collections.abc import Callable
from pathlib import Path

from core.model.action import ActionRequest
from tests.crashes import Scenario

_PATHS: dict[Path, str] = {}
"""By world, PATH as it was before the world's own programs were put in front."""


def program(folder: Path, name: str, text: str) -> None:
    """Have a program of this name be what is found, until the world is left."""
    place = folder.parent / "bin"
    place.mkdir(exist_ok=True)
    (place / name).write_text(f"#!/bin/sh\n{text}", "utf-8")
    (place / name).chmod(0o755)
    _PATHS.setdefault(folder, os.environ["PATH"])
    os.environ["PATH"] = f"{place}:{_PATHS[folder]}"


def without_programs(folder: Path) -> None:
    """Find again what was found before."""
    if folder in _PATHS:
        os.environ["PATH"] = _PATHS.pop(folder)


def _ask(action: str, target: str, **inputs: str) -> Callable[[Path], ActionRequest]:
    return lambda _folder: ActionRequest(action, target, tuple(inputs.items()))


def _handed(folder: Path, text: str) -> str:
    """Hand a text over in a private file; return how an input names it."""
    path = folder.parent / "wanted"
    path.write_text(text, "utf-8")
    path.chmod(0o600)
    return f"file:{path}"


def _texts(folder: Path) -> object:
    """Return every file's text by its path; dated copies beside are left out."""
    return {
        str(path.relative_to(folder)): path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".backup." not in path.name
    }


# env files

_ENV = "# kept\nRATE=10\nSCHEDULER_ENABLED=true\nOPENAI_API_KEY=sk-old\n"


def _env(folder: Path) -> str:
    """Have an env file with a rate, a scheduler's switch and a key, and whoever goes by them."""
    (folder / ".env").write_text(_ENV, "utf-8")
    return (
        "    redis: {url: 'redis://127.0.0.1:9/0'}\n"
        "    services:\n      app: {base_url: 'http://127.0.0.1:9'}\n"
        "    env_files:\n      env:\n        path: .env\n        apply: none\n"
        "        read_by: [app]\n        variables:\n"
        "          SCHEDULER_ENABLED: {one_of: ['true', 'false']}\n"
        "    limits:\n      - {name: clients, keys: ['rate_limit:*'], env_file: env,\n"
        "         capacity_variable: RATE}\n"
        "    triggers:\n      jobs: {service: app, paths: ['/run/{job}'], jobs: [clear]}\n"
    )


def _edited(folder: Path) -> ActionRequest:
    text = _handed(folder, _ENV.replace("RATE=10", "RATE=20"))
    return ActionRequest("env.edit", "shop/env", (("text", text),))


def _key_set(folder: Path) -> ActionRequest:
    inputs = (("name", "OPENAI_API_KEY"), ("value", _handed(folder, "sk-new-and-long-enough")))
    return ActionRequest("secret.set", "shop/env", inputs)


# a web server

_NGINX = """\
case "$1" in
-t) echo "nginx: configuration file test is successful" >&2 ;;
esac
"""


def _site(folder: Path) -> str:
    program(folder, "nginx", _NGINX)
    for name, port in (("api.conf", "8080"), ("conf.d/api.conf", "80")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(f"server {{ listen {port}; }}\n", "utf-8")
    return "    config_files:\n      web: {path: api.conf, format: nginx, apply: none}\n"


def _installed(folder: Path) -> ActionRequest:
    return ActionRequest("nginx.install", "shop/web", (("to", f"{folder}/conf.d/api.conf"),))


# a cluster

_KUBECTL = """\
cd "FOLDER"
for word; do
    case $word in
    --current-replicas=*) was=${word#*=} ;;
    --replicas=*) to=${word#*=} ;;
    esac
done
case " $* " in
*" get "*) cat deployment.json ;;
*)
    : >>asked
    SLOWLY
    grep -q "\\"replicas\\": $was," deployment.json || exit 1
    sed "s/eplicas\\": $was,/eplicas\\": $to,/g" deployment.json >new.json
    mv new.json deployment.json
    ;;
esac
"""


def _cluster(slowly: str = ":") -> Callable[[Path], str]:
    """Return what has a deployment of two, and a kubectl that sets it."""

    def config(folder: Path) -> str:
        text = _KUBECTL.replace("FOLDER", str(folder)).replace("SLOWLY", slowly)
        program(folder, "kubectl", text)
        containers = {"template": {"spec": {"containers": [{"image": "shop:1"}]}}}
        answer = {
            "spec": {"replicas": 2, **containers},
            "status": {"readyReplicas": 2, "phase": "Running"},
            "metadata": {"generation": 1},
        }
        (folder / "deployment.json").write_text(json.dumps(answer), "utf-8")
        return (
            "    scaling:\n      more: {kind: kubernetes, service: shop, namespace: prod,\n"
            "        replicas: 5}\n"
        )

    return config


def _replicas(folder: Path) -> object:
    return json.loads((folder / "deployment.json").read_text("utf-8"))["spec"]["replicas"]


SLOW_KUBECTL = Scenario(
    "scale.apply, slow kubectl", _cluster("sleep 4"), _ask("scale.apply", "shop/more"), _replicas,
    without_programs, hurry=1.0,
)  # fmt: skip
"""It sets the number seconds after it was asked to, whoever has died meanwhile."""

EDITS = (
    Scenario("env.edit", _env, _edited, _texts),
    Scenario("secret.set", _env, _key_set, _texts),
    Scenario("limit.change", _env, _ask("limit.change", "shop/clients", capacity="20"), _texts),
    Scenario("scheduler.disable", _env, _ask("scheduler.disable", "shop/app"), _texts),
    Scenario("nginx.install", _site, _installed, _texts, without_programs),
    Scenario(
        "scale.apply, kubernetes", _cluster(), _ask("scale.apply", "shop/more"), _replicas,
        without_programs,
    ),
)  # fmt: skip
