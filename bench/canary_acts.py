"""Every family of actions, carried out on the command line in a world of planted secrets."""

import json
import re
import time
from collections.abc import Callable

from bench.canary_engine import Engine
from bench.canary_tour import Tour
from bench.canary_world import LEAVES, PLAIN_TOKENS
from tests.real.repositories import commit

_ENDS_S = 60.0
_ID = re.compile(r"\d{13}-\d+")


def variables(tour: Tour) -> None:
    """Set and rotate what env files hold, edit files, tune; let two be killed."""
    env, plants = "shop/env", tour.world.plants
    fresh = "fresh-" + plants[5].value[::-1]
    tour.search.learn(fresh)
    value = tour.given("new-secret", fresh)
    tour.take_back(tour.act("env.set", env, {"SERVICE_1_SECRET": value}))
    tour.act("secret.set", env, {"name": "SERVICE_2_SECRET", "value": value})
    tour.search.retire(plants[2].value)
    tour.dies("applied:1:kill", "env.set", env, {"LOG_LEVEL": "DEBUG"})
    tour.dies("done:1:eio", "env.set", env, {"LOG_LEVEL": "WARN"})
    text = (tour.world.place / ".env").read_text("utf-8")
    edited = tour.given("env", text + f"ADDED_{tour.lot.randrange(1000)}=1\n")
    tour.take_back(tour.act("env.edit", env, {"text": edited}))
    models = json.dumps({"default": "b", "api_key": plants[6].value})
    tour.act("config.edit", "shop/models", {"text": tour.given("models", models)})
    tour.take_back(tour.act("tuning.apply", "shop/fast"))
    tour.act("limit.change", "shop/clients", {"capacity": str(tour.lot.randrange(20, 99))})
    tour.act("scheduler.disable", "shop/app")
    tour.act("secret.rotate", env, {"name": "JWT_SECRET"})
    made = tour.world.folder / "given" / "generated"
    made.unlink(missing_ok=True)
    tour.act("secret.generate", env, {"to": f"file:{made}"})
    if made.exists():
        tour.search.learn(made.read_text("utf-8").strip())
    tour.learn()


def keys(tour: Tour) -> None:
    """Make, switch, rotate and restore keys; let one be killed; end a grace."""
    to, lot = f"file:{tour.world.folder / 'given'}", tour.lot
    at, path = "shop/api", tour.world.place / "api_keys.json"
    tour.act("key.generate", at, {"tier": "pro", "to": f"{to}/{lot.random()}.key"})
    tour.act("key.backup", at)
    known = re.findall(r"k-[0-9a-f]{6,}", tour.call("keys", at, "list", "--json"))
    one, two, three = lot.sample(sorted(set(known)), 3)
    tour.take_back(tour.act("key.deactivate", at, {"keys": one}))
    tour.dies("store_renamed:1:kill", "key.deactivate", at, {"keys": two})
    tour.act("key.reactivate", at, {"keys": two})
    tour.act("key.set_tier", at, {"key": one, "tier": "free"})
    tour.act("key.rotate", at, {"key": one, "grace": "0", "to": f"{to}/{lot.random()}.key"})
    tour.act("key.rotate", at, {"key": three, "grace": "5s", "to": f"{to}/{lot.random()}.key"})
    tour.learn()
    _wait_for_end(tour)
    tour.call("keys", at, "info", two)
    tour.call("keys", at, "info", "-", given=tour.world.plants[30].value)
    tour.act("key.backup", at)
    store = json.loads(path.read_text("utf-8"))
    # Another tool loses a key, which comes back from the copy; not a planted one, which would be
    # known to nobody meanwhile.
    # Where the time is over there is none: nothing was made before.
    for lost in sorted(set(store) - {plant.value for plant in tour.world.plants})[:1]:
        tour.search.retire(lost)
        del store[lost]
        path.write_text(json.dumps(store, indent=2), "utf-8")
        tour.act("key.restore", at, {"backup": "newest"})
    tour.act("key.rotate_all", at, {"to": f"{to}/{lot.random()}.keys"})
    tour.learn()


