"""The end of a grace: noted, waited for, carried out for exactly the keys that were confirmed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from core.actions.action import Draft, Site
from core.actions.families.key import ACTIONS
from core.actions.families.key_ends import ends_of
from core.actions.part import Sight
from core.clients.acting.files import LocalFiles
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.prober import Called
from core.clients.acting.waiters import BY_PROCESS
from core.clients.key_state import machine_key
from core.clients.process_runs import own_run
from core.clients.waits import Wait
from core.errors import ActionError, ClientRefused
from core.keys.ids import KeyIds
from core.model.action import Danger
from core.model.key_spec import KeyProbeSpec, KeyStoreSpec
from core.model.operation import OperationsSpec
from core.model.text import SafeText
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.acting_prober import FakeProber
from tests.fakes.old_key_tool import named, seed

URL = "http://127.0.0.1:1/decide"
DAY_S = 86_400.0


@dataclass
class FakeWaiters:
    """What waits, in memory; this process stands for what waits."""

    waits: dict[str, Wait] = field(default_factory=dict)
    is_broken: bool = False

    async def how(self) -> SafeText:
        return BY_PROCESS

    async def arrange(self, wait: Wait) -> Wait:
        if self.is_broken:
            raise ClientRefused("nothing waits")
        own = own_run()
        kept = replace(wait, pid=own.pid, ticks=own.start_ticks, boot_id=own.boot_id)
        self.waits[wait.order] = kept
        return kept

    async def find(self, order: str) -> Wait | None:
        return self.waits.get(order)

    async def drop(self, order: str) -> None:
        self.waits.pop(order, None)


@dataclass
class Stage:
    """A store of four pro keys, a server, usage records, and what waits."""

    folder: Path
    ground: Ground
    keys: LocalKeyStores
    spec: KeyStoreSpec
    waiters: FakeWaiters = field(default_factory=FakeWaiters)
    prober: FakeProber = field(default_factory=FakeProber)

    @property
    def site(self) -> Site:
        found = self.ground.site(operations={"shop": OperationsSpec("shop", keys=(self.spec,))})
        given = {"keys": self.keys, "prober": self.prober, "waiters": self.waiters}
        return replace(found, ports=replace(found.ports, **given))

    @property
    def records(self) -> dict[str, dict[str, object]]:
        return json.loads((self.folder / "api_keys.json").read_text("utf-8"))

    @property
    def new_key(self) -> str:
        return (self.folder / "new").read_text("utf-8")

    def short_id(self, key: str) -> str:
        return KeyIds(machine_key(self.folder / "state")).short_id(key)

    def server(self, *statuses: int) -> None:
        self.prober.called[URL] = [Called(one, b"", 0.01) for one in statuses]

    async def draft(self, action: str, **inputs: str) -> Draft:
        return await drafted(ACTIONS, self.site, action, "shop/api", **inputs)

    async def rotate(self, number: int = 1, grace: str = "24h") -> str:
        """Rotate a key; return the order of its end."""
        self.server(200)
        to = f"file:{self.folder / 'new'}"
        given = {"key": self.short_id(named(number)), "grace": grace, "to": to}
        draft = await self.draft("key.rotate", **given)
        assert draft.danger is Danger.INTERRUPT, "it confirms that a key is switched off"
        ended = await carry_out(draft, self.site.ports, FakeWork("01ROTATION"))
        assert ended[0] == "verified", ended
        (order,) = self.waiters.waits
        return order

    def use_new_key(self) -> None:
        usage = {f"{self.new_key}_2026-03": {"count": 3}}
        (self.folder / "usage.json").write_text(json.dumps(usage), "utf-8")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    ground = Ground()
    files = LocalFiles(ground.clock)
    ground.files = files
    keys = LocalKeyStores(tmp_path / "state", ground.clock)
    path = tmp_path / "api_keys.json"
    seed(path)
    path.chmod(0o600)
    (tmp_path / "usage.json").write_text("{}", "utf-8")
    spec = KeyStoreSpec(
        "api", path=str(path), tiers=(("pro", 10_000),), probe=KeyProbeSpec("api", URL),
        usage=(str(tmp_path / "usage.json"),),
    )  # fmt: skip
    yield Stage(tmp_path, ground, keys, spec)
    keys.close()
    files.close()


async def test_a_rotation_has_its_end_waited_for_and_says_by_what(stage: Stage) -> None:
    draft = await stage.draft("key.rotate", key=stage.short_id(named(1)), grace="2h")
    assert any(BY_PROCESS in text for text in warnings(draft))
    order = await stage.rotate(grace="2h")
    wait = stage.waiters.waits[order]
    left = wait.moment - stage.ground.clock.now()
    assert timedelta(hours=1, minutes=59) < left <= timedelta(hours=2)
    assert wait.action_id == "01ROTATION"
    (end,) = await ends_of(stage.site.ports, "shop", "api")
    ids = KeyIds(machine_key(stage.folder / "state"))
    assert (end.mark, end.order, end.new) == (ids.mark(named(1)), order, ids.mark(stage.new_key))
    assert stage.records[named(1)]["active"]


async def test_its_end_switches_off_exactly_that_key_and_is_struck_out(stage: Stage) -> None:
    order = await stage.rotate()
    stage.ground.clock.passed_s += DAY_S + 1
    stage.server(401)
    draft = await stage.draft("key.end", of=order)
    assert [one.id.rpartition("/")[2][:6] for one in draft.targets] == [
        stage.short_id(named(1))[2:]
    ]
    ended = await carry_out(draft, stage.site.ports, FakeWork("01END"))
    assert ended[0] == "verified", ended
    off = [key for key, one in stage.records.items() if not one["active"]]
    assert off == [named(1)]
    assert await ends_of(stage.site.ports, "shop", "api") == ()
    with pytest.raises(ActionError, match="no key's grace is over"):
        await stage.draft("key.end")


async def test_nothing_is_ended_before_its_moment_nor_by_anothers_order(stage: Stage) -> None:
    order = await stage.rotate()
    with pytest.raises(ActionError, match="no key's grace is over"):
        await stage.draft("key.end", of=order)
    stage.ground.clock.passed_s += DAY_S + 1
    with pytest.raises(ActionError, match="no key's grace is over"):
        await stage.draft("key.end", of="0123456789abcdef")


async def test_a_key_that_is_switched_on_again_later_is_not_ended_again(stage: Stage) -> None:
    order = await stage.rotate()
    stage.ground.clock.passed_s += DAY_S + 1
    stage.server(401)
    await carry_out(await stage.draft("key.end", of=order), stage.site.ports, FakeWork("01END"))
    stage.server(200)
    again = await stage.draft("key.reactivate", keys=stage.short_id(named(1)))
    await carry_out(again, stage.site.ports, FakeWork("01AGAIN"))
    with pytest.raises(ActionError, match="no key's grace is over"):
        await stage.draft("key.end")


@pytest.mark.parametrize("must", [True, False])
async def test_a_new_key_that_was_never_used_is_told_or_stops_the_end(
    stage: Stage, must: bool
) -> None:
    stage.spec = replace(stage.spec, end_needs_use=must)
    order = await stage.rotate()
    stage.ground.clock.passed_s += DAY_S + 1
    draft = await stage.draft("key.end", of=order)
    said = stops(draft) if must else warnings(draft)
    assert [text for text in said if text.endswith("was never used")]
    stage.use_new_key()
    draft = await stage.draft("key.end", of=order)
    assert not stops(draft)
    assert not [text for text in warnings(draft) if "never used" in text]


async def test_where_nothing_can_wait_the_rotation_goes_back(stage: Stage) -> None:
    stage.waiters.is_broken = True
    stage.server(200)
    before = stage.records
    to = f"file:{stage.folder / 'new'}"
    draft = await stage.draft("key.rotate", key=stage.short_id(named(1)), grace="1h", to=to)
    ended = await carry_out(draft, stage.site.ports, FakeWork("01ROTATION"))
    assert ended[0] != "verified"
    assert (stage.records, (stage.folder / "new").exists()) == (before, False)
    assert await ends_of(stage.site.ports, "shop", "api") == ()


async def test_the_steps_of_an_end_can_be_taken_back(stage: Stage) -> None:
    order = await stage.rotate()
    stage.ground.clock.passed_s += DAY_S + 1
    ports, work = stage.site.ports, FakeWork("01END")
    strike = stored((await stage.draft("key.end", of=order)).steps[-1].step)
    noted = await ends_of(ports, "shop", "api")
    await strike.apply(ports, work)
    assert (await strike.observe(ports)).sight is Sight.AFTER
    await strike.undo(ports, work)
    assert await ends_of(ports, "shop", "api") == noted


@pytest.mark.parametrize("grace", ["tomorrow", "1", "-1h", "91d", "1w"])
async def test_a_grace_is_a_time(stage: Stage, grace: str) -> None:
    with pytest.raises(ActionError, match="a grace is"):
        await stage.draft("key.rotate", key=stage.short_id(named(1)), grace=grace)


async def test_a_key_for_which_nobody_says_where_goes_to_a_private_file_of_ours(
    stage: Stage,
) -> None:
    stage.server(200)
    draft = await stage.draft("key.generate", tier="pro")
    (said,) = [text for text in warnings(draft) if "exports/" in text]
    path = Path(said.split()[0])
    ended = await carry_out(draft, stage.site.ports, FakeWork("01MADE"))
    assert ended[0] == "verified", ended
    assert path.read_text("utf-8") in stage.records
    modes = path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777
    assert modes == (0o600, 0o700)
