"""Files of a system: env files, configuration files, values that are set together, folders."""

from collections.abc import Callable

from core.actions.action import Action, Draft, Input, Offer, Site
from core.actions.families.files_edit import NONE, Wish, draft_edit
from core.actions.families.files_folders import FOLDER_ACTIONS
from core.actions.families.files_installs import INSTALL_ACTIONS
from core.actions.families.files_steps import FILE
from core.actions.families.redis_config import draft_settings, redis_server
from core.errors import ActionError
from core.model.action import ActionRequest, Danger
from core.model.env_text import is_secret_name
from core.model.operation import ConfigFileSpec, EnvFileSpec, TuningSpec
from core.model.text import EMPTY, SafeText, clean
from core.redis.servers import redis_checks

_UNSET, _TEXT, _APPLY, _COPY = "unset", "text", "apply", "copy"
_OWN = frozenset({_UNSET, _APPLY, _COPY})
_YES, _NO = "yes", "no"
_HOW = (
    Input(_APPLY, "have the services read it", _YES, choices=(_YES, _NO)),
    Input(_COPY, "leave a dated copy beside it", _YES, choices=(_YES, _NO)),
)
_TEXT_INPUT = Input(_TEXT, "the new text: file:/path of a private file", is_required=True)


def _env_file(site: Site, target: str) -> tuple[str, EnvFileSpec]:
    system, _, name = target.partition("/")
    files = site.operations_of(site.system(system).name).env_files
    for one in files:
        if one.name == name:
            return system, one
    raise ActionError(_none_such(system, "env file", name, tuple(one.name for one in files)))


def _config_file(site: Site, target: str) -> tuple[str, ConfigFileSpec]:
    system, _, name = target.partition("/")
    files = site.operations_of(site.system(system).name).config_files
    for one in files:
        if one.name == name and not one.path.endswith("/"):
            return system, one
    raise ActionError(
        _none_such(system, "configuration file", name, tuple(one.name for one in files))
    )


def _none_such(system: str, what: str, name: str, known: tuple[str, ...]) -> str:
    return f"{system} has no {what} {clean(name)!r}; it has: {', '.join(known) or 'none'}"


def _applied(request: ActionRequest, configured: str) -> str:
    return configured if request.input(_APPLY, _YES) == _YES else NONE


async def _set(site: Site, request: ActionRequest) -> Draft:
    system, spec = _env_file(site, request.target)
    values = tuple((name, value) for name, value in request.inputs if name not in _OWN)
    removed = tuple(filter(None, request.input(_UNSET).split(",")))
    if not values and not removed:
        raise ActionError("nothing to set: name variables as NAME=value, or unset=NAME")
    hidden = {one.name for one in spec.variables if one.is_secret}
    for name, value in values:
        if (name in hidden or is_secret_name(name)) and value and not value.startswith(FILE):
            raise ActionError(
                f"{clean(name)} is a secret: give it as {clean(name)}=file:/path of a private file"
            )
    wish = Wish(
        system, spec.path, spec, values, removed, services=spec.read_by,
        apply=_applied(request, spec.apply), has_copy=request.input(_COPY, _YES) == _YES,
    )  # fmt: skip
    names = ", ".join((*(name for name, _ in values), *(f"no {name}" for name in removed)))
    return await draft_edit(site, wish, clean(f"set {names} in {spec.path}"))


async def _edit_env(site: Site, request: ActionRequest) -> Draft:
    system, spec = _env_file(site, request.target)
    return await _edit(site, request, system, spec)


async def _edit_config(site: Site, request: ActionRequest) -> Draft:
    system, spec = _config_file(site, request.target)
    return await _edit(site, request, system, spec)


async def _edit(
    site: Site, request: ActionRequest, system: str, spec: EnvFileSpec | ConfigFileSpec
) -> Draft:
    text = request.input(_TEXT)
    if not text.startswith(FILE):
        raise ActionError("the new text is handed over as text=file:/path, in a private file")
    wish = Wish(
        system, spec.path, spec, source=text.removeprefix(FILE), services=spec.read_by,
        apply=_applied(request, spec.apply), has_copy=request.input(_COPY, _YES) == _YES,
    )  # fmt: skip
    return await draft_edit(site, wish, clean(f"change {spec.path}"))


def _profile(site: Site, target: str) -> tuple[str, TuningSpec]:
    system, _, name = target.partition("/")
    profiles = site.operations_of(site.system(system).name).tuning
    for one in profiles:
        if one.name == name:
            return system, one
    raise ActionError(_none_such(system, "tuning", name, tuple(one.name for one in profiles)))


def _against(site: Site, system: str, profile: TuningSpec) -> SafeText:
    has_redis = any(one.startswith(f"{system}/") for one in redis_checks(site.topology))
    if profile.redis and not has_redis:
        return SafeText("it sets Redis's own values, and the system has no Redis with an address")
    if profile.redis and profile.values:
        return SafeText("it sets values of Redis and of a file: they are two, apply them apart")
    if not profile.redis and not (profile.env_file and profile.values):
        return SafeText("it is set where the service is started: no env file is named")
    return EMPTY


async def _tune(site: Site, request: ActionRequest) -> Draft:
    system, profile = _profile(site, request.target)
    if reason := _against(site, system, profile):
        raise ActionError(f"{profile.name}: {reason}{f'; {profile.note}' if profile.note else ''}")
    if profile.redis:
        server, title = redis_server(site, f"{system}/"), profile.title or profile.name
        return await draft_settings(site, server, profile.redis, f"apply {title} to {server}")
    _, spec = _env_file(site, f"{system}/{profile.env_file}")
    wish = Wish(
        system, spec.path, spec, profile.values, services=profile.services or spec.read_by,
        apply=_applied(request, spec.apply), has_copy=request.input(_COPY, _YES) == _YES,
    )  # fmt: skip
    return await draft_edit(
        site, wish, clean(f"apply {profile.title or profile.name} to {spec.path}")
    )


def _offer_env(action: str, verb: str) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(action, f"{system}/{one.name}", clean(f"{verb} {one.title or one.path}"))
            for system, operations in site.operations.items()
            for one in operations.env_files
        )

    return offers


def _offer_config(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("config.edit", f"{system}/{one.name}", clean(f"Edit {one.title or one.path}"))
        for system, operations in site.operations.items()
        for one in operations.config_files
        if not one.path.endswith("/")
    )


def _offer_tuning(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "tuning.apply",
            f"{system}/{one.name}",
            clean(f"Apply {one.title or one.name}"),
            _against(site, system, one),
        )
        for system, operations in site.operations.items()
        for one in operations.tuning
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "env.set", "Set variables in an env file", "set", Danger.INTERRUPT,
        _offer_env("env.set", "Set variables in"), _set,
        (Input("*", "NAME=value, or NAME=file:/path for a secret"),
         Input(_UNSET, "variables to remove, with commas"), *_HOW),
    ),
    Action(
        "env.edit", "Edit an env file", "edit", Danger.INTERRUPT,
        _offer_env("env.edit", "Edit"), _edit_env, (_TEXT_INPUT, *_HOW),
    ),
    Action(
        "config.edit", "Edit a configuration file", "edit", Danger.INTERRUPT,
        _offer_config, _edit_config, (_TEXT_INPUT, *_HOW),
    ),
    Action(
        "tuning.apply", "Set values that belong together", "tune", Danger.INTERRUPT,
        _offer_tuning, _tune, _HOW,
    ),
    *FOLDER_ACTIONS,
    *INSTALL_ACTIONS,
)  # fmt: skip
