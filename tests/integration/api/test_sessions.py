"""Sessions of people, from outside."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.limits import SignInSettings
from tests.integration.api.people import (
    Row,
    all_tables,
    create,
    signed_in,
    try_to_sign_in,
)
from tests.integration.api.test_audit import entries
from tests.integration.api.test_bad_input import problem
from tests.integration.api.test_credentials import make_tenant

LIMITS = SignInSettings()


@pytest.fixture
def user(client: FlaskClient) -> Row:
    return create(client, "operate")


def test_name_and_password_open_a_session(app: Flask, user: Row, root: DictCursor) -> None:
    answer = try_to_sign_in(app, user["name"], user["password"], "192.0.2.77")
    made = answer.get_json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert (made["id"], made["name"], made["role"], made["tenant"]) == (user["id"], user["name"], "operate", None)
    assert made["token"].startswith("ts_")
    root.execute(
        "SELECT *, TIMESTAMPDIFF(SECOND, created_at, expires_at) AS lasts FROM session WHERE user = %s", (user["id"],)
    )
    row = root.fetchone() or {}
    assert (row["id"], row["address"], row["lasts"]) == (made["session"], "192.0.2.77", LIMITS.longest)
    assert row["hash"] == hashlib.sha256(made["token"].encode()).hexdigest()
    assert made["token"] not in all_tables(root)


def test_a_session_may_do_what_the_role_says(client: FlaskClient, app: Flask, user: Row) -> None:
    person = signed_in(app, user)
    made = person.post("/v1/credentials", json={"label": "by a person"}).get_json()
    assert problem(person.get("/v1/users"), 403)["detail"].startswith("This user may operate")
    (entry,) = entries(client, entity_id=made["id"])
    assert (entry["actor_kind"], entry["actor"], entry["actor_name"]) == ("user", user["id"], user["name"])
    client.patch(f"/v1/users/{user['id']}", json={"role": "administer"})
    assert person.get("/v1/users").status_code == 200, "the role is that of now"


def test_who_is_bound_to_a_tenant_makes_what_is_that_tenants(client: FlaskClient, app: Flask) -> None:
    make_tenant(client, "people-1")
    person = signed_in(app, create(client, "operate", tenant="people-1"))
    assert person.post("/v1/credentials", json={"label": "x"}).get_json()["tenant"] == "people-1"
    assert problem(person.get("/v1/cores"), 403)["type"].endswith("not-for-tenants")


def test_who_am_I(client: FlaskClient, app: Flask, user: Row) -> None:
    key = client.get("/v1/sessions/current").get_json()
    assert (key["kind"], key["name"], key["scope"], key["tenant"], key["expires_at"], key["session"]) == (
        ("key", "first administrator", "administer", None, None, None)
    )
    person = signed_in(app, user).get("/v1/sessions/current").get_json()
    assert (person["kind"], person["id"], person["name"]) == ("user", user["id"], user["name"])
    assert person["session"].startswith("se-")
    assert person["expires_at"] is not None


def test_signing_out_ends_this_session_only(client: FlaskClient, app: Flask, user: Row) -> None:
    here, there = signed_in(app, user), signed_in(app, user)
    tag = here.get("/v1/sessions/current").headers["ETag"]
    assert here.delete("/v1/sessions/current", headers={"If-Match": '"other"'}).status_code == 412
    assert here.delete("/v1/sessions/current", headers={"If-Match": tag}).get_json()["id"] == user["id"]
    assert "sign in again" in problem(here.get("/v1/sessions/current"), 401)["detail"]
    assert there.get("/v1/sessions/current").status_code == 200
    assert entries(client, entity_id=user["id"], action="sign-out")[0]["actor"] == user["id"]
    assert "DELETE /v1/keys/" in problem(client.delete("/v1/sessions/current"), 409)["detail"]


def test_sessions_of_a_person_are_listed_and_ended(client: FlaskClient, app: Flask, user: Row) -> None:
    people = [signed_in(app, user) for _ in range(2)]
    ids = [person.get("/v1/sessions/current").get_json()["session"] for person in people]
    path = f"/v1/users/{user['id']}/sessions"
    listed = client.get(path)
    assert {row["id"] for row in listed.get_json()["items"]} == set(ids)
    assert "hash" not in listed.text
    assert client.delete(path).get_json() == {"id": user["id"], "name": user["name"], "ended": 2}
    assert [person.get("/v1/regions").status_code for person in people] == [401, 401]
    assert client.get(path).get_json() == {"items": []}


@pytest.mark.parametrize("end", ["disable", "delete", "password"])
def test_sessions_end_with_the_person_or_the_password(client: FlaskClient, app: Flask, user: Row, end: str) -> None:
    person, path = signed_in(app, user), f"/v1/users/{user['id']}"
    if end == "disable":
        client.patch(path, json={"enabled": False})
    elif end == "delete":
        client.delete(path)
    else:
        new = client.post(f"{path}/password", json={}).get_json()["password"]
        assert try_to_sign_in(app, user["name"], new).status_code == 201
    assert person.get("/v1/regions").status_code == 401
    assert try_to_sign_in(app, user["name"], user["password"]).status_code == 401
    if end == "disable":
        client.patch(path, json={"enabled": True})
        assert person.get("/v1/regions").status_code == 401, "what has ended does not come back"
        assert try_to_sign_in(app, user["name"], user["password"]).status_code == 201


@pytest.mark.parametrize(
    ("column", "seconds", "status"),
    [
        ("expires_at", LIMITS.longest - 60, 200),
        ("expires_at", LIMITS.longest, 401),
        ("last_used_at", LIMITS.idle - 60, 200),
        ("last_used_at", LIMITS.idle, 401),
    ],
)
def test_a_session_ends_after_twelve_hours_or_one_unused(
    client: FlaskClient, app: Flask, user: Row, root: DictCursor, column: str, seconds: int, status: int
) -> None:
    person = signed_in(app, user)
    move = f"UPDATE session SET {column} = {column} - INTERVAL %s SECOND WHERE user = %s"  # noqa: S608
    root.execute(move, (seconds, user["id"]))
    listed = client.get(f"/v1/users/{user['id']}/sessions").get_json()["items"]
    assert person.get("/v1/regions").status_code == status
    assert len(listed) == (status == 200)


def test_use_keeps_a_session_open(app: Flask, user: Row, root: DictCursor) -> None:
    person = signed_in(app, user)
    for _ in range(3):
        root.execute(
            "UPDATE session SET last_used_at = last_used_at - INTERVAL 50 MINUTE WHERE user = %s", (user["id"],)
        )
        assert person.get("/v1/regions").status_code == 200
