"""`key.generate`, `key.rotate`, `key.rotate_all`: new keys, and the old ones off."""

import re
from datetime import timedelta
from secrets import token_hex

from core.actions.action import Action, Draft, DraftProof, DraftStep, Site
from core.actions.families.commands import command_of
from core.actions.families.commands_steps import TryCommand, spec_text
from core.actions.families.key_ends import ending_later
from core.actions.families.key_look import (
    Store,
    keys_of,
    look,
    marks_of,
    quota_of,
    short,
    tier_of,
    usage_text,
)
from core.actions.families.key_making import (
    AddKeys,
    ForgetKeys,
    HandToConsole,
    HandToFile,
    Wish,
    plain_name,
)
from core.actions.families.key_words import (
    LEFT,
    base_of,
    new_key_proof,
    offers,
    server_proof,
    shown_keys,
    switching,
    tier_named,
    traits,
    whole_ids,
)
from core.actions.families.services_draft import passed, stop_flight, warning
from core.actions.results import ResultSays, forgetting, new_result
from core.errors import ActionError, ClientError, ClientMissing
from core.keys.store import fields as known
from core.keys.store.making import prefix_of
from core.model.action import ActionRequest, Danger, Input, Preflight
from core.model.text import SafeText, clean

_TO, _TIER, _NAME, _KEY, _GRACE = "to", "tier", "name", "key", "grace"
_FILE, _COMMAND, _REVEAL = "file:", "command:", "reveal"
_DEADLINE_S = 120.0
_GRACE_TEXT = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=90)
_MOST_CHARS = 80
_OPEN = 0o002


class _Made:
    """What a draft collects for keys that are to be made."""

    def __init__(self, site: Site, store: Store, wishes: tuple[Wish, ...]) -> None:
        self.site, self.store, self.wishes = site, store, wishes
        self.token = token_hex(16)
        self.steps: list[DraftStep] = []
        self.last: list[DraftStep] = []
        self.proofs: list[DraftProof] = []
        self.flights: list[Preflight] = []
        self.danger: Danger | None = None

    def add(self, places: tuple[tuple[str, tuple[int, ...]], ...], prefix: str) -> None:
        """Write the keys into files, each those that are meant for it."""
        for path, mine in places:
            step = AddKeys(
                path, self.store.system, self.store.spec.name, self.token, prefix, self.wishes,
                mine, not self.steps, self.store.tiers,
            )  # fmt: skip
            what = "a new key" if len(mine) == 1 else f"{len(mine)} new keys"
            title = clean(f"make {what} ({prefix}…), and write it into {path}")
            undo = SafeText("the record is taken away again")
            self.steps.append(DraftStep(title, step, _DEADLINE_S, undo=undo))
        self.proofs += new_key_proof(self.store, self.token, len(self.wishes))

    async def hand_over(self, request: ActionRequest) -> None:
        """Hand them over as asked, and forget them.

        Raises:
            ActionError: it is not said how, or not in one of the ways.
        """
        to = request.input(_TO)
        if not to:
            await self._to_exports()
        elif to.startswith(_FILE):
            await self._to_file(to.removeprefix(_FILE))
        elif to.startswith(_COMMAND) and len(self.wishes) == 1:
            self._to_command(request, to.removeprefix(_COMMAND))
        elif to == _REVEAL and len(self.wishes) == 1:
            title = SafeText("leave the key for the console, which shows it once")
            step = HandToConsole(self.token)
            self.last.append(DraftStep(title, step, is_after_proof=True))
            text = "it can be read on the screen, also by who looks on; it is shown once"
            self.flights.append(warning("reveal", text, "to=file:/path keeps it off the screen"))
        else:
            ways = "nothing, for our exports folder, or file:/path of a new file"
            more = ", command:NAME of a configured command, or reveal"
            raise ActionError(
                f"`to` says where it goes: {ways}{more if len(self.wishes) == 1 else ''}"
            )
        title = clean("forget the new key" if len(self.wishes) == 1 else "forget the new keys")
        self.last.append(DraftStep(title, ForgetKeys(self.token), is_after_proof=True))

    async def _to_exports(self) -> None:
        """Nobody says where: a new file in a private folder of ours, which has no other use."""
        store, one = f"{self.store.system}-{self.store.spec.name}", len(self.wishes) == 1
        at = self.site.ports.clock.now().strftime("%Y%m%dT%H%M%SZ")
        name = f"{store}-{at}-{self.token[:6]}.{'key' if one else 'json'}"
        path = f"{await keys_of(self.site.ports).exports()}/{name}"
        text = f"{path} holds {'it' if one else 'all of them'} in clear until you remove it"
        self.flights.append(warning("to", text, "to=file:/path writes it elsewhere"))
        self._add_file(path)

    async def _to_file(self, path: str) -> None:
        if not path.startswith("/"):
            raise ActionError("the file is named by its whole path: --set to=file:/path")
        await self._look_at(path)
        self._add_file(path)

    def _add_file(self, path: str) -> None:
        step = HandToFile(self.token, path)
        title = clean(f"write it to {path}, new, 0600")
        self.steps.append(DraftStep(title, step, undo=SafeText("removed: what is in it is dead")))

    async def _look_at(self, path: str) -> None:
        files, folder = self.site.ports.files, path.rpartition("/")[0] or "/"
        try:
            facts = await files.folder(folder)
            if facts.mode & _OPEN:
                self.flights.append(warning("to", f"anybody may write to {clean(folder)}"))
            await files.facts(path)
        except ClientMissing:
            if not await self._is_there(folder):
                self.flights.append(stop_flight("to", f"there is no folder {folder}"))
            return
        except ClientError as error:
            self.flights.append(stop_flight("to", str(error)))
            return
        self.flights.append(stop_flight("to", f"{path} is there: it is not written over"))

    async def _is_there(self, folder: str) -> bool:
        try:
            await self.site.ports.files.folder(folder)
        except ClientError:
            return False
        return True

    def _to_command(self, request: ActionRequest, name: str) -> None:
        system = request.target.partition("/")[0]
        spec = command_of(self.site, f"{system}/{name}")
        if spec.inputs or spec.inside:
            raise ActionError(f"{name} takes inputs or runs in a container: it is handed nothing")
        try:
            program = self.site.ports.commands.which(spec.argv[0])
        except ClientError as error:
            self.flights.append(stop_flight("to", str(error)))
            return
        result = new_result(self.site.ports)
        waiting = keys_of(self.site.ports).handed_path(plain_name(self.token))
        step = TryCommand(
            (program, *spec.argv[1:]), result, spec.cwd, spec.environment, spec.timeout_s,
            spec.argv, spec_text(spec.judge), waiting,
        )  # fmt: skip
        title = clean(f"hand it to {spec.title or name} on its standard input")
        undo = SafeText("what it was handed is dead")
        self.steps.append(DraftStep(title, step, spec.timeout_s + 30, undo=undo))
        self.proofs.append(DraftProof(clean(f"what {name} says"), ResultSays(result)))
        self.last.append(forgetting(result))

    def draft(self, title: SafeText, marks: tuple[str, ...], radius: tuple[SafeText, ...]) -> Draft:
        """Return the draft."""
        base = base_of(self.store, title)
        return Draft(
            title=title,
            targets=whole_ids(self.store, marks) or base.targets,
            steps=(*self.steps, *self.last),
            traits=traits(self.store, marks),
            proofs=tuple(self.proofs),
            radius=radius,
            preflight=(*self.store.flights, *self.flights),
            preview=shown_keys(self.store, marks),
            locks=base.locks,
            is_locked_whole=True,
            way_back=SafeText("new keys are taken away, old ones put back, until it is proven"),
            danger=self.danger,
            called=self.store.spec.name,
        )  # fmt: skip


