"""From a wish for a new secret to the draft: where it stands, who reads it, what then ends."""

from dataclasses import dataclass

from core.actions.action import Draft, DraftProof, DraftStep, DraftTrait, Site
from core.actions.families.files_edit import (
    NONE,
    Wish,
    file_flights,
    readers_for,
    real_path,
    room_flight,
)
from core.actions.families.files_steps import facts_of
from core.actions.families.secret_steps import KEPT_OLD, RotateSecret, SecretStays, rotated
from core.actions.families.secret_tokens import SUBJECT, TokensTried, try_now
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import new_result
from core.actions.traits import FileTrait
from core.clients.acting.files import FileFacts
from core.errors import ActionError
from core.keys.secrets.names import has_url_secret, is_signing, provider_of
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.env_text import is_secret_name, masked_diff, parse_env
from core.model.key_spec import TokenSpec
from core.model.operation import EnvFileSpec, OperationsSpec
from core.model.text import EMPTY, SafeText, clean

_SIZE_BYTES = 32


@dataclass(frozen=True, slots=True)
class _File:
    """One file that holds the secret."""

    path: str
    facts: FileFacts
    old: bytes


def reason_against(name: str, operations: OperationsSpec) -> str:
    """Return why a secret is not made here; empty: it is."""
    if any(one.secret_variable == name for one in operations.tokens):
        return ""
    if provider := provider_of(name):
        return (
            f"{name} comes from {provider.name}: make a new one there ({provider.make}), enter it"
            f" with secret.set, then end the old one: {provider.revoke}"
        )
    if not is_signing(name):
        return (
            f"{name} is known to another side too, such as a database: change it there and enter"
            " it with secret.set"
        )
    return ""


def variable_of(request: ActionRequest, spec: EnvFileSpec, operations: OperationsSpec) -> str:
    """Return the variable that is meant.

    Raises:
        ActionError: none is named, and the configuration does not say which it may be.
    """
    name = request.input("name") or request.input("variable")
    own = [one.secret_variable for one in operations.tokens if one.env_file == spec.name]
    if not name and len(own) != 1:
        raise ActionError("name the secret: --set name=VARIABLE")
    return name or own[0]


async def draft_rotation(
    site: Site, system: str, spec: EnvFileSpec, request: ActionRequest
) -> Draft:
    """Return the draft of a new random value.

    Raises:
        ActionError: it is not made here, or cannot be written.
        ClientError: a file or a service cannot be looked at.
    """
    operations = site.operations_of(system)
    name = variable_of(request, spec, operations)
    if reason := reason_against(name, operations):
        raise ActionError(clean(reason))
    tokens = next((one for one in operations.tokens if one.secret_variable == name), None)
    previous = tokens.previous_variable if tokens else ""
    size_bytes = tokens.secret_bytes if tokens else _SIZE_BYTES
    apply = spec.apply if request.input("apply", "yes") == "yes" else NONE
    wish = Wish(system, spec.path, spec, services=spec.read_by, apply=apply, has_copy=False)
    files, flights = await _files(site, wish, name)
    readers = await readers_for(site, wish)
    steps = tuple(_step(site, one, name, previous, size_bytes) for one in files)
    proofs, tried = await _token_proofs(site, files, tokens, request, is_read=apply != NONE)
    return Draft(
        title=clean(f"make a new {name} in {', '.join(one.path for one in files) or spec.path}"),
        targets=(
            *(Target("file", one.path, clean(one.path)) for one in files),
            *readers.targets,
        ) or (Target("file", spec.path, clean(spec.path)),),
        steps=(*readers.before, *steps, *readers.after),
        traits=(
            *(DraftTrait(clean(f"file {one.path}"), FileTrait(one.path)) for one in files),
            *readers.traits,
        ),
        proofs=(*(_stays(one) for one in files), *readers.proofs, *proofs),
        radius=(*_radius(name, tokens, apply, spec), *readers.radius),
        preflight=(*flights, *readers.preflight, *tried),
        preview=_preview(files, name, previous, size_bytes),
        locks=tuple(dict.fromkeys(readers.locks)),
        downtime=clean("; ".join(readers.downtime)) if readers.downtime else EMPTY,
        way_back=clean(
            f"the old value is kept in the action's folder: secret.set with its backup/{KEPT_OLD}"
            " puts it back"
        ),
        danger=Danger.INTERRUPT,
        backup_bytes=sum(2 * len(one.old) for one in files),
        estimate_s=15.0 + readers.estimate_s,
        called=name,
    )  # fmt: skip


