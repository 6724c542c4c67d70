"""The other tools of the runbooks: validators, alembic, kubectl, vercel, docker scout, nginx."""

import re

from core.actions.verdicts.judged import Call, Judged, absent, bad, counted, find, good
from core.actions.verdicts.packages import vulnerabilities
from core.actions.verdicts.python import exception_of
from core.clients.acting.commands import Ran

_NO_MARK = re.compile(
    r"^\s*(?:❌|✗|✘|\[(?:ERROR|FAIL(?:ED)?)\]|(?:ERROR|FAIL(?:ED)?|Error)\b:?)\s*(.*)$"
)
_YES_MARK = re.compile(r"^\s*(?:✅|✓|✔|\[(?:OK|PASS(?:ED)?)\])\s*(.*)$")
_YES_WORDS = re.compile(
    r"\b(?:configuration|config|backup|data|file) (?:is )?valid\b|\b(?:validation|all checks?)"
    r" (?:passed|successful|succeeded)\b",
    re.IGNORECASE,
)
_REVISION = re.compile(r"^([0-9a-f]{4,40}|[\w-]{4,})(?: \((.*)\))?$")
_UPGRADE = re.compile(r"Running (?:upgrade|downgrade) .*-> ([\w, -]+)")
_ALEMBIC_WRONG = re.compile(r"^\s*(?:FAILED|ERROR \[[^\]]+\]):?\s+(.+)$|^(?:FAILED: )(.+)$")
_KUBE_WRONG = re.compile(
    r"^(?:error: .+|Error from server.*|The connection to the server .+|Unable to connect .+)$"
)
_KUBE_DONE = re.compile(
    r"^(?:\S+/\S+|deployment \"[^\"]+\") (scaled|successfully rolled out|configured|created|"
    r"unchanged|patched|restarted|rolled back|image updated|deleted|replaced)\b.*$"
)
_VERCEL_WRONG = re.compile(r"^\s*Error[:!] (.+)$")
_VERCEL_DONE = re.compile(r"(?:Production|Preview|Success!|Rollback complete)[:!]?\s*(.*)$")
_VERCEL_URL = re.compile(r"(https://[\w.-]+\.[a-z]{2,}\S*)")
_VERCEL_LOGIN = re.compile(r"No existing credentials found|not authenticated|log in", re.IGNORECASE)
_SCOUT_COUNTS = re.compile(r"(\d+)C\s+(\d+)H\s+(\d+)M\s+(\d+)L")
_SCOUT_NONE = re.compile(r"[Nn]o vulnerable packages? detected")
_SCOUT_LOGIN = re.compile(r"[Ll]og ?in with your Docker ID|please log ?in", re.IGNORECASE)
_NGINX_WRONG = re.compile(r"\[(?:emerg|alert|crit)\] (.+)$")
_NGINX_OK = re.compile(r"test is successful")
_PING = re.compile(
    r"(\d+) packets transmitted, (\d+) (?:packets )?received.* ([\d.]+)% packet loss"
)
_CURL_STATUS = re.compile(r"^(?:< )?HTTP/[\d.]+ (\d{3})\b")
_CURL_EXITS = {
    6: "the name does not resolve",
    7: "nothing listens there",
    28: "no answer in time",
    35: "TLS failed",
    52: "an empty answer",
    60: "the certificate is not trusted",
}
_BAD_STATUS = 400


def parse_validator(_call: Call, ran: Ran) -> Judged | None:
    """Understand validators: a list of ❌ is invalid, a traceback a validator that crashed."""
    if crash := exception_of(ran.lines):
        return bad(f"the validator crashed, so nothing is known of what it checks: {crash}")
    wrong = [
        match.group(1) or line.strip() for line in ran.lines if (match := _NO_MARK.match(line))
    ]
    if wrong:
        return bad(
            f"{counted(len(wrong), 'problem')}: {'; '.join(wrong[:3])}", ("problems", len(wrong))
        )
    is_fine = find(_YES_MARK, ran.lines) or find(_YES_WORDS, ran.lines)
    if ran.exit_code:
        return bad(f"exit {ran.exit_code}: {ran.lines[-1] if ran.lines else 'it printed nothing'}")
    return good(f"valid: {is_fine.group(0).strip()}", ("problems", 0)) if is_fine else None


def parse_marks(_call: Call, ran: Ran) -> Judged | None:
    """Understand a script that marks its errors, whatever it exits with; silence is no success."""
    wrong = [line.strip() for line in ran.lines if re.match(r"^\s*(?:❌|\[ERROR\])", line)]
    return bad(f"it says: {'; '.join(wrong[:3])}", ("problems", len(wrong))) if wrong else None


