"""People, from outside: a password that the service makes, a role, and if wanted a tenant."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.people import Row, all_tables, create, new_name, signed_in, try_to_sign_in
from tests.integration.api.test_audit import entries
from tests.integration.api.test_bad_input import problem
from tests.integration.api.test_credentials import make_tenant


def test_the_service_makes_the_password_and_tells_it_once(client: FlaskClient) -> None:
    name = new_name()
    answer = client.post("/v1/users", json={"name": name, "role": "operate"})
    made = answer.get_json()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    assert made["id"].startswith("us-")
    assert len(made["password"]) == 24
    assert (made["name"], made["role"], made["tenant"], made["enabled"]) == (name, "operate", None, True)
    shown = client.get(f"/v1/users/{made['id']}").get_json()
    assert shown == {field: value for field, value in made.items() if field != "password"}
    assert shown in client.get("/v1/users").get_json()["items"]


@pytest.mark.parametrize("path", ["users", "users/{id}", "users/{id}/password", "sessions"])
def test_naming_a_password_is_refused_with_the_reason(
    client: FlaskClient, root: DictCursor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    user = create(client)
    body: Row = {"password": "hunter2hunter2"} | ({"name": new_name(), "role": "read"} if path == "users" else {})
    method = "PATCH" if path == "users/{id}" else "POST"
    with caplog.at_level(logging.DEBUG):
        document = problem(client.open(f"/v1/{path.format_map(user)}", method=method, json=body), 422)
    (error,) = document["errors"]
    assert error["field"] == "password"
    assert "leave this out" in error["detail"]
    assert "hunter2" not in str(document) + caplog.text + all_tables(root)


def test_of_a_password_the_argon2_hash_is_kept_and_nothing_else(
    client: FlaskClient, app: Flask, root: DictCursor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        keys = [{"Idempotency-Key": str(uuid4())} for _ in range(2)]
        made = client.post("/v1/users", json={"name": new_name(), "role": "read"}, headers=keys[0]).get_json()
        path = f"/v1/users/{made['id']}"
        reset = client.post(f"{path}/password", json={}, headers=keys[1]).get_json()
        signed_in(app, reset)
        try_to_sign_in(app, made["name"], made["password"])
        shown = client.get(path).text + client.get("/v1/users").text + client.get("/v1/audit").text
    root.execute("SELECT password FROM user WHERE id = %s", (made["id"],))
    kept = (root.fetchone() or {})["password"]
    assert extract_parameters(kept) == RFC_9106_LOW_MEMORY
    assert PasswordHasher().verify(kept, reset["password"])
    everywhere = all_tables(root) + caplog.text + shown
    assert made["password"] not in everywhere
    assert reset["password"] not in everywhere
    assert kept not in shown + caplog.text


@pytest.mark.parametrize("name", ["", "x" * 65, "a b", "a\n", "é", "a:b", None, 7, "a/b"])
def test_unusable_name(client: FlaskClient, name: object) -> None:
    assert problem(client.post("/v1/users", json={"name": name, "role": "read"}), 422)["errors"][0]["field"] == "name"


@pytest.mark.parametrize("name", ["a", "A.b_c@d-e+f0", "x" * 64])
def test_usable_name_whatever_its_case(client: FlaskClient, app: Flask, name: str) -> None:
    made = client.post("/v1/users", json={"name": name, "role": "read"}).get_json()
    assert try_to_sign_in(app, name.swapcase(), made["password"]).status_code == 201
    taken = client.post("/v1/users", json={"name": name.swapcase(), "role": "read"})
    assert problem(taken, 409)["type"].endswith("user-exists")
    assert client.delete(f"/v1/users/{made['id']}").get_json() == {"id": made["id"], "name": name}


@pytest.mark.parametrize("role", ["", "root", None, 7])
def test_unknown_role(client: FlaskClient, role: object) -> None:
    answer = client.post("/v1/users", json={"name": new_name(), "role": role})
    assert problem(answer, 422)["errors"][0]["field"] == "role"


def test_who_administers_is_bound_to_no_tenant(client: FlaskClient) -> None:
    make_tenant(client, "users-1")
    bound = {"name": new_name(), "role": "administer", "tenant": "users-1"}
    assert problem(client.post("/v1/users", json=bound), 422)["errors"][0]["field"] == "tenant"
    user = create(client, "operate", tenant="USERS-1")
    assert user["tenant"] == "users-1"
    path = f"/v1/users/{user['id']}"
    assert problem(client.patch(path, json={"role": "administer"}), 409)["type"].endswith("bound-administrator")
    assert client.patch(path, json={"role": "administer", "tenant": None}).get_json()["role"] == "administer"
    assert problem(client.patch(path, json={"tenant": "users-1"}), 409)["type"].endswith("bound-administrator")


def test_a_tenant_is_there_as_long_as_somebody_is_bound_to_it(client: FlaskClient) -> None:
    answer = client.post("/v1/users", json={"name": new_name(), "role": "read", "tenant": "never"})
    assert problem(answer, 409)["type"].endswith("unknown-tenant")
    make_tenant(client, "users-2")
    user = create(client, tenant="users-2")
    refused = problem(client.delete("/v1/tenants/users-2"), 409)
    assert [(each["type"], each["id"]) for each in refused["used_by"]] == [("user", user["id"])]
    client.delete(f"/v1/users/{user['id']}")
    assert client.delete("/v1/tenants/users-2").status_code == 200


def test_lists_are_filtered_and_come_page_by_page(client: FlaskClient) -> None:
    make_tenant(client, "users-3")
    made = [create(client, tenant="users-3", enabled=number > 0) for number in range(3)]

    def ids(**query: Any) -> list[str]:
        items = client.get("/v1/users", query_string=query).get_json()["items"]
        return [row["id"] for row in items]

    names = {user["id"]: user["name"] for user in made}
    newest_first = [user["id"] for user in reversed(made)]
    assert ids(tenant="users-3") == newest_first
    assert ids(tenant="users-3", enabled="false") == [made[0]["id"]]
    assert ids(tenant="users-3", role="operate") == []
    assert ids(name=made[1]["name"].upper()) == [made[1]["id"]]
    page = client.get("/v1/users?tenant=users-3&limit=2").get_json()
    rest = client.get("/v1/users", query_string={"tenant": "users-3", "after": page["next"]}).get_json()
    assert [row["id"] for row in page["items"] + rest["items"]] == newest_first
    assert rest["next"] is None
    assert ids(tenant="users-3", sort="created_at") == newest_first[::-1]
    assert ids(tenant="users-3", sort="-name") == sorted(ids(tenant="users-3"), key=names.get, reverse=True)


def test_who_has_not_seen_the_last_change_is_told(client: FlaskClient) -> None:
    path = f"/v1/users/{create(client)['id']}"
    seen = {"If-Match": client.get(path).headers["ETag"]}
    assert client.patch(path, json={"role": "operate"}, headers=seen).status_code == 200
    assert client.patch(path, json={"role": "administer"}, headers=seen).status_code == 412
    assert client.delete(path, headers=seen).status_code == 412
    assert client.delete(f"{path}/sessions", headers=seen).status_code == 412
    assert client.get(path).get_json()["role"] == "operate"


def test_signing_in_is_no_change_of_the_person(client: FlaskClient, app: Flask) -> None:
    user = create(client)
    path = f"/v1/users/{user['id']}"
    seen = client.get(path).headers["ETag"]
    signed_in(app, user)
    again = client.get(path)
    assert again.headers["ETag"] == seen
    assert again.get_json()["signed_in_at"] is not None


def test_a_copy_of_a_creation_makes_nobody_else(client: FlaskClient) -> None:
    body, headers = {"name": new_name(), "role": "read"}, {"Idempotency-Key": str(uuid4())}
    made = client.post("/v1/users", json=body, headers=headers).get_json()
    again = problem(client.post("/v1/users", json=body, headers=headers), 409)
    assert again["type"].endswith("told-once")
    assert f"POST /v1/users/{made['id']}/password" in again["detail"]
    assert made["password"] not in str(again)


def test_everything_is_recorded(client: FlaskClient) -> None:
    user = create(client)
    path = f"/v1/users/{user['id']}"
    client.patch(path, json={"role": "operate"})
    client.post(f"{path}/password", json={})
    client.delete(f"{path}/sessions")
    client.delete(path)
    done = entries(client, entity="user", entity_id=user["id"])
    assert [row["action"] for row in done] == ["delete", "end-sessions", "reset-password", "change", "create"]
    assert (done[3]["before"]["role"], done[3]["after"]["role"]) == ("read", "operate")
    assert {row["actor_kind"] for row in done} == {"key"}


@pytest.mark.parametrize("change", [{}, {"name": "other"}, {"role": None}, {"enabled": 1}, {"tenant": "a b"}])
def test_wrong_change(client: FlaskClient, change: Row) -> None:
    problem(client.patch(f"/v1/users/{create(client)['id']}", json=change), 422)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/password"), ("GET", "/sessions"), ("DELETE", "/sessions")],
)
def test_nobody_of_that_id(client: FlaskClient, method: str, path: str) -> None:
    body: Row = {"json": {"role": "read"}} if method == "PATCH" else {}
    assert "GET /v1/users" in problem(client.open(f"/v1/users/none{path}", method=method, **body), 404)["detail"]