def _wait_for_end(tour: Tour) -> None:
    """Wait until the end of a grace has been carried out by whoever waits for it."""
    until_s = time.monotonic() + _ENDS_S
    while time.monotonic() < until_s and not tour.is_over:
        said = json.loads(tour.call("actions", "--json"))["actions"]
        if any(one["action"] == "key.end" and one["ended_s"] for one in said):
            tour.search.count("ends of a grace")
            return
        time.sleep(1)


def streams(tour: Tour) -> None:
    """Claim, acknowledge, trim; move groups; requeue letters and discard them."""
    at = "shop/events"
    rows = tour.world.client().xpending_range("events", "workers", "-", "+", 20)
    ids = [one["message_id"].decode() for one in rows]
    group = {"group": "workers"}
    if len(ids) > 4:
        some = {**group, "to": "other", "min_idle": "2s", "ids": ",".join(ids[:3])}
        tour.act("stream.claim", at, some)
        tour.act("stream.acknowledge", at, {**group, "ids": ids[3]})
        tour.act("stream.autoclaim", at, {**group, "to": "new:third", "min_idle": "2s"})
    tour.act("stream.create_group", at, {"group": "second", "id": "0"})
    tour.act("stream.set_id", at, {"group": "second", "id": "$"})
    tour.act("stream.remove_consumer", at, {**group, "consumer": LEAVES})
    entries = _ID.findall(tour.call("streams", "events", "--entries", "5", "--json"))
    if entries:
        tour.act("stream.delete_entries", at, {"ids": entries[-1]})
    tour.act("stream.trim", at, {"max_length": str(tour.lot.randrange(20, 40))})
    dead = _ID.findall(tour.call("dlq", "dead", "--json"))
    if dead:
        ids_wanted = {"ids": dead[0], "to": "events", "canary": "no"}
        tour.act("dlq.requeue", "shop/dead", ids_wanted)
    export = tour.world.folder / "given" / f"letters-{tour.lot.random()}.jsonl"
    tour.take_back(tour.act("dlq.discard", "shop/dead", {"all": "yes", "export": f"{export}"}))


def redis(tour: Tour) -> None:
    """Reset limits and circuits, revoke tokens, change the server, empty it and fill it again."""
    tour.take_back(tour.act("limit.reset", "shop/clients", {"pattern": "*"}))
    tour.take_back(tour.act("circuit.open", "shop/down"))
    tour.take_back(tour.act("circuit.reset", "shop/up"))
    # What is typed as an input is in the command line, so tokens are named that are no secrets.
    some = tour.lot.sample(PLAIN_TOKENS, tour.lot.randrange(1, len(PLAIN_TOKENS)))
    tour.take_back(tour.act("token.revoke", "shop/tokens", {"keys": ",".join(some)}))
    size = f"{tour.lot.randrange(1, 9)}gb"
    tour.act("redis.configure", "shop/redis", {"name": "maxmemory", "value": size})
    tour.act("redis.rewrite", "shop/redis")
    tour.act("redis.save", "shop/redis")
    all_of_it = {"database": "0", "including": "streams,tokens"}
    if tour.act("redis.flush", "shop/redis", all_of_it):
        tour.world.client().flushdb()
        tour.world.fill()


def folders(tour: Tour) -> None:
    """Make folders, move one aside, and take logs through their life."""
    tour.act("folder.create", f"shop/a{tour.lot.randrange(10**6)}/b/c")
    tour.take_back(tour.act("folder.move_aside", "spare/."))
    number = tour.lot.randrange(10**6)
    given = tour.world.folder / "given"
    tour.act("logs.snapshot", "shop/app/app", {"to": f"{given}/copy-{number}.log"})
    tour.act("logs.archive", "shop/old", {"to": f"{given}/old-{number}.tar.gz"})
    tour.act("logs.compress", "shop/old")
    tour.act("logs.expire", "shop/old")


def backups(tour: Tour) -> None:
    """Make copies, verify, restore, expire and send them."""
    made = tour.act("backup.create", "shop/data")
    tour.act("backup.create", "shop/copies")
    tour.act("backup.verify", "shop/data")
    notes = tour.world.place / "data" / "notes.txt"
    notes.write_text(f"other: {tour.world.plants[12].text}\n", "utf-8")
    if made:
        tour.take_back(tour.act("backup.restore", "shop/data"))
    tour.act("backup.expire", "shop/copies")
    tour.act("backup.send", "shop/copies")


