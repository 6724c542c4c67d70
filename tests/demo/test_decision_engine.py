"""000 behaves as facts 1 to 6 say."""

import json

from demo.json_file import read_json
from demo.seed.decision_engine import FREE, PRO, USED_UP
from demo.supervisor import Demo
from tests.demo.looking import ask, lines_of, until

DECIDE = "/decisions/evaluate"
BODY = '{"category": "FINANCIAL"}'


def post(demo: Demo, key: str) -> tuple[int, str]:
    headers = {"X-API-Key": key} if key else {}
    seen = ask(demo, "decision-engine", DECIDE, "POST", headers, BODY)
    return seen.status, seen.json.get("detail", "")


def test_health_has_its_real_fields(demo: Demo) -> None:
    body = ask(demo, "decision-engine", "/health").json
    assert list(body) == ["status", "version", "timestamp", "autonomy_level", "system"]


def test_refusals_have_their_real_texts(demo: Demo) -> None:
    missing = (401, "API key required. Include X-API-Key header.")
    refused = (401, "Invalid or inactive API key")
    assert post(demo, "") == missing
    assert post(demo, "nobody") == refused
    assert post(demo, FREE) == refused
    assert post(demo, USED_UP) == refused, "a free key over its quota gets the same text"


def test_a_key_that_is_inactive_at_the_root_still_works_for_the_server(demo: Demo) -> None:
    root = demo.home.system("decision-engine")
    by_the_tool = json.loads((root / "api_keys.json").read_text())
    by_the_server = json.loads((root / "api" / "api_keys.json").read_text())
    assert not by_the_tool[PRO]["active"]
    assert by_the_server[PRO]["active"]
    assert post(demo, PRO)[0] == 200


def test_usage_has_two_shapes_of_records(demo: Demo) -> None:
    post(demo, PRO)
    path = demo.home.system("decision-engine") / "api" / "rate_limits.json"
    # The server writes it in place while the load goes on: half of it is read as nothing.
    usage = until(lambda: read_json(path))
    assert {"requests", "limit"} == set(usage[f"{PRO}:{DECIDE}"])
    month = next(value for name, value in usage.items() if name.startswith(f"{PRO}_2"))
    assert {"count", "first_request", "last_request", "overage_requests"} == set(month)


def test_a_deactivated_key_is_refused_at_once(demo: Demo) -> None:
    path = demo.home.system("decision-engine") / "api" / "api_keys.json"
    before = path.read_text()
    keys = json.loads(before)
    keys[PRO]["active"] = False
    path.write_text(json.dumps(keys))
    assert post(demo, PRO)[0] == 401
    path.write_text(before)
    assert post(demo, PRO)[0] == 200


def test_the_log_is_what_uvicorn_prints(demo: Demo) -> None:
    post(demo, "nobody")
    log = lines_of(demo.home.system("decision-engine") / "api" / "api.log")
    assert log[0].startswith("INFO:     Started server process [")
    assert any(f'"POST {DECIDE} HTTP/1.1" 401 Unauthorized' in line for line in log)
