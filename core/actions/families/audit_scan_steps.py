"""The step that looks at everything of a security audit that looks itself, and writes it down."""

import json
from dataclasses import dataclass
from typing import ClassVar

from core.actions.part import Proven, part
from core.actions.ports import Ports
from core.actions.results import TriedStep, begin, forget, prepare_folder, read
from core.actions.verdicts.judged import bad, good
from core.actions.work import Work, digest
from core.errors import ActionError, ClientError, ClientMissing
from core.model.action import Proof
from core.model.security import SecurityItem, Tick
from core.model.text import SafeText, clean
from core.model.verdict import Verdict

_MODE = 0o600
_TIMEOUT_S = 5.0
_REFUSED = frozenset({401, 403})


@part
@dataclass(frozen=True, slots=True)
class ScanSecurity(TriedStep):
    """Looks at files, keys, headers and addresses; writes JSON and, beside it, text."""

    kind: ClassVar[str] = "audit.scan"
    system: str
    checks: tuple[str, ...]
    """Checks of headers and of security reports, `system/service/check`."""
    guarded: tuple[tuple[str, str], ...]
    """Key stores and the addresses that refuse whoever has no key."""
    limiters: tuple[str, ...]
    """Commands that probe a limiter: they are named, not run."""
    report: str
    """Path without its ending."""
    result: str

    async def apply(self, ports: Ports, work: Work) -> None:
        """Look, and write the report."""
        await begin(ports, self.result, work)
        items = list(await self._files(ports))
        items += [await self._headers(ports, one) for one in self.checks]
        items += [await self._guarded(ports, name, url) for name, url in self.guarded]
        items.append(self._limiter())
        for one in items:
            work.say(clean(f"{one.tick}: {one.title}: {one.text}"))
        try:
            await self._write(ports, work, tuple(items))
        except ClientError as error:
            await self.end(ports, work, bad(f"the report could not be written: {error}"))
            return
        counts = {tick: sum(one.tick is tick for one in items) for tick in Tick}
        text = ", ".join(f"{count} {tick}" for tick, count in counts.items())
        facts = [(tick.value, count) for tick, count in counts.items()]
        await self.end(ports, work, good(f"{text}: {self.report}.txt", *facts))

    async def _files(self, ports: Ports) -> tuple[SecurityItem, ...]:
        if ports.security is None:
            text = SafeText("nothing here looks at files")
            return (SecurityItem(SafeText("files"), Tick.COULD_NOT, text),)
        try:
            return await ports.security(self.system)
        except (ClientError, ActionError) as error:
            return (SecurityItem(SafeText("files"), Tick.COULD_NOT, clean(str(error))),)

    async def _headers(self, ports: Ports, check: str) -> SecurityItem:
        title = clean(f"check {check}")
        try:
            found = await ports.look(check)
        except (ClientError, ActionError) as error:
            return SecurityItem(title, Tick.COULD_NOT, clean(str(error)))
        tick = {Verdict.OK: Tick.TICKED, Verdict.UNKNOWN: Tick.COULD_NOT}.get(
            found.verdict, Tick.NOT
        )
        return SecurityItem(title, tick, clean(f"{found.state}: {found.reason}"))

    async def _guarded(self, ports: Ports, name: str, url: str) -> SecurityItem:
        title = clean(f"{name} without a key")
        try:
            if ports.prober is None:
                return SecurityItem(title, Tick.COULD_NOT, SafeText("nobody asks here"))
            status = (await ports.prober.call("GET", url, _TIMEOUT_S)).status
        except ClientError as error:
            return SecurityItem(title, Tick.COULD_NOT, clean(f"no answer: {error}"))
        if status in _REFUSED:
            return SecurityItem(title, Tick.TICKED, clean(f"refused with {status}"))
        tick = Tick.NOT if 200 <= status < 300 else Tick.COULD_NOT
        word = "let in" if tick is Tick.NOT else "neither let in nor refused"
        return SecurityItem(title, tick, clean(f"{word}: {status} from {url}"))

    def _limiter(self) -> SecurityItem:
        how = "run http.probe_limit, which sends requests on purpose"
        if self.limiters:
            how = f"run {', '.join(self.limiters)}, or http.probe_limit"
        text = clean(f"a scan only looks; {how}")
        return SecurityItem(SafeText("rate limiter"), Tick.COULD_NOT, text)

    async def _write(self, ports: Ports, work: Work, items: tuple[SecurityItem, ...]) -> None:
        at = ports.clock.now().isoformat(timespec="seconds")
        await prepare_folder(ports, self.report)
        for ending, data in (
            (".json", report_json(self.system, at, items)),
            (".txt", report_text(self.system, at, items)),
        ):
            await ports.files.clear_temporary(f"{self.report}{ending}", work.action_id)
            await ports.files.create(f"{self.report}{ending}", data, _MODE, work.action_id)

    async def undo(self, ports: Ports, work: Work) -> None:
        """Have no report and no result, as before."""
        for ending in (".json", ".txt"):
            path = f"{self.report}{ending}"
            try:
                await ports.files.clear_temporary(path, work.action_id)
                await ports.files.remove(path, digest(await ports.files.read(path)))
            except ClientMissing:
                continue
        await forget(ports, self.result, work)


def report_json(system: str, at: str, items: tuple[SecurityItem, ...]) -> bytes:
    """Return the report for programs. Pure."""
    document = {
        "format": 1,
        "system": system,
        "at": at,
        "items": [
            {
                "title": one.title,
                "result": one.tick.value,
                "text": one.text,
                "places": list(one.places),
            }
            for one in items
        ],
    }
    return (json.dumps(document, indent=1) + "\n").encode("ascii")


def report_text(system: str, at: str, items: tuple[SecurityItem, ...]) -> bytes:
    """Return the report for people. Pure."""
    lines = [f"Security audit of {system}, {at}", ""]
    for one in items:
        lines.append(f"[{_MARKS[one.tick]}] {one.title}: {one.text}")
        lines += [f"      {place}" for place in one.places]
    lines += ["", "x: in order   !: not in order   ?: could not be told"]
    return ("\n".join(lines) + "\n").encode("utf-8", "replace")


_MARKS = {Tick.TICKED: "x", Tick.NOT: "!", Tick.COULD_NOT: "?"}


@part
@dataclass(frozen=True, slots=True)
class ReportStands:
    """The report is there, private, and whole."""

    kind: ClassVar[str] = "evidence.report_stands"
    report: str
    result: str

    async def prove(self, ports: Ports, work: Work) -> Proven:
        """Read it again."""
        judged = (await read(ports, self.result)).judged
        if judged is None:
            return Proven(Proof.FAILED, SafeText("there is no result"))
        for ending in (".json", ".txt"):
            facts = await ports.files.facts(f"{self.report}{ending}")
            if facts.mode != _MODE or not facts.size_bytes:
                return Proven(
                    Proof.FAILED, clean(f"{self.report}{ending} is not private, or empty")
                )
        items = json.loads(await ports.files.read(f"{self.report}.json"))["items"]
        return Proven(Proof.VERIFIED, clean(f"{len(items)} items; {judged.text}"))
