"""Where the console keeps its actions, audit log and locks."""

from collections.abc import Mapping
from pathlib import Path

from config.fields import PathText
from config.section import Section
from core.model.state import StateFolders

_NAME = "quarterdeck"


class State(Section):
    """Where what is done is kept."""

    folder: PathText | None = None
    """None: for root `/var/lib/quarterdeck`, `/var/log/quarterdeck/audit` and
    `/run/lock/quarterdeck`; for others the user's own state and runtime folders."""

    def reason_against(self) -> tuple[str, str] | None:
        """Return why the folder is none: what is kept belongs to no system's root."""
        if self.folder is None or self.folder.startswith("/"):
            return None
        return "the folder is not absolute", "write the whole path, such as /var/lib/quarterdeck"


def state_folders_of(state: State | None, env: Mapping[str, str], uid: int) -> StateFolders:
    """Return the folders that a configuration, or else the user, comes to; makes none."""
    if state is not None and state.folder is not None:
        return _below(Path(state.folder), Path(state.folder) / "locks")
    if uid == 0:
        place = Path("/var/lib") / _NAME
        audit = Path("/var/log") / _NAME / "audit"
        locks = Path("/run/lock") / _NAME
        return StateFolders(place / "actions", place / "procedures", audit, locks)
    place = _user_folder(env)
    runtime = env.get("XDG_RUNTIME_DIR", "")
    # Without a runtime folder the locks stay beside the rest: the kernel frees them just so.
    here = Path(runtime) / _NAME if runtime.startswith("/") else place
    return _below(place, here / "locks")


def _below(place: Path, locks: Path) -> StateFolders:
    return StateFolders(place / "actions", place / "procedures", place / "audit", locks)


def _user_folder(env: Mapping[str, str]) -> Path:
    given = env.get("XDG_STATE_HOME", "")
    if given.startswith("/"):
        return Path(given) / _NAME
    import platformdirs  # noqa: PLC0415 - only this place needs it

    return platformdirs.user_state_path(_NAME)
