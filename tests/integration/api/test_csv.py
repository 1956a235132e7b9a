"""Call records and numbers as CSV files. Imports in general are in test_imports.py."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymysql.cursors import DictCursor

from api.cdrs.schema import EXAMPLE
from api.csv_files import ROWS_A_PAGE
from api.settings import Settings
from tests.integration.api.calls import Call, Row, agent, call, ids
from tests.integration.api.server import Reporter
from tests.integration.api.test_bad_input import problem

__all__ = ["agent", "call"]

HEADER = "number,label,tenant,credential\r\n"


def table(client: FlaskClient, path: str, **query: Any) -> list[Row]:
    answer = client.get(f"/v1/{path}.csv", query_string=query)
    assert answer.status_code == 200, answer.text
    assert answer.content_type == "text/csv; charset=utf-8"
    assert f'filename="{path}.csv"' in answer.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_records_are_exported_as_the_list_shows_them(client: FlaskClient, call: Call) -> None:
    call("c-1", answered=None, code=486)
    call("c-2", after=1)
    rows = table(client, "cdrs")
    assert [row["id"] for row in rows] == ["c-2", "c-1"]
    assert list(rows[0]) == list(EXAMPLE)
    assert (rows[0]["caller"], rows[0]["emergency"], rows[0]["seconds"]) == ("+14155550100", "false", "60")
    assert (rows[0]["answered_at"], rows[1]["answered_at"]) == ("2026-01-31T12:00:06.000Z", "")
    assert [row["id"] for row in table(client, "cdrs", code=486)] == ["c-1"]


def test_what_a_stranger_sent_runs_in_no_spreadsheet(client: FlaskClient, call: Call) -> None:
    call("c-1", caller='=HYPERLINK("http://evil")', callee="-1+1", call_id="@SUM(A1)")
    (row,) = table(client, "cdrs")
    assert (row["caller"], row["callee"], row["call_id"]) == ('\'=HYPERLINK("http://evil")', "'-1+1", "'@SUM(A1)")


def test_more_than_a_page_is_exported_row_by_row_once(client: FlaskClient, call: Call, root: DictCursor) -> None:
    call("c-live", ended=None)
    root.execute(
        "INSERT INTO cdr (id, region, started_at, ended_at) SELECT CONCAT('m-', seq), 'nw1',"
        " '2026-01-01' + INTERVAL seq DIV 7 SECOND, '2026-01-02' FROM seq_1_to_2500"
    )
    rows = [row["id"] for row in table(client, "cdrs")]
    assert len(rows) == len(set(rows)) == 2500
    assert rows[:500] == ids(client, "cdrs", limit=500)


@pytest.mark.usefixtures("call")
def test_an_export_that_cannot_go_on_breaks_off(client: FlaskClient, root: DictCursor) -> None:
    """Half a file must not look like a whole one."""
    root.execute(
        "INSERT INTO cdr (id, region, started_at, ended_at)"
        " SELECT CONCAT('m-', seq), 'nw1', '2026-01-01', '2026-01-02' FROM seq_1_to_2500"
    )
    parts = iter(client.get("/v1/cdrs.csv", buffered=False).response)
    assert next(parts).startswith(b"id,region")
    assert next(parts).count(b"\r\n") == ROWS_A_PAGE
    root.execute("RENAME TABLE cdr TO cdr_away")
    try:
        with pytest.raises(Exception, match="cdr"):
            next(parts)
    finally:
        root.execute("RENAME TABLE cdr_away TO cdr")


def imported(client: FlaskClient, text: str | bytes, check: str = "") -> Any:
    return client.post(f"/v1/numbers/import{check}", data=text, content_type="text/csv")


def exported(client: FlaskClient, prefix: str) -> list[Row]:
    return table(client, "numbers", prefix=prefix)


@pytest.fixture
def tenant(client: FlaskClient) -> str:
    client.post("/v1/tenants", json={"account_id": "csv.1", "name": "x"})
    return "csv.1"


@pytest.mark.usefixtures("patient")
def test_numbers_are_imported_with_a_change_each(
    client: FlaskClient, credential: Row, tenant: str, settings: Settings, root: DictCursor
) -> None:
    rows = f"+15005550001,Ä,{tenant.upper()},{credential['username']}\r\n+15005550002,,,{credential['id']}\r\n"
    with Reporter(settings, "nw1"), Reporter(settings, "se1"):
        done = imported(client, HEADER + rows + "+15005550003,=1,,\r\n")
    answer = done.get_json()
    assert done.status_code == 201
    assert (answer["rows"], answer["pending_regions"]) == (3, [])
    root.execute("SELECT n, entity, entity_id FROM change_log WHERE n > %s ORDER BY n", (answer["change"] - 3,))
    assert [(row["entity"], row["entity_id"]) for row in root.fetchall()] == [
        ("number", f"+1500555000{n}") for n in (1, 2, 3)
    ]
    first = client.get("/v1/numbers/+15005550001").get_json()
    assert (first["label"], first["tenant"], first["username"]) == ("Ä", tenant, credential["username"])
    assert [row["credential"] for row in exported(client, "+1500555")] == [credential["id"], credential["id"], ""]


def test_an_export_can_be_imported_again(client: FlaskClient, credential: Row) -> None:
    numbers = [f"+1501555000{n}" for n in range(3)]
    labels = ["=1+1", "'quoted'", 'comma, "quote"']
    for number, label in zip(numbers, labels, strict=True):
        client.post("/v1/numbers", json={"number": number, "label": label, "credential": credential["id"]})
    text = client.get("/v1/numbers.csv?prefix=1501555").text
    for number in numbers:
        client.delete(f"/v1/numbers/{number}")
    assert imported(client, text).status_code == 201
    assert [client.get(f"/v1/numbers/{number}").get_json()["label"] for number in numbers] == labels
    assert client.get("/v1/numbers.csv?prefix=1501555").text == text


def test_one_wrong_row_stops_all_and_each_is_named(client: FlaskClient, root: DictCursor) -> None:
    client.post("/v1/numbers", json={"number": "+15025550009"})
    root.execute("SELECT n FROM change_counter")
    before = root.fetchone()
    rows = "+15025550001,,,\n+15025550009,,,\n+15025550001,,,\n5025550002,,,\n+15025550003,,nobody,cr-none\n"
    document = problem(imported(client, HEADER + rows), 422)
    assert document["type"].endswith("invalid-rows")
    assert "4 of 5 rows" in document["detail"]
    assert [(each["line"], each["field"]) for each in document["errors"]] == [
        (3, "number"),
        (4, "number"),
        (5, "number"),
        (6, "credential"),
        (6, "tenant"),
    ]
    assert [row["number"] for row in exported(client, "+1502555")] == ["+15025550009"]
    root.execute("SELECT n FROM change_counter")
    assert root.fetchone() == before


def test_a_check_says_the_same_and_changes_nothing(client: FlaskClient) -> None:
    text = HEADER + "+15035550001,,,\n+15035550001,,nobody,\n"
    report = imported(client, text, "/check").get_json()
    assert (report["rows"], report["wrong"]) == (2, 1)
    assert report["items"][0]["makes"] == {
        "number": "+15035550001",
        "label": None,
        "tenant": None,
        "credential": None,
    }
    refused = problem(imported(client, text), 422)
    assert [{"line": 3, **each} for each in report["items"][1]["errors"]] == refused["errors"]
    assert exported(client, "+1503555") == []


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", None])
def test_a_file_is_sent_as_CSV(client: FlaskClient, content_type: str | None) -> None:
    answer = client.post("/v1/numbers/import", data=HEADER, content_type=content_type)
    assert "Content-Type: text/csv" in problem(answer, 415)["detail"]


def test_a_file_may_be_large_and_nothing_else(client: FlaskClient) -> None:
    problem(imported(client, HEADER + "x" * (4 << 20)), 413)
    problem(imported(client, HEADER + "x,,,\n" * 20_000), 422)
    problem(client.post("/v1/numbers", json={"number": "+15055550001", "label": "x" * 70_000}), 413)
    problem(client.post("/v1/numbers", data=HEADER, content_type="text/csv"), 415)


def test_import_is_no_number(client: FlaskClient) -> None:
    problem(client.get("/v1/numbers/import"), 404)
    problem(client.delete("/v1/numbers/import"), 404)
    problem(client.get("/v1/credentials/import"), 404)
    problem(client.get("/v1/tenants/import"), 404)
