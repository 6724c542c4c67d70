"""`dlq.requeue` and `dlq.discard`: dead letters go back to where they died, or into a file."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from core.actions.action import Action, Draft, DraftProof, DraftStep, Input, Offer, Site
from core.actions.families.dlq_export import DiscardLetters, ExportLetters, LettersDiscarded
from core.actions.families.dlq_look import (
    Letter,
    Letters,
    dead_letters_of,
    left_out,
    letters_text,
    routed,
    select_letters,
)
from core.actions.families.dlq_steps import LettersSent, SendCanary, SendLetters
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.families.stream_look import (
    PART,
    Ground,
    counted,
    cut,
    duration_s,
    entries_text,
    parts_of,
    span,
)
from core.actions.results import forgetting, new_result
from core.clients.acting.redis_scripts import MOVE
from core.clients.keyspace.port import GroupFacts, StreamFacts
from core.clients.redis_errors import RedisSaid
from core.errors import ActionError, ClientError
from core.model.action import ActionRequest, Danger, Preflight
from core.model.redis_key import KeyName
from core.model.stream import EntryId
from core.model.text import SafeText, clean

_STEP_S = 60.0
_RATE_PER_S, _MOST_PER_S = 50.0, 1000.0
_WAIT_S = 10.0
_MANY = 1000
"""Letters at once that other readers of the target will feel."""


@dataclass(frozen=True, slots=True)
class _Goal:
    """A stream that letters go to."""

    key: KeyName
    facts: StreamFacts | None
    groups: tuple[GroupFacts, ...]
    problem: str = ""


async def _goal(ground: Ground, key: KeyName) -> _Goal:
    try:
        facts = await ground.control.stream(ground.server, key)
    except RedisSaid as error:
        return _Goal(key, None, (), f"{key.shown} is no stream: {error}")
    if facts is None:
        return _Goal(key, None, ())
    return _Goal(key, facts, await ground.control.groups(ground.server, key))


async def _there(ground: Ground) -> list[KeyName]:
    """Return which of the configured streams exist."""
    keys = [KeyName.read(one) for one in ground.spec.keys]
    goals = [await _goal(ground, one) for one in keys if one != ground.key]
    return [one.key for one in goals if one.facts is not None]


async def _goal_flights(
    ground: Ground, goals: Sequence[_Goal], *, is_sandbox: bool
) -> tuple[Preflight, ...]:
    found: list[Preflight] = []
    for one in goals:
        found += _goal_flight(one, is_sandbox=is_sandbox)
    slots = await ground.control.slots(ground.server, [ground.key, *(one.key for one in goals)])
    if len(set(slots)) > 1:
        text = "CROSSSLOT: they lie on different parts of the cluster: no move is whole there"
        found.append(stop_flight("cluster", text, "give both keys one {hash tag}"))
    return tuple(found)


def _goal_flight(one: _Goal, *, is_sandbox: bool) -> list[Preflight]:
    name = "target"
    if one.problem:
        return [stop_flight(name, one.problem)]
    if one.facts is None:
        text = f"{one.key.shown} is missing"
        if is_sandbox:
            return [warning(name, f"{text}: this makes it")]
        return [stop_flight(name, f"{text}: nobody would read it", "start its service first")]
    found: list[Preflight] = []
    added, length = one.facts.entries_added, one.facts.length
    if added is not None and added > length and one.facts.max_deleted == EntryId(0):
        text = f"{one.key.shown} is trimmed to about {length} by who writes to it (MAXLEN)"
        found.append(warning(name, f"{text}: what is sent back may go before it is read"))
    if not one.groups and not is_sandbox:
        found.append(warning(name, f"no group reads {one.key.shown}"))
    return found or [passed(name, f"{one.key.shown}: {entries_text(length)}")]


def _rate(text: str) -> float:
    """Return letters a second.

    Raises:
        ActionError: it is no such number.
    """
    number = text.removesuffix("/s").strip() or f"{_RATE_PER_S}"
    rate = float(number) if re.fullmatch(r"\d{1,4}(\.\d{1,3})?", number) else 0.0
    if not 0 < rate <= _MOST_PER_S:
        raise ActionError(f"rate is letters a second, up to {_MOST_PER_S:g}, not {clean(text)!r}")
    return rate


def _wait_s(text: str, *, is_read: bool) -> float:
    if text == "no" or (not text and not is_read):
        return 0.0
    return duration_s("canary", "" if text == "yes" else text, _WAIT_S)


async def _draft_requeue(site: Site, request: ActionRequest) -> Draft:
    ground = await dead_letters_of(site, request.target)
    to = request.input("to")
    letters = routed(await select_letters(ground, request), ground, to, await _there(ground))
    rows = [(one, one.to) for one in letters.rows if one.to is not None]
    goals = [await _goal(ground, key) for key in dict.fromkeys(key for _, key in rows)]
    commands = [
        ("EVAL", MOVE, 2, ground.key.raw, goal.key.raw, "0-0", "0", "field", "value")
        for goal in goals
    ]
    adds = [("XADD", goal.key.raw, "*", "field", "value") for goal in goals]
    flights = (
        *await _goal_flights(ground, goals, is_sandbox=bool(to)),
        *await ground.flights(*commands, *adds, ("XDEL", ground.key.raw, "0-0")),
    )
    title = clean(f"send {letters_text(len(rows))} of {ground.key.shown} back")
    if not rows:
        return ground.nothing(title, (*flights, _none(letters)))
    is_read = not to and all(one.groups for one in goals)
    named = (
        ground.server, ground.key.spelled,
        (f"{rows[0][0].raw.id}", rows[0][1].spelled),
        tuple((f"{one.raw.id}", key.spelled) for one, key in rows[1:]),
        ground.spec.payload_field, ground.spec.strip_on_requeue,
        _rate(request.input("rate")), _wait_s(request.input("canary"), is_read=is_read),
        f"{ground.facts.last_generated}",
        tuple((_last(one), one.key.spelled) for one in goals),
        bool(to),
    )  # fmt: skip
    canary = SendCanary(*named)
    result = new_result(site.ports)
    rest = SendLetters(*named, result)
    return Draft(
        title=title,
        targets=ground.entries([one.raw.id for one, _ in rows]),
        steps=(
            DraftStep(
                clean(f"move {canary.canary[0]} to {canary.canary[1]}"), canary, _STEP_S,
                is_irreversible=True,
            ),
            DraftStep(clean(_rest_title(rest)), rest, _deadline_s(rest), is_irreversible=True),
            forgetting(result),
        ),
        traits=ground.traits(),
        proofs=(
            DraftProof(SafeText("each is in one place only"), LettersSent(*named, result)),
        ),
        radius=_requeue_radius(rows, letters, ground),
        preflight=flights,
        preview=cut([*(clean(f"{x.line}  → {key.shown}") for x, key in rows), *left_out(letters)],
                    "lines"),
        way_back=SafeText("none: who reads them works on them; they keep a replay_id"),
        estimate_s=len(rows) / rest.rate_per_s,
        called=ground.key.spelled,
        locks=(ground.lock,),
        is_locked_whole=True,
    )  # fmt: skip


def _last(goal: _Goal) -> str:
    return f"{goal.facts.last_generated if goal.facts is not None else EntryId(0)}"


def _rest_title(rest: SendLetters) -> str:
    count = counted(len(rest.rows), "other")
    pace = f"at most {rest.rate_per_s:g} a second"
    if not rest.wait_s:
        return f"move {count}, {pace}; stop when more than 20 % come back"
    wait = f"wait {span(rest.wait_s)} whether it comes back"
    return f"{wait}, then move {count}, {pace}; stop when more than 20 % come back"


def _deadline_s(rest: SendLetters) -> float:
    count = len(rest.rows)
    return 120 + 3 * count / rest.rate_per_s + (count / 25 + 8) * (rest.wait_s + 2)


def _none(letters: Letters) -> Preflight:
    reasons = Counter(one.why_not for one in letters.rows)
    why = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common(5))
    missing = f"{len(letters.missing)} no longer there" if letters.missing else ""
    said = "; ".join(filter(None, (why, missing))) or "no letter is meant"
    return stop_flight("letters", f"nothing to send: {said}")


def _requeue_radius(
    rows: Sequence[tuple[Letter, KeyName]], letters: Letters, ground: Ground
) -> tuple[SafeText, ...]:
    by_goal = Counter(key.shown for _, key in rows)
    size = sum(len(name) + len(value) for one, _ in rows for name, value in one.raw.fields)
    deliveries = [one.seen.retries for one, _ in rows if one.seen.retries is not None]
    lines = [
        f"{count} of {ground.facts.length} go to {name}" for name, count in by_goal.most_common()
    ]
    oldest_s = max(one.seen.entry.age_s for one, _ in rows)
    lines.append(f"{size} bytes, the oldest {span(max(0.0, oldest_s))} old")
    lines += [f"retried up to {max(deliveries)} times before"] if deliveries else []
    lines.append("each is worked on again: what it does is done again")
    stay = sum(bool(one.why_not) for one in letters.rows)
    lines += [f"{stay} stay: they cannot be sent"] if stay else []
    return tuple(map(clean, lines))


async def _draft_discard(site: Site, request: ActionRequest) -> Draft:
    ground = await dead_letters_of(site, request.target)
    letters = await select_letters(ground, request)
    flights = await ground.flights(("XDEL", ground.key.raw, "0-0"))
    path = _export_path(site, ground, request.input("export"))
    title = clean(f"discard {letters_text(len(letters.rows))} of {ground.key.shown}")
    if not letters.rows:
        return ground.nothing(title, (*flights, stop_flight("letters", "none is meant")))
    ids = tuple(f"{one.raw.id}" for one in letters.rows)
    named, last = (ground.server, ground.key.spelled), f"{ground.facts.last_generated}"
    size = sum(len(n) + len(v) for one in letters.rows for n, v in one.raw.fields)
    return Draft(
        title=title,
        targets=ground.entries([one.raw.id for one in letters.rows]),
        steps=(
            DraftStep(
                clean(f"write {letters_text(len(ids))} to {path}"),
                ExportLetters(*named, ids, path), _STEP_S + len(ids) / PART,
                undo=SafeText("remove the file"),
            ),
            *(
                DraftStep(
                    clean(f"XDEL {letters_text(len(one))} from {one[0]} on"),
                    DiscardLetters(*named, one, path, last), _STEP_S + len(one),
                    undo=SafeText("put them back from the file, under new ids"),
                )
                for one in parts_of(ids)
            ),
        ),
        traits=ground.traits(),
        proofs=(
            DraftProof(SafeText("none is there, the file has each"),
                       LettersDiscarded(*named, ids, path)),
        ),
        radius=(
            clean(f"{len(ids)} of {ground.facts.length} in {ground.key.shown} go, {size} bytes"),
            clean(f"a copy of them is {path}, for its owner only"),
        ),
        preflight=(*await _path_flights(site, path), *flights),
        preview=cut([*(one.line for one in letters.rows), *left_out(letters)], "lines"),
        way_back=clean(f"put back from {path}, under new ids"),
        called=ground.key.spelled,
        locks=(ground.lock,),
        is_locked_whole=True,
    )  # fmt: skip


def _export_path(site: Site, ground: Ground, wanted: str) -> str:
    """Return where letters are written before they go.

    Raises:
        ActionError: it is no whole path.
    """
    if wanted:
        if not wanted.startswith("/") or wanted.endswith("/"):
            raise ActionError(f"export is a file's whole path, not {clean(wanted)!r}")
        return wanted
    name = re.sub(r"[^A-Za-z0-9._-]", "_", ground.key.spelled).lstrip(".") or "letters"
    when = site.ports.clock.now().astimezone(UTC)
    return f"{_own_folder(site)}/{name}-{when:%Y%m%dT%H%M%S}.jsonl"


def _own_folder(site: Site) -> str:
    """Return where exports go that nobody has named a place for: beside the state's results."""
    if not site.ports.results:
        raise ActionError("there is no folder for exports; --set export=/path")
    return f"{site.ports.results.rpartition('/')[0]}/exports"


