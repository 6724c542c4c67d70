"""Where the container engine is, told without the Docker SDK, which takes 6 MB and 60 ms."""

import os


def address_of(url: str) -> str:
    """Return where the engine is: the configured URL, else DOCKER_HOST, else the usual socket."""
    return url or os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
