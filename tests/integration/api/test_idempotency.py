"""POST with an Idempotency-Key: carried out once, however often it is sent."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor
from werkzeug.test import TestResponse

from api.idempotency import forget
from api.settings import Settings
from tests.integration.api.people import create, signed_in
from tests.integration.api.server import connected
from tests.integration.api.test_bad_input import problem
from tests.integration.api.worlds import with_key


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def tenant(name: str) -> dict[str, Any]:
    return {"account_id": name, "name": name}


def test_a_copy_gets_the_same_answer(client: FlaskClient, key: dict[str, str]) -> None:
    first = client.post("/v1/tenants", json=tenant("copied"), headers=key)
    again = client.post("/v1/tenants", json=tenant("copied"), headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_json() == again.get_json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert problem(client.post("/v1/tenants", json=tenant("copied")), 409)["type"].endswith("tenant-exists")


def test_a_copy_of_a_creation_whose_answer_was_lost_leaves_no_orphan(
    client: FlaskClient, root: DictCursor, key: dict[str, str]
) -> None:
    made = client.post("/v1/credentials", json={"label": "no orphan"}, headers=key).get_json()
    again = problem(client.post("/v1/credentials", json={"label": "no orphan"}, headers=key), 409)
    assert again["type"].endswith("told-once")
    assert f"POST /v1/credentials/{made['id']}/rotate makes another password" in again["detail"]
    assert (again["made"]["id"], again["made"]["username"]) == (made["id"], made["username"])
    assert made["password"] not in str(again)
    root.execute("SELECT id FROM credential WHERE label = 'no orphan'")
    assert root.fetchall() == [{"id": made["id"]}]


def test_C2_no_password_is_kept_with_the_key(client: FlaskClient, root: DictCursor, key: dict[str, str]) -> None:
    made = client.post("/v1/credentials", json={"label": "kept"}, headers=key).get_json()
    turned = {"Idempotency-Key": str(uuid4())}
    rotated = client.post(f"/v1/credentials/{made['id']}/rotate", json={}, headers=turned).get_json()
    bearer = client.post("/v1/keys", json={"label": "kept"}, headers=key | {"Idempotency-Key": str(uuid4())}).get_json()
    root.execute("SELECT * FROM idempotent_request")
    kept = str(root.fetchall())
    assert made["id"] in kept
    for secret in (made["password"], rotated["password"], bearer["key"]):
        assert secret not in kept


def test_another_request_with_the_same_key_is_refused(client: FlaskClient, key: dict[str, str]) -> None:
    assert client.post("/v1/tenants", json=tenant("keyed"), headers=key).status_code == 201
    other = problem(client.post("/v1/tenants", json=tenant("other"), headers=key), 409)
    assert other["type"].endswith("key-used-before")
    assert client.get("/v1/tenants/other").status_code == 404


def test_what_was_refused_can_be_sent_again(client: FlaskClient, key: dict[str, str]) -> None:
    body = {"label": "x", "tenant": "comes-later"}
    assert client.post("/v1/credentials", json=body, headers=key).status_code == 409
    client.post("/v1/tenants", json=tenant("comes-later"))
    assert client.post("/v1/credentials", json=body, headers=key).status_code == 201


def test_keys_of_two_senders_do_not_meet(
    app: Flask, client: FlaskClient, root: DictCursor, key: dict[str, str]
) -> None:
    other = with_key(app, root, "operate", None)
    made = [sender.post("/v1/credentials", json={"label": "x"}, headers=key) for sender in (client, other)]
    assert [answer.status_code for answer in made] == [201, 201]


@pytest.mark.parametrize("wrong", ["", "x" * 65, "a b", "naïve", "a,b"])
def test_a_key_that_is_none_is_refused(client: FlaskClient, wrong: str) -> None:
    answer = client.post("/v1/tenants", json=tenant("never"), headers={"Idempotency-Key": wrong})
    assert problem(answer, 422)["errors"][0]["field"] == "Idempotency-Key"
    assert client.get("/v1/tenants/never").status_code == 404


def test_copies_at_the_same_time_make_one(app: Flask, admin_key: str, root: DictCursor, key: dict[str, str]) -> None:
    start = threading.Barrier(12)

    def send(_: int) -> TestResponse:
        start.wait(10)
        headers = key | {"Authorization": f"Bearer {admin_key}"}
        return app.test_client().post("/v1/credentials", json={"label": "one of twelve"}, headers=headers)

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(answer.status_code for answer in pool.map(send, range(12)))
    assert statuses == [201] + [409] * 11
    root.execute("SELECT COUNT(*) AS n FROM credential WHERE label = 'one of twelve'")
    assert root.fetchone() == {"n": 1}


@pytest.mark.usefixtures("regions")
def test_a_copy_tells_how_far_the_change_has_come_by_now(client: FlaskClient, key: dict[str, str]) -> None:
    number = {"number": "+14157650001"}
    first = client.post("/v1/numbers", json=number, headers=key).get_json()
    again = client.post("/v1/numbers", json=number, headers=key).get_json()
    assert (again["change"], again["pending_regions"]) == (first["change"], [])


def test_keys_are_forgotten_after_a_day(
    client: FlaskClient, settings: Settings, root: DictCursor, key: dict[str, str]
) -> None:
    client.post("/v1/tenants", json=tenant("forgotten"), headers=key)
    root.execute(
        "UPDATE idempotent_request SET created_at = created_at - INTERVAL 25 HOUR WHERE `key` = %s",
        (key["Idempotency-Key"],),
    )
    with connected(settings, "api") as cursor:
        assert forget(cursor) == 1
    assert problem(client.post("/v1/tenants", json=tenant("forgotten"), headers=key), 409)["type"].endswith("exists")


def test_a_person_who_was_moved_gets_no_answer_about_the_former_tenant(
    client: FlaskClient, app: Flask, key: dict[str, str]
) -> None:
    for name in ("moved-from", "moved-to"):
        client.post("/v1/tenants", json=tenant(name))
    user = create(client, "operate", tenant="moved-from")
    session = signed_in(app, user)
    made = session.post("/v1/credentials", json={"label": "a PBX"}, headers=key).get_json()
    client.patch(f"/v1/users/{user['id']}", json={"tenant": "moved-to"})
    assert session.get(f"/v1/credentials/{made['id']}").status_code == 404
    again = problem(session.post("/v1/credentials", json={"label": "a PBX"}, headers=key), 409)
    assert again["type"].endswith("key-used-before")
    assert made["username"] not in str(again)
