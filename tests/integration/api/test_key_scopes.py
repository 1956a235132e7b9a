"""Keys that may do less, that end, and that are bound to a tenant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.people import Row
from tests.integration.api.test_bad_input import problem
from tests.integration.api.test_credentials import make_tenant


def holder(app: Flask, made: Row) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made['key']}"
    return client


def soon(**later: int) -> str:
    return (datetime.now(UTC) + timedelta(**later)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_a_key_says_what_it_is(client: FlaskClient, app: Flask) -> None:
    make_tenant(client, "keys-1")
    end = soon(days=90)
    body = {"label": "billing", "scope": "read", "tenant": "KEYS-1", "expires_at": end}
    made = client.post("/v1/keys", json=body).get_json()
    assert (made["scope"], made["tenant"], made["expires_at"]) == ("read", "keys-1", end)
    who = holder(app, made).get("/v1/sessions/current").get_json()
    assert (who["kind"], who["id"], who["name"], who["scope"], who["tenant"], who["expires_at"]) == (
        ("key", made["id"], "billing", "read", "keys-1", end)
    )
    listed = next(row for row in client.get("/v1/keys").get_json()["items"] if row["id"] == made["id"])
    assert (listed["prefix"], listed["last_used_at"] is not None) == (made["key"][:9], True)
    assert "key" not in listed


def test_a_key_without_a_scope_may_administer(client: FlaskClient, app: Flask) -> None:
    made = client.post("/v1/keys", json={"label": "x"}).get_json()
    assert (made["scope"], made["tenant"], made["expires_at"]) == ("administer", None, None)
    assert holder(app, made).get("/v1/keys").status_code == 200


def test_a_key_ends(client: FlaskClient, app: Flask, root: DictCursor) -> None:
    made = client.post("/v1/keys", json={"label": "x", "scope": "read", "expires_at": soon(hours=1)}).get_json()
    key = holder(app, made)
    assert key.get("/v1/regions").status_code == 200
    root.execute("UPDATE api_key SET expires_at = UTC_TIMESTAMP(3) WHERE id = %s", (made["id"],))
    assert "expired" in problem(key.get("/v1/regions"), 401)["detail"]
    assert client.get(f"/v1/keys/{made['id']}").get_json()["revoked_at"] is None


def test_a_revoked_key_stays_in_the_list(client: FlaskClient, app: Flask) -> None:
    made = client.post("/v1/keys", json={"label": "x", "scope": "read"}).get_json()
    client.delete(f"/v1/keys/{made['id']}")
    assert holder(app, made).get("/v1/regions").status_code == 401
    assert made["id"] in [row["id"] for row in client.get("/v1/keys").get_json()["items"]]


def test_a_key_is_revoked_once(client: FlaskClient) -> None:
    path = f"/v1/keys/{client.post('/v1/keys', json={'label': 'x', 'scope': 'read'}).get_json()['id']}"
    first, again = client.delete(path), client.delete(path)
    assert (first.status_code, first.get_json()) == (again.status_code, again.get_json())
    told = client.get(f"/v1/audit?entity_id={path.rpartition('/')[2]}").get_json()["items"]
    assert [entry["action"] for entry in told] == ["revoke", "create"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("scope", "root"), ("scope", None), ("expires_at", "2020-02-30"), ("expires_at", "soon"), ("tenant", "a b")],
)
def test_wrong_key(client: FlaskClient, field: str, value: object) -> None:
    body = {"label": "x", "scope": "read", field: value}
    assert problem(client.post("/v1/keys", json=body), 422)["errors"][0]["field"] == field


def test_a_key_cannot_end_before_it_begins(client: FlaskClient) -> None:
    body = {"label": "x", "scope": "read", "expires_at": "2020-01-01"}
    assert problem(client.post("/v1/keys", json=body), 409)["type"].endswith("moment-passed")


def test_who_administers_is_bound_to_no_tenant(client: FlaskClient) -> None:
    make_tenant(client, "keys-2")
    answer = client.post("/v1/keys", json={"label": "x", "scope": "administer", "tenant": "keys-2"})
    assert problem(answer, 422)["errors"][0]["field"] == "tenant"


def test_a_key_that_ends_does_not_count_as_the_last_administrator(
    client: FlaskClient, root: DictCursor, app: Flask
) -> None:
    root.execute("SELECT id FROM api_key WHERE label = 'first administrator' AND revoked_at IS NULL")
    first = (root.fetchone() or {})["id"]
    root.execute("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3) WHERE id <> %s AND revoked_at IS NULL", (first,))
    passing = client.post("/v1/keys", json={"label": "passing", "expires_at": soon(days=1)}).get_json()
    assert problem(holder(app, passing).delete(f"/v1/keys/{first}"), 409)["type"].endswith("last-key")
    assert client.get("/v1/keys").status_code == 200


def test_a_key_that_has_ended_does_not_hold_its_tenant(client: FlaskClient, root: DictCursor) -> None:
    """Nothing makes it one that is in force again."""
    tenant = "ends-1"
    make_tenant(client, tenant)
    wanted = {"label": "ends", "scope": "read", "tenant": tenant, "expires_at": "2099-01-01"}
    made = client.post("/v1/keys", json=wanted).get_json()
    used = problem(client.delete(f"/v1/tenants/{tenant}"), 409)
    assert [user["id"] for user in used["used_by"]] == [made["id"]]
    root.execute("UPDATE api_key SET expires_at = UTC_TIMESTAMP(3) WHERE id = %s", (made["id"],))
    assert client.delete(f"/v1/tenants/{tenant}").status_code == 200
