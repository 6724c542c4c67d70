"""What can be done with what is under the cursor of the Streams screen, and with which inputs.

Pure. The families know what is possible at all; here is what the rows tell beyond that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.model.action import Danger, Input, Offer, prefilled
from core.model.dead_letter import DeadLetter, LetterGroup
from core.model.redis_spec import StreamSpec
from core.model.stream import (
    Consumer,
    ConsumerState,
    EntryId,
    Group,
    PendingEntry,
    PendingFilter,
    Presence,
    Stream,
)
from core.model.text import SafeText, clean
from widgets.present.durations import duration_text
from widgets.present.numbers import plural

FAMILIES = ("stream.", "dlq.")
_MOST_CHOICES = 8
"""More consumers than that are typed."""


@dataclass(frozen=True, slots=True)
class Fit:
    """An action, with what the rows give for its inputs."""

    action: str
    given: tuple[tuple[str, str], ...] = ()
    note: str = ""
    """What it would be done to, such as `3 marked entries`."""
    reason_against: str = ""
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])


def target_of(stream: Stream, spec: StreamSpec | None) -> str:
    """Return what actions call a stream: by its name where that means this key alone."""
    system = stream.server.partition("/")[0]
    is_named = spec is not None and spec.keys == (stream.key.spelled,)
    return f"{system}/{stream.spec_name if is_named else stream.key.spelled}"


def fitted(
    about: Sequence[Offer], every: Sequence[Offer], target: str, fits: Sequence[Fit]
) -> tuple[Offer, ...]:
    """Return the offers for what is under the cursor.

    Args:
        about: What the configuration offers for the target.
        every: All offers: an action on a key that the profile does not name is asked like the
            same action on one that it does.
        target: What it is done to.
        fits: What the rows tell.
    """
    named = {one.action: one for one in about}
    others = {one.action: one for one in every}
    return tuple(
        _offer(fit, named.get(fit.action) or others.get(fit.action), target) for fit in fits
    )


def _offer(fit: Fit, known: Offer | None, target: str) -> Offer:
    if known is None:
        verb = fit.action.partition(".")[2].replace("_", " ")
        reason = SafeText("this version cannot do it")
        return Offer(fit.action, target, clean(verb), reason, danger=Danger.CHANGE)
    is_own = known.target == target
    given = dict(fit.given)
    asked = {one.name for one in known.inputs}
    inputs = tuple(
        replace(one, choices=fit.choices.get(one.name, one.choices)) for one in known.inputs
    )
    more = tuple(
        Input(name, name.replace("_", " ")) for name in given if name not in asked and known.inputs
    )
    title = known.title if is_own else _untargeted(known)
    note = f": {fit.note}" if fit.note else ""
    reason = fit.reason_against or (known.reason_against if is_own else "")
    offer = replace(
        known,
        target=target,
        title=clean(f"{title}{note}"),
        inputs=(*inputs, *more),
        reason_against=clean(reason),
    )
    return prefilled(offer, fit.given)


def _untargeted(known: Offer) -> str:
    """Return a title without the name of the other target that it was made for."""
    name = known.target.partition("/")[2]
    return " ".join(known.title.replace(name, "").split())


def stream_fits(stream: Stream, spec: StreamSpec | None) -> tuple[Fit, ...]:
    """Return what can be done with a stream as a whole."""
    against = _against_stream(stream)
    depth = str(spec.max_depth) if spec is not None and spec.max_depth is not None else ""
    own = (
        Fit("stream.create_group", (("id", "$"),), reason_against=_against_creating(stream)),
        Fit("stream.trim", (("max_length", depth),) if depth else (), reason_against=against),
    )
    if not stream.is_dead_letters:
        return own
    everything = plural(stream.length, "letter")
    return (
        Fit("dlq.requeue", (("all", "yes"),), everything, against),
        Fit("dlq.discard", (), "", against),
        *own,
    )


def _against_stream(stream: Stream) -> str:
    if stream.presence is Presence.MISSING:
        return "there is no such key"
    return "the key is no stream" if stream.presence is Presence.WRONG_TYPE else ""


def _against_creating(stream: Stream) -> str:
    return "the key is no stream" if stream.presence is Presence.WRONG_TYPE else ""


def group_fits(
    stream: Stream, spec: StreamSpec | None, group: Group, consumer: Consumer | None
) -> tuple[Fit, ...]:
    """Return what can be done with a group, or with one consumer of it."""
    name = ("group", group.name.spelled)
    held = consumer.pending if consumer is not None else group.pending
    nothing = "" if held else "nothing is pending"
    given = (name, *_to(group, consumer), _floor(spec))
    of_one = (("consumer", consumer.name.spelled),) if consumer is not None else ()
    what = f"all {held:,} pending of {consumer.name.shown}" if consumer is not None else ""
    fits = [
        Fit(
            "stream.claim",
            (*given, *of_one),
            what,
            nothing or _nobody(group, consumer),
            _choices(group, consumer),
        ),
        Fit(
            "stream.autoclaim",
            given,
            "",
            nothing or _nobody(group, consumer),
            _choices(group, consumer),
        ),
    ]
    if consumer is not None:
        fits.append(Fit("stream.remove_consumer", (name, *of_one), str(consumer.name.shown)))
        return tuple(fits)
    back = (name, ("id", str(group.last_delivered)))
    fits.append(Fit("stream.set_id", back, "", _against_setting(stream)))
    return (*fits, *stream_fits(stream, spec))


def _against_setting(stream: Stream) -> str:
    return "the stream is empty" if not stream.length else ""


def pending_fits(
    spec: StreamSpec | None,
    group: Group,
    chosen: Sequence[PendingEntry],
    wanted: PendingFilter,
    *,
    is_marked: bool,
) -> tuple[Fit, ...]:
    """Return what can be done with pending entries: with those chosen, and with all that match."""
    name = ("group", group.name.spelled)
    ids = ("ids", ids_text([one.id for one in chosen]))
    what = _what(len(chosen), "entry", "entries", is_marked=is_marked)
    choices = _choices(group, None)
    given = (name, *_to(group, None))
    young = _too_young(spec, chosen)
    none = "" if chosen else "no entry is under the cursor"
    nobody = _nobody(group, None)
    gone = "none of them is in the stream any more" if _all_gone(chosen) else ""
    fits = [
        Fit(
            "stream.claim",
            (*given, ids, _floor(spec)),
            what,
            none or nobody or young,
            choices,
        ),
        Fit("stream.acknowledge", (name, ids), what, none),
        Fit("stream.delete_entries", (ids,), what, none or gone),
    ]
    if wanted != PendingFilter():
        fits.insert(1, Fit("stream.claim", (*given, *_asked(wanted, spec)), "all that match",
                           nobody, choices))  # fmt: skip
    return tuple(fits)


def entry_fits(chosen: Sequence[EntryId], *, is_marked: bool) -> tuple[Fit, ...]:
    """Return what can be done with entries of a stream."""
    none = "" if chosen else "no entry is under the cursor"
    what = _what(len(chosen), "entry", "entries", is_marked=is_marked)
    oldest = str(min(chosen)) if chosen else ""
    return (
        Fit("stream.delete_entries", (("ids", ids_text(chosen)),), what, none),
        Fit("stream.trim", (("min_id", oldest),), f"everything before {oldest}", none),
        Fit("stream.create_group", (("id", oldest),), f"that begins after {oldest}", none),
    )


def letter_fits(chosen: Sequence[DeadLetter], *, is_marked: bool) -> tuple[Fit, ...]:
    """Return what can be done with dead letters."""
    none = "" if chosen else "no letter is under the cursor"
    can = [one for one in chosen if one.can_requeue]
    what = _what(len(chosen), "letter", "letters", is_marked=is_marked)
    back = _what(len(can), "letter", "letters", is_marked=is_marked)
    stays = next((str(one.why_not) for one in chosen if not one.can_requeue), "")
    against = none or ("" if can else f"it stays: {stays or 'it is no message'}")
    ids = ids_text([one.entry.id for one in can])
    if 0 < len(can) < len(chosen):
        back = f"{back}; {len(chosen) - len(can)} stay"
    return (
        Fit("dlq.requeue", (("ids", ids),), back if can else what, against),
        Fit("dlq.discard", (("ids", ids_text([one.entry.id for one in chosen])),), what, none),
    )


def letter_group_fits(group: LetterGroup) -> tuple[Fit, ...]:
    """Return what can be done with all letters that are alike."""
    if group.key.startswith("("):
        against = "that is no way to choose them: mark them instead"
        return (Fit("dlq.requeue", (), "", against), Fit("dlq.discard", (), "", against))
    given = _ages(group) if group.by == "age" else ((group.by, str(group.key)),)
    stays = "" if group.requeueable else "none of them can go back"
    return (
        Fit("dlq.requeue", given, f"{plural(group.requeueable, 'letter')} alike", stays),
        Fit("dlq.discard", given, f"{plural(group.count, 'letter')} alike"),
    )


def _ages(group: LetterGroup) -> tuple[tuple[str, str], ...]:
    """Return the bounds of a group by age, as inputs take them."""
    bounds = (("older", group.older_s), ("newer", group.newer_s))
    return tuple((name, f"{seconds:g}s") for name, seconds in bounds if seconds is not None)


def ids_text(ids: Sequence[EntryId]) -> str:
    """Return ids as an input takes them."""
    return ",".join(map(str, ids))


def _what(count: int, noun: str, many: str, *, is_marked: bool) -> str:
    return f"{count:,} marked {noun if count == 1 else many}" if is_marked else f"this {noun}"


def _floor(spec: StreamSpec | None) -> tuple[str, str]:
    """Return the idle time below which nothing is claimed, as an input."""
    return ("min_idle", f"{_floor_s(spec):g}s")


def _floor_s(spec: StreamSpec | None) -> float:
    return (spec or StreamSpec("", ())).min_idle_s


def _too_young(spec: StreamSpec | None, chosen: Sequence[PendingEntry]) -> str:
    """Return why nothing of it can be claimed yet; empty: something can."""
    oldest_s = max((one.idle_s for one in chosen), default=0.0)
    if oldest_s >= _floor_s(spec):
        return ""
    floor = duration_text(_floor_s(spec))
    return f"idle for {duration_text(oldest_s)}; nothing idle for less than {floor} is claimed"


def _all_gone(chosen: Sequence[PendingEntry]) -> bool:
    return bool(chosen) and all(one.is_gone for one in chosen)


def _asked(wanted: PendingFilter, spec: StreamSpec | None) -> tuple[tuple[str, str], ...]:
    """Return a filter as inputs; never below the least idle time."""
    pairs = [("min_idle", f"{max(wanted.min_idle_s, _floor_s(spec)):g}s")]
    if wanted.min_deliveries:
        pairs.append(("min_deliveries", str(wanted.min_deliveries)))
    if wanted.consumer:
        pairs.append(("consumer", wanted.consumer))
    if wanted.text:
        pairs.append(("text", wanted.text))
    return tuple(pairs)


def _takers(group: Group, but: Consumer | None) -> tuple[Consumer, ...]:
    """Return who could take entries over: those that work first, the least busy of them first."""
    order = list(ConsumerState)
    found = [one for one in group.consumers if one is not but]
    return tuple(sorted(found, key=lambda one: (order.index(one.state), one.pending)))


def _to(group: Group, but: Consumer | None) -> tuple[tuple[str, str], ...]:
    takers = _takers(group, but)
    return (("to", takers[0].name.spelled),) if takers else ()


def _choices(group: Group, but: Consumer | None) -> dict[str, tuple[str, ...]]:
    takers = _takers(group, but)
    if not 0 < len(takers) <= _MOST_CHOICES or group.consumer_count > len(group.consumers):
        return {}
    return {"to": tuple(one.name.spelled for one in takers)}


def _nobody(group: Group, but: Consumer | None) -> str:
    if _takers(group, but):
        return ""
    return (
        "no other consumer is there to take it" if but is not None else "the group has no consumer"
    )
