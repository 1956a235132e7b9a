"""The audit log: who did what, from where, and what was before and after."""

from __future__ import annotations

from typing import Any

import pymysql
import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.server import connected
from tests.integration.api.worlds import build, clear, with_key

Row = dict[str, Any]


def entries(client: FlaskClient, **query: str) -> list[Row]:
    answer = client.get("/v1/audit", query_string=query)
    assert answer.status_code == 200, answer.text
    rows: list[Row] = answer.get_json()["items"]
    return rows


def test_a_change_says_who_from_where_and_what(client: FlaskClient, app: Flask, root: DictCursor) -> None:
    operator = with_key(app, root, "operate", None)
    made = operator.post("/v1/credentials", json={"label": "first"}).get_json()
    headers = {"X-Request-ID": "ticket-4711"}
    environ = {"REMOTE_ADDR": "192.0.2.99"}
    operator.patch(f"/v1/credentials/{made['id']}", json={"label": "second"}, headers=headers, environ_base=environ)
    changed, created = entries(client, entity="credential", entity_id=made["id"])
    assert (created["action"], created["before"], created["after"]["label"]) == ("create", None, "first")
    assert (changed["action"], changed["before"]["label"], changed["after"]["label"]) == ("change", "first", "second")
    assert (changed["address"], changed["request_id"]) == ("192.0.2.99", "ticket-4711")
    assert (changed["actor_kind"], changed["actor_name"]) == ("key", "operate None")
    assert entries(client, request_id="ticket-4711") == [changed]
    assert entries(client, actor=changed["actor"]) == [changed, created]


def test_everything_that_changes_something_is_recorded(client: FlaskClient, root: DictCursor) -> None:
    world = build(client, root, "recorded", "9001")
    done = [
        ("change", "tenant", client.patch("/v1/tenants/recorded", json={"name": "x"})),
        ("change", "number", client.patch(world.path("/v1/numbers/{number}"), json={"credential": None})),
        ("rotate", "credential", client.post(world.path("/v1/credentials/{credential}/rotate"), json={})),
        ("remove", "binding", client.delete(world.path("/v1/bindings/{binding}"))),
        ("lift", "block", client.delete(world.path("/v1/blocks/{block}"))),
        ("end", "call", client.delete(world.path("/v1/calls/{call}"))),
        ("delete", "number", client.delete(world.path("/v1/numbers/{number}"))),
        ("delete", "credential", client.delete(world.path("/v1/credentials/{credential}"))),
        ("delete", "tenant", client.delete("/v1/tenants/recorded")),
    ]
    clear(root)
    for action, entity, answer in done:
        assert answer.status_code == 200, answer.text
        (entry,) = entries(client, request_id=answer.headers["X-Request-ID"])
        assert (entry["action"], entry["entity"], entry["tenant"]) == (action, entity, "recorded")
        assert (entry["after"] is None) == (action not in ("change", "rotate"))
    assert len(entries(client, tenant="recorded")) == len(done) + 3


def test_what_is_refused_is_not_recorded(client: FlaskClient, credential: Row) -> None:
    refused = client.patch(f"/v1/credentials/{credential['id']}", json={"label": "x", "tenant": "never"})
    assert refused.status_code == 409
    assert entries(client, request_id=refused.headers["X-Request-ID"]) == []


def test_C2_no_secret_is_in_it(client: FlaskClient, root: DictCursor) -> None:
    made = client.post("/v1/credentials", json={"label": "secret"}).get_json()
    rotated = client.post(f"/v1/credentials/{made['id']}/rotate", json={}).get_json()
    key = client.post("/v1/keys", json={"label": "secret"}).get_json()
    root.execute("SELECT ha1 FROM credential WHERE id = %s", (made["id"],))
    ha1 = (root.fetchone() or {})["ha1"]
    root.execute("SELECT * FROM audit WHERE entity_id IN (%s, %s)", (made["id"], key["id"]))
    kept = str(root.fetchall())
    assert kept.count(made["id"]) >= 2
    for secret in (made["password"], rotated["password"], ha1, key["key"]):
        assert secret not in kept


@pytest.mark.parametrize("statement", ["UPDATE audit SET action = 'x'", "DELETE FROM audit"])
def test_the_api_itself_cannot_change_it(settings: Settings, statement: str) -> None:
    with connected(settings, "api") as cursor, pytest.raises(pymysql.err.OperationalError, match="denied"):
        cursor.execute(statement)


def test_it_is_read_page_by_page(client: FlaskClient) -> None:
    for number in range(5):
        client.post("/v1/tenants", json={"account_id": f"audited-{number}", "name": "x"})
    names, query = [], {"entity": "tenant", "action": "create", "limit": "2"}
    while len(names) < 5:
        page = client.get("/v1/audit", query_string=query).get_json()
        names += [row["entity_id"] for row in page["items"]]
        query["after"] = page["next"]
    assert names[:5] == [f"audited-{number}" for number in reversed(range(5))]


def test_it_knows_since_and_until(client: FlaskClient, credential: Row) -> None:
    (entry,) = entries(client, entity_id=credential["id"])
    assert entries(client, entity_id=credential["id"], since=entry["at"]) == [entry]
    assert entries(client, entity_id=credential["id"], until=entry["at"]) == []