def parse_alembic(call: Call, ran: Ran) -> Judged | None:
    """Understand alembic: only `(head)` behind the current revision means up to date."""
    if wrong := find(_ALEMBIC_WRONG, ran.lines):
        return bad(next(filter(None, wrong.groups())))
    if ran.exit_code:
        return None
    if call.has("upgrade", "downgrade"):
        done = [m.group(1).strip() for line in ran.lines if (m := _UPGRADE.search(line))]
        text = (
            f"{counted(len(done), 'migration')} run, now at {done[-1]}"
            if done
            else "nothing to run"
        )
        return good(text, ("migrations", len(done)))
    if call.has("check"):
        return (
            good("no new migration is needed") if "No new upgrade" in "".join(ran.lines) else None
        )
    if not call.has("current"):
        return None
    rows = [m for line in ran.output if (m := _REVISION.match(line.strip()))]
    if not rows:
        return bad("the database has no revision: no migration has ever been run")
    behind = [row.group(1) for row in rows if "head" not in (row.group(2) or "")]
    if behind:
        return bad(f"at {', '.join(behind)}, which is not the head: migrations are pending")
    revision = ", ".join(row.group(1) for row in rows)
    return good(f"at the head, {revision}", ("revision", revision))


def parse_kubectl(_call: Call, ran: Ran) -> Judged | None:
    """Understand kubectl. `scaled` means that the wish was taken, not that anything runs."""
    if wrong := find(_KUBE_WRONG, ran.lines):
        return bad(wrong.group(0))
    if ran.exit_code:
        return None
    done = [line for line in ran.output if _KUBE_DONE.match(line)]
    return good("; ".join(done[:5]), ("objects", len(done))) if done else None


def parse_vercel(_call: Call, ran: Ran) -> Judged | None:
    """Understand the Vercel CLI."""
    if find(_VERCEL_LOGIN, ran.lines) and ran.exit_code:
        return bad("nobody is logged in: run `vercel login` as this user")
    if wrong := find(_VERCEL_WRONG, ran.lines):
        return bad(wrong.group(1))
    if ran.exit_code:
        return None
    url = find(_VERCEL_URL, ran.output) or find(_VERCEL_URL, ran.errors)
    done = find(_VERCEL_DONE, ran.lines)
    if not url and not done:
        return None
    return good(done.group(0) if done else url.group(1) if url else "",
                *((("url", url.group(1)),) if url else ()))  # fmt: skip


def parse_scout(_call: Call, ran: Ran) -> Judged | None:
    """Understand `docker scout`."""
    if any("is not a docker command" in line or "unknown command" in line for line in ran.lines):
        return absent("docker scout is not installed")
    if find(_SCOUT_LOGIN, ran.lines) and ran.exit_code:
        return bad("docker scout wants a login: run `docker login` as this user")
    if counts := find(_SCOUT_COUNTS, ran.lines):
        levels = zip(("critical", "high", "moderate", "low"), counts.groups(), strict=True)
        return vulnerabilities({name: int(count) for name, count in levels if int(count)})
    if find(_SCOUT_NONE, ran.lines) and not ran.exit_code:
        return vulnerabilities({})
    return None


def parse_nginx(call: Call, ran: Ran) -> Judged | None:
    """Understand `nginx -t`, which says all to standard error."""
    if wrong := find(_NGINX_WRONG, ran.lines):
        return bad(wrong.group(1))
    is_test = call.has("-t", "-T") and find(_NGINX_OK, ran.lines) and not ran.exit_code
    return good("the configuration is sound") if is_test else None


def parse_ping(_call: Call, ran: Ran) -> Judged | None:
    """Understand ping."""
    match = find(_PING, ran.output)
    if not match:
        return None
    sent, came = int(match.group(1)), int(match.group(2))
    facts = ("sent", sent), ("received", came)
    return (good if came == sent > 0 else bad)(f"{came} of {sent} answered", *facts)


def parse_curl(_call: Call, ran: Ran) -> Judged | None:
    """Understand curl: without `-f` it ends with 0 on a 500."""
    if ran.exit_code in _CURL_EXITS:
        return bad(f"{_CURL_EXITS[ran.exit_code]} (curl exit {ran.exit_code})")
    match = find(_CURL_STATUS, ran.lines)
    if not match:
        return None
    status = int(match.group(1))
    is_fine = status < _BAD_STATUS and not ran.exit_code
    return (good if is_fine else bad)(f"answered {status}", ("status", status))


def parse_grep(_call: Call, ran: Ran) -> Judged | None:
    """Understand grep: 1 is nothing found, which is an answer."""
    if ran.exit_code not in (0, 1):
        return None
    return good(counted(len(ran.output), "line") + " found", ("lines", len(ran.output)))
