"""Actions on API keys: what their plans say, refuse and do, on files and with a scripted server."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.actions.action import Draft, Site
from core.actions.families.key import ACTIONS
from core.actions.families.key_look import told_of
from core.actions.families.key_proofs import judged
from core.actions.families.key_steps import SetKeysActive
from core.actions.part import Sight
from core.clients.acting.files import LocalFiles
from core.clients.acting.key_store import LocalKeyStores
from core.clients.acting.prober import Called
from core.clients.key_state import machine_key
from core.errors import ActionError
from core.keys.ids import KeyIds
from core.keys.store.edits import SetActive
from core.model.action import Danger
from core.model.key_spec import KeyProbeSpec, KeyStoreSpec
from core.model.operation import OperationsSpec
from tests.fakes.acting_files import FakeWork
from tests.fakes.acting_ground import Ground, carry_out, drafted, stops, stored, warnings
from tests.fakes.acting_prober import FakeProber
from tests.fakes.old_key_tool import OldTool, named, new_record, seed

URL = "http://127.0.0.1:1/decide"
TIERS = (("free", 100), ("pro", 10_000))


@dataclass
class Stage:
    """A store of four pro keys on the disk, and a server that answers as it is told."""

    folder: Path
    ground: Ground
    prober: FakeProber
    keys: LocalKeyStores
    spec: KeyStoreSpec

    @property
    def site(self) -> Site:
        found = self.ground.site(operations={"shop": OperationsSpec("shop", keys=(self.spec,))})
        ports = replace(found.ports, keys=self.keys, prober=self.prober, waiters=None)
        return replace(found, ports=ports)

    @property
    def path(self) -> Path:
        return self.folder / "api_keys.json"

    @property
    def records(self) -> dict[str, Any]:
        return json.loads(self.path.read_text("utf-8"))

    def ids(self, *numbers: int) -> str:
        ids = KeyIds(machine_key(self.folder / "state"))
        return ",".join(ids.short_id(named(number)) for number in numbers)

    def server(self, *statuses: int) -> None:
        self.prober.called[URL] = [Called(one, b"", 0.01) for one in statuses]

    async def draft(self, action: str, **inputs: str) -> Draft:
        return await drafted(ACTIONS, self.site, action, "shop/api", **inputs)

    async def act(self, action: str, **inputs: str) -> tuple[str, str]:
        draft = await self.draft(action, **inputs)
        assert not stops(draft)
        return await carry_out(draft, self.site.ports, FakeWork("01TESTACTION"))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    ground = Ground()
    files = LocalFiles(ground.clock)
    ground.files = files
    keys = LocalKeyStores(tmp_path / "state", ground.clock)
    path = tmp_path / "api_keys.json"
    seed(path)
    path.chmod(0o600)
    spec = KeyStoreSpec(
        "api", path=str(path), tiers=TIERS, probe=KeyProbeSpec("api", URL),
        usage=(str(tmp_path / "usage.json"),),
    )  # fmt: skip
    yield Stage(tmp_path, ground, FakeProber(), keys, spec)
    keys.close()
    files.close()


async def test_a_deactivation_is_verified_when_the_server_refuses_the_key(stage: Stage) -> None:
    stage.server(401)
    ended = await stage.act("key.deactivate", keys=stage.ids(1))
    assert ended[0] == "verified", ended
    assert [one["active"] for one in stage.records.values()] == [True, False, True, True]
    ((header, secret),) = {pair for one in stage.prober.sent for pair in one.items()}
    assert (header, secret.reveal()) == ("X-API-Key", named(1))


async def test_a_server_that_still_takes_it_leaves_it_off_and_unverified(stage: Stage) -> None:
    stage.server(200)
    ended = await stage.act("key.deactivate", keys=stage.ids(1))
    assert (ended[0], "STILL LIVE" in ended[1]) == ("ran but unverified", True)
    assert not stage.records[named(1)]["active"]


async def test_a_route_without_get_is_asked_with_a_post_of_nothing(stage: Stage) -> None:
    stage.server(405, 401)
    assert (await stage.act("key.deactivate", keys=stage.ids(1)))[0] == "verified"
    assert stage.prober.calls == [("GET", URL), ("POST", URL)]


@pytest.mark.parametrize(
    ("status", "is_live"),
    [(200, True), (204, True), (422, True), (401, False), (403, False), (404, None), (500, None),
     (302, None), (429, None)],
)  # fmt: skip
def test_what_an_answer_means(status: int, is_live: bool | None) -> None:
    assert judged(status, 401) is is_live


async def test_plans_know_keys_by_their_ids_alone(stage: Stage) -> None:
    (stage.folder / "usage.json").write_text(json.dumps({f"{named(1)}_2026-03": {"count": 9}}))
    draft = await stage.draft("key.deactivate", keys=stage.ids(1))
    text = repr(draft)
    assert named(1) not in text
    assert "key_…0001 pro, 10000 a month, active" in text
    assert "9 requests this month" in text


async def test_what_is_asked_for_twice_is_refused(stage: Stage) -> None:
    await stage.keys.change(str(stage.path), stored_edit(stage), "01OTHER")
    draft = await stage.draft("key.deactivate", keys=stage.ids(1))
    assert stops(draft) == [f"{stage.ids(1)}: already inactive, nothing to do"]


async def test_of_several_keys_only_those_are_told_that_become_another_way(stage: Stage) -> None:
    await stage.keys.change(str(stage.path), stored_edit(stage), "01OTHER")
    draft = await stage.draft("key.deactivate", keys=stage.ids(0, 1, 2))
    assert "2 keys" in draft.title
    assert [one.id.rpartition("/")[2][:6] for one in draft.targets] == [
        stage.ids(number).removeprefix("k-") for number in (0, 2)
    ]
    assert draft.radius[0] == "2 keys: refused from now on"
    assert f"already inactive: {stage.ids(1)}" in [one.text for one in draft.preflight]


def stored_edit(stage: Stage) -> Any:
    ids = KeyIds(machine_key(stage.folder / "state"))
    return SetActive(ids=ids, marks=(ids.mark(named(1)),), is_active=False)


@pytest.mark.parametrize("name", ["k-000000", "", named(1), "k-", "k-zz"])
async def test_a_key_that_nobody_knows_or_that_is_named_itself_is_refused(
    stage: Stage, name: str
) -> None:
    with pytest.raises(ActionError) as caught:
        await stage.draft("key.deactivate", keys=name)
    assert named(1) not in str(caught.value)


async def test_the_last_keys_of_a_tier_and_many_at_once_are_typed(stage: Stage) -> None:
    some = await stage.draft("key.deactivate", keys=stage.ids(0, 1))
    every = await stage.draft("key.deactivate", keys=stage.ids(0, 1, 2, 3))
    assert (some.danger, every.danger) == (None, Danger.DESTROY)
    assert "pro would have no active key left (now 4)" in warnings(every)


async def test_every_file_of_a_split_store_is_changed(stage: Stage) -> None:
    other = stage.folder / "other.json"
    other.write_bytes(stage.path.read_bytes())
    gone = str(stage.folder / "gone.json")
    stage.spec = replace(stage.spec, also=(str(other), gone))
    stage.server(401)
    assert (await stage.act("key.deactivate", keys=stage.ids(1)))[0] == "verified"
    assert not json.loads(other.read_text())[named(1)]["active"]


async def test_a_new_key_has_the_newest_ones_form_and_goes_where_it_is_asked(
    stage: Stage, tmp_path: Path
) -> None:
    stage.server(200)
    ended = await stage.act("key.generate", tier="free", to=f"file:{tmp_path / 'new'}")
    assert ended[0] == "verified", ended
    key = (tmp_path / "new").read_text("utf-8")
    assert (key[:4], len(key)) == ("key_", 47)
    record = stage.records[key]
    assert list(record) == list(stage.records[named(0)])
    assert (record["tier"], record["requests_per_month"], record["active"]) == ("free", 100, True)
    assert record["created_at"] == "2026-03-01T03:00:00.000000", "of the same form"
    assert not list((tmp_path / "state" / "handover").iterdir())


@pytest.mark.parametrize("to", ["screen", "file:relative", "command:nothing"])
async def test_a_key_for_nobody_is_not_made(stage: Stage, to: str) -> None:
    with pytest.raises(ActionError):
        await stage.draft("key.generate", tier="pro", to=to)


async def test_a_file_that_is_there_is_not_written_over(stage: Stage) -> None:
    draft = await stage.draft("key.generate", tier="pro", to=f"file:{stage.path}")
    assert stops(draft) == [f"{stage.path} is there: it is not written over"]


async def test_a_tier_that_nobody_knows_is_refused_with_the_menu(stage: Stage) -> None:
    with pytest.raises(ActionError, match="free \\(100 a month\\), pro \\(10,000 a month\\)"):
        await stage.draft("key.generate", tier="gold", to="reveal")


async def test_a_hand_over_that_fails_takes_the_key_away_again(
    stage: Stage, tmp_path: Path
) -> None:
    before = stage.path.read_bytes()
    draft = await stage.draft("key.generate", tier="pro", to=f"file:{tmp_path / 'new'}")
    (tmp_path / "new").write_text("somebody was faster", "utf-8")
    ended = await carry_out(draft, stage.site.ports, FakeWork("01TESTACTION"))
    assert ended[0] == "rolled_back", ended
    assert stage.path.read_bytes() == before
    assert (tmp_path / "new").read_text("utf-8") == "somebody was faster"
    removed = (tmp_path / "state" / "shop" / "api.removed").read_text("utf-8")
    assert len(removed.splitlines()) == 1, "no loss is raised for it"


async def test_a_rotation_keeps_unknown_fields_and_ends_the_old_key(
    stage: Stage, tmp_path: Path
) -> None:
    stage.server(200, 401)
    ended = await stage.act(
        "key.rotate", key=stage.ids(2), grace="0", to=f"file:{tmp_path / 'new'}"
    )
    assert ended[0] == "verified", ended
    key = (tmp_path / "new").read_text("utf-8")
    assert stage.records[key]["policy"] == stage.records[named(2)]["policy"]
    assert [stage.records[one]["active"] for one in (key, named(2))] == [True, False]


async def test_another_tier_gets_its_quota_and_goes_back_exactly(stage: Stage) -> None:
    before = stage.path.read_bytes()
    draft = await stage.draft("key.set_tier", key=stage.ids(0), tier="free")
    step, work = stored(draft.steps[0].step), FakeWork("01TESTACTION")
    ports = stage.site.ports
    assert (await step.observe(ports)).sight is Sight.BEFORE
    await step.apply(ports, work)
    assert (await step.observe(ports)).sight is Sight.AFTER
    record = stage.records[named(0)]
    assert (record["tier"], record["requests_per_month"]) == ("free", 100)
    await step.undo(ports, work)
    assert stage.path.read_bytes() == before


async def test_what_another_tool_changed_meanwhile_stays_when_it_is_undone(stage: Stage) -> None:
    ids = KeyIds(machine_key(stage.folder / "state"))
    step = SetKeysActive(str(stage.path), (ids.mark(named(1)),), False)
    work, ports = FakeWork("01TESTACTION"), stage.site.ports
    await step.apply(ports, work)
    OldTool(stage.path).generate(named(50))
    await step.undo(ports, work)
    assert stage.records[named(1)]["active"]
    assert stage.records[named(50)] == new_record()


async def test_a_copy_is_merged_and_switches_nothing_on_that_is_not_named(stage: Stage) -> None:
    await stage.act("key.backup")
    tool = OldTool(stage.path)
    tool.deactivate(named(1))
    records = tool.read()
    del records[named(3)]
    records[named(60)] = new_record()
    tool.write(records)
    draft = await stage.draft("key.restore")
    assert any("stay off" in one for one in warnings(draft))
    assert draft.radius[1] == "0 removed: 1 newer keys stay"
    await carry_out(draft, stage.site.ports, FakeWork("01RESTORE"))
    found = stage.records
    assert set(found) == {*map(named, range(4)), named(60)}
    assert not found[named(1)]["active"]
    draft = await stage.draft("key.restore", backup=draft_copy(draft), reactivate=stage.ids(1))
    await carry_out(draft, stage.site.ports, FakeWork("01AGAIN"))
    assert stage.records[named(1)]["active"]


def draft_copy(draft: Draft) -> str:
    step: Any = draft.steps[0].step
    return step.backup


async def test_a_torn_store_is_replaced_by_a_copy_as_a_whole(stage: Stage) -> None:
    whole = stage.path.read_bytes()
    await stage.act("key.backup")
    stage.path.write_bytes(whole[:100])
    draft = await stage.draft("key.restore")
    assert draft.danger is Danger.DESTROY
    await carry_out(draft, stage.site.ports, FakeWork("01RESTORE"))
    assert stage.path.read_bytes() == whole


async def test_all_keys_at_once_are_typed_and_exported_once(stage: Stage, tmp_path: Path) -> None:
    stage.server(200, 200, 200, 200, 401)
    draft = await stage.draft("key.rotate_all", to=f"file:{tmp_path / 'export'}")
    assert draft.danger is Danger.DESTROY
    ended = await carry_out(draft, stage.site.ports, FakeWork("01TESTACTION"))
    assert ended[0] == "verified", ended
    rows = json.loads((tmp_path / "export").read_text("utf-8"))["keys"]
    assert [stage.records[row["key"]]["active"] for row in rows] == [True] * 4
    assert not any(stage.records[named(number)]["active"] for number in range(4))


def test_what_is_said_of_many_keys_differs_where_any_of_them_does() -> None:
    said = [f"k-{number} pro 10000 active" for number in range(400)]
    others = [*said[:-1], "k-399 pro 10000 inactive"]
    assert told_of(said) != told_of(others)
    assert told_of(said) == told_of(list(said))
    assert len(told_of(said)) < 1000
    assert told_of(said[:20]) == "; ".join(said[:20])
