"""Signing in, from outside."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.limits import SignInSettings
from api.sessions import attempts, store
from api.settings import Settings
from tests.integration.api.people import (
    Row,
    all_tables,
    counted_checks,
    create,
    new_address,
    new_name,
    signed_in,
    try_to_sign_in,
)
from tests.integration.api.server import connected, running_app
from tests.integration.api.test_audit import entries
from tests.integration.api.test_bad_input import problem

LIMITS = SignInSettings()


@pytest.fixture
def user(client: FlaskClient) -> Row:
    return create(client, "operate")


@pytest.fixture(autouse=True)
def _no_attempts_before(root: DictCursor) -> None:
    root.execute("DELETE FROM sign_in_attempt")


def tries(app: Flask, count: int, name: str, address: str | None = None) -> list[int]:
    return [try_to_sign_in(app, name, "wrong", address).status_code for _ in range(count)]


def test_all_refusals_are_the_same_after_the_same_work(client: FlaskClient, app: Flask, user: Row) -> None:
    client.patch(f"/v1/users/{user['id']}", json={"enabled": False})
    other, told = create(client), []
    for name, password in (
        (new_name(), "x"),
        ("\u6771\u4eac", "x"),
        ("", "x"),
        (other["name"], "x"),
        (user["name"], user["password"]),
    ):
        with counted_checks() as checked:
            answer = try_to_sign_in(app, name, password)
        assert len(checked) == 1
        told.append((answer.status_code, answer.text, answer.headers["WWW-Authenticate"]))
    assert set(told) == {(401, told[0][1], 'Basic realm="api", charset="UTF-8"')}


@pytest.mark.parametrize("header", [None, "Bearer x", "Basic", "Basic !", "Basic eA==", "Digest username=x"])
def test_what_is_no_basic_is_refused_and_no_attempt(app: Flask, root: DictCursor, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = app.test_client().post("/v1/sessions", headers=headers)
    assert "Authorization: Basic" in problem(answer, 401)["detail"]
    root.execute("SELECT COUNT(*) AS n FROM sign_in_attempt")
    assert root.fetchone() == {"n": 0}


def test_after_five_failures_from_there_the_password_is_looked_at_no_more(
    app: Flask, user: Row, root: DictCursor
) -> None:
    address = new_address()
    with counted_checks() as checked:
        assert tries(app, 7, user["name"], address) == [401] * 5 + [429] * 2
        refused = try_to_sign_in(app, user["name"].upper(), user["password"], address)
    assert len(checked) == 5
    assert 880 <= int(refused.headers["Retry-After"]) <= 900
    assert "attempts to sign in" in problem(refused, 429)["detail"]
    assert try_to_sign_in(app, user["name"], user["password"]).status_code == 201, "from elsewhere"
    root.execute("UPDATE sign_in_attempt SET at = at - INTERVAL 890 SECOND")
    assert int(try_to_sign_in(app, user["name"], "x", address).headers["Retry-After"]) <= 10
    root.execute("UPDATE sign_in_attempt SET at = at - INTERVAL 10 SECOND")
    assert try_to_sign_in(app, user["name"], user["password"], address).status_code == 201


def test_one_address_may_guess_twenty_times(app: Flask, user: Row) -> None:
    address = new_address()
    assert [tries(app, 1, new_name(), address)[0] for _ in range(21)] == [401] * 20 + [429]
    assert try_to_sign_in(app, user["name"], user["password"], address).status_code == 429


def test_a_customers_IPv6_network_is_one_address(app: Flask) -> None:
    assert [tries(app, 1, "x", f"2001:db8:1:2::{number:x}")[0] for number in range(6)] == [401] * 5 + [429]
    assert tries(app, 1, "x", "2001:db8:1:3::1") == [401]


def test_one_name_may_be_guessed_fifty_times_from_anywhere(app: Flask, user: Row, root: DictCursor) -> None:
    name = hashlib.sha256(user["name"].encode()).hexdigest()
    root.executemany(
        "INSERT INTO sign_in_attempt (name, address) VALUES (%s, %s)", [(name, f"n{n}") for n in range(49)]
    )
    assert tries(app, 2, user["name"]) == [401, 429]


def test_success_takes_its_own_attempt_away(app: Flask, user: Row) -> None:
    address = new_address()
    assert tries(app, 4, user["name"], address) == [401] * 4
    good = [try_to_sign_in(app, user["name"], user["password"], address).status_code for _ in range(3)]
    assert good == [201] * 3
    assert tries(app, 2, user["name"], address) == [401, 429]


def test_however_many_come_at_once_no_more_are_looked_at(app: Flask, user: Row) -> None:
    address = new_address()
    with counted_checks() as checked, ThreadPoolExecutor(32) as pool:
        found = list(pool.map(lambda _: tries(app, 1, user["name"], address)[0], range(32)))
    assert sorted(found) == [401] * 5 + [429] * 27
    assert len(checked) == 5


def test_limits_and_lengths_are_settings(settings: Settings, user: Row, root: DictCursor) -> None:
    own = SignInSettings(failures=1, window=60, longest=600, idle=300)
    with running_app(settings.model_copy(update={"sign_in": own})) as app:
        session = try_to_sign_in(app, user["name"], user["password"]).get_json()
        address = new_address()
        assert tries(app, 2, user["name"], address) == [401, 429]
        client = app.test_client()
        headers = {"Authorization": f"Bearer {session['token']}"}
        assert client.get("/v1/regions", headers=headers).status_code == 200
        root.execute("UPDATE session SET last_used_at = last_used_at - INTERVAL 300 SECOND")
        assert client.get("/v1/regions", headers=headers).status_code == 401


def test_attempts_are_in_the_audit_log(client: FlaskClient, app: Flask, user: Row) -> None:
    try_to_sign_in(app, user["name"], "wrong", "192.0.2.88")
    try_to_sign_in(app, user["name"], user["password"], "192.0.2.88")
    accepted, refused, _ = entries(client, entity="user", entity_id=user["id"])
    assert (refused["action"], refused["after"]) == (
        "sign-in-refused",
        {"name": user["name"], "cause": "wrong password"},
    )
    assert (accepted["action"], accepted["after"]["name"]) == ("sign-in", user["name"])
    for entry in (accepted, refused):
        assert (entry["actor_kind"], entry["actor"], entry["address"]) == ("nobody", None, "192.0.2.88")


def test_a_password_in_the_place_of_the_name_is_kept_nowhere(
    client: FlaskClient, app: Flask, user: Row, root: DictCursor
) -> None:
    answer = try_to_sign_in(app, user["password"], "x")
    (entry,) = entries(client, request_id=answer.headers["X-Request-ID"])
    assert (entry["entity_id"], entry["after"]) == ("unknown", {"cause": "unknown name"})
    assert user["password"] not in all_tables(root)


def test_a_hash_of_older_parameters_is_made_anew(app: Flask, user: Row, root: DictCursor) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(user["password"])
    root.execute("UPDATE user SET password = %s WHERE id = %s", (weak, user["id"]))
    assert try_to_sign_in(app, user["name"], "wrong").status_code == 401

    def kept() -> str:
        root.execute("SELECT password FROM user WHERE id = %s", (user["id"],))
        return str((root.fetchone() or {})["password"])

    assert kept() == weak
    for _ in range(2):
        assert try_to_sign_in(app, user["name"], user["password"]).status_code == 201
    assert kept().startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_both_of_two_sign_ins_succeed_while_one_makes_the_hash_anew(app: Flask, user: Row, root: DictCursor) -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(user["password"])
    root.execute("UPDATE user SET password = %s WHERE id = %s", (weak, user["id"]))
    both_have_read = threading.Barrier(2, timeout=30)
    verify = PasswordHasher.verify

    def together(self: PasswordHasher, kept: str, password: str) -> Any:
        both_have_read.wait()
        return verify(self, kept, password)

    def enter(_: int) -> int:
        return try_to_sign_in(app, user["name"], user["password"]).status_code

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(PasswordHasher, "verify", together)
        assert list(pool.map(enter, range(2))) == [201, 201]


@pytest.mark.parametrize("sent", ["Basic é", "Basic !", "Basic /w==", "Basic Og=="])
def test_a_header_that_cannot_be_read_is_none(app: Flask, sent: str) -> None:
    answer = app.test_client().post("/v1/sessions", headers={"Authorization": sent})
    assert problem(answer, 401)["type"].endswith("no-password")


def test_an_idempotency_key_tells_a_stranger_nothing(app: Flask, user: Row) -> None:
    """Strangers have no names: a copy of somebody's sign-in must not get that one's answer."""
    client, headers = app.test_client(), {"Idempotency-Key": "guessed"}
    good = client.post("/v1/sessions", auth=(user["name"], user["password"]), headers=headers)
    other = client.post("/v1/sessions", auth=(user["name"], "wrong"), headers=headers)
    assert (good.status_code, other.status_code) == (201, 401)
    assert user["id"] not in other.text


def test_what_is_over_is_forgotten(settings: Settings, app: Flask, user: Row, root: DictCursor) -> None:
    for _ in range(2):
        signed_in(app, user)
    root.execute("UPDATE session SET expires_at = expires_at - INTERVAL 1 DAY WHERE user = %s LIMIT 1", (user["id"],))
    tries(app, 2, new_name())
    root.execute("UPDATE sign_in_attempt SET at = at - INTERVAL 25 HOUR LIMIT 1")
    with connected(settings, "api") as cursor:
        assert store.forget(cursor) >= 1
        assert attempts.forget(cursor) == 1
    root.execute("SELECT COUNT(*) AS n FROM session WHERE user = %s", (user["id"],))
    assert root.fetchone() == {"n": 1}
    root.execute("SELECT COUNT(*) AS n FROM sign_in_attempt")
    assert root.fetchone() == {"n": 1}


def test_openapi_says_how_to_sign_in(anonymous: FlaskClient) -> None:
    document: dict[str, Any] = anonymous.get("/openapi.json").get_json()
    assert document["components"]["securitySchemes"]["basic"]["scheme"] == "basic"
    operation = document["paths"]["/v1/sessions"]["post"]
    assert operation["security"] == [{"basic": []}]
    assert {"401", "429"} <= operation["responses"].keys()
    assert operation["parameters"] == []
