"""Usage by tenant and day."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.calls import NOON, Call, Row, agent, call, every_page, items
from tests.integration.api.test_bad_input import problem
from tests.integration.api.test_csv import table

__all__ = ["agent", "call"]

DAY = 24 * 3600
JANUARY = {"since": "2026-01-01", "until": "2026-01-31"}


def short(rows: list[Row]) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows]


def test_calls_add_up_by_tenant_day_and_direction(client: FlaskClient, call: Call) -> None:
    call("c-1", answered=5, ended=65.6)
    call("c-2", answered=1, ended=31.5)
    call("c-3", answered=None, ended=0.1, code=503, rule="O3")
    call("c-4", direction="inbound")
    call("c-5", tenant=None)
    call("c-6", tenant="beta")
    call("c-7", after=-DAY)
    call("c-8", after=DAY)
    call("c-live", ended=None)
    assert short(items(client, "usage", **JANUARY)) == [
        ("2026-01-31", None, "outbound", 1, 1, 60),
        ("2026-01-31", "acme-42", "inbound", 1, 1, 60),
        ("2026-01-31", "acme-42", "outbound", 3, 2, 91),
        ("2026-01-31", "beta", "outbound", 1, 1, 60),
        ("2026-01-30", "acme-42", "outbound", 1, 1, 60),
    ]
    of_one = items(client, "usage", tenant="ACME-42", **JANUARY)
    assert [row["tenant"] for row in of_one] == ["acme-42"] * 3
    assert every_page(client, "usage", limit=1, **JANUARY) == items(client, "usage", **JANUARY)
    for limit in (1, 2, 3):
        assert every_page(client, "usage", limit=limit, tenant="acme-42", **JANUARY) == of_one


def test_a_file_has_the_rows_of_the_list(client: FlaskClient, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.csv_files.ROWS_A_PAGE", 2)
    for number, tenant in enumerate([None, "acme-42", "beta", "gamma"]):
        call(f"c-{number}", tenant=tenant)
        call(f"d-{number}", tenant=tenant, after=-DAY * number, direction="inbound")
    listed = items(client, "usage", **JANUARY)
    assert len(listed) == 8
    rows = table(client, "usage", **JANUARY)
    assert rows == [{name: "" if value is None else str(value) for name, value in row.items()} for row in listed]
    assert [row["tenant"] for row in table(client, "usage", tenant="BETA", **JANUARY)] == ["beta"] * 2


def test_a_call_belongs_to_the_day_in_UTC_on_which_it_started(client: FlaskClient, call: Call) -> None:
    call("c-1", after=-DAY / 2, ended=DAY)
    call("c-2", after=-DAY / 2 - 0.001)
    assert [(row["day"], row["calls"]) for row in items(client, "usage", **JANUARY)] == [
        ("2026-01-31", 1),
        ("2026-01-30", 1),
    ]


def test_the_last_31_days_unless_told(client: FlaskClient, call: Call) -> None:
    today = datetime.now(UTC).replace(tzinfo=None) - NOON
    for name, days in (("c-1", 0), ("c-2", -29), ("c-3", -32)):
        call(name, (today + timedelta(days=days)).total_seconds())
    assert len(items(client, "usage")) == 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "20260201"}, "since"),
        ({"until": "2026-02-30"}, "until"),
        ({"region": "nw1"}, "region"),
    ],
)
def test_wrong_spans_are_named(client: FlaskClient, query: Row, field: str) -> None:
    assert problem(client.get("/v1/usage", query_string=query), 422)["errors"][0]["field"] == field


def test_any_span_has_the_days_that_there_are(client: FlaskClient, call: Call) -> None:
    call("c-1", answered=5, ended=65.6)
    (row,) = items(client, "usage", since="0001-01-01", until="9999-12-31")
    day = row["day"]
    assert items(client, "usage", since=day, until=day) == [row]
    assert items(client, "usage", since="9999-12-31", until="0001-01-01") == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_days_at_the_edge_of_time_are_days(client: FlaskClient, root: DictCursor, day: str) -> None:
    root.execute("DELETE FROM cdr")
    assert items(client, "usage", since=day, until=day) == []