async def _files(site: Site, wish: Wish, name: str) -> tuple[tuple[_File, ...], list[Preflight]]:
    """Return the file that services read, and those beside it that hold the same value."""
    root = site.operations_of(wish.system).root
    path = await real_path(site, wish.path, root)
    facts = await facts_of(site.ports, path)
    flights = file_flights(wish, path, facts)
    if facts is None:
        return (), flights
    old = await site.ports.files.read(path)
    value = parse_env(old).values().get(name, "")
    if not value:
        flights.append(warning("secret", f"{name} is not set in {path}: it is added"))
    if has_url_secret(value):
        flights.append(stop_flight("secret", f"{name} is an address, not a random value"))
    flights.append(await room_flight(site, path, 2 * len(old)))
    files = [_File(path, facts, old)]
    for also in wish.spec.also if isinstance(wish.spec, EnvFileSpec) else ():
        beside = await real_path(site, also, root)
        found = await facts_of(site.ports, beside)
        if found is None or beside == path:
            continue
        data = await site.ports.files.read(beside)
        other = parse_env(data).values().get(name)
        if other and other == value:
            files.append(_File(beside, found, data))
            flights += file_flights(wish, beside, found)
        elif other is not None:
            text = f"{beside} has another {name} already; it is left as it is"
            flights.append(warning("copies", text))
    return tuple(files), flights


def _step(site: Site, one: _File, name: str, previous: str, size_bytes: int) -> DraftStep:
    step = RotateSecret(
        one.path, one.facts.sha256, name, previous, size_bytes, new_result(site.ports)
    )
    title = clean(f"write a new {name} into {one.path}")
    return DraftStep(title, step, undo=SafeText("the bytes from before are put back"))


def _stays(one: _File) -> DraftProof:
    looks = (one.facts.mode, one.facts.uid, one.facts.gid)
    return DraftProof(
        clean(f"{one.path} is read again for two seconds"), SecretStays(one.path, looks)
    )


async def _token_proofs(
    site: Site,
    files: tuple[_File, ...],
    tokens: TokenSpec | None,
    request: ActionRequest,
    *,
    is_read: bool,
) -> tuple[tuple[DraftProof, ...], tuple[Preflight, ...]]:
    if tokens is None or not tokens.identity or not files:
        text = "no identity address is configured: that old tokens end is not tried"
        return (), (warning("tokens", text),)
    if not is_read:
        return (), (warning("tokens", "nobody is restarted: the old secret goes on counting"),)
    main, subject = files[0], request.input("subject", SUBJECT)
    old = parse_env(main.old).values().get(tokens.secret_variable, "")
    is_telling, flight = False, passed("tokens", "there is no old secret to try")
    if old:
        is_telling, flight = await try_now(site.ports, tokens, old, subject)
    evidence = TokensTried(
        main.path, tokens.secret_variable, tokens.identity, tokens.algorithm, subject,
        is_old_good=bool(tokens.previous_variable), is_telling=is_telling,
    )  # fmt: skip
    words = "accepted too" if tokens.previous_variable else "refused"
    title = clean(f"a token of the new secret is accepted, one of the old is {words}")
    return (DraftProof(title, evidence),), (flight,)


def _radius(
    name: str, tokens: TokenSpec | None, apply: str, spec: EnvFileSpec
) -> tuple[SafeText, ...]:
    lines: list[str] = []
    if apply == NONE:
        lines.append(f"{', '.join(spec.read_by) or 'its service'} goes on with the old {name}")
    elif tokens and tokens.previous_variable:
        previous = tokens.previous_variable
        lines.append(f"what the old {name} signed stays good: it goes to {previous}")
        lines.append(f"the value that is in {previous} now ends")
    else:
        lines.append(f"all sessions and tokens that {name} signed end: everybody logs in again")
    if tokens and tokens.note:
        lines.append(tokens.note)
    return tuple(clean(one) for one in lines)


def _preview(
    files: tuple[_File, ...], name: str, previous: str, size_bytes: int
) -> tuple[SafeText, ...]:
    """Return what changes, by the same code with another value in its place."""
    hidden = {name, previous}
    lines: list[SafeText] = []
    for one in files:
        new = rotated(one.old, name, previous, "0" * (2 * size_bytes))
        lines += masked_diff(
            one.old, new, one.path, lambda word: word in hidden or is_secret_name(word)
        )
    return tuple(lines)
