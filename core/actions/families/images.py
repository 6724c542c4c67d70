"""`image.rollback`: a container of an older image; `service.rollback`: Swarm's own way back."""

from core.actions.action import (
    Action,
    Draft,
    DraftProof,
    DraftStep,
    DraftTrait,
    Input,
    Offer,
    Site,
)
from core.actions.evidence import ContainerRuns
from core.actions.families.images_steps import (
    MakeInstead,
    NameInstead,
    PutAside,
    RemoveOld,
    StartInstead,
    kept_name,
    new_name,
)
from core.actions.families.images_swarm import swarm_rollback_draft
from core.actions.families.services_container_steps import BESIDE_STOP_S, StopContainer
from core.actions.families.services_containers import Found, found_container, ids_of
from core.actions.families.services_draft import (
    dependents_line,
    health,
    no_loop,
    passed,
    stop_flight,
    warning,
)
from core.actions.service_traits import ContainerTrait, ImageTrait
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Preflight, Target
from core.model.text import EMPTY, SafeText, clean
from core.model.topology import ComposeService, DockerContainer, ServiceSpec, SwarmService

_MAKE_S = 130.0
_SHOWN = 8


def repository_of(reference: str) -> str:
    """Return an image's name without tag and digest; empty for a bare id."""
    name = reference.partition("@")[0]
    if name.startswith("sha256:"):
        return ""
    head, colon, tail = name.rpartition(":")
    return name if not colon or "/" in tail else head


async def _draft(site: Site, request: ActionRequest) -> Draft:
    service = site.service(request.target)
    runs = service.runs_as
    if not isinstance(runs, ComposeService | DockerContainer):
        raise ActionError(f"{request.target} is no container: it has no image to go back to")
    name = runs.container if isinstance(runs, DockerContainer) else runs.service
    try:
        ids = await ids_of(site, runs)
        found = [await found_container(site, one) for one in ids]
    except ClientError as error:
        return _refused(clean(name), stop_flight("engine", str(error)))
    if len(found) != 1:
        text = f"{name} has {len(found)} containers: an image is put back one container at a time"
        return _refused(clean(name), stop_flight("containers", text, "scale it to one first"))
    one = found[0]
    others = await _others(site, one)
    wanted = request.input("image")
    try:
        image_id = await _chosen(site, one, others, wanted)
    except ClientMissing as error:
        return _refused(clean(one.make.name), _no_image(error, one, others))
    return await _rollback(site, service, one, image_id, wanted)


def _refused(name: SafeText, flight: Preflight) -> Draft:
    return Draft(
        title=clean(f"put an older image of {name} back"),
        targets=(Target("container", name, clean(f"container {name}")),),
        steps=(),
        preflight=(flight,),
    )


async def _others(site: Site, one: Found) -> tuple[tuple[str, str, float], ...]:
    """Return the other images of its repository that are here, newest first."""
    repository = repository_of(one.make.image_name)
    listed = await site.ports.engine.images(repository) if repository else ()
    return tuple(image for image in listed if image[0] != one.make.image_id)


async def _chosen(
    site: Site, one: Found, others: tuple[tuple[str, str, float], ...], wanted: str
) -> str:
    """Return the image to go back to.

    Raises:
        ClientMissing: it is not here.
    """
    if wanted:
        return await site.ports.engine.image_digest(wanted)
    repository = repository_of(one.make.image_name)
    everything = await site.ports.engine.images(repository) if repository else ()
    made_s = next((image[2] for image in everything if image[0] == one.make.image_id), None)
    for image_id, _, when_s in others:
        if made_s is None or when_s <= made_s:
            return image_id
    raise ClientMissing("no older image of it is here")


def _no_image(
    error: ClientMissing, one: Found, others: tuple[tuple[str, str, float], ...]
) -> Preflight:
    here = ", ".join(f"{tags or 'no tag'} ({image[7:19]})" for image, tags, _ in others[:_SHOWN])
    text = f"{error}; here are: {here or 'none'}; it runs {one.make.image_id[7:19]}"
    return stop_flight("image", text, "--set image=NAME:TAG, or pull it first")


