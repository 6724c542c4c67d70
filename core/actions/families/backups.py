"""Backups: make one set or all, verify, expire, send to another place."""

from core.actions.action import Action, Site
from core.actions.backups.listing import BackupSetView, view_of
from core.actions.backups.schedules import NO_TABLES
from core.actions.families.backups_cron import read_crontabs
from core.actions.families.backups_expire import draft_expire
from core.actions.families.backups_make import draft_create
from core.actions.families.backups_send import draft_send, reason_against_send
from core.actions.families.backups_sets import ALL, copies_of, reason_against
from core.actions.families.backups_verify import draft_verify
from core.actions.families.redis_look import server_of
from core.errors import ActionError
from core.model.action import Danger, Input, Offer
from core.model.operation import BackupSpec
from core.model.text import EMPTY, SafeText, clean

_COPY = Input("copy", "Which backup: a path, or `newest`", "newest")


def _title(verb: str, spec: BackupSpec) -> SafeText:
    return clean(f"{verb} {spec.title or spec.name}", 160)


def _no_server(site: Site, system: str, spec: BackupSpec) -> SafeText:
    if spec.kind != "redis":
        return EMPTY
    try:
        server_of(site, system, spec.service)
    except ActionError as error:
        return clean(str(error))
    return EMPTY


def _create_offers(site: Site) -> tuple[Offer, ...]:
    offers: list[Offer] = []
    for system in site.topology.systems:
        sets = site.operations_of(system.name).backups
        offers += [
            Offer(
                "backup.create", f"{system.name}/{one.name}",
                _title("Copy", one), reason_against(one) or _no_server(site, system.name, one),
            )
            for one in sets
        ]  # fmt: skip
        if len(sets) > 1 and not any(one.name == ALL for one in sets):
            title = clean(f"Copy everything of {system.title}: {len(sets)} sets")
            offers.append(Offer("backup.create", f"{system.name}/{ALL}", title))
    return tuple(offers)


def _verify_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("backup.verify", f"{system.name}/{one.name}", _title("Verify", one))
        for system in site.topology.systems
        for one in site.operations_of(system.name).backups
    )


def _expire_offers(site: Site) -> tuple[Offer, ...]:
    no_term = SafeText("no term is configured: set backups.….keep")
    return tuple(
        Offer(
            "backup.expire", f"{system.name}/{one.name}", _title("Delete old backups of", one),
            EMPTY if one.keep_s is not None else no_term,
        )
        for system in site.topology.systems
        for one in site.operations_of(system.name).backups
    )  # fmt: skip


def _send_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "backup.send", f"{system.name}/{one.name}", _title("Send away", one),
            reason_against_send(one),
        )
        for system in site.topology.systems
        for one in site.operations_of(system.name).backups
    )  # fmt: skip


async def backup_views(site: Site, systems: tuple[str, ...] = ()) -> tuple[BackupSetView, ...]:
    """Return every set of some systems, or of all, with its copies; looks only.

    Raises:
        ClientError: a folder cannot be looked into.
    """
    now_s = site.ports.clock.now().timestamp()
    wanted = [
        (system.name, spec)
        for system in site.topology.systems
        if not systems or system.name in systems
        for spec in site.operations_of(system.name).backups
    ]
    has_cron = any(spec.schedule or spec.schedule_line for _, spec in wanted)
    tables = await read_crontabs(site.ports) if has_cron else NO_TABLES
    return tuple(
        [
            view_of(system, spec, await copies_of(site, system, spec), now_s, tables)
            for system, spec in wanted
        ]
    )


ACTIONS: tuple[Action, ...] = (
    Action("backup.create", "Make a backup", "copy", Danger.COPY, _create_offers, draft_create),
    Action(
        "backup.verify", "Verify a backup", "verify", Danger.READ,
        _verify_offers, draft_verify, (_COPY,),
    ),
    Action(
        "backup.expire", "Delete old backups", "expire", Danger.DESTROY,
        _expire_offers, draft_expire,
    ),
    Action(
        "backup.send", "Send a backup away", "send", Danger.CHANGE,
        _send_offers, draft_send, (_COPY,),
    ),
)  # fmt: skip