def _name(request: ActionRequest) -> str:
    name = request.input(_NAME)
    if len(name) > _MOST_CHARS or not name.isprintable():
        raise ActionError(f"a name has at most {_MOST_CHARS} characters that can be printed")
    return name


async def _generate(site: Site, request: ActionRequest) -> Draft:
    store = await look(site, request.target)
    title = clean(f"make a key of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    tier = tier_named(store, request.input(_TIER))
    quota = dict(store.spec.tiers).get(tier)
    made = _Made(site, store, (("", tier, quota, _name(request)),))
    file = store.files[0]
    made.add(((file.path, (0,)),), prefix_of(file.shape.records(), None))
    await made.hand_over(request)
    others = [one.path for one in store.files[1:]]
    if others:
        text = f"{', '.join(others)} does not get it: the server is said to read {file.path}"
        made.flights.append(warning("split store", text))
    said = "its quota" if quota is None else f"{quota:,} requests a month"
    return made.draft(
        clean(f"make a {tier} key of {store.spec.name}"), (),
        (clean(f"one more live key: {tier}, {said}"), _still_there(store)),
    )  # fmt: skip


def _still_there(store: Store) -> SafeText:
    return clean(f"{store.files[0].path} holds it in clear, as its server needs it")


def _wish(store: Store, mark: str) -> Wish:
    record = store.record(mark)
    if record is None:
        raise ActionError(f"{short(mark)} is not there")
    name = known.text_of(record.fields, known.NAME) or ""
    return (mark, tier_of(record), quota_of(record), name)


def _places(store: Store, marks: tuple[str, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return which new keys each file gets: those of the old ones that it has."""
    found = [
        (one.path, tuple(at for at, mark in enumerate(marks) if one.marked.find(mark)))
        for one in store.files
    ]
    return tuple((path, mine) for path, mine in found if mine)


def _grace(text: str) -> timedelta:
    """Return a grace: `0`, or a number with its unit, such as `24h`.

    Raises:
        ActionError: it is none, or longer than 90 days.
    """
    found = _GRACE_TEXT.fullmatch(text)
    grace = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if (found is None and text != "0") or grace > _LONGEST:
        raise ActionError(f"a grace is 0, 1h, 24h, 7d or the like, not {clean(text, 40)}")
    return grace


async def _rotate(site: Site, request: ActionRequest) -> Draft:
    store = await look(site, request.target)
    title = clean(f"rotate a key of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    marks = marks_of(store, request.input(_KEY))
    grace = _grace(request.input(_GRACE, "24h"))
    if len(marks) != 1:
        raise ActionError("one key at a time is rotated with a grace")
    (mark,) = marks
    record = store.record(mark)
    made = _Made(site, store, (_wish(store, mark),))
    made.add(_places(store, marks), prefix_of(store.files[0].shape.records(), record))
    await made.hand_over(request)
    if record is not None and not record.is_active:
        made.flights.append(warning("state", f"{short(mark)} is off already"))
    elif not grace:
        _end_now(made, marks)
    else:
        await _end_later(made, marks, grace)
    return made.draft(
        clean(f"rotate {short(mark)} of {store.spec.name}"), marks,
        (
            clean(f"{short(mark)}: {await usage_text(site, store, mark)}"),
            SafeText("use and quota begin anew for the new key"),
            clean("both are live until then" if grace else "the old one is refused at once"),
            _still_there(store),
        ),
    )  # fmt: skip


def _end_now(made: _Made, marks: tuple[str, ...]) -> None:
    steps, proofs = switching(made.store, marks, is_active=False)
    made.steps += steps
    made.proofs += (*proofs, *server_proof(made.store, marks, is_live=False))
    if steps:
        made.danger = Danger.INTERRUPT


async def _end_later(made: _Made, marks: tuple[str, ...], grace: timedelta) -> None:
    """Have the end happen by itself; who confirms the rotation confirms it too."""
    place = made.store.having(marks[0])[0].path
    at = made.site.ports.clock.now() + grace
    steps, flights = await ending_later(made.site, made.store, marks, at, made.token, place)
    made.steps += steps
    made.flights += flights
    made.danger = Danger.INTERRUPT


async def _rotate_all(site: Site, request: ActionRequest) -> Draft:
    store = await look(site, request.target)
    title = clean(f"rotate all keys of {store.spec.name}")
    if not store.files:
        return base_of(store, title)
    active = dict.fromkeys(
        store.ids.mark(one.identity)
        for file in store.files
        for one in file.shape.records()
        if one.is_active
    )
    marks = tuple(active)
    if not marks:
        return base_of(store, title, stop_flight("keys", "no key is active"))
    made = _Made(site, store, tuple(_wish(store, mark) for mark in marks))
    made.add(_places(store, marks), prefix_of(store.files[0].shape.records(), None))
    await made.hand_over(request)
    _end_now(made, marks)
    made.danger = Danger.DESTROY
    made.flights.append(passed("copy", "every file is copied before it is changed"))
    uses = [await usage_text(site, store, mark) for mark in marks[:LEFT]]
    return made.draft(
        clean(f"rotate all {len(marks)} active keys of {store.spec.name}"), marks,
        (
            clean(f"{len(marks)} keys are refused at once: who uses them needs the new ones"),
            *(clean(f"{short(mark)}: {use}") for mark, use in zip(marks, uses, strict=False)),
        ),
    )  # fmt: skip


_WHERE = "file:/path of a new file, command:NAME, or reveal; empty: a file in our exports folder"
MAKING: tuple[Action, ...] = (
    Action(
        "key.generate", "Make an API key", "generate", Danger.CHANGE,
        offers("key.generate", "Make a key of"), _generate,
        (Input(_TIER, "tier", is_required=True), Input(_TO, _WHERE),
         Input(_NAME, "name, where records have one")),
    ),
    Action(
        "key.rotate", "Rotate an API key", "rotate", Danger.CHANGE,
        offers("key.rotate", "Rotate a key of"), _rotate,
        (Input(_KEY, "its short id", is_required=True),
         Input(_GRACE, "how long the old one stays live: 0, 1h, 24h, 7d, …", "24h"),
         Input(_TO, _WHERE)),
    ),
    Action(
        "key.rotate_all", "Rotate all API keys", "rotate", Danger.DESTROY,
        offers("key.rotate_all", "Rotate all keys of"), _rotate_all,
        (Input(_TO, "file:/path of a new file, for all new keys; empty: in our exports folder"),),
    ),
)  # fmt: skip
