"""Secrets that are made here, that a provider made, or that go into a private file.

None of them is in a plan, a journal or a record: the executor makes it, or reads it from a file.
"""

from collections.abc import Callable

from core.actions.action import Action, Draft, DraftProof, DraftStep, DraftTrait, Input, Offer, Site
from core.actions.families.files_steps import FILE, facts_of
from core.actions.families.secret_rotate import draft_rotation
from core.actions.families.secret_set import draft_setting
from core.actions.families.secret_steps import IsRandomHex, MakeSecretFile
from core.actions.families.secret_tokens import SUBJECT
from core.actions.families.services_draft import passed, stop_flight
from core.actions.results import new_result
from core.actions.traits import FileTrait
from core.errors import ActionError
from core.keys.secrets.names import is_secret_variable, is_signing, provider_of
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.operation import EnvFileSpec, OperationsSpec
from core.model.text import SafeText, clean

_LEAST_BYTES, _MOST_BYTES = 16, 1024
_APPLY = Input("apply", "have the services read it", "yes", choices=("yes", "no"))


def _env_file(site: Site, target: str) -> tuple[str, EnvFileSpec]:
    """Return the env file that a target names.

    Raises:
        ActionError: the system has none of that name.
    """
    system, _, name = target.partition("/")
    files = site.operations_of(site.system(system).name).env_files
    for one in files:
        if one.name == name:
            return system, one
    known = ", ".join(one.name for one in files) or "none"
    raise ActionError(f"{system} has no env file {clean(name, 80)!r}; it has: {known}")


async def _rotate(site: Site, request: ActionRequest) -> Draft:
    return await draft_rotation(site, *_env_file(site, request.target), request)


async def _set(site: Site, request: ActionRequest) -> Draft:
    return await draft_setting(site, *_env_file(site, request.target), request)


def _size_bytes(request: ActionRequest) -> int:
    text = request.input("bytes", "32")
    if not text.isdecimal() or not _LEAST_BYTES <= int(text[:6]) <= _MOST_BYTES:
        raise ActionError(f"bytes is a number from {_LEAST_BYTES} to {_MOST_BYTES}")
    return int(text)


def _new_path(site: Site, request: ActionRequest) -> str:
    """Return where the value goes: the file that is named, or a new one of the console's own."""
    to = request.input("to").removeprefix(FILE)
    if to and not to.startswith("/"):
        raise ActionError(f"a new file is named from / on, not {clean(to, 80)!r}")
    return to or new_result(site.ports).removesuffix(".json") + ".secret"


async def _generate(site: Site, request: ActionRequest) -> Draft:
    _env_file(site, request.target)
    size_bytes, path = _size_bytes(request), _new_path(site, request)
    name = request.input("variable") or request.input("name") or "a secret"
    flights: list[Preflight] = [passed("value", f"{size_bytes} random bytes of this machine")]
    if await facts_of(site.ports, path) is not None:
        flights.append(stop_flight("file", f"{path} is there already and is never written over"))
    if provider := provider_of(name):
        text = f"{clean(name, 80)} comes from {provider.name}, not from a random number"
        flights.append(stop_flight("provider", text, f"make it there: {provider.make}"))
    title = clean(f"write a new random value for {name} into {path}")
    return Draft(
        title=title,
        targets=(Target("file", path, clean(path)),),
        steps=(DraftStep(title, MakeSecretFile(path, size_bytes), undo=SafeText("it is removed")),),
        traits=(DraftTrait(clean(f"file {path}"), FileTrait(path)),),
        proofs=(DraftProof(SafeText("it is read again"), IsRandomHex(path, size_bytes)),),
        radius=(clean(f"1 new file: {path}, 0600; nothing uses it yet"),),
        preflight=tuple(flights),
        way_back=SafeText("the file is removed"),
        called=request.target.rpartition("/")[2],
    )


Names = Callable[[OperationsSpec, EnvFileSpec], tuple[str, ...]]


def _ours(operations: OperationsSpec, spec: EnvFileSpec) -> tuple[str, ...]:
    """Return the variables of a file that are made here."""
    own = {one.secret_variable for one in operations.tokens if one.env_file == spec.name}
    return tuple(
        dict.fromkeys((*own, *(one.name for one in spec.variables if is_signing(one.name))))
    )


def _others(operations: OperationsSpec, spec: EnvFileSpec) -> tuple[str, ...]:
    """Return the secrets of a file that somebody else makes."""
    ours = _ours(operations, spec)
    return tuple(
        one.name
        for one in spec.variables
        if (one.is_secret or is_secret_variable(one.name)) and one.name not in ours
    )


def _offers(
    action: str, verb: str, names: Names, more: tuple[Input, ...]
) -> Callable[[Site], tuple[Offer, ...]]:
    def offers(site: Site) -> tuple[Offer, ...]:
        return tuple(
            Offer(
                action,
                f"{system}/{spec.name}",
                clean(f"{verb} {name} in {spec.title or spec.path}"),
                inputs=(Input("name", "variable", name, is_required=True), *more),
            )
            for system, operations in site.operations.items()
            for spec in operations.env_files
            for name in names(operations, spec)
        )

    return offers


def _offer_files(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer("secret.generate", f"{system}/{spec.name}", clean(f"Generate a secret for {system}"))
        for system, operations in site.operations.items()
        for spec in operations.env_files
    )


_SUBJECT = Input("subject", "whom tokens for trying belong to", SUBJECT)
_VALUE = Input("value", "the new value: file:/path of a private file", is_required=True)
_NAME = Input("name", "variable")

ACTIONS: tuple[Action, ...] = (
    Action(
        "secret.rotate", "Make a new secret and end the old one", "rotate", Danger.INTERRUPT,
        _offers("secret.rotate", "Rotate", _ours, (_APPLY, _SUBJECT)), _rotate,
        (_NAME, _APPLY, _SUBJECT),
    ),
    Action(
        "secret.set", "Enter a secret that its provider made", "set", Danger.INTERRUPT,
        _offers("secret.set", "Enter", _others, (_VALUE, _APPLY)), _set, (_NAME, _VALUE, _APPLY),
    ),
    Action(
        "secret.generate", "Write a random value into a new private file", "generate", Danger.COPY,
        _offer_files, _generate,
        (Input("bytes", "random bytes", "32"), Input("to", "new file: file:/path; empty: our own"),
         Input("variable", "what it is for")),
    ),
)  # fmt: skip
