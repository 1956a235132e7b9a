"""Call records and live calls as the API shows them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.cdrs.schema import EXAMPLE
from api.settings import Settings
from tests.integration.api.calls import NOON, Call, Row, agent, call, every_page, ids, items
from tests.integration.api.server import Reporter
from tests.integration.api.test_bad_input import problem

__all__ = ["agent", "call"]


def test_a_record_says_what_a_call_was(client: FlaskClient, call: Call) -> None:
    call("c-1", rang_at=NOON + timedelta(seconds=1))
    (row,) = items(client, "cdrs")
    assert row == client.get("/v1/cdrs/c-1").get_json()
    assert row.keys() == EXAMPLE.keys()
    assert (row["region"], row["direction"], row["tenant"]) == ("nw1", "outbound", "acme-42")
    assert (row["caller"], row["callee"], row["core"]) == ("+14155550100", "+12125550123", "192.0.2.200:5060")
    assert (row["started_at"], row["answered_at"]) == ("2026-01-31T12:00:00.000Z", "2026-01-31T12:00:05.000Z")
    assert (row["seconds"], row["ended_by"], row["code"], row["emergency"]) == (60, "caller", 200, False)


def test_a_refused_attempt_has_no_seconds(client: FlaskClient, call: Call) -> None:
    call("c-1", answered=None, ended=0.1, ended_by="gateway", code=503, rule="O3", cause="concurrent")
    row = client.get("/v1/cdrs/c-1").get_json()
    assert (row["answered_at"], row["seconds"]) == (None, 0)
    assert (row["code"], row["rule"], row["cause"], row["ended_by"]) == (503, "O3", "concurrent", "gateway")


def test_a_live_call_is_no_record_and_a_record_no_live_call(client: FlaskClient, call: Call) -> None:
    call("c-live", ended=None)
    call("c-over")
    assert ids(client, "cdrs") == ["c-over"]
    assert ids(client, "calls") == ["c-live"]
    assert "GET /v1/calls/c-live" in problem(client.get("/v1/cdrs/c-live"), 404)["detail"]
    assert "GET /v1/cdrs/c-over" in problem(client.get("/v1/calls/c-over"), 404)["detail"]
    problem(client.get("/v1/cdrs/c-none"), 404)


def test_an_end_before_the_answer_is_no_time_at_all(client: FlaskClient, call: Call) -> None:
    call("c-1", answered=5, ended=4)
    assert client.get("/v1/cdrs/c-1").get_json()["seconds"] == 0
    assert [row["seconds"] for row in items(client, "usage", since="2026-01-31", until="2026-01-31")] == [0]


VARIETY: list[Row] = [
    {},
    {"region": "se1"},
    {"direction": "inbound", "number": "+14155550100", "credential": None, "username": None, "tenant": "other"},
    {"credential": "cr-another", "username": "another", "tenant": None},
    {"caller": "100%_!", "callee": "911", "emergency": True},
    {"answered": None, "code": 486, "rule": None},
    {"answered": None, "code": 503, "rule": "O3"},
    {"caller": "+14155550199", "callee": "+442071838750"},
]
FILTERS: list[tuple[Row, set[int]]] = [
    ({"region": "se1"}, {1}),
    ({"direction": "inbound"}, {2}),
    ({"credential": "cr-another"}, {3}),
    ({"credential": "another"}, {3}),
    ({"number": "+14155550100"}, {2}),
    ({"tenant": "OTHER"}, {2}),
    ({"caller": "+14155550199"}, {7}),
    ({"caller": " 14155550199"}, {7}),
    ({"caller": "+1415555019*"}, {7}),
    ({"caller": "100%_!"}, {4}),
    ({"caller": "100%*"}, {4}),
    ({"caller": "100_*"}, set()),
    ({"callee": "91*"}, {4}),
    ({"callee": "+442071838750"}, {7}),
    ({"callee": "*", "region": "se1"}, {1}),
    ({"code": 486}, {5}),
    ({"answered": "false"}, {5, 6}),
    ({"answered": "true", "region": "nw1", "caller": "+14155550100"}, {0, 2, 3}),
    ({"rule": "O3"}, {6}),
    ({"since": "2026-01-31T12:00:06Z"}, {6, 7}),
    ({"until": "2026-01-31T13:00:02+01:00"}, {0, 1}),
    ({"since": "2026-02-01"}, set()),
    ({"until": "2026-02-01", "since": "2026-01-31T12:00:07"}, {7}),
]


@pytest.mark.parametrize(("query", "found"), FILTERS, ids=[str(query) for query, _ in FILTERS])
def test_records_are_filtered(client: FlaskClient, call: Call, query: Row, found: set[int]) -> None:
    for second, more in enumerate(VARIETY):
        call(f"c-{second}", second, **more)
    assert ids(client, "cdrs", **query) == [f"c-{second}" for second in sorted(found, reverse=True)]
    assert every_page(client, "cdrs", limit=1, **query) == items(client, "cdrs", **query)


def test_pages_show_every_record_once_newest_first(client: FlaskClient, call: Call) -> None:
    for n in range(7):
        call(f"c-{n}", n // 3)
    names = [f"c-{n}" for n in range(7)]
    assert [row["id"] for row in every_page(client, "cdrs", limit=2)] == names[::-1]
    assert [row["id"] for row in every_page(client, "cdrs", limit=2, sort="started_at")] == names
    assert [row["id"] for row in every_page(client, "cdrs", limit=3, sort="started_at", region="nw1")] == names


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("since", "yesterday"),
        ("since", "0000-01-01T00:00:00Z"),
        ("until", "2026-13-01"),
        ("code", "99"),
        ("answered", "perhaps"),
        ("direction", "sideways"),
        ("caller", ""),
        ("colour", "red"),
        ("sort", "seconds"),
    ],
)
def test_wrong_filters_are_named(client: FlaskClient, name: str, value: str) -> None:
    answer = client.get("/v1/cdrs", query_string={name: value})
    assert problem(answer, 422)["errors"][0]["field"] == name


def test_a_live_call_rings_and_is_answered(client: FlaskClient, call: Call, root: DictCursor) -> None:
    call("c-1", answered=None, ended=None)
    root.execute("UPDATE cdr SET started_at = UTC_TIMESTAMP(3) - INTERVAL 30 SECOND")
    (ringing,) = items(client, "calls")
    assert (ringing["state"], ringing["since"]) == ("ringing", ringing["started_at"])
    assert 30 <= ringing["duration"] <= 50
    root.execute("UPDATE cdr SET answered_at = UTC_TIMESTAMP(3) - INTERVAL 10 SECOND")
    answered = client.get("/v1/calls/c-1").get_json()
    assert (answered["state"], answered["since"]) == ("answered", answered["answered_at"])
    assert 10 <= answered["duration"] <= 30
    assert "ended_at" not in answered


def timeless(rows: list[Row]) -> list[Row]:
    """Without what moves on from one request to the next."""
    return [{name: value for name, value in row.items() if name != "duration"} for row in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"region": "se1"}, [1]),
        ({"direction": "inbound"}, [2]),
        ({"credential": "cr-another"}, [3]),
        ({"credential": "another"}, [3]),
        ({"number": "+14155550100"}, [2]),
        ({"tenant": "other"}, [2]),
        ({}, [7, 6, 5, 4, 3, 2, 1, 0]),
    ],
)
def test_live_calls_are_filtered_and_paged(client: FlaskClient, call: Call, query: Row, found: list[int]) -> None:
    for second, more in enumerate(VARIETY):
        call(f"c-{second}", second, ended=None, **more)
    assert ids(client, "calls", **query) == [f"c-{second}" for second in found]
    whole = timeless(items(client, "calls", **query))
    assert timeless(every_page(client, "calls", limit=1, **query)) == whole
    assert timeless(every_page(client, "calls", limit=2, sort="started_at", **query)) == whole[::-1]


@pytest.mark.usefixtures("patient")
def test_a_live_call_is_ended_through_its_region(
    client: FlaskClient, settings: Settings, call: Call, root: DictCursor
) -> None:
    call("c-end", ended=None)
    with Reporter(settings, "nw1"):
        answer = client.delete("/v1/calls/c-end").get_json()
    assert (answer["id"], answer["region"], answer["pending_regions"]) == ("c-end", "nw1", [])
    root.execute("SELECT entity, entity_id, data FROM change_log WHERE n = %s", (answer["change"],))
    assert root.fetchone() == {"entity": "call", "entity_id": "c-end", "data": '{"region": "nw1"}'}


def test_a_call_that_is_over_or_unknown_cannot_be_ended(client: FlaskClient, call: Call) -> None:
    call("c-over")
    assert "GET /v1/cdrs/c-over" in problem(client.delete("/v1/calls/c-over"), 404)["detail"]
    problem(client.delete("/v1/calls/c-none"), 404)
