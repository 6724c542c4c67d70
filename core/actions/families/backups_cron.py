"""Reads the tables of cron on this machine: looks only, and says what it may not read."""

from dataclasses import dataclass

from core.actions.backups.schedules import Crontab, Crontabs
from core.actions.families.backups_sets import control_of
from core.actions.ports import Ports
from core.actions.verdicts.cron import parse_crontab
from core.errors import ClientError, ClientMissing
from core.model.text import SafeText, clean

_MAX_BYTES = 256 * 1024
_NAME = r"[A-Za-z0-9_-]+"
"""Cron skips other names in /etc/cron.d, such as those that a package manager leaves."""
_USER = r"[^.].*"


@dataclass(frozen=True, slots=True)
class CronPlaces:
    """Where cron has its tables."""

    system: str = "/etc/crontab"
    packages: str = "/etc/cron.d"
    users: tuple[str, ...] = ("/var/spool/cron/crontabs", "/var/spool/cron")
    """One table a user; the second is that of Red Hat's."""


USUAL = CronPlaces()


async def read_crontabs(ports: Ports, places: CronPlaces = USUAL) -> Crontabs:
    """Return every table that can be read."""
    paths, unread = [(places.system, True)], list[SafeText]()
    folders = [(places.packages, _NAME, True), *((one, _USER, False) for one in places.users)]
    for folder, pattern, has_user in folders:
        try:
            found = await control_of(ports).find(folder, (pattern,))
        except ClientError as error:
            unread.append(clean(str(error)))
            continue
        paths += [(one.path, has_user) for one in found]
    tables: list[Crontab] = []
    for path, has_user in paths:
        try:
            raw = await ports.files.read(path, _MAX_BYTES)
        except ClientMissing:
            continue
        except ClientError as error:
            unread.append(clean(str(error)))
            continue
        lines = tuple(raw.decode("utf-8", "replace").splitlines())
        tables.append(Crontab(path, parse_crontab(lines, has_user=has_user)))
    return Crontabs(tuple(tables), tuple(unread))
