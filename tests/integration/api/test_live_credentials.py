"""What is live about credentials: their bindings and what they use of their limits, for a page at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.minutes import MINUTE, Row, Tell, agents, nothing_yet, put
from tests.integration.api.test_bad_input import problem
from tests.integration.api.worlds import with_key

__all__ = ["agents", "nothing_yet", "put"]
pytestmark = pytest.mark.usefixtures("nothing_yet", "no_bindings")
UNUSED = [{"region": name, "channels": 0, "calls_per_second": 0.0} for name in ("nw1", "se1")]


@pytest.fixture
def no_bindings(root: DictCursor) -> None:
    root.execute("DELETE FROM binding")


@pytest.fixture
def now(root: DictCursor) -> datetime:
    """Of MariaDB, in UTC."""
    root.execute("SELECT UTC_TIMESTAMP(3) AS now")
    found: datetime = (root.fetchone() or {})["now"]
    return found


def bind(agents: dict[str, DictCursor], region: str, username: str, seconds: int = 300) -> str:
    uid = f"b-{region}-{username}"
    agents[region].execute(
        "INSERT INTO binding (region, username, version, state, uid, address, port, since, refreshed_at, expires_at,"
        " changed_at) VALUES (%s, %s, 1, 'live', %s, '192.0.2.7', 5062, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3),"
        " UTC_TIMESTAMP(3) + INTERVAL %s SECOND, UTC_TIMESTAMP(3))",
        (region, username, uid, seconds),
    )
    return uid


def make(client: FlaskClient, label: str, **more: Any) -> Row:
    made: Row = client.post("/v1/credentials", json={"label": label} | more).get_json()
    return made


def listed(client: FlaskClient, **query: Any) -> dict[str, Row]:
    """By id."""
    answer = client.get("/v1/credentials", query_string=query)
    assert answer.status_code == 200, answer.text
    return {row["id"]: row for row in answer.get_json()["items"]}


def use(row: Row) -> list[tuple[Any, ...]]:
    return [tuple(each.values()) for each in row["use"]]


def test_nothing_is_live_about_a_list_unless_asked_for(client: FlaskClient, credential: Row) -> None:
    for query in ({}, {"live": "false"}):
        row = listed(client, **query)[credential["id"]]
        assert (row["bindings"], row["use"]) == (None, None)


def test_a_credential_that_does_nothing_uses_nothing_in_every_region(client: FlaskClient, credential: Row) -> None:
    for row in (
        listed(client, live="true")[credential["id"]],
        client.get(f"/v1/credentials/{credential['id']}").get_json(),
    ):
        assert (row["bindings"], row["use"]) == ([], UNUSED)


def test_each_of_a_page_has_its_own_bindings(client: FlaskClient, agents: dict[str, DictCursor]) -> None:
    first, second, third = (make(client, "bound") for _ in range(3))
    uids = [bind(agents, region, first["username"]) for region in ("se1", "nw1")]
    other = bind(agents, "nw1", second["username"])
    bind(agents, "nw1", third["username"], seconds=-1)
    rows = listed(client, live="true", label="bound")
    assert [each["id"] for each in rows[first["id"]]["bindings"]] == uids[::-1]
    assert [each["id"] for each in rows[second["id"]]["bindings"]] == [other]
    assert rows[third["id"]]["bindings"] == []
    shown = client.get(f"/v1/credentials/{second['id']}").get_json()["bindings"]
    assert [each | {"expires_in": 0} for each in rows[second["id"]]["bindings"]] == [
        each | {"expires_in": 0} for each in shown
    ]


def test_O3_channels_are_outbound_calls_in_progress_but_emergency_ones(
    client: FlaskClient, credential: Row, put: Tell, now: datetime
) -> None:
    mine, early = {"credential": credential["id"]}, now - timedelta(hours=2)
    for number in range(3):
        put(f"c-{number}", early, **mine)
    put("c-se1", early, "se1", **mine)
    put("c-inbound", early, **mine | {"direction": "inbound"})
    put("c-emergency", early, **mine | {"emergency": 1})
    put("c-over", early, **mine, ended_at=now, ended_by="caller", code=200)
    put("c-other", early, credential="cr-another")
    for row in (
        listed(client, live="true")[credential["id"]],
        client.get(f"/v1/credentials/{credential['id']}").get_json(),
    ):
        assert use(row) == [("nw1", 3, 0.0), ("se1", 1, 0.0)]


def test_O2_calls_per_second_are_outbound_ones_of_the_last_ten_seconds(
    client: FlaskClient, credential: Row, put: Tell, now: datetime
) -> None:
    mine = {"credential": credential["id"]}
    over = {"ended_by": "callee", "code": 486}
    for number in range(4):
        put(f"c-{number}", now, **mine, ended_at=now + timedelta(seconds=1), **over)
    put("c-refused", now, **mine, ended_at=now, ended_by="gateway", code=503, rule="O2", cause="rate")
    put("c-inbound", now, **mine | {"direction": "inbound"})
    put("c-before", now - MINUTE, **mine, ended_at=now, **over)
    put("c-se1", now, "se1", **mine, ended_at=now + MINUTE, **over)
    assert use(listed(client, live="true")[credential["id"]]) == [("nw1", 0, 0.4), ("se1", 0, 0.1)]


def test_a_tenants_key_sees_it_of_its_own_credentials(
    client: FlaskClient, app: Flask, root: DictCursor, agents: dict[str, DictCursor], put: Tell, now: datetime
) -> None:
    for tenant in ("live-mine", "live-other"):
        client.post("/v1/tenants", json={"account_id": tenant, "name": tenant})
    mine, other = (make(client, tenant, tenant=tenant) for tenant in ("live-mine", "live-other"))
    for each in (mine, other):
        bind(agents, "nw1", each["username"])
        put(f"c-{each['id']}", now - MINUTE, credential=each["id"], tenant=each["tenant"])
    key = with_key(app, root, "read", "live-mine")
    rows = listed(key, live="true")
    assert rows.keys() == {mine["id"]}
    assert use(rows[mine["id"]]) == [("nw1", 1, 0.0), ("se1", 0, 0.0)]
    assert [each["username"] for each in rows[mine["id"]]["bindings"]] == [mine["username"]]
    problem(key.get(f"/v1/credentials/{other['id']}"), 404)


def test_a_page_without_credentials_is_empty(client: FlaskClient) -> None:
    assert listed(client, live="true", username="nobody") == {}


@pytest.mark.parametrize("value", ["1", "yes", ""])
def test_live_is_true_or_false(client: FlaskClient, value: str) -> None:
    answer = client.get("/v1/credentials", query_string={"live": value})
    assert problem(answer, 422)["errors"][0]["field"] == "live"