def releases(tour: Tour) -> None:
    """Fetch, pull, go back; clone; deploy a release and roll it back."""
    news: dict[str, str | None] = {
        "app.py": f"release = 'later'  # {tour.world.plants[14].value}\n"
    }
    commit(tour.world.folder / "upstream", "later", news)
    tour.act("git.fetch", "shop/repo")
    tour.act("git.pull", "shop/repo")
    tour.act("git.rollback", "shop/repo")
    tour.take_back(tour.act("git.clone", "shop/fresh"))
    tour.act("release.deploy", "shop/release")
    tour.act("release.rollback", "shop/release")


def services(tour: Tour) -> None:
    """Stop, start and restart a plain process; take it away for a while; run commands."""
    at = "shop/app"
    tour.act("service.restart", at)
    tour.act("service.stop", at)
    tour.act("service.start", at)
    tour.act("chaos.stop", at, {"for": "2s"})
    tour.act("command.run", "shop/tell", {"word": "something"})
    tour.act("command.run", "shop/look")
    tour.act("command.run", "shop/serve")
    tour.act("command.stop", "shop/serve")


def asking(tour: Tour) -> None:
    """Ask a service in every way there is; trigger a job; scan."""
    at = "shop/app"
    tour.act("http.time", at)
    tour.act("http.time", at, {"path": "/secrets"})
    tour.act("load.run", at, {"requests": "20", "per_s": "50", "path": "/secrets"})
    tour.act("http.probe_limit", at, {"requests": "20", "path": "/limited"})
    fails = {"path": "/fails", "recovers": "/health", "per_s": "10"}
    tour.act("http.probe_breaker", at, fails)
    tour.act("scheduler.trigger", "shop/jobs", {"job": "clear"})
    tour.act("audit.scan", "shop")


def beyond(tour: Tour) -> None:
    """Install an nginx file, scale a cluster, block an address, look at dashboards."""
    to = f"{tour.world.folder}/conf.d/api.conf"
    tour.take_back(tour.act("nginx.install", "shop/web", {"to": to}))
    tour.take_back(tour.act("scale.apply", "shop/more"))
    # An address of a network that is for documentation only.
    address = f"203.0.113.{tour.lot.randrange(1, 250)}"
    blocked = {"address": address, "with": "iptables"}
    tour.take_back(tour.act("firewall.block", "shop/host", blocked))
    tour.act("grafana.import", "shop/grafana")


def boxes(tour: Tour) -> None:
    """Take a compose project and a container through their life."""
    engine = tour.world.engine
    if engine is None:
        return
    at = "boxes/boxes"
    for verb in ("build", "up", "restart", "recreate", "stop", "up", "update"):
        tour.act(f"compose.{verb}", at)
    tour.take_back(tour.act("scale.apply", "boxes/more"))
    for verb in ("restart", "stop", "start"):
        tour.act(f"service.{verb}", "boxes/api")
    tour.call("logs", "api")
    tour.act("compose.down", at)
    engine.make_versions()
    tour.act("image.rollback", "boxes/box")
    tour.act("service.restart", "boxes/box")


def swarm(tour: Tour) -> None:
    """Scale a Swarm service and roll it back."""
    engine: Engine | None = tour.world.engine
    if engine is None or tour.is_over:
        return
    engine.start_swarm(tour.world.plants[13].value)
    tour.act("scale.apply", "boxes/swarm")
    tour.act("service.restart", "boxes/swarm")
    tour.act("service.rollback", "boxes/swarm")


def prunes(tour: Tour) -> None:
    """Remove what nothing uses from the bench's own engine."""
    if tour.world.engine is None or tour.is_over:
        return
    tour.world.engine.leave_waste()
    tour.act("docker.prune_images", "boxes/docker")
    tour.act("docker.prune_system", "boxes/docker")


GROUPS: tuple[Callable[[Tour], None], ...] = (
    variables, keys, streams, redis, folders, backups, releases, services, asking, beyond, boxes,
    swarm, prunes,
)  # fmt: skip
