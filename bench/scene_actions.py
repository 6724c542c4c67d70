"""Actions, the audit trail, backups and procedures of the scripted night, and a desk that has them.

Nothing is planned or started: the desk answers with plans that were made before.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from bench.scene_plans import (
    WAITS,
    answers,
    copy_plan,
    list_plan,
    offers,
    restart_plan,
    restore_plan,
    verify_plan,
)
from bench.scene_procedures import RUNNING, procedures
from core.actions.plan_codec import code_of
from core.model.action import ActionRequest, Phase, Plan, Proof
from core.model.action_pages import (
    ActionPages,
    AuditRow,
    AuditTrail,
    AuditVerdict,
    BackupRow,
    Page,
)
from core.model.action_state import ActionState, ProofSaid, StepProgress, StepState
from core.model.action_view import (
    ActionsPicture,
    AuditState,
    Difference,
    EditAnswer,
    LookedAt,
    PlanAnswer,
    ReleaseRow,
    ReleasesAnswer,
    RevealAnswer,
    RunAnswer,
    WaitingKey,
)
from core.model.procedure_ways import Move
from core.model.secret import Secret
from core.model.text import EMPTY, SafeText, clean
from core.model.verdict import Verdict

_DONE, _RUNS, _WAITS = StepState.DONE, StepState.RUNNING, StepState.WAITING
_FAILED, _UNDONE = StepState.FAILED, StepState.UNDONE
HUMAN, LEFT = "01JN7Q0000000000000000HUMN", "01JN7Q0000000000000000LEFT"
FAILED, UNDONE = "01JN7Q0000000000000000FA1D", "01JN7Q0000000000000000VNDN"
DRIFTED = "01JN7Q0000000000000000DRFT"
RECOVERED = "01JN7Q0000000000000000RCVD"
NEW_KEY = "key_4hT-n0tArealKey_w9QxZ2cVb7Lm1pRs6Ty3Uj8Gd0e"
"""Made up, as long as a real one."""


def _state(
    plan: Plan,
    action_id: str,
    phase: Phase,
    steps: tuple[StepState, ...],
    ago_s: float,
    now_s: float,
) -> ActionState:
    one = replace(plan, id=action_id)
    progress = tuple(
        StepProgress(step, now_s - ago_s + index, 1.0 + 2 * index if step is _DONE else None)
        for index, step in enumerate(steps)
    )
    is_over = phase is not Phase.RUNNING
    return ActionState(
        one, code_of(one), phase, progress, now_s - ago_s,
        now_s - ago_s + 14 if is_over else None,
        is_audited=is_over, has_intent=True,
    )  # fmt: skip


def states(now_s: float) -> tuple[ActionState, ...]:
    """Return one action of every kind, the newest first."""
    running = replace(
        _state(restore_plan(), RUNNING, Phase.RUNNING, (_DONE, _DONE, _RUNS, _WAITS), 9, now_s),
        is_alive=True,
    )
    human = replace(
        _state(
            restore_plan(), HUMAN, Phase.NEEDS_HUMAN, (_DONE, _DONE, _DONE, _FAILED), 900, now_s
        ),
        text=SafeText(
            "step 4 failed past the point of no return: gateway-proxy.service does not start"
        ),
    )
    left = replace(
        _state(list_plan(), LEFT, Phase.RUNNING, (_DONE, _RUNS), 1800, now_s), is_audited=False
    )
    failed = replace(
        _state(restart_plan(), FAILED, Phase.ROLLED_BACK, (_UNDONE,), 3600, now_s),
        proof=Proof.FAILED,
        text=SafeText("check health failed: HTTP 502 from upstream-service:5001; it was undone"),
        proofs=(ProofSaid(Proof.FAILED, SafeText("check health: HTTP 502, three times")),),
    )
    copy = copy_plan()
    steps = tuple(replace(one, undo=SafeText("it is put back")) for one in copy.steps)
    undo = replace(copy, title=SafeText("undo: copy Gateway configuration"), steps=steps)
    undone = replace(
        _state(undo, UNDONE, Phase.COMMITTED, (_DONE, _DONE), 5400, now_s),
        proof=Proof.VERIFIED,
        proofs=(ProofSaid(Proof.VERIFIED, SafeText("the copy is gone, nothing else was touched")),),
    )
    recovered = replace(
        _state(list_plan(), RECOVERED, Phase.COMMITTED, (_DONE, _DONE), 7200, now_s),
        proof=Proof.VERIFIED,
        is_recovered=True,
        text=SafeText("finished by recovery: its process died between its last step and the proof"),
    )
    drifted = replace(
        _state(restart_plan(), DRIFTED, Phase.ABORTED, (_WAITS,), 9000, now_s),
        text=SafeText(
            "changed since the plan: gateway-proxy.service, invocation was 7c1f0b2a, is 99e0d4c1"
        ),
    )
    read = replace(
        _state(verify_plan(), "01JN7Q0000000000000000READ", Phase.COMMITTED, (_DONE,), 9900, now_s),
        proof=Proof.UNVERIFIED,
    )
    return (running, human, left, failed, undone, recovered, drifted, read)


def _looked_at(action_id: str) -> LookedAt:
    output = ("03:13:58Z stop gateway-proxy.service: inactive after 1.2 s",
              "03:14:02Z exchange /srv/gateway/conf: 14 files, hashes agree")  # fmt: skip
    found, will = EMPTY, EMPTY
    if action_id == LEFT:
        found = SafeText("it died at step 2 of 2")
        will = SafeText(
            "look whether that step was done, then go back; past a point of no return, on"
        )
    if action_id == HUMAN:
        found = SafeText("it could not be finished: gateway-proxy.service does not start")
        will = SafeText("nothing by itself: put it right, then say so")
    differences = (
        Difference(clean("api-gateway/proxy-service/health"), clean("ok HTTP 200"),
                   clean("down HTTP 502")),
    )  # fmt: skip
    is_over = action_id in {FAILED, HUMAN, UNDONE, RECOVERED}
    shown = differences if action_id in {FAILED, HUMAN} else ()
    return LookedAt(action_id, tuple(map(clean, output)), shown, is_over, found, will)


def _trail(now: datetime) -> AuditTrail:
    said = (
        ("step_begin", "root", "restore ops-1:folder:/srv/gateway/conf", "step 3", False),
        ("step_end", "root", "restore ops-1:folder:/srv/gateway/conf", "step 2; 1.2 s", False),
        ("intent", "root", "restore ops-1:folder:/srv/gateway/conf", "", False),
        ("confirm", "root", "restore ops-1:folder:/srv/gateway/conf", "approved", False),
        ("denied", "www-data", "restart ops-1:unit:gateway-proxy.service",
         "www-data has no role here", True),
        ("needs_human", "root", "restore ops-1:folder:/srv/gateway/conf",
         "gateway-proxy.service does not start", True),
        ("arm", "root (login uid 1000)", "", "", False),
        ("anchor", "root", "local", "", False),
    )  # fmt: skip
    rows = tuple(
        AuditRow(
            4023 - index, now.replace(second=max(0, now.second - index)), clean(event), clean(who),
            clean(what), clean(result), clean(RUNNING if what else ""), clean("production"),
            is_trouble=is_trouble,
        )
        for index, (event, who, what, result, is_trouble) in enumerate(said)
    )  # fmt: skip
    return AuditTrail(rows, is_cut=True, verdict=AuditVerdict(4023, 12, (), True, now))


def _backups(now: datetime) -> tuple[BackupRow, ...]:
    good = SafeText("rehearsed when it was made, unchanged since")
    config = BackupRow(
        "api-gateway", "config", SafeText("Gateway configuration"), "archive", Verdict.OK,
        SafeText("the newest good one is young enough"),
        clean("/var/backups/gateway/config-20260301-020000.tar.gz"), now.replace(hour=2, minute=0),
        217_088, "good", good, 14, max_age_s=86400.0,
    )  # fmt: skip
    older = replace(
        config, path=clean("/var/backups/gateway/config-20260228-020000.tar.gz"),
        made_at=datetime(2026, 2, 28, 2, 0, tzinfo=UTC), is_newest=False,
        validity="unverified", why=SafeText("written to since it was made; verify it"),
    )  # fmt: skip
    database = BackupRow(
        "ai-diy", "database", SafeText("Database of ai-diy"), "postgres", Verdict.DEGRADED,
        SafeText("the newest good one is older than it should be"),
        clean("/var/backups/ai-diy/db-20260225.dump"), datetime(2026, 2, 25, 4, 0, tzinfo=UTC),
        1_840_000_000, "good", good, None, max_age_s=86400.0,
    )  # fmt: skip
    none = BackupRow(
        "web", "uploads", SafeText("Uploads"), "archive", Verdict.DEGRADED,
        SafeText("there is no backup"),
    )  # fmt: skip
    return (config, older, database, none)


def waiting_key(now_s: float) -> WaitingKey:
    """Return a new key that nobody has been shown."""
    title = clean("generate a key of tier pro, for acme, in /srv/api-service/api/api_keys.json")
    made_s = now_s - 60
    return WaitingKey("01JN7Q0000000000000000KEYS", "api-service/keys", title, made_s, len(NEW_KEY))


def actions_picture(now: datetime) -> ActionsPicture:
    """Return everything about actions at one moment."""
    now_s = now.timestamp()
    return ActionsPicture(
        is_read=True,
        states=states(now_s),
        offers=offers(),
        waiting=(waiting_key(now_s),),
        audit=AuditState(tail=clean("9f3ac1d0")),
        pages=ActionPages(_trail(now), _backups(now), procedures(now_s)),
    )


class StillActionDesk:
    """Answers at once with what was made before; counts what is ordered, and does none of it."""

    def __init__(self, picture: ActionsPicture, tell: Callable[[], None]) -> None:
        """Take what there is to see."""
        self.picture = picture
        self.answers: dict[str, PlanAnswer] = answers()
        self.confirmed: list[tuple[Plan, str, bool]] = []
        self.recovered: list[str] = []
        self.resolved: list[tuple[str, str]] = []
        self.begun: list[ActionRequest] = []
        self.moved: list[tuple[str, Move, bool]] = []
        self.let_go: list[str] = []
        self.run_answer: RunAnswer | None = None
        """What moving a run comes to."""
        self.looked_up = 0
        """How often somebody wanted to know what can be done."""
        self.armed: list[bool] = []
        self.refused: list[tuple[str, str, str]] = []
        self.entered: list[tuple[ActionRequest, Secret]] = []
        self.revealed: list[str] = []
        self.problem = EMPTY
        """Why nothing is done; empty: it is."""
        self.waits_for = WAITS
        """What `look_after` answers."""
        self._tell = tell

    def start(self) -> None:
        """Say that there is a picture."""
        self._tell()

    def stop(self, timeout_s: float = 1.0) -> bool:
        """Do nothing, in time."""
        return True

    def show(self, picture: ActionsPicture) -> None:
        """Know something else from now on."""
        self.picture = picture
        self._tell()

    def look_at(self, action_id: str) -> None:
        """Read an action's folder."""
        looked_at = _looked_at(action_id) if action_id else None
        self.show(replace(self.picture, looked_at=looked_at))

    def turn_to(self, page: Page) -> None:
        """Know every page already."""

    def look_up_offers(self) -> None:
        """Take note: what can be done is in the picture, or a test shows it later."""
        self.looked_up += 1

    def plan(self, request: ActionRequest, reply: Callable[[PlanAnswer], None]) -> None:
        """Answer with the plan of that action."""
        none = PlanAnswer(None, problem=clean(f"there is no action {request.action!r}"))
        reply(self.answers.get(request.action, none))

    def open_text(self, request: ActionRequest, reply: Callable[[EditAnswer], None]) -> None:
        """Have no file to edit."""
        reply(EditAnswer(problem=SafeText("there is nothing to edit here")))

    def releases(self, target: str, reply: Callable[[ReleasesAnswer], None]) -> None:
        """Answer with two releases, the older of which runs."""
        subjects = ("Cache answers for a minute", "Take limits from the tier")
        rows = tuple(
            ReleaseRow(str(number) * 40, 1_772_334_000.0 - number * 86_400, clean(text),
                       is_now=number == 2)
            for number, text in enumerate(subjects, 1)
        )  # fmt: skip
        reply(ReleasesAnswer(target, rows))

    def hand_over(
        self, request: ActionRequest, text: str, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Answer with the plan of that action."""
        self.plan(request, reply)

    def enter(
        self, request: ActionRequest, value: Secret, reply: Callable[[PlanAnswer], None]
    ) -> None:
        """Take note of what was entered, and answer with the plan of that action."""
        self.entered.append((request, value))
        self.plan(request, reply)

    def reveal(self, action_id: str, reply: Callable[[RevealAnswer], None]) -> None:
        """Give a key that is made up, to whoever asks first."""
        self.revealed.append(action_id)
        is_there = any(one.action_id == action_id for one in self.picture.waiting)
        self.show(replace(self.picture, waiting=()))
        said = clean("nothing is shown: the key has been shown already")
        reply(RevealAnswer(Secret(NEW_KEY)) if is_there else RevealAnswer(None, said))

    def look_after(self, plan: Plan, told: Callable[[SafeText], None]) -> None:
        """Say what somebody else still has to do."""
        told(self.waits_for)

    def confirm(
        self, plan: Plan, said: str, told: Callable[[SafeText], None], *, is_armed: bool
    ) -> None:
        """Take note of a yes."""
        self.confirmed.append((plan, said, is_armed))
        told(self.problem)

    def begin_run(
        self, request: ActionRequest, answer: Callable[[RunAnswer], None], *, is_armed: bool
    ) -> None:
        """Take note, and begin nothing."""
        self.begun.append(request)

    def move_run(
        self, run_id: str, move: Move, answer: Callable[[RunAnswer], None], *, is_armed: bool
    ) -> None:
        """Take note, and answer what was made ready for it."""
        self.moved.append((run_id, move, is_armed))
        if self.run_answer is not None:
            answer(self.run_answer)

    def let_run_go(self, run_id: str) -> None:
        """Take note."""
        self.let_go.append(run_id)

    def recover(self, action_id: str, told: Callable[[SafeText], None]) -> None:
        """Take note."""
        self.recovered.append(action_id)
        told(self.problem)

    def resolve(self, action_id: str, note: str, told: Callable[[SafeText], None]) -> None:
        """Take note."""
        self.resolved.append((action_id, note))
        told(self.problem)

    def record_arming(self, told: Callable[[SafeText], None], *, is_armed: bool) -> None:
        """Take note."""
        self.armed.append(is_armed)
        told(self.problem)

    def record_refusal(
        self, what: str, reason: str, told: Callable[[SafeText], None], action_id: str = ""
    ) -> None:
        """Take note."""
        self.refused.append((what, reason, action_id))
        told(self.problem)
