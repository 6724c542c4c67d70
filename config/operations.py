"""What may be done and known about a system, beyond what is watched.

Read only when a file has such sections, by models of its own: most commands need none of it, and
a file without them starts faster.
"""

from config.alerts import Alert
from config.backups import Backup, Repo, Retention
from config.commands import Command, JobTrigger, Scale, Tuning
from config.fields import Name
from config.key_stores import ConfigFile, EnvFile, KeyStore, Tokens
from config.procedures import Incident, LogView, Procedure
from config.redis_views import Circuit, KeyPattern, Limit, Stream
from config.runbooks import Contacts, Link, Runbook
from config.section import Section
from config.thresholds import Threshold


class Operations(Section):
    """The part of a system that views, alerts, procedures and actions read."""

    runbook: Runbook | None = None
    thresholds: dict[Name, Threshold] = {}
    alerts: tuple[Alert, ...] = ()
    streams: tuple[Stream, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    limits: tuple[Limit, ...] = ()
    redis_keys: dict[Name, KeyPattern] = {}
    keys: dict[Name, KeyStore] = {}
    tokens: dict[Name, Tokens] = {}
    env_files: dict[Name, EnvFile] = {}
    config_files: dict[Name, ConfigFile] = {}
    retention: dict[Name, Retention] = {}
    log_views: dict[Name, LogView] = {}
    backups: dict[Name, Backup] = {}
    repos: dict[Name, Repo] = {}
    commands: dict[Name, Command] = {}
    tuning: dict[Name, Tuning] = {}
    scaling: dict[Name, Scale] = {}
    triggers: dict[Name, JobTrigger] = {}
    procedures: dict[Name, Procedure] = {}
    incidents: dict[Name, Incident] = {}
    contacts: Contacts | None = None
    links: dict[Name, Link] = {}
