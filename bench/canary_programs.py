"""What runs and lies in a world of planted secrets: a service, commands, repositories, old logs."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from tests.planted import Plant
from tests.real.repositories import commit, git, made

_STARTS_S = 30.0
_SERVE = """\
import http.server, pathlib, sys
said = (pathlib.Path(__file__).parent / ".env").read_text()
print("begun with", said, flush=True)
class Handler(http.server.BaseHTTPRequestHandler):
    asked = limited = 0
    def do_GET(self):
        code, body = 200, said.encode()
        if self.path == "/health":
            body = b'{"status": "ok"}'
        if self.path == "/limited":
            Handler.limited += 1
            code = 200 if Handler.limited % 20 < 10 else 429
        if self.path == "/fails":
            Handler.asked += 1
            code, body = (500, body) if Handler.asked % 4 else (503, b"the circuit is open")
        self.answer(code, body)
    def do_POST(self):
        self.answer(200, b'{"status": "success"}')
    def answer(self, code, body):
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.send_header("set-cookie", "session=" + said.splitlines()[0][-20:])
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""
_ANSWER = """\
import pathlib, time
print((pathlib.Path(__file__).parent / ".env").read_text(), flush=True)
while True:
    time.sleep(60)
"""
_KUBECTL = """\
#!/bin/sh
cd "FOLDER"
for word; do
    case $word in
    --current-replicas=*) was=${word#*=} ;;
    --replicas=*) to=${word#*=} ;;
    esac
done
cat world/.env >&2
case " $* " in
*" get "*) cat deployment.json ;;
*)
    sed "s/eplicas\\": $was,/eplicas\\": $to,/g" deployment.json >new.json
    mv new.json deployment.json
    ;;
esac
"""
_NGINX = """\
#!/bin/sh
cat "FOLDER/world/.env" >&2
case "$1" in
-t) echo "nginx: configuration file test is successful" >&2 ;;
esac
"""


def write_programs(folder: Path, plants: tuple[Plant, ...]) -> None:
    """Write programs, files and repositories of a world, each with secrets in it."""
    world = folder / "world"
    (world / "serve.py").write_text(_SERVE, "utf-8")
    (world / "answer.py").write_text(_ANSWER, "utf-8")
    (world / "tell.sh").write_text('cat .env app.log\necho "told $1"\n', "utf-8")
    (world / "models.json").write_text(
        json.dumps({"default": "a", "api_key": plants[6].value}), "utf-8"
    )
    (world / "dashboard.json").write_text(json.dumps({"title": "Main"}), "utf-8")
    secret = plants[7].value
    (world / "api.conf").write_text(f"server {{ listen 80; }} # {secret}\n", "utf-8")
    (folder / "conf.d").mkdir()
    (folder / "conf.d" / "api.conf").write_text(f"server {{ }} # {secret}\n", "utf-8")
    (folder / "spare").mkdir()
    (folder / "spare" / "kept").write_text("kept\n", "utf-8")
    _write_stand_ins(folder)
    _write_old_logs(world, plants)
    _write_repositories(folder, plants)


def _write_stand_ins(folder: Path) -> None:
    """Have small programs answer as nginx and a cluster do."""
    (folder / "bin").mkdir()
    for name, text in (("kubectl", _KUBECTL), ("nginx", _NGINX)):
        path = folder / "bin" / name
        path.write_text(text.replace("FOLDER", str(folder)), "utf-8")
        path.chmod(0o755)
    answer = {
        "spec": {"replicas": 2, "template": {"spec": {"containers": [{"image": "shop:1"}]}}},
        "status": {"readyReplicas": 2, "phase": "Running"},
        "metadata": {"generation": 1},
    }
    (folder / "deployment.json").write_text(json.dumps(answer), "utf-8")


def _write_old_logs(world: Path, plants: tuple[Plant, ...]) -> None:
    """Have a log that is old enough to be compressed, and one that is past its term."""
    (world / "logs").mkdir()
    for days in (20, 21, 400):
        day = datetime.now(UTC) - timedelta(days=days)
        path = world / "logs" / f"old_{day:%Y%m%d}.jsonl"
        path.write_text("".join(f"{json.dumps({'message': one.text})}\n" for one in plants))
        os.utime(path, (day.timestamp(), day.timestamp()))
    (world / "backup").mkdir()
    for day in ("20200101-000000", "20200102-000000"):
        copy = world / "backup" / f"models_{day}.json"
        copy.write_text((world / "models.json").read_text("utf-8"), "utf-8")
        os.utime(copy, (1_577_900_000, 1_577_900_000))
    (world.parent / "away").mkdir()


def _write_repositories(folder: Path, plants: tuple[Plant, ...]) -> None:
    """Have an upstream, a checkout that is one behind, and a release behind a link."""
    upstream = made(folder / "upstream")
    for at, name in enumerate(("first", "second", "third")):
        text = f"release = '{name}'  # {plants[8 + at].value}\n"
        commit(upstream, name, {"app.py": text, f"only-{name}.txt": "x\n"})
    for place in ("repo", "releases/first"):
        (folder / "world" / place).parent.mkdir(exist_ok=True)
        git(folder, "clone", "-q", str(upstream), str(folder / "world" / place))
        git(folder / "world" / place, "reset", "-q", "--hard", "HEAD~1")
    (folder / "world" / "current").symlink_to("releases/first")


def start_service(folder: Path, port: int) -> None:
    """Start the service; nobody of ours is its parent.

    Raises:
        TimeoutError: it does not answer.
    """
    world = folder / "world"
    words = ["setsid", "--fork", sys.executable, str(world / "serve.py"), str(port)]
    with (world / "served.log").open("ab") as log:
        subprocess.run(words, cwd=world, check=True, stdout=log, stderr=log)
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
        except (URLError, OSError):
            if time.monotonic() > until_s:
                raise TimeoutError(f"nothing answers on {port}") from None
            time.sleep(0.02)
        else:
            return


def end_programs(folder: Path) -> None:
    """End what runs of a world's own programs, by its pid."""
    own = str(folder / "world") + "/"
    for one in psutil.process_iter():
        try:
            if one.cmdline()[1:2] and one.cmdline()[1].startswith(own):
                one.kill()
        except psutil.Error:
            continue
