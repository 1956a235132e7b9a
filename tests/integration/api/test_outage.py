"""MariaDB goes away and comes back under a running API."""

from __future__ import annotations

import gc
import threading
import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.settings import Settings
from tests.integration.api.server import MariaDB, Reporter, connected, wait_until

pytestmark = pytest.mark.filterwarnings("ignore:unclosed .*socket:ResourceWarning")


def test_without_mariadb_every_request_gets_503_and_later_works_again(
    client: FlaskClient, anonymous: FlaskClient, mariadb: MariaDB
) -> None:
    assert anonymous.get("/v1/health").get_json() == {"status": "ok"}
    mariadb.stop()
    try:
        answers = [
            anonymous.get("/v1/health"),
            client.get("/v1/credentials"),
            client.post("/v1/credentials", json={"label": "x"}),
        ]
    finally:
        mariadb.start()
        gc.collect()
    for answer in answers:
        assert answer.status_code == 503
        assert answer.mimetype == "application/problem+json"
        assert int(answer.headers["Retry-After"]) > 0
        assert "repeat the request" in answer.get_json()["detail"]
    assert anonymous.get("/openapi.json").status_code == 200
    wait_until(lambda: anonymous.get("/v1/health").status_code == 200, what="health after MariaDB came back")
    assert client.get("/v1/credentials").status_code == 200
    gc.collect()


def test_locked_rows_get_503_and_not_500(
    client: FlaskClient, credential: dict[str, Any], settings: Settings, root: DictCursor
) -> None:
    """A request that the database kills in mid-transaction is answered, and its transaction is gone."""
    path = f"/v1/credentials/{credential['id']}"
    statuses: list[int] = []
    with connected(settings, "root", autocommit=False) as holder:
        holder.execute("SELECT 1 FROM credential WHERE id = %s FOR UPDATE", (credential["id"],))
        thread = threading.Thread(
            target=lambda: statuses.append(client.patch(path, json={"label": "late"}).status_code)
        )
        thread.start()
        waiting = wait_until(lambda: waiting_connection(root), what="the request to wait for the lock")
        root.execute(f"KILL {waiting}")
        thread.join(20)
    assert statuses == [503]
    assert client.get(path).get_json()["label"] == "a PBX"


def waiting_connection(root: DictCursor) -> int | None:
    root.execute("SELECT id FROM information_schema.processlist WHERE user = 'api' AND info LIKE '%%FOR UPDATE%%'")
    row = root.fetchone()
    return None if row is None else int(row["id"])


def test_C5_answer_is_not_held_up_for_more_than_a_second(
    app: Flask, client: FlaskClient, credential: dict[str, Any], settings: Settings
) -> None:
    assert app.testing is False
    with Reporter(settings, "nw1", applies=False):
        started = time.monotonic()
        answer = client.delete(f"/v1/credentials/{credential['id']}")
        elapsed = time.monotonic() - started
    assert answer.get_json()["pending_regions"] == ["nw1", "se1"]
    assert 0.7 < elapsed < 15
