"""New addresses of keys: those first seen within a day, of keys that are older than that."""

import json
from datetime import datetime, timedelta

from cli.keys_report import breach_rows
from core.keys.store.analytics import parse_analytics
from core.model.key_store import KeyAnalytics
from tests.unit.core.keys.store.scene import NOW

HOUR = timedelta(hours=1)


def request(key: str, address: str, at: datetime, code: int = 200) -> dict[str, object]:
    stamp = at.replace(tzinfo=None).isoformat()
    return {
        "timestamp": stamp, "status_code": code, "api_key_prefix": key, "client_ip": address
    }  # fmt: skip


def seen(*requests: dict[str, object]) -> KeyAnalytics:
    return parse_analytics(json.dumps({"requests": requests}).encode(), NOW)


def test_an_address_is_new_where_the_key_came_from_elsewhere_before() -> None:
    found = seen(
        request("key_old", "10.0.0.1", NOW - 48 * HOUR),
        request("key_old", "10.0.0.1", NOW - HOUR),
        request("key_old", "203.0.113.9", NOW - 2 * HOUR),
        request("key_old", "2001:db8::7", NOW - HOUR),
        request("key_new", "10.0.0.5", NOW - HOUR),
    )
    rows = {str(one.key): one for one in found.addresses}
    assert rows["key_old…"].new == ("2001:db8::7", "203.0.113.9")
    assert (rows["key_old…"].before, rows["key_new…"].new_count) == (1, 0)


def test_who_is_refused_most_comes_first_then_who_came_from_new_addresses() -> None:
    found = seen(
        request("key_a", "10.0.0.1", NOW - 48 * HOUR),
        request("key_b", "10.0.0.2", NOW - 48 * HOUR),
        request("key_b", "203.0.113.9", NOW - HOUR),
        request("key_c", "10.0.0.3", NOW - 48 * HOUR),
        request("key_c", "10.0.0.3", NOW - HOUR, 401),
        *(request("key_d", "10.0.0.4", NOW - 30 * HOUR) for _ in range(9)),
    )
    assert [row[0] for row in breach_rows(found)] == ["key_c…", "key_b…", "key_d…", "key_a…"]


def test_without_addresses_or_older_records_nothing_is_called_new() -> None:
    young = seen(request("key_a", "10.0.0.1", NOW - HOUR))
    assert (young.addresses, "begin within" in young.addresses_note) == ((), True)
    nobody = seen({"timestamp": NOW.isoformat(), "status_code": 200, "api_key_prefix": "key_a"})
    assert nobody.addresses_note == "no request has an address"


def test_an_attacker_from_everywhere_costs_no_more_than_so_many_addresses() -> None:
    many = (request("key_a", f"10.{n >> 8}.{n & 255}.1", NOW - HOUR) for n in range(21_000))
    found = seen(request("key_a", "192.0.2.1", NOW - 48 * HOUR), *many)
    (row,) = found.addresses
    assert (row.new_count, len(row.new)) == (19_999, 10)
