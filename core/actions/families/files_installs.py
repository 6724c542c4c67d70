"""`nginx.install`, `grafana.import`: files of a system that another program has to get."""

import json
import posixpath
from typing import Any, cast

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Input, Offer, Site
from core.actions.families.files_checks import check_config
from core.actions.families.files_edit import real_path
from core.actions.families.files_readers import CommandOnFiles, CommandSays
from core.actions.families.files_steps import CreateFile, EditFile, FileHolds, facts_of
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.traits import FileTrait
from core.actions.work import digest
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.env_text import diff_lines
from core.model.masking import mask_text
from core.model.operation import ConfigFileSpec
from core.model.text import SafeText, clean, clean_lines

_TEST, _RELOAD = ("nginx", "-t"), ("nginx", "-s", "reload")
_TEST_SAYS = ("test is successful",)
_COMMAND_S = 30.0
_MODE = 0o644
_NGINX, _DASHBOARD = "nginx", "dashboard"


def _nginx_files(site: Site, system: str) -> tuple[ConfigFileSpec, ...]:
    files = site.operations_of(system).config_files
    return tuple(one for one in files if one.format == _NGINX)


async def _install(site: Site, request: ActionRequest) -> Draft:
    system, _, name = request.target.partition("/")
    files = {one.name: one for one in _nginx_files(site, site.system(system).name)}
    if name not in files:
        raise ActionError(f"{system} has no nginx file {clean(name)!r}; it has: {', '.join(files)}")
    source, to = files[name].path, request.input("to")
    if not to.startswith("/"):
        raise ActionError("to=/etc/nginx/… says where nginx reads it")
    ports = site.ports
    new = await ports.files.read(source)
    path = await real_path(site, to, posixpath.dirname(posixpath.dirname(to)))
    facts = await facts_of(ports, path)
    old = await ports.files.read(path) if facts else b""
    after = digest(new)
    step: EditFile | CreateFile = (
        EditFile(path, facts.sha256, after, source=source)
        if facts
        else CreateFile(path, source, after, _MODE)
    )
    flights = [*check_config(new, files[name]), *_nginx_flights(site)]
    if facts and facts.sha256 == after:
        flights.append(stop_flight("change", f"{path} is the same already"))
    back = SafeText("what was there before is put back, and read again")
    test = CommandOnFiles((step.change,), _TEST, deadline_s=_COMMAND_S, says=_TEST_SAYS)
    reload = CommandOnFiles((step.change,), _RELOAD, deadline_s=_COMMAND_S, is_needed_back=True)
    lines = [[clean(mask_text(line)) for line in clean_lines(data)] for data in (old, new)]
    return Draft(
        title=clean(f"install {posixpath.basename(source)} as {path}"),
        targets=(Target("file", path, clean(path)),),
        steps=(
            DraftStep(clean(f"write {path}"), step, undo=back),
            DraftStep(SafeText("nginx -t accepts it"), test, _COMMAND_S + 5.0, undo=back),
            DraftStep(SafeText("nginx -s reload"), reload, _COMMAND_S + 5.0, undo=back),
        ),
        traits=(
            DraftTrait(clean(f"file {path}"), FileTrait(path)),
            DraftTrait(clean(f"file {source}"), FileTrait(source)),
        ),
        proofs=(
            DraftProof(SafeText("read again for two seconds"), FileHolds(path, after)),
            DraftProof(
                SafeText("nginx -t"), CommandSays(_TEST, deadline_s=_COMMAND_S, says=_TEST_SAYS)
            ),
        ),
        radius=(clean(f"1 file; every site of this nginx is read again: {files[name].note}"),),
        preflight=tuple(flights),
        preview=diff_lines(lines[0], lines[1], path, is_same=old == new),
        locks=("program:nginx",),
        way_back=SafeText("the old file is kept, put back and read again"),
        backup_bytes=len(old) + len(new),
        estimate_s=5.0,
    )


def _nginx_flights(site: Site) -> tuple[Preflight, ...]:
    try:
        return (passed("nginx", site.ports.commands.which(_NGINX)),)
    except ClientMissing as error:
        return (stop_flight("nginx", str(error), "install it, or leave this step out"),)


def _offer_nginx(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("nginx.install", f"{system}/{one.name}", clean(f"Install {one.title or one.path}"))
        for system in site.operations
        for one in _nginx_files(site, system)
    )


def _dashboards(site: Site, system: str) -> tuple[ConfigFileSpec, ...]:
    files = site.operations_of(system).config_files
    return tuple(one for one in files if one.name.startswith(_DASHBOARD) and one.format == "json")


async def _import(site: Site, request: ActionRequest) -> Draft:
    """Look at the dashboards' files, and say how they get into Grafana: it is done there."""
    system = site.system(request.target.partition("/")[0]).name
    flights: list[Preflight] = []
    targets: list[Target] = []
    for one in _dashboards(site, system):
        targets.append(Target("file", one.path, clean(one.title or one.path)))
        flights.append(await _dashboard_flight(site, one))
    if not targets:
        raise ActionError(f"{system} configures no dashboard: a JSON file called {_DASHBOARD}…")
    files = ", ".join(one.id for one in targets)
    text = "this build holds no key of Grafana, so it imports nothing itself"
    remedy = f"in Grafana: Dashboards, New, Import, then each of {files}"
    return Draft(
        title=SafeText("import dashboards into Grafana"),
        targets=tuple(targets),
        steps=(),
        preflight=(*flights, stop_flight("grafana", text, remedy)),
    )


async def _dashboard_flight(site: Site, spec: ConfigFileSpec) -> Preflight:
    try:
        tree: Any = json.loads(await site.ports.files.read(spec.path))
    except ClientError as error:
        return warning("dashboard", f"{error}{f': {spec.note}' if spec.note else ''}")
    except (ValueError, RecursionError) as error:
        return warning("dashboard", f"{spec.path} is no JSON: {error}")
    title = cast("dict[str, object]", tree).get("title") if isinstance(tree, dict) else None
    if not isinstance(title, str):
        return warning("dashboard", f"{spec.path} has no title: no dashboard of Grafana's")
    return passed("dashboard", f"{spec.path}: {title}")


def _offer_grafana(site: Site) -> tuple[Offer, ...]:
    reason = SafeText("imported in Grafana itself; the plan checks the files and says how")
    return tuple(
        Offer("grafana.import", f"{system}/grafana", SafeText("Import the dashboards"), reason)
        for system in site.operations
        if _dashboards(site, system)
    )


INSTALL_ACTIONS: tuple[Action, ...] = (
    Action(
        "nginx.install", "Install an nginx configuration", "install", Danger.INTERRUPT,
        _offer_nginx, _install,
        (Input("to", "where nginx reads it, such as /etc/nginx/conf.d/api.conf",
               is_required=True),),
    ),
    Action(
        "grafana.import", "Import dashboards into Grafana", "import", Danger.CHANGE,
        _offer_grafana, _import,
    ),
)  # fmt: skip
