"""How a new key reaches whoever it is for: a new file, a command, or the console, once."""

import re
from datetime import timedelta
from secrets import token_hex

from core.actions.action import DraftProof, DraftStep, Site
from core.actions.families.commands import command_of
from core.actions.families.commands_steps import TryCommand, spec_text
from core.actions.families.key_look import keys_of
from core.actions.families.key_making import ForgetKeys, HandToConsole, HandToFile, plain_name
from core.actions.families.services_draft import stop_flight, warning
from core.actions.results import ResultSays, forgetting, new_result
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import ActionRequest, Danger, Preflight
from core.model.text import SafeText, clean

TO, GRACE, TIER, NAME, KEY = "to", "grace", "tier", "name", "key"
_FILE, _COMMAND, _REVEAL = "file:", "command:", "reveal"
_GRACE_TEXT = re.compile(r"(\d{1,6})([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=90)
_MOST_CHARS = 80
_OPEN = 0o002


class Handing:
    """What a draft collects for keys that are to be made and handed over."""

    def __init__(self, site: Site, system: str, store: str, count: int) -> None:
        self.site, self.system, self.store_name, self.count = site, system, store, count
        self.token = token_hex(16)
        self.steps: list[DraftStep] = []
        self.last: list[DraftStep] = []
        self.proofs: list[DraftProof] = []
        self.flights: list[Preflight] = []
        self.danger: Danger | None = None

    async def hand_over(self, request: ActionRequest) -> None:
        """Hand them over as asked, and forget them.

        Raises:
            ActionError: it is not said how, or not in one of the ways.
        """
        to = request.input(TO)
        if not to:
            await self._to_exports()
        elif to.startswith(_FILE):
            await self._to_file(to.removeprefix(_FILE))
        elif to.startswith(_COMMAND) and self.count == 1:
            self._to_command(request, to.removeprefix(_COMMAND))
        elif to == _REVEAL and self.count == 1:
            title = SafeText("leave the key for the console, which shows it once")
            step = HandToConsole(self.token)
            self.last.append(DraftStep(title, step, is_after_proof=True))
            text = "it can be read on the screen, also by who looks on; it is shown once"
            self.flights.append(warning("reveal", text, "to=file:/path keeps it off the screen"))
        else:
            ways = "nothing, for our exports folder, or file:/path of a new file"
            more = ", command:NAME of a configured command, or reveal"
            raise ActionError(f"`to` says where it goes: {ways}{more if self.count == 1 else ''}")
        title = clean("forget the new key" if self.count == 1 else "forget the new keys")
        self.last.append(DraftStep(title, ForgetKeys(self.token), is_after_proof=True))

    async def _to_exports(self) -> None:
        """Nobody says where: a new file in a private folder of ours, which has no other use."""
        store, one = f"{self.system}-{self.store_name}", self.count == 1
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


def name_of(request: ActionRequest) -> str:
    """Return what a key is to be called.

    Raises:
        ActionError: it is too long, or cannot be printed.
    """
    name = request.input(NAME)
    if len(name) > _MOST_CHARS or not name.isprintable():
        raise ActionError(f"a name has at most {_MOST_CHARS} characters that can be printed")
    return name


def grace_of(text: str) -> timedelta:
    """Return a grace: `0`, or a number with its unit, such as `24h`.

    Raises:
        ActionError: it is none, or longer than 90 days.
    """
    found = _GRACE_TEXT.fullmatch(text)
    grace = timedelta(**{_UNITS[found[2]]: int(found[1])}) if found else timedelta(0)
    if (found is None and text != "0") or grace > _LONGEST:
        raise ActionError(f"a grace is 0, 1h, 24h, 7d or the like, not {clean(text, 40)}")
    return grace
