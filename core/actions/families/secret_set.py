"""`secret.set`: a value that its provider made, from a private file, and what to do there."""

from dataclasses import replace

from core.actions.action import Draft, Site
from core.actions.families.files_edit import NONE, Wish, draft_edit
from core.actions.families.files_steps import FILE, plain_value
from core.actions.families.services_draft import passed, stop_flight, warning
from core.errors import ActionError, ClientError
from core.keys.secrets.judging import judge_value
from core.keys.secrets.names import provider_of
from core.model.action import ActionRequest, Preflight
from core.model.operation import EnvFileSpec
from core.model.secret import Secret
from core.model.text import SafeText, clean


async def draft_setting(
    site: Site, system: str, spec: EnvFileSpec, request: ActionRequest
) -> Draft:
    """Return the draft of a value that is handed over.

    Raises:
        ActionError: it is not handed over in a file, or cannot be written.
        ClientError: a file or a service cannot be looked at.
    """
    name, value = request.input("name"), request.input("value")
    if not name:
        raise ActionError("name the secret: --set name=VARIABLE")
    if not value.startswith(FILE):
        raise ActionError(
            "the value is handed over as value=file:/path, in a private file; `quarterdeck secrets"
            " --enter /path` makes one without showing it"
        )
    apply = spec.apply if request.input("apply", "yes") == "yes" else NONE
    wish = Wish(
        system, spec.path, spec, ((name, value),), services=spec.read_by, apply=apply,
        has_copy=False,
    )  # fmt: skip
    draft = await draft_edit(site, wish, clean(f"set {name} in {spec.path}"))
    return replace(
        draft,
        preflight=(*draft.preflight, *await _flights(site, name, value)),
        radius=(*draft.radius, *_guidance(name)),
        way_back=SafeText(
            "the old file is kept in the action's folder: env.edit puts it back, for as long as"
            " the provider accepts the old value"
        ),
        called=name,
    )


async def _flights(site: Site, name: str, value: str) -> tuple[Preflight, ...]:
    """Return what is wrong with the value, in words without it."""
    try:
        plain = await plain_value(site.ports, value)
    except ClientError as error:
        return (stop_flight("value", str(error)),)
    if not plain.strip():
        return (stop_flight("value", "the file is empty"),)
    if plain != plain.strip() or "\n" in plain:
        return (stop_flight("value", "blanks or several lines: this is no key of a provider"),)
    wrong, notes = judge_value(name, Secret(plain), site.ports.clock.now().timestamp())
    found = [warning("value", one) for one in wrong]
    words = "; ".join(notes) or f"{len(plain)} characters"
    return (*found, passed("value", words))


def _guidance(name: str) -> tuple[SafeText, ...]:
    provider = provider_of(name)
    if provider is None:
        return (SafeText("whoever else uses it has to learn of it too"),)
    return (
        clean(f"made at {provider.name}: {provider.make}"),
        clean(f"once this is verified, end the old one: {provider.revoke}"),
    )