async def _path_flights(site: Site, path: str) -> tuple[Preflight, ...]:
    folder = path.rpartition("/")[0] or "/"
    try:
        await site.ports.files.folder(folder)
    except ClientError as error:
        if site.ports.results and folder == _own_folder(site):
            return ()  # it is made by whoever needs it first
        return (stop_flight("export", f"{folder}: {error}", "make it first"),)
    [stamp] = await site.ports.files.stamps((path,))
    if stamp is not None:
        return (stop_flight("export", f"{path} is there already", "--set export= another"),)
    return (passed("export", path),)


def _offers(action: str, title: str, site: Site) -> tuple[Offer, ...]:
    """Return an action on every stream of dead letters that the configuration names."""
    keys = (
        (system.name, key)
        for system in site.topology.systems
        for server in system.redis
        for one in server.streams
        for key in one.dead_letters
    )
    return tuple(
        Offer(action, f"{system}/{key}", clean(title)) for system, key in dict.fromkeys(keys)
    )


_WHICH = (
    Input("ids", "Letters, with commas"),
    Input("error", "Those whose error has this"),
    Input("type", "Those of this event type"),
    Input("older", "Those dead for so long at least, such as 1d"),
    Input("newer", "Those dead for less, such as 1h"),
    Input("all", "All of them", choices=("yes",)),
)
_REQUEUE, _DISCARD = "Send dead letters back", "Discard dead letters, keeping a file of them"
ACTIONS: tuple[Action, ...] = (
    Action(
        "dlq.requeue", _REQUEUE, "requeue", Danger.CHANGE,
        lambda site: _offers("dlq.requeue", _REQUEUE, site), _draft_requeue,
        (
            *_WHICH,
            Input("to", "Another stream that gets all of them, such as a sandbox"),
            Input("rate", "Letters a second", "50"),
            Input("canary", "How long the first may stay unacknowledged (10s), or no"),
        ),
    ),
    Action(
        "dlq.discard", _DISCARD, "discard", Danger.DESTROY,
        lambda site: _offers("dlq.discard", _DISCARD, site), _draft_discard,
        (*_WHICH, Input("export", "The file that gets them")),
    ),
)  # fmt: skip
