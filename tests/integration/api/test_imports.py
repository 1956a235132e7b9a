"""Many tenants, credentials and numbers at once: all of a CSV file, or nothing."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.imports.progress import forget
from api.passwords import ha1
from api.settings import Settings
from tests.integration.api.calls import Row
from tests.integration.api.server import connected
from tests.integration.api.test_bad_input import problem
from tests.integration.api.worlds import with_key

MADE = ["label", "tenant", "enabled", "id", "username", "password"]


@pytest.fixture
def key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid4())}


def send(client: FlaskClient, kind: str, text: str, key: dict[str, str] | None = None, how: str = "") -> Any:
    return client.post(f"/v1/{kind}/import{how}", data=text.encode(), content_type="text/csv", headers=key)


def rows_of(text: str) -> list[Row]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def count(root: DictCursor, what: str) -> int:
    root.execute(f"SELECT COUNT(*) AS n FROM {what}")  # noqa: S608
    return int((root.fetchone() or {})["n"])


def test_tenants_are_imported_and_recorded(client: FlaskClient, key: dict[str, str]) -> None:
    text = "account_id,name,contact\nbulk-1,=Bulk,a@b\nbulk-2,Two,\n"
    first = send(client, "tenants", text, key)
    assert (first.status_code, first.get_json()) == (201, {"rows": 2})
    assert send(client, "tenants", text, key).headers["Idempotent-Replayed"] == "true"
    assert client.get("/v1/tenants/bulk-1").get_json()["name"] == "=Bulk"
    entries = client.get("/v1/audit", query_string={"request_id": first.headers["X-Request-ID"]}).get_json()["items"]
    assert [(each["action"], each["entity"], each["entity_id"], each["tenant"]) for each in entries] == [
        ("import", "tenant", name, name) for name in ("bulk-2", "bulk-1")
    ]
    assert entries[0]["after"] == {"account_id": "bulk-2", "name": "Two", "contact": None}
    exported = client.get("/v1/tenants.csv").text
    assert "bulk-1,'=Bulk,a@b" in exported
    for name in ("bulk-1", "bulk-2"):
        client.delete(f"/v1/tenants/{name}")
    header, *lines = exported.splitlines(keepends=True)
    again = "".join([header, *(line for line in lines if line.startswith("bulk-"))])
    assert send(client, "tenants", again).status_code == 201
    assert client.get("/v1/tenants.csv").text == exported


def test_tenants_that_there_are_in_any_case_are_named(client: FlaskClient) -> None:
    client.post("/v1/tenants", json={"account_id": "There", "name": "x"})
    refused = problem(send(client, "tenants", "account_id,name\nnew-one,x\nTHERE,x\n"), 422)
    assert [(each["line"], each["field"]) for each in refused["errors"]] == [(3, "account_id")]
    assert client.get("/v1/tenants/new-one").status_code == 404


def test_C1_the_answer_is_a_file_with_passwords_that_work(
    client: FlaskClient, settings: Settings, root: DictCursor
) -> None:
    client.post("/v1/tenants", json={"account_id": "C1", "name": "x"})
    answer = send(client, "credentials", "label,tenant,enabled\nFirst,c1,false\n=Second,,\nThird,,true\n")
    assert (answer.status_code, answer.content_type) == (201, "text/csv; charset=utf-8")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="credentials.csv"'
    made = rows_of(answer.text)
    assert list(made[0]) == MADE
    assert [(row["label"], row["tenant"], row["enabled"]) for row in made] == [
        ("First", "C1", "false"),
        ("'=Second", "", "true"),
        ("Third", "", "true"),
    ]
    for row in made:
        root.execute("SELECT username, ha1 FROM credential WHERE id = %s", (row["id"],))
        proof = ha1(row["username"], settings.realm, row["password"])
        assert root.fetchone() == {"username": row["username"], "ha1": proof}
    root.execute("SELECT entity_id, data FROM change_log WHERE entity = 'credential' ORDER BY n DESC LIMIT 3")
    told = [(row["entity_id"], row["data"]) for row in root.fetchall()]
    assert told == [(row["id"], f'{{"username": "{row["username"]}"}}') for row in reversed(made)]
    (entry,) = client.get("/v1/audit", query_string={"entity_id": made[0]["id"]}).get_json()["items"]
    assert (entry["action"], entry["tenant"]) == ("import", "C1")
    assert entry["after"].keys() == {"id", "username", "label", "tenant", "enabled"}


def test_C2_passwords_are_told_once_and_are_nowhere(client: FlaskClient, root: DictCursor, key: dict[str, str]) -> None:
    first = send(client, "credentials", "label\nonce\ntwice\n", key)
    again = problem(send(client, "credentials", "label\nonce\ntwice\n", key), 409)
    request = first.headers["X-Request-ID"]
    assert again["type"].endswith("told-once")
    assert again["made"] == {"rows": 2, "request_id": request}
    assert f"GET /v1/audit?request_id={request}" in again["detail"]
    assert "POST /v1/credentials/{id}/rotate" in again["detail"]
    assert len(client.get(f"/v1/audit?request_id={request}").get_json()["items"]) == 2
    root.execute("SHOW TABLES")
    tables = [next(iter(row.values())) for row in root.fetchall()]
    for table in tables:
        root.execute(f"SELECT * FROM `{table}`")  # noqa: S608
        text = str(root.fetchall())
        assert [row["id"] for row in rows_of(first.text) if row["password"] in text] == [], table


@pytest.mark.parametrize(
    ("kind", "header", "good", "bad"),
    [
        ("tenants", "account_id,name", "whole-{n},x", "a b,x"),
        ("credentials", "label,tenant", "whole {n},", "x,nobody"),
        ("numbers", "number,tenant", "+1507555{n:04},", "+15075559999,nobody"),
    ],
)
def test_one_bad_row_in_the_middle_changes_nothing_and_is_named(
    client: FlaskClient, root: DictCursor, kind: str, header: str, good: str, bad: str
) -> None:
    text = "\n".join([header, *(bad if n == 50 else good.format(n=n) for n in range(100))])
    watched = ("tenant", "credential", "number", "audit", "change_log")
    before = [count(root, table) for table in watched]
    report = send(client, kind, text, how="/check").get_json()
    assert (report["rows"], report["wrong"], len(report["items"])) == (100, 1, 100)
    assert [item["line"] for item in report["items"] if item["errors"]] == [52]
    refused = problem(send(client, kind, text), 422)
    assert refused["type"].endswith("invalid-rows")
    assert [each["line"] for each in refused["errors"]] == [52]
    assert refused["detail"].startswith("1 of 100 rows cannot be imported, so none was: line 52, ")
    assert [count(root, table) for table in watched] == before


def test_a_key_that_is_bound_to_a_tenant_imports_credentials_for_that_tenant_only(
    app: Flask, client: FlaskClient, root: DictCursor
) -> None:
    for name in ("Importer-1", "Stranger-1"):
        client.post("/v1/tenants", json={"account_id": name, "name": name})
    own = with_key(app, root, "operate", "Importer-1")
    made = rows_of(send(own, "credentials", "label,tenant\na,\nb,importer-1\n").text)
    assert [row["tenant"] for row in made] == ["Importer-1", "Importer-1"]
    checked = send(own, "credentials", "label,tenant\na,\n", how="/check").get_json()
    assert checked["items"][0]["makes"]["tenant"] == "Importer-1"
    foreign = problem(send(own, "credentials", "label,tenant\na,Stranger-1\n"), 422)
    never = problem(send(own, "credentials", "label,tenant\na,never\n"), 422)
    assert foreign["detail"] == never["detail"].replace("never", "Stranger-1")
    for kind in ("tenants", "numbers"):
        problem(send(own, kind, "x\n"), 403)
        problem(send(own, kind, "x\n", how="/check"), 403)


def test_a_check_takes_no_key(client: FlaskClient, key: dict[str, str]) -> None:
    assert send(client, "credentials", "label\nx\n", key, "/check").status_code == 200
    assert send(client, "credentials", "label\ny\n", key, "/check").status_code == 200
    assert send(client, "credentials", "label\nx\n", key).status_code == 201


def test_how_far_an_import_is_can_be_seen_by_its_sender(
    app: Flask, client: FlaskClient, root: DictCursor, settings: Settings, key: dict[str, str]
) -> None:
    path = f"/v1/imports/{key['Idempotency-Key']}"
    problem(client.get(path), 404)
    send(client, "credentials", "label\nx\n", key)
    seen = client.get(path).get_json()
    assert (seen["key"], seen["phase"], seen["done"], seen["rows"]) == (key["Idempotency-Key"], "done", 1, 1)
    problem(with_key(app, root, "administer", None).get(path), 404)
    other = {"Idempotency-Key": str(uuid4())}
    send(client, "credentials", "label,tenant\nx,nobody\n", other)
    assert client.get(f"/v1/imports/{other['Idempotency-Key']}").get_json()["phase"] == "stopped"
    root.execute(
        "UPDATE import_progress SET updated_at = updated_at - INTERVAL 25 HOUR WHERE `key` = %s",
        (key["Idempotency-Key"],),
    )
    with connected(settings, "api") as cursor:
        assert forget(cursor) == 1
    problem(client.get(path), 404)


def test_a_key_that_is_none_is_refused(client: FlaskClient) -> None:
    for how in ("", "/check"):
        answer = send(client, "credentials", "label\nx\n", {"Idempotency-Key": "a b"}, how)
        assert problem(answer, 422)["errors"][0]["field"] == "Idempotency-Key"


def test_credentials_are_exported_without_passwords(client: FlaskClient) -> None:
    made = rows_of(send(client, "credentials", "label,enabled\nleaves 1,\nleaves 2,false\n").text)
    answer = client.get("/v1/credentials.csv", query_string={"label": "leaves"})
    assert 'filename="credentials.csv"' in answer.headers["Content-Disposition"]
    rows = rows_of(answer.text)
    assert list(rows[0]) == ["label", "tenant", "enabled", "id", "username", "created_at", "rotated_at"]
    assert {(row["id"], row["username"]) for row in rows} == {(row["id"], row["username"]) for row in made}
    assert [row["password"] for row in made if row["password"] in answer.text] == []
    disabled = client.get("/v1/credentials.csv", query_string={"label": "leaves", "enabled": "false"})
    assert [row["label"] for row in rows_of(disabled.text)] == ["leaves 2"]
    problem(client.get("/v1/credentials.csv?colour=red"), 422)
    assert "rule C1" in problem(send(client, "credentials", answer.text), 422)["detail"]
