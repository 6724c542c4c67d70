"""Makes a world's configuration read-only, and not."""

from pathlib import Path

from tests.crashes import World


def config_of(world: World) -> Path:
    return world.folder / "quarterdeck.yaml"


def set_read_only(world: World, *, is_read_only: bool) -> None:
    path = config_of(world)
    text = path.read_text("utf-8").replace("read_only: true\n", "")
    path.write_text("read_only: true\n" * is_read_only + text, "utf-8")
