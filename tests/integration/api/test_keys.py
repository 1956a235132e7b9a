"""API keys, from outside."""

from __future__ import annotations

import hashlib

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from tests.integration.api.server import wait_until


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic dHA6eA=="},
        {"Authorization": "Basic é"},
        bearer("tp_wrong"),
        bearer("é"),
        bearer(""),
    ],
)
@pytest.mark.parametrize("path", ["/v1/credentials", "/v1/no-such-path", "/v1/regions"])
def test_without_a_usable_key_nothing_is_answered(anonymous: FlaskClient, headers: dict[str, str], path: str) -> None:
    answer = anonymous.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert "Authorization: Bearer tp_" in answer.get_json()["detail"]


def test_key_works_until_it_is_revoked(client: FlaskClient, app: Flask) -> None:
    made = client.post("/v1/keys", json={"label": "billing"}).get_json()
    assert made["key"].startswith("tp_")
    assert len(made["key"]) >= 35
    other = app.test_client()
    assert other.get("/v1/tenants", headers=bearer(made["key"])).status_code == 200
    assert client.delete(f"/v1/keys/{made['id']}").get_json()["revoked_at"] is not None
    refused = other.get("/v1/tenants", headers=bearer(made["key"]))
    assert refused.status_code == 401
    assert "revoked" in refused.get_json()["detail"]


def test_only_the_hash_of_a_key_is_kept(client: FlaskClient, root: DictCursor) -> None:
    made = client.post("/v1/keys", json={"label": "kept"}).get_json()
    root.execute("SELECT * FROM api_key WHERE id = %s", (made["id"],))
    row = root.fetchone() or {}
    assert row["hash"] == hashlib.sha256(made["key"].encode()).hexdigest()
    assert made["key"] not in str(row)
    assert made["key"] not in client.get("/v1/keys").text
    assert made["key"].startswith(made["prefix"])


def test_last_use_of_a_key_is_shown_and_noted_once_a_minute(client: FlaskClient, app: Flask, root: DictCursor) -> None:
    made = client.post("/v1/keys", json={"label": "used"}).get_json()

    def used_at() -> str:
        app.test_client().get("/v1/tenants", headers=bearer(made["key"]))
        rows = client.get("/v1/keys").get_json()["items"]
        return next(str(row["last_used_at"] or "") for row in rows if row["id"] == made["id"])

    first = wait_until(used_at)
    assert used_at() == first
    root.execute("UPDATE api_key SET last_used_at = last_used_at - INTERVAL 61 SECOND WHERE id = %s", (made["id"],))
    assert used_at() > first


def test_last_key_cannot_be_revoked(client: FlaskClient, root: DictCursor) -> None:
    root.execute("SELECT id FROM api_key WHERE label = 'first administrator' AND revoked_at IS NULL")
    admin = (root.fetchone() or {})["id"]
    root.execute("UPDATE api_key SET revoked_at = UTC_TIMESTAMP(3) WHERE id <> %s", (admin,))
    refused = client.delete(f"/v1/keys/{admin}")
    assert refused.status_code == 409
    assert "create another one first" in refused.get_json()["detail"]
    assert client.get("/v1/keys").status_code == 200
