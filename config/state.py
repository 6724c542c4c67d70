"""Where the console keeps its actions, audit log and locks."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from config.fields import Matches, PathText
from config.section import Section
from core.model.state import StateFolders

_NAME = "quarterdeck"
_Service = Annotated[str, Matches(r"^[^/\s]+/[^/\s]+$", "a service, such as shop/redis")]


class State(Section):
    """Where what is done is kept."""

    folder: PathText | None = None
    """None: for root `/var/lib/quarterdeck`, `/var/log/quarterdeck/audit` and
    `/run/lock/quarterdeck`; for others the user's own state and runtime folders."""
    audit_key: PathText | None = None
    """A file whose content signs the audit log: at least 16 bytes, for nobody else to read."""
    redis_lock: tuple[_Service, ...] = ()
    """Services whose Redis also keeps locks between hosts, `system/service`, one for each system
    whose targets are to have them. A key is written there while an action runs."""

    def reason_against(self) -> tuple[str, str] | None:
        """Return why the folder is none, or what two servers would be for one system's locks."""
        systems = [one.partition("/")[0] for one in self.redis_lock]
        if len(set(systems)) < len(systems):
            return "two servers for the locks of one system", "leave one of them in `redis_lock`"
        if self.audit_key is not None and not self.audit_key.startswith("/"):
            return (
                "the audit key is not absolute",
                "write the whole path, such as /etc/quarterdeck/key",
            )
        if self.folder is None or self.folder.startswith("/"):
            return None
        return "the folder is not absolute", "write the whole path, such as /var/lib/quarterdeck"


def state_folders_of(state: State | None, env: Mapping[str, str], uid: int) -> StateFolders:
    """Return the folders that a configuration, or else the user, comes to; makes none."""
    folders = _folders_of(state, env, uid)
    if state is None or state.audit_key is None:
        return folders
    return replace(folders, audit_key=Path(state.audit_key))


def _folders_of(state: State | None, env: Mapping[str, str], uid: int) -> StateFolders:
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
