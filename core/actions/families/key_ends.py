"""What ends a grace in files; steps that note, arrange and strike out such an end."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol

from core.actions.action import Draft, DraftStep, Site
from core.actions.families.key_look import Store, keys_of, look, own_use, short, usage_text
from core.actions.families.key_making import marks_name
from core.actions.families.key_words import (
    LEFT,
    base_of,
    counted_keys,
    emptied,
    server_proof,
    shown_keys,
    switching,
    traits,
    uses_said,
    whole_ids,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.part import BareStep, Seen, Sight, part
from core.actions.ports import Ports
from core.actions.work import Work
from core.clients.acting.waiters import AFTER_BOOT, WaiterControl
from core.clients.waits import Wait
from core.errors import ActionError, StepFailedError
from core.keys.store.ends import End, moment_text, over, parse_ends, struck_line
from core.keys.store.shapes import Record
from core.model.action import ActionRequest, Danger, Preflight
from core.model.key_spec import KeyStoreSpec
from core.model.text import SafeText, clean


def due_name(system: str, store: str) -> str:
    """Return the name of the file of ends to come."""
    return f"{system}/{store}.due"


async def ends_of(ports: Ports, system: str, store: str) -> tuple[End, ...]:
    """Return the ends that are noted of a store."""
    return parse_ends(await keys_of(ports).notes(due_name(system, store)))


async def due_marks(ports: Ports, store: Store) -> tuple[str, ...]:
    """Return the keys whose grace is over and that are still on.

    Raises:
        ActionError: there are none.
    """
    ends = over(await ends_of(ports, store.system, store.spec.name), ports.clock.now())
    return tuple(one.mark for one in _still_on(store, ends))


def _still_on(store: Store, ends: tuple[End, ...]) -> tuple[End, ...]:
    found = tuple(
        one for one in ends if any(r.is_active for r in _records_of(store, one.mark))
    )  # fmt: skip
    if not found:
        raise ActionError("no key's grace is over")
    return found


def _records_of(store: Store, mark: str) -> list[Record]:
    found = (file.marked.find(mark) for file in store.files)
    return [one for one in found if one is not None]


@part
@dataclass(frozen=True, slots=True)
class NoteEnd(BareStep):
    """Writes down when an old key is to be switched off, and which one takes its place."""

    kind: ClassVar[str] = "key.note_end"
    can_undo: ClassVar[bool] = True
    system: str
    store: str
    marks: tuple[str, ...]
    ends_at: str
    """ISO 8601, UTC."""
    order: str = ""
    """What waits for it is known by this; empty: nothing does."""
    token: str = ""
    """Where the new key's mark is found while it waits to be handed over."""
    path: str = ""
    """The file that the new key is in."""

    async def observe(self, ports: Ports) -> Seen:
        """See whether it is written down."""
        noted = {
            (one.mark, one.at, one.order) for one in await ends_of(ports, self.system, self.store)
        }
        is_there = noted.issuperset((mark, self.ends_at, self.order) for mark in self.marks)
        sight = Sight.AFTER if is_there else Sight.BEFORE
        return Seen(sight, clean(f"ends at {self.ends_at}: {'noted' if is_there else 'not noted'}"))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Write it down."""
        if (await self.observe(ports)).sight is Sight.BEFORE:
            new = await self._new(ports)
            for mark in self.marks:
                line = End(mark, self.ends_at, self.order, new if self.order else "").line
                await keys_of(ports).note(due_name(self.system, self.store), line)
        work.say(clean(f"the old key stays on until {self.ends_at}"))
        if not self.order:
            target = f"{self.system}/{self.store}"
            work.say(clean(f"nothing ends it by itself: run key.end {target} then"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Strike it out: what is noted later counts."""
        if (await self.observe(ports)).sight is Sight.AFTER:
            for mark in self.marks:
                await keys_of(ports).note(due_name(self.system, self.store), struck_line(mark))

    async def _new(self, ports: Ports) -> str:
        if not self.token:
            return ""
        marks = (await keys_of(ports).handed(marks_name(self.token, self.path)) or b"").split()
        return marks[0].decode("ascii", "replace") if marks else ""


