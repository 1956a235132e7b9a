"""C4 through the API: rotation with a grace period, its end, and what is shown and warned of meanwhile."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.credentials.store import statement
from tests.integration.api.test_bad_input import problem
from tests.integration.api.worlds import build, clear, with_key

Row = dict[str, Any]
DAY = 86_400
USE = "INSERT INTO password_use (username, version, region, first_at) VALUES (%s, %s, %s, %s)"


def rotate(client: FlaskClient, credential: Row, grace: int | None = None, **body: Any) -> Row:
    answer = client.post(
        f"/v1/credentials/{credential['id']}/rotate", json=body | ({} if grace is None else {"grace_seconds": grace})
    )
    assert answer.status_code == 200, answer.text
    rotated: Row = answer.get_json()
    return rotated


def shown(client: FlaskClient, credential: Row) -> Row:
    found: Row = client.get(f"/v1/credentials/{credential['id']}").get_json()
    return found


def kept(root: DictCursor, credential: Row) -> Row:
    root.execute("SELECT * FROM credential WHERE id = %s", (credential["id"],))
    return root.fetchone() or {}


def ha1(credential: Row, password: str) -> str:
    return hashlib.md5(f"{credential['username']}:registration:{password}".encode()).hexdigest()  # noqa: S324


def seconds_between(early: str, late: str) -> float:
    return (datetime.fromisoformat(late) - datetime.fromisoformat(early)).total_seconds()


def end_grace(client: FlaskClient, credential: Row) -> Any:
    return client.delete(f"/v1/credentials/{credential['id']}/old-password")


def test_C4_the_old_password_is_kept_for_the_grace_period(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    rotated = rotate(client, credential, 2 * DAY)
    row = kept(root, credential)
    assert row["ha1"] == ha1(credential, rotated["password"])
    assert (row["old_ha1"], row["password_version"]) == (ha1(credential, credential["password"]), 2)
    now = shown(client, credential)
    assert now["old_password_until"] == rotated["old_password_until"]
    assert seconds_between(now["rotated_at"], now["old_password_until"]) == 2 * DAY
    assert (now["new_password_seen_at"], now["warnings"]) == (None, [])


@pytest.mark.parametrize("body", [{}, {"grace_seconds": 0}, {"end_calls": True}])
def test_C5_without_a_grace_period_the_old_password_is_gone(
    client: FlaskClient, credential: Row, root: DictCursor, body: Row
) -> None:
    rotate(client, credential, DAY)
    assert rotate(client, credential, **body)["old_password_until"] is None
    row = kept(root, credential)
    assert (row["old_ha1"], row["old_until"], row["password_version"]) == (None, None, 3)


def test_C4_rotating_again_ends_the_older_password_at_once(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    first = rotate(client, credential, 7 * DAY)
    second = rotate(client, credential, 60)
    row = kept(root, credential)
    assert row["old_ha1"] == ha1(credential, first["password"])
    assert seconds_between(shown(client, credential)["rotated_at"], second["old_password_until"]) == 60


@pytest.mark.parametrize("grace", [-1, 7 * DAY + 1, 1.5, "60", True, None, [], 10**30])
def test_C4_a_period_beyond_seven_days_is_refused(client: FlaskClient, credential: Row, grace: Any) -> None:
    answer = client.post(f"/v1/credentials/{credential['id']}/rotate", json={"grace_seconds": grace})
    assert problem(answer, 422)["errors"][0]["field"] == "grace_seconds"


def test_C4_calls_cannot_be_ended_while_the_old_password_works(client: FlaskClient, credential: Row) -> None:
    body = {"grace_seconds": 60, "end_calls": True}
    answer = client.post(f"/v1/credentials/{credential['id']}/rotate", json=body)
    assert problem(answer, 422)["errors"][0]["field"] == "end_calls"


def test_C4_a_grace_period_is_ended_at_once_and_only_once(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    assert problem(end_grace(client, credential), 404)["type"].endswith("no-old-password")
    rotate(client, credential, DAY)
    before = client.get(f"/v1/credentials/{credential['id']}").headers["ETag"]
    answer = end_grace(client, credential)
    assert answer.status_code == 200
    assert answer.get_json()["old_password_until"] is None
    assert answer.get_json()["pending_regions"] == ["nw1", "se1"]
    assert kept(root, credential)["old_ha1"] is None
    assert client.get(f"/v1/credentials/{credential['id']}").headers["ETag"] != before
    assert problem(end_grace(client, credential), 404)
    root.execute("SELECT max(n) AS n FROM change_log WHERE entity_id = %s", (credential["id"],))
    assert (root.fetchone() or {})["n"] == answer.get_json()["change"]
    place = f"/v1/credentials/{credential['id']}/old-password"
    rotate(client, credential, DAY)
    assert problem(client.delete(place, headers={"If-Match": before}), 412)
    (entry, *_) = client.get("/v1/audit", query_string={"action": "end-grace"}).get_json()["items"]
    assert (entry["entity_id"], entry["after"]["old_password_until"]) == (credential["id"], None)
    assert entry["before"]["old_password_until"] is not None


def test_C4_an_old_password_whose_time_is_over_is_not_shown_before_it_is_cleared(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    rotate(client, credential, DAY)
    root.execute("UPDATE credential SET old_until = UTC_TIMESTAMP(3) WHERE id = %s", (credential["id"],))
    assert shown(client, credential)["old_password_until"] is None
    assert problem(end_grace(client, credential), 404)


def test_C4_whether_and_when_the_new_password_was_seen_is_shown(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    root.execute(USE, (credential["username"], 1, "nw1", "2026-01-30 12:00:00.000"))
    assert shown(client, credential)["new_password_seen_at"] == "2026-01-30T12:00:00.000Z"
    rotate(client, credential, DAY)
    assert shown(client, credential)["new_password_seen_at"] is None
    for region, at in (("se1", "2026-01-31 12:00:01.500"), ("nw1", "2026-01-31 12:00:02.000")):
        root.execute(USE, (credential["username"], 2, region, at))
    assert shown(client, credential)["new_password_seen_at"] == "2026-01-31T12:00:01.500Z"
    (listed,) = client.get("/v1/credentials", query_string={"username": credential["username"]}).get_json()["items"]
    assert listed["new_password_seen_at"] == "2026-01-31T12:00:01.500Z"


def test_C4_it_is_a_warning_from_a_day_before_the_end_until_it_was_seen(
    client: FlaskClient, credential: Row, root: DictCursor
) -> None:
    until = rotate(client, credential, DAY + 60)["old_password_until"]
    assert shown(client, credential)["warnings"] == []
    root.execute("UPDATE credential SET old_until = old_until - INTERVAL 1 MINUTE WHERE id = %s", (credential["id"],))
    (sentence,) = shown(client, credential)["warnings"]
    end = datetime.fromisoformat(until) - timedelta(minutes=1)
    assert f"{credential['username']} has not been used yet" in sentence
    assert f"works until {end:%Y-%m-%d %H:%M:%S} UTC" in sentence
    root.execute(USE, (credential["username"], 2, "nw1", "2026-01-31 12:00:02.000"))
    assert shown(client, credential)["warnings"] == []


def test_C4_the_list_can_be_of_grace_periods(client: FlaskClient, root: DictCursor) -> None:
    label = {"label": "in grace"}
    made = [client.post("/v1/credentials", json=label).get_json() for _ in range(3)]
    rotate(client, made[1], DAY)
    rotate(client, made[2], DAY)
    root.execute("UPDATE credential SET old_until = UTC_TIMESTAMP(3) WHERE id = %s", (made[2]["id"],))

    def found(grace: str) -> set[str]:
        items = client.get("/v1/credentials", query_string={**label, "grace": grace}).get_json()["items"]
        return {row["id"] for row in items}

    assert found("true") == {made[1]["id"]}
    assert found("false") == {made[0]["id"], made[2]["id"]}


@pytest.mark.parametrize("more", [{}, {"tenant": "acme"}, {"label": "in", "enabled": True, "sort": "username"}])
def test_C4_the_list_of_grace_periods_has_an_index(root: DictCursor, more: Row) -> None:
    sql, values = statement({"grace": True, **more}, None, 51)
    root.execute(f"EXPLAIN {sql}", values)
    inner = next(row for row in root.fetchall() if str(row["key"]).startswith("credential_"))
    assert "Using index" in inner["Extra"], "no row is fetched to be filtered"


def test_C2_no_old_HA1_is_in_any_answer(client: FlaskClient, credential: Row) -> None:
    rotated = rotate(client, credential, DAY)
    secrets = [ha1(credential, password) for password in (credential["password"], rotated["password"])]
    ended = end_grace(client, credential).text
    rotate(client, credential, DAY)
    texts = [json.dumps(rotated), ended, client.get("/v1/audit").text, client.get("/v1/credentials").text]
    assert not [secret for secret in secrets for text in texts if secret in text]


def test_another_tenants_old_password_cannot_be_ended(client: FlaskClient, app: Flask, root: DictCursor) -> None:
    worlds = [build(client, root, name, digits) for name, digits in (("graced", "9101"), ("curious", "9102"))]
    clear(root)
    mine, curious = worlds[0].things["credential"], with_key(app, root, "operate", "curious")
    rotate(client, mine, DAY)
    assert problem(end_grace(curious, mine), 404)["type"].endswith("unknown-credential")
    assert end_grace(with_key(app, root, "operate", "graced"), mine).status_code == 200
