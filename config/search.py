"""Finds the configuration file: the places, in order."""

from collections.abc import Mapping
from pathlib import Path

from core.errors import ConfigError

FILE_NAME = "quarterdeck.yaml"
VARIABLE = "QUARTERDECK_CONFIG"
_SYSTEM_WIDE = Path("/etc/quarterdeck") / FILE_NAME


def find_config(explicit: Path | None, env: Mapping[str, str], cwd: Path) -> Path:
    """Return the configuration file to use.

    The first of: `explicit`, `$QUARTERDECK_CONFIG`, the working folder, the user's configuration
    folder, `/etc/quarterdeck/`. A path that was named is returned whether or not it exists: the
    loader then says what is wrong with it, and no other file is used in its place.

    Raises:
        ConfigError: nothing was named and there is no file in any place.
    """
    named = explicit or (Path(env[VARIABLE]) if env.get(VARIABLE) else None)
    if named is not None:
        return named.expanduser() if named.is_absolute() or str(named)[:1] == "~" else cwd / named
    here = cwd / FILE_NAME
    if here.exists():
        return here
    places = (_user_folder(env) / FILE_NAME, _SYSTEM_WIDE)
    for place in places:
        if place.exists():
            return place
    looked = ", ".join(str(place) for place in (here, *places))
    raise ConfigError(
        f"no configuration: looked for {looked}; give --config FILE, set {VARIABLE}, "
        "or try `quarterdeck demo`"
    )


def _user_folder(env: Mapping[str, str]) -> Path:
    given = env.get("XDG_CONFIG_HOME", "")
    if given.startswith("/"):
        return Path(given) / "quarterdeck"
    import platformdirs  # noqa: PLC0415 - only this place needs it; most starts never come here

    return platformdirs.user_config_path("quarterdeck")