@part
@dataclass(frozen=True, slots=True)
class ArrangeEnd(BareStep):
    """Has something wait for the end, which then makes `key.end` of exactly these keys."""

    kind: ClassVar[str] = "key.arrange_end"
    can_undo: ClassVar[bool] = True
    system: str
    store: str
    order: str
    ends_at: str

    async def observe(self, ports: Ports) -> Seen:
        """See whether anything waits; what waited and is over has waited."""
        wait = await waiters_of(ports).find(self.order)
        if wait is None:
            return Seen(Sight.BEFORE, SafeText("nothing waits for the end"))
        is_well = wait.is_waited_for() or wait.moment <= ports.clock.now()
        text = clean(f"{wait.who()} waits until {self.ends_at}" if is_well else "it waits no more")
        return Seen(Sight.AFTER if is_well else Sight.BEFORE, text)

    async def apply(self, ports: Ports, work: Work) -> None:
        """Have it waited for."""
        if (await self.observe(ports)).sight is Sight.AFTER:
            return
        wait = Wait(self.order, work.action_id, self.system, self.store, self.ends_at)
        kept = await waiters_of(ports).arrange(wait)
        work.say(clean(f"{kept.who()} ends it at {self.ends_at}; {AFTER_BOOT}"))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Have nothing wait."""
        await waiters_of(ports).drop(self.order)


@part
@dataclass(frozen=True, slots=True)
class StrikeEnd(BareStep):
    """Strikes ends out that have been carried out."""

    kind: ClassVar[str] = "key.strike_end"
    can_undo: ClassVar[bool] = True
    system: str
    store: str
    lines: tuple[str, ...]
    """As they were noted."""

    async def observe(self, ports: Ports) -> Seen:
        """See whether any is still noted."""
        mine = {one.mark for one in parse_ends(self.lines)}
        left = {one.mark for one in await ends_of(ports, self.system, self.store)} & mine
        text = f"{len(left)} of {len(mine)} ends are still noted"
        return Seen(Sight.AFTER if not left else Sight.BEFORE, clean(text))

    async def apply(self, ports: Ports, work: Work) -> None:
        """Strike them out."""
        for one in parse_ends(self.lines):
            await keys_of(ports).note(due_name(self.system, self.store), struck_line(one.mark))

    async def undo(self, ports: Ports, work: Work) -> None:
        """Note them again."""
        noted = {one.mark for one in await ends_of(ports, self.system, self.store)}
        for one in parse_ends(self.lines):
            if one.mark not in noted:
                await keys_of(ports).note(due_name(self.system, self.store), one.line)


def waiters_of(ports: Ports) -> WaiterControl:
    """Return the port for what waits.

    Raises:
        StepFailedError: there is none.
    """
    if ports.waiters is None:
        raise StepFailedError("nothing can be made to wait from here")
    return ports.waiters


class OfStore(Protocol):
    """Whatever knows which store it is about."""

    @property
    def system(self) -> str:
        """Whose store."""
        ...

    @property
    def spec(self) -> KeyStoreSpec:
        """The store."""
        ...


async def ending_later(
    site: Site, store: OfStore, marks: tuple[str, ...], at: datetime, token: str, path: str
) -> tuple[tuple[DraftStep, ...], tuple[Preflight, ...]]:
    """Return the steps that see to an end in time, and what is said of it.

    Args:
        site: Where it is planned.
        store: The store.
        marks: The old keys.
        at: Their end.
        token: Of the new key, which takes their place.
        path: The file that the new key goes into.
    """
    ends_at, system, name = moment_text(at), store.system, store.spec.name
    order = token[:16] if site.ports.waiters is not None else ""
    note = NoteEnd(system, name, marks, ends_at, order, token, path)
    title = clean(f"note that {counted_keys(marks)} ends at {ends_at}")
    steps = [DraftStep(title, note, undo=SafeText("struck out"))]
    if site.ports.waiters is None:
        text = f"ends at {ends_at}, but not by itself: nothing of ours runs meanwhile"
        return tuple(steps), (warning("end", text, f"run key.end {system}/{name} then"),)
    how = await site.ports.waiters.how()
    arrange = ArrangeEnd(system, name, order, ends_at)
    title = clean(f"have {counted_keys(marks)} switched off at {ends_at}, as confirmed here")
    steps.append(DraftStep(title, arrange, undo=SafeText("nothing waits any more")))
    flights = [warning("end", f"{ends_at}: {how}", AFTER_BOOT)]
    if store.spec.end_needs_use:
        text = "it is refused while no record says that the new key is used"
        flights.append(warning("end", text, f"run key.end {system}/{name} once it is used"))
    return tuple(steps), tuple(flights)


async def draft_end_of_files(site: Site, request: ActionRequest, of: str) -> Draft:
    """Return the draft that ends graces that are over; `of`: those of one rotation."""
    store = await look(site, request.target)
    base = base_of(store, clean(f"end graces of {store.spec.name}"))
    if not store.files:
        return base
    noted = over(await ends_of(site.ports, store.system, store.spec.name), site.ports.clock.now())
    ends = _still_on(store, tuple(one for one in noted if not of or one.order == of))
    marks = tuple(one.mark for one in ends)
    steps, proofs = switching(store, marks, is_active=False)
    strike = StrikeEnd(store.system, store.spec.name, tuple(one.line for one in ends))
    struck = DraftStep(SafeText("strike the end out"), strike, undo=SafeText("noted again"))
    left = emptied(store, marks)
    flights: list[Preflight] = []
    for one in ends:
        new = store.record(one.new) if one.new else None
        used = await own_use(site, store, one.new) if new else None
        flights += successor(store.spec, one, new, used)
    uses = [await usage_text(site, store, mark) for mark in marks[:LEFT]]
    return Draft(
        title=clean(f"end the grace of {counted_keys(marks)} of {store.spec.name}"),
        targets=whole_ids(store, marks),
        steps=(*steps, struck),
        traits=traits(store, marks),
        proofs=(*proofs, *server_proof(store, marks, is_live=False)),
        radius=uses_said(marks, refusals(ends, uses)),
        preflight=(*store.flights, *flights, *left),
        preview=shown_keys(store, marks),
        locks=base.locks,
        is_locked_whole=True,
        way_back=SafeText("key.reactivate"),
        danger=Danger.DESTROY if left else None,
        called=store.spec.name,
    )  # fmt: skip


def refusals(ends: Iterable[End], uses: Iterable[str]) -> list[str]:
    """Return what the ends of graces do to keys that are used so."""
    both = zip(ends, uses, strict=False)
    return [f"refused from now on, as was said for {one.at}; {use}" for one, use in both]


def successor(
    spec: KeyStoreSpec, end: End, record: Record | None, is_used: bool | None
) -> tuple[Preflight, ...]:
    """Return what there is to say of the key that takes the old one's place.

    Args:
        spec: Its store.
        end: The old one's.
        record: The new key's; None: it is not there.
        is_used: Whether any record says that it was used; None: there is none that could.
    """
    must = spec.end_needs_use
    judge = stop_flight if must else warning
    if not end.new:
        return (judge("new key", f"which key replaces {short(end.mark)} is not known"),)
    name = short(end.new)
    if record is None:
        return (judge("new key", f"{name}, which replaces {short(end.mark)}, is not there"),)
    if not record.is_active:
        return (judge("new key", f"{name}, which replaces {short(end.mark)}, is not active"),)
    if is_used:
        return (passed("new key", f"{name} is used"),)
    if is_used is None and not must:
        return ()
    text = "was never used" if is_used is False else "may be used or not: no record says"
    remedy = "whoever has the old one is cut off; see that they have the new one"
    return (judge("new key", f"{name} {text}", remedy),)
