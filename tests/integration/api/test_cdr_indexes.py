"""Lists of calls are read in the order of an index, at any number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from pymysql.cursors import DictCursor

from api.calls.store import statement as live_statement
from api.cdrs.store import statement
from api.settings import Settings
from api.usage.store import statement as usage_statement
from tests.integration.api.calls import NOON, Row
from tests.integration.api.server import connected


def explained(root: DictCursor, sql: str, values: Row) -> Row:
    root.execute(f"EXPLAIN {sql}", values)
    (row,) = root.fetchall()
    return row


@pytest.fixture(scope="module", autouse=True)
def many(settings: Settings) -> Iterator[None]:
    """Enough rows for MariaDB to think about its way, of few values each, as filters find them."""
    with connected(settings, "root") as root:
        fill(root)
        yield
        root.execute("DELETE FROM cdr")


def fill(root: DictCursor) -> None:
    root.execute("INSERT INTO cdr (id, region, started_at) VALUES ('c-live', 'nw1', '2026-01-31')")
    root.execute(
        "INSERT INTO cdr (id, region, started_at, direction, credential, username, number, tenant, caller, callee,"
        " answered_at, ended_at, code, rule) SELECT CONCAT('m-', seq), IF(seq % 2, 'nw1', 'se1'),"
        " '2026-01-01' + INTERVAL seq SECOND, IF(seq % 3, 'outbound', 'inbound'), CONCAT('cr-', seq % 40),"
        " CONCAT('u', seq % 40), CONCAT('+1415555', seq % 100), CONCAT('t', seq % 20), CONCAT('+1415555', seq % 100),"
        " CONCAT('+1212555', seq % 1000), IF(seq % 4, '2026-01-01' + INTERVAL seq SECOND, NULL),"
        " '2026-01-01' + INTERVAL seq + 9 SECOND, IF(seq % 4, 200, 503), IF(seq % 4, NULL, 'O3') FROM seq_1_to_20000"
    )
    root.execute("ANALYZE TABLE cdr")


WALKED: list[tuple[Row, str]] = [
    ({}, "cdr_started"),
    ({"region": "nw1"}, "cdr_region"),
    ({"direction": "inbound"}, "cdr_direction"),
    ({"credential": "cr-7"}, "cdr_credential"),
    ({"credential": "u7"}, "cdr_username"),
    ({"number": "+14155557"}, "cdr_number"),
    ({"tenant": "t7"}, "cdr_tenant"),
    ({"caller": "+14155557"}, "cdr_caller"),
    ({"callee": "+12125557"}, "cdr_callee"),
    ({"code": 503}, "cdr_code"),
    ({"answered": False}, "cdr_answered"),
    ({"rule": "O3"}, "cdr_rule"),
    ({"since": NOON - timedelta(days=31)}, "cdr_started"),
    ({"until": NOON}, "cdr_started"),
    ({"region": "nw1", "direction": "inbound", "tenant": "t7", "answered": True, "since": NOON}, "cdr_tenant"),
    ({"caller": "*"}, "cdr_started"),
]


@pytest.mark.parametrize("after", [None, (NOON, "c-1")], ids=["first page", "next page"])
@pytest.mark.parametrize(("wanted", "index"), WALKED, ids=[f"{index} {list(wanted)}" for wanted, index in WALKED])
def test_each_filter_walks_an_index_in_its_order(root: DictCursor, wanted: Row, index: str, after: Any) -> None:
    plan = explained(root, *statement(wanted, after, 51))
    assert plan["key"] == index
    assert "filesort" not in plan["Extra"]
    assert "temporary" not in plan["Extra"]


@pytest.mark.parametrize(("name", "rare"), [("caller", "+141555577*"), ("callee", "+1212555777*")])
def test_a_rare_prefix_is_looked_up(root: DictCursor, name: str, rare: str) -> None:
    for wanted in ({name: rare}, {"caller": "+1*", "callee": "+1*"} | {name: rare}):
        assert explained(root, *statement(wanted, None, 51))["key"] == f"cdr_{name}"


@pytest.mark.parametrize("after", [None, (NOON, "c-1")], ids=["first page", "next page"])
@pytest.mark.parametrize("wanted", [{}, {"region": "nw1", "credential": "cr-7", "tenant": "t7"}])
def test_live_calls_are_found_however_many_have_ended(root: DictCursor, wanted: Row, after: Any) -> None:
    plan = explained(root, *live_statement(wanted, after, 51))
    assert plan["key"] == "cdr_live"
    assert int(plan["rows"]) < 10
    assert "filesort" not in plan["Extra"]


@pytest.mark.parametrize(("tenant", "index"), [(None, "cdr_started"), ("t7", "cdr_tenant")])
def test_a_day_of_usage_is_answered_by_an_index_alone(root: DictCursor, tenant: str | None, index: str) -> None:
    plan = explained(root, *usage_statement(NOON.date() - timedelta(days=30), tenant))
    assert (plan["key"], plan["type"]) == (index, "range")
    assert "Using index" in plan["Extra"]
