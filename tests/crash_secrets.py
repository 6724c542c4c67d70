"""Small worlds for `tests.crashes` in which a secret is made anew: two files, or a real service."""

import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil

from core.model.action import ActionRequest, Phase
from tests.crashes import Scenario
from tests.fakes.ports import free_port

OLD = "old-secret-that-is-long-enough"
_STARTS_S = 60.0
HURRY = 10.0
"""A service that is started anew answers within a minute of this clock."""
_NEW = re.compile(r"[0-9a-f]{64}")
_SERVER = """
import base64, hashlib, hmac, json, os, pathlib, re, sys
from http.server import BaseHTTPRequestHandler, HTTPServer

folder = pathlib.Path(__file__).parent
text = (folder / ".env").read_text("utf-8")
found = dict(re.findall(r"^(?:export )?(JWT_[A-Z_]+)=[\\'\\"]?([^\\'\\"\\n]*)", text, re.M))
pinned = folder / "pinned"
if pinned.exists():
    found = {"JWT_SECRET": pinned.read_text()}
keys = [one.encode() for one in found.values() if one]

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        code, body = 200, {"status": "ok"}
        if self.path == "/auth/me":
            head, _, sign = self.headers.get("authorization", "")[7:].rpartition(".")
            good = [
                one for one in keys
                if base64.urlsafe_b64encode(hmac.digest(one, head.encode(), "sha256")).rstrip(b"=")
                == sign.encode()
            ]
            code, body = (200, {"username": "x"}) if good else (401, {"detail": "no"})
        data = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
    def log_message(self, *words):
        pass

HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
"""


def processes(folder: Path) -> list[psutil.Process]:
    """Return the runs of the service of this very world."""
    program = str(folder / "serve.py")
    found: list[psutil.Process] = []
    for one in psutil.process_iter():
        try:
            if one.cmdline()[1:2] == [program]:
                found.append(one)
        except psutil.Error:
            continue
    return found


def end(folder: Path) -> None:
    """End the service of this world."""
    for one in processes(folder):
        one.kill()


def port_of(folder: Path) -> int:
    """Return where the service of this world listens."""
    return int((folder / "port").read_text("ascii"))


def _alone(folder: Path) -> str:
    text = f"# kept\r\nexport JWT_SECRET='{OLD}'  # by hand\r\nA=1"
    for name in (".env", "copy.env"):
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return "    env_files:\n      env: {path: .env, also: [copy.env], apply: none}\n"


def _files(folder: Path) -> object:
    """Return both files, each new value as one word, and whether they hold the same one."""
    texts = [(folder / name).read_text("utf-8") for name in (".env", "copy.env")]
    return [_NEW.sub("NEW", one) for one in texts], texts[0] == texts[1]


def service(folder: Path, env: str = "", tokens: str = "") -> str:
    """Start a service that checks tokens, and return its configuration."""
    program, port = folder / "serve.py", free_port()
    program.write_text(_SERVER, encoding="utf-8")
    (folder / "port").write_text(str(port), encoding="ascii")
    path = folder / ".env"
    path.write_text(env or f"# kept\nA='b c'\nJWT_SECRET={OLD}\n# end", encoding="utf-8")
    path.chmod(0o640)
    words = f"[{sys.executable}, {program}, '{port}']"
    # Nobody of ours is its parent, so that it is reaped by whoever reaps orphans.
    subprocess.run(
        ["setsid", "--fork", sys.executable, str(program), str(port)], cwd=folder, check=True
    )
    _wait_for(port)
    url = f"http://127.0.0.1:{port}"
    return (
        f"    services:\n      app:\n        base_url: {url}\n        runs_as:\n"
        f"          process: {{command: {words}, start: {words}, cwd: {folder}}}\n"
        "        checks:\n          health: {url: /health}\n"
        "    env_files:\n      env: {path: .env, read_by: [app]}\n"
        "    tokens:\n      jwt: {secret_variable: JWT_SECRET, env_file: env, service: app,\n"
        f"            identity: /auth/me{tokens}}}\n"
    )


def _wait_for(port: int) -> None:
    until_s = time.monotonic() + _STARTS_S
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2).close()
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.02)
        else:
            return


def pinned(folder: Path) -> str:
    """Start a service that goes on with the secret that it had first, whatever its file says."""
    (folder / "pinned").write_text(OLD, encoding="ascii")
    return service(folder)


def text_and_running(folder: Path) -> object:
    """Return what the file holds, each new value as one word, and how many services run."""
    return _NEW.sub("NEW", (folder / ".env").read_text("utf-8")), len(processes(folder))


def rotation(_folder: Path) -> ActionRequest:
    """Return the wish for a new secret."""
    return ActionRequest("secret.rotate", "shop/env", (("name", "JWT_SECRET"),))


ROTATED = Scenario("secret.rotate, read", service, rotation, text_and_running, end, hurry=HURRY)
REFUSED = Scenario(
    "secret.rotate, refused", pinned, rotation, text_and_running, end, ends=Phase.ROLLED_BACK,
    hurry=2 * HURRY,
)  # fmt: skip


def _generate(folder: Path) -> ActionRequest:
    return ActionRequest("secret.generate", "shop/env", (("to", f"file:{folder}/new"),))


def _new_file(folder: Path) -> object:
    """Return what is there beside the env files, each value as one word."""
    return {
        path.name: (_NEW.sub("NEW", path.read_text("utf-8")), path.stat().st_mode & 0o777)
        for path in sorted(folder.iterdir())
    }


SECRETS = (
    Scenario("secret.rotate", _alone, rotation, _files),
    Scenario("secret.generate", _alone, _generate, _new_file),
    ROTATED,
    REFUSED,
)