async def _rollback(
    site: Site, service: ServiceSpec, one: Found, image_id: str, wanted: str
) -> Draft:
    make, name = one.make, one.make.name
    checks, now = await health(site, service)
    reference = wanted or image_id
    return Draft(
        title=clean(f"put image {image_id[7:19]} back in container {name}"),
        targets=(one.target,),
        steps=_steps(one, image_id),
        traits=(
            DraftTrait(one.target.title, ContainerTrait(name)),
            DraftTrait(clean(f"image {reference[:40]}"), ImageTrait(reference)),
        ),
        proofs=(
            DraftProof(SafeText("it runs, of that image"), ContainerRuns(name, "", image_id)),
            *checks,
            no_loop("container", name, checks),
        ),
        radius=(
            clean(
                f"1 container is made anew: {name}, image {make.image_id[7:19]} → {image_id[7:19]}"
            ),
            clean(f"{len(make.mounts)} mounts and {len(make.networks)} networks stay as they are"),
            *dependents_line(site, service),
        ),
        preflight=(*await _flights(site, one, image_id), *now),
        preview=(
            clean(f"now   {make.image_id}  {make.image_name}"),
            clean(f"then  {image_id}"),
            clean(f"kept  {kept_name(name, make.id)} until it has proven to work"),
        ),
        locks=_locks(service),
        downtime=clean(f"up to {make.stop_timeout_s:g} s to stop, then until it answers again"),
        way_back=clean(
            "the old container has its name back and runs, until commit; its image stays"
        ),
        estimate_s=30.0,
    )


def _locks(service: ServiceSpec) -> tuple[str, ...]:
    runs = service.runs_as
    return (f"compose:{runs.project}",) if isinstance(runs, ComposeService) else ()


def _steps(one: Found, image_id: str) -> tuple[DraftStep, ...]:
    make, name, old = one.make, one.make.name, one.make.id
    deadline_s = make.stop_timeout_s + BESIDE_STOP_S
    stop = DraftStep(
        clean(f"stop {name}"), StopContainer(old, make.stop_timeout_s), deadline_s,
        undo=SafeText("it is started"),
    )  # fmt: skip
    return (
        DraftStep(
            clean(f"make {new_name(name, old)} of image {image_id[7:19]}"),
            MakeInstead(name, old, image_id), _MAKE_S, undo=SafeText("it is removed"),
        ),
        *(() if one.is_stopped else (stop,)),
        DraftStep(
            clean(f"keep the old one as {kept_name(name, old)}"), PutAside(name, old), 30.0,
            undo=SafeText("it has its name back"),
        ),
        DraftStep(
            clean(f"call the new one {name}"), NameInstead(name, old), 30.0,
            undo=SafeText("it loses that name"),
        ),
        DraftStep(
            clean(f"start {name}"), StartInstead(name, old, make.stop_timeout_s), deadline_s,
            undo=SafeText("it is stopped"),
        ),
        DraftStep(
            clean(f"remove {kept_name(name, old)}"), RemoveOld(name, old), _MAKE_S,
            is_irreversible=True, is_after_proof=True,
        ),
    )  # fmt: skip


async def _flights(site: Site, one: Found, image_id: str) -> tuple[Preflight, ...]:
    make, name = one.make, one.make.name
    flights = [passed("image", f"{image_id[7:19]} is here; nothing is pulled")]
    if image_id == make.image_id:
        flights.append(stop_flight("image", "it runs that image already: nothing to do"))
    if make.is_auto_removed:
        text = f"{name} was made with --rm: it would be gone once stopped, with no way back"
        flights.append(stop_flight("removed", text, "make it without --rm"))
    for left in (kept_name(name, make.id), new_name(name, make.id)):
        try:
            await site.ports.engine.find(left)
        except ClientMissing:
            continue
        text = f"{left} is there: an earlier attempt left it"
        flights.append(stop_flight("leftover", text, f"docker rm {left}, after a look at it"))
    if make.anonymous_volumes:
        text = f"{', '.join(make.anonymous_volumes)}: the new container has the same volumes"
        flights.append(passed("volumes", text))
    if make.label("com.docker.compose.project"):
        text = f"compose's files still name {make.image_name}: the next `up` goes forward again"
        flights.append(warning("compose", text, "set the older tag there as well"))
    return tuple(flights)


def _offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "image.rollback",
            f"{system.name}/{one.id.service}",
            clean(f"Put an older image of {one.title or one.id.service} back"),
        )
        for system in site.topology.systems
        for one in system.services
        if isinstance(one.runs_as, ComposeService | DockerContainer)
    )


def _swarm_offers(site: Site) -> tuple[Offer, ...]:
    return tuple(
        Offer(
            "service.rollback",
            f"{system.name}/{one.id.service}",
            clean(f"Roll {one.title or one.id.service} back"),
            EMPTY,
        )
        for system in site.topology.systems
        for one in system.services
        if isinstance(one.runs_as, SwarmService)
    )


ACTIONS: tuple[Action, ...] = (
    Action(
        "image.rollback",
        "Put an older image back",
        "rollback",
        Danger.INTERRUPT,
        _offers,
        _draft,
        (Input("image", "name:tag or id of an image that is here; none: the one before"),),
    ),
    Action(
        "service.rollback",
        "Roll a Swarm service back",
        "rollback",
        Danger.INTERRUPT,
        _swarm_offers,
        swarm_rollback_draft,
    ),
)
